"""A help desk as a way to the customer: one definition file says how a reply is posted into a conversation there."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.http_api.answers import Meaning, values_at
from services.http_api.calls import need, read_auth, read_call, secret_name
from services.http_api.client import Api, NotAnsweredError
from services.http_api.definition import Call, Definition, Verify
from services.http_api.reading import allows, read_text, unconfirmed_notes
from services.marked_yaml import Section
from services.pace import Places
from services.ports import Clock, SystemUnavailableError
from services.reaching import Delivery, Parcel, Reached
from services.transport import Patience

SHIPPED = Path(__file__).parent / "replies"
_NUMBER = re.compile(r"\d{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyDefinition:
    """How one help desk is answered in. `pattern` finds the conversation's number in an address of it.

    `read` fetches the conversation first; `save` are the values of its answer that the reply needs.
    """

    api: Definition
    pattern: re.Pattern[str]
    reply: Call
    read: Call | None
    save: Mapping[str, str]


def load(path: Path) -> ReplyDefinition:
    """Return the definition of a file, or of the shipped one with that name ("zendesk"). Raises `SystemsFileError`."""
    top, text = read_text(path, SHIPPED)
    hosts, base = top.texts("hosts"), top.text("base")
    if not hosts or not allows(hosts, base.removeprefix("https://").partition("/")[0]):
        top.fail(
            "base", "`base` is not https or its host is not in `hosts`", "Add `hosts: [api.example.com]`."
        )
    values = top.section("values")
    named = {key: secret_name(values, key) for key in values.keys()}  # noqa: SIM118  Section is no dict
    known = {"conversation", "text", "html", *(f"value.{key}" for key in named)}
    read, save = None, {}
    if "read" in top:
        one = top.section("read")
        read = read_call(one, known - {"text", "html"})
        need(one, read, Meaning.DONE)
        saved = one.section("save")
        save = {key: saved.text(key) for key in saved.keys()}  # noqa: SIM118  Section is no dict
        saved.close()
        one.close()
    one = top.section("reply", required=True)
    reply = read_call(one, known | set(save))
    need(one, reply, Meaning.DONE)
    one.close()
    limits = top.section("limits")
    definition = ReplyDefinition(
        api=Definition(
            label=top.text("label"),
            base=base,
            hosts=hosts,
            auth=read_auth(top.section("auth", required=True)),
            steps=(),
            verify=Verify(unverifiable="a reply is no deletion"),
            values=named,
            per_second=int(limits.number("per_second", 2, least=1)),
            documented=top.texts("documented"),
            unconfirmed=unconfirmed_notes(top),
            text=text,
        ),
        pattern=_pattern(top),
        reply=reply,
        read=read,
        save=save,
    )
    for section in (limits, values, top):
        section.close()
    return definition


def _pattern(top: Section) -> re.Pattern[str]:
    try:
        found = re.compile(top.text("conversation"), re.ASCII)
    except re.error:
        top.fail("conversation", "`conversation` is no regular expression", r"For example /tickets/(\d+).")
    if found.groups != 1:
        top.fail(
            "conversation", "`conversation` needs one group for the number", r"For example /tickets/(\d+)."
        )
    return found


class HelpDesk:
    """Implements `CustomerChannel`: the reply goes to whoever the conversation is with, so it carries no personal link."""

    name = "help_desk"
    carries_link = False

    def __init__(
        self,
        definition: ReplyDefinition,
        *,
        secrets: Mapping[str, str],
        clock: Clock,
        base: str = "",
        places: Places | None = None,
    ) -> None:
        """Take a definition and its secrets. Raises ValueError for an address that the definition does not allow."""
        self.label = definition.api.label
        self._definition = definition
        # One attempt: even a PUT that is repeated would post the reply twice.
        self._api = Api(
            definition.api,
            secrets=secrets,
            clock=clock,
            base=base,
            places=places,
            patience=Patience(attempts=1),
        )

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def recipient(self, typed: str) -> str:
        """Return the number of the one conversation that these words name, "" when there is none."""
        words = typed.strip()
        found = {match[1] for match in self._definition.pattern.finditer(words)}
        if len(found) == 1:
            return found.pop()
        return words if _NUMBER.fullmatch(words) else ""

    def ask(self, parcel: Parcel) -> Delivery:
        """Post the question."""
        return self._post(parcel)

    def remind(self, parcel: Parcel) -> Delivery:
        """Post the reminder."""
        return self._post(parcel)

    def tell(self, parcel: Parcel) -> Delivery:
        """Post what became of it."""
        return self._post(parcel)

    def _post(self, parcel: Parcel) -> Delivery:
        given = {"conversation": parcel.to}
        try:
            given |= self._read(given)
        except SystemUnavailableError as problem:
            # Reading changes nothing: whatever went wrong, nothing was sent.
            later = problem.retry_at is not None
            return Delivery(
                reached=Reached.LATER if later else Reached.NOT_SENT, reason=f"{self.label}: {problem.reason}"
            )
        try:
            meaning, _answer = self._api.ask(
                self._definition.reply, {**given, "text": parcel.text, "html": _html(parcel.text)}
            )
        except SystemUnavailableError as problem:
            if isinstance(problem, NotAnsweredError) and problem.maybe_done:
                return Delivery(reached=Reached.UNCERTAIN, reason=problem.reason)
            later = problem.retry_at is not None
            return Delivery(
                reached=Reached.LATER if later else Reached.NOT_SENT, reason=f"{self.label}: {problem.reason}"
            )
        if meaning is not Meaning.DONE:
            return Delivery(reached=Reached.NOT_SENT, reason=f"{self.label}: it knows no such conversation")
        return Delivery(reached=Reached.SENT, evidence=f"{self.label} accepted it")

    def _read(self, given: Mapping[str, str]) -> dict[str, str]:
        if self._definition.read is None:
            return {}
        meaning, answer = self._api.ask(self._definition.read, given)
        if meaning is not Meaning.DONE:
            raise SystemUnavailableError("it knows no such conversation")
        found = {name: values_at(answer.json(), path) for name, path in self._definition.save.items()}
        missing = [name for name, values in found.items() if len(values) != 1 or values[0] in (None, "")]
        if missing:
            raise SystemUnavailableError(f"its conversation names no {', '.join(missing)}")
        return {name: str(values[0]) for name, values in found.items()}


def _html(text: str) -> str:
    """Return a plain text as HTML that says exactly the same, for help desks that take nothing else."""
    return html.escape(text).replace("\n", "<br>")
