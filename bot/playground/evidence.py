"""What the checker looks at: the twins' journals, pictures before and after, the ledger, the app's log and files."""

import json
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.playground.mailbox import Letter
from bot.playground.slack.journal import Call, Delivery
from bot.playground.world import Picture, World
from services.activecampaign.twin import Effect
from services.domain.case import State
from services.domain.ledger import Sealed
from services.domain.record import Case
from services.storage import Store, open_store

POSTS = ("chat.postMessage", "chat.update", "chat.postEphemeral", "response_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that was seen from outside the app, and the app's own record, at one moment."""

    began: Picture
    ended: Picture
    calls: list[Call]
    deliveries: list[Delivery]
    effects: list[Effect]
    letters: list[Letter]
    cases: tuple[Case, ...]
    ledger: tuple[Sealed, ...]
    flaws: tuple[str, ...]
    texts: dict[str, str]
    """What the app wrote outside the outside systems, as text: its log and its database files."""

    def case_of(self, message_ts: str) -> Case | None:
        """Return the case that this message opened."""
        return next((one for one in self.cases if one.message_ts == message_ts), None)

    def time_of(self, case: Case, *actions: str) -> datetime | None:
        """Return when the last of these actions on the case was put on record, None when one is missing."""
        times: list[datetime] = []
        for action in actions:
            found = [one.entry.at for one in self.ledger if _is(one, case, action)]
            if not found:
                return None
            times.append(max(found))
        return max(times, default=None)

    def first_in(self, case: Case, state: State) -> datetime | None:
        """Return when the case first came into a state."""
        entries = (one.entry for one in self.ledger if one.entry.case_id == case.id)
        return min((one.at for one in entries if one.after == state), default=None)

    def posted(self, case: Case, kind: str) -> list[Call]:
        """Return the app's successful posts of this kind for a case, by their metadata."""
        return [
            one
            for one in self.calls
            if one.method == "chat.postMessage" and one.ok and _about(one) == (case.id, kind)
        ]

    def closings(self, case: Case, addresses: tuple[str, ...]) -> list[tuple[datetime, str]]:
        """Return the closing texts that reached the customer: posted in the thread, or sent by e-mail.

        A letter belongs to the case that was running when it was sent: one person may have several, one after the other.
        """
        found = [(moment(one.at), words(one.args)) for one in self.posted(case, "closing")]
        wanted = {one.casefold() for one in addresses}
        ended = self.first_in(case, State.COMPLETED)
        letters = (one for one in self.letters if one.to.casefold() in wanted and is_closing(one.text))
        sent = ((moment(one.at), one.text) for one in letters)
        return [
            *found,
            *((at, text) for at, text in sent if at >= case.opened_at and (ended is None or at <= ended)),
        ]


def gather(world: World) -> Evidence:
    """Collect the evidence of a world. The app may run on; what it does meanwhile is not part of it."""
    with closing(open_own_store(world)) as store:
        cases = store.cases.in_states(tuple(State))
        ledger, flaws = store.cases.ledger(), store.cases.ledger_flaws()
    entries = world.slack.journal.entries()
    return Evidence(
        began=world.began,
        ended=world.picture(),
        calls=[one for one in entries if isinstance(one, Call)],
        deliveries=[one for one in entries if isinstance(one, Delivery)],
        effects=world.account.journal(),
        letters=world.mailbox.letters(),
        cases=cases,
        ledger=ledger,
        flaws=flaws,
        texts={"the app's log": world.app.log(), **dict(_files(world))},
    )


def open_own_store(world: World) -> Store:
    """Open the desk's own database beside the running app, to look into it; close it after use."""
    url = world.options.store_url or f"sqlite:///{world.files.store}"
    return open_store(url, world.master_key, ids=lambda: uuid.uuid4().hex)


def is_closing(text: str) -> bool:
    """Whether a text tells a customer what became of the request (and is not the question)."""
    return "Please choose one:" not in text


def moment(seconds: float) -> datetime:
    """Return a journal's time as a moment in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def words(args: dict[str, Any]) -> str:
    """Return everything readable in a post: its text and every text in its blocks."""
    return "\n".join([str(args.get("text") or ""), *texts_in(parsed(args.get("blocks")))])


def parsed(value: Any) -> Any:
    """Return blocks as a structure; the Web API also takes them as a JSON string."""
    return json.loads(value) if isinstance(value, str) and value.startswith(("[", "{")) else value


def texts_in(value: Any) -> Iterator[str]:
    """Yield every string under a key `text` in a structure."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


def _is(sealed: Sealed, case: Case, action: str) -> bool:
    return sealed.entry.case_id == case.id and sealed.entry.action == action


def _about(call: Call) -> tuple[str, str]:
    payload = (parsed(call.args.get("metadata")) or {}).get("event_payload") or {}
    return str(payload.get("case", "")), str(payload.get("kind", ""))


def _files(world: World) -> Iterator[tuple[str, str]]:
    for path, name in (
        (world.files.store, "the desk's own database"),
        (world.files.engine, "the engine's database"),
    ):
        for part in (path, path.with_name(f"{path.name}-wal")):
            if part.exists():
                yield f"{name} ({part.name})", part.read_bytes().decode("utf-8", errors="replace")
