"""The twin's account: its contacts and archived copies, its tokens and faults, and a journal of every effect on it."""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from services.activecampaign.twin_records import Records

MISSING = (
    "No Result found for Subscriber with id {id}",
    "No result found for contact with id {id}",
    "No Result found",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How the account misbehaves or differs; all can be changed while it runs.

    `down` answers 503 to everything. `not_admin` takes the administrator's rights away from every token and
    `no_archive` the archive endpoints from the account. `ignore_filter` lets strangers through. `recreate` brings a
    deleted contact back under a new id, as a form would. `destroys` makes DELETE destroy instead of archiving.
    `own_archive_ids` numbers archived copies apart from their contacts. `lag` is the number of listings
    that a new archived copy misses. `archive_limit` refuses to archive. `minds_case` finds an address only as it is
    written. `no_crm` refuses deals, notes and links. `deaf` answers 200 to every DELETE and does nothing. `busy` is the
    Retry-After of a 429 to everything. `rate` is the number of requests a second, 0 for no limit.
    """

    down: bool = False
    not_admin: bool = False
    no_archive: bool = False
    ignore_filter: bool = False
    recreate: bool = False
    destroys: bool = False
    own_archive_ids: bool = False
    lag: int = 0
    archive_limit: bool = False
    minds_case: bool = False
    no_crm: bool = False
    deaf: bool = False
    busy: str = ""
    rate: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One thing that was done to the account. Ids only: the journal outlives the people in it."""

    at: datetime
    effect: str
    id: str


class Account:
    """Contacts and archive, safe for several threads. `now` dates the journal."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        admin_token: str = "admin-token",  # noqa: S107 - the twin's own, worth nothing anywhere
        user_token: str = "user-token",  # noqa: S107 - as above
        faults: Faults | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self.admin_token, self.user_token = admin_token, user_token
        self._now = now
        self._lock = threading.RLock()
        self._contacts: dict[str, dict[str, str]] = {}
        self._archive: dict[str, dict[str, str]] = {}
        self.records = Records()
        self._ids, self._archive_ids = itertools.count(1), itertools.count(9001)
        self._wordings = itertools.cycle(MISSING)
        self._lagging: dict[str, int] = {}
        self._journal: list[Effect] = []
        self._requests: deque[tuple[str, str]] = deque(maxlen=10_000)
        self._arrivals: deque[float] = deque(maxlen=100_000)

    def set_faults(self, **changes: Any) -> None:
        """Change some faults. Raises TypeError for an unknown one or a value of another type."""
        kinds = {one.name: type(getattr(Faults(), one.name)) for one in fields(Faults)}
        for name, value in changes.items():
            if type(value) is not kinds.get(name):
                raise TypeError(f"{name}: no such fault, or not a {kinds.get(name, object).__name__}")
        with self._lock:
            self.faults = replace(self.faults, **changes)

    def seed(self, contacts: Iterable[Mapping[str, Any]]) -> list[str]:
        """Add contacts and return their ids: {"email", "firstName", "lastName", "phone", "cdate", "archived": n}.

        Everything that `twin_records.SEEDS` names can be asked for too, with its number. `archived` adds n older copies in the archive; with "live": False only those.
        """
        with self._lock:
            added: list[str] = []
            for given in contacts:
                for _ in range(int(given.get("archived", 0))):
                    row = self._row(given)
                    self._archive[self._archive_id(row["id"])] = {**row, "deleted_at": row["cdate"]}
                number = ""
                if given.get("live", True):
                    row = self._row(given)
                    self._contacts[row["id"]] = row
                    added.append(number := row["id"])
                self.records.seed(given, contact=number, email=str(given.get("email", "")))
            return added

    def state(self) -> dict[str, list[dict[str, str]]]:
        """Return live and archived contacts, for the page beside the conversation."""
        with self._lock:
            return {
                "contacts": [dict(row) for row in self._contacts.values()],
                "archived": [{**row, "id": number} for number, row in self._archive.items()],
            }

    def journal(self) -> list[Effect]:
        """Return every effect so far, oldest first."""
        with self._lock:
            return list(self._journal)

    def requests(self) -> list[tuple[str, str]]:
        """Return method and path of the API requests so far, without their parameters."""
        with self._lock:
            return list(self._requests)

    def arrivals(self) -> list[float]:
        """Return when the API requests so far arrived, in seconds of the machine's monotonic clock."""
        with self._lock:
            return list(self._arrivals)

    def note_request(self, method: str, path: str, *, at: float) -> None:
        """Remember a request and when it came."""
        with self._lock:
            self._requests.append((method, path))
            self._arrivals.append(at)

    def clear(self) -> None:
        """Become a new account with the same tokens: nobody in it, no journal, no faults, ids from the start."""
        with self._lock:
            for part in (
                self._contacts,
                self._archive,
                self._journal,
                self._requests,
                self._arrivals,
                self._lagging,
            ):
                part.clear()
            self.records.clear()
            self._ids, self._archive_ids = itertools.count(1), itertools.count(9001)
            self.faults = Faults()

    def is_admin(self, token: str) -> bool:
        """Whether this token may touch the archive now."""
        return token == self.admin_token and not self.faults.not_admin

    def contacts(self, email: str | None) -> list[dict[str, str]]:
        """Return the live contacts, those with exactly this address (in any case) if one is given."""
        with self._lock:
            everybody = [dict(row) for row in self._contacts.values()]
        return [row for row in everybody if self.matches(row["email"], email)]

    def matches(self, value: str, asked: str | None) -> bool:
        """Whether a filter lets this value through."""
        if asked is None or self.faults.ignore_filter:
            return True
        return value == asked if self.faults.minds_case else value.casefold() == asked.casefold()

    def contact(self, number: str) -> dict[str, str] | None:
        """Return one live contact."""
        with self._lock:
            row = self._contacts.get(number)
            return dict(row) if row else None

    def archived(self, search: str | None = None) -> list[dict[str, str]]:
        """Return the archived copies, those with exactly this address if one is given; new ones lag behind."""
        with self._lock:
            late = {number for number, listings in self._lagging.items() if listings}
            self._lagging = {number: listings - 1 for number, listings in self._lagging.items() if listings}
            rows = [{**row, "id": number} for number, row in self._archive.items() if number not in late]
        return [row for row in rows if self.matches(row["email"], search)]

    def archived_copy(self, number: str) -> dict[str, str] | None:
        """Return one archived copy."""
        with self._lock:
            row = self._archive.get(number)
            return {**row, "id": number} if row else None

    def create(self, given: Mapping[str, Any]) -> dict[str, str] | None:
        """Add a contact as the API does; None when there is one with this address, whatever its case."""
        with self._lock:
            email = str(given.get("email", ""))
            if any(row["email"].casefold() == email.casefold() for row in self._contacts.values()):
                return None
            row = self._row(given)
            self._contacts[row["id"]] = row
            self._note("contact created", row["id"])
            return dict(row)

    def remove(self, name: str, number: str) -> bool:
        """Delete a record beside the contacts; False when there is none."""
        with self._lock:
            is_there = self.records.remove(name, number)
            if is_there:
                self._note(f"{name} deleted", number)
            return is_there

    def delete(self, number: str) -> bool:
        """Archive or destroy a live contact; False when there is none."""
        with self._lock:
            row = self._contacts.pop(number, None)
            if row is None:
                return False
            if self.faults.destroys:
                self._note("contact destroyed", number)
            else:
                copy = self._archive_id(number)
                self._archive[copy] = {**row, "deleted_at": self._now().isoformat(timespec="seconds")}
                self._lagging = {copy: self.faults.lag}
                self._note("contact archived", number)
            if self.faults.recreate:
                again = {**row, "id": str(next(self._ids))}
                self._contacts[again["id"]] = again
                self._note("contact created", again["id"])
            return True

    def purge(self, number: str) -> None:
        """Destroy an archived copy, if there is one."""
        with self._lock:
            if self._archive.pop(number, None) is not None:
                self._note("archive purged", number)

    def missing(self, number: str) -> str:
        """Word a 404 in one of the ways in which the real API does."""
        with self._lock:
            return next(self._wordings).format(id=number)

    def _row(self, given: Mapping[str, Any]) -> dict[str, str]:
        known = {key: str(given.get(key, "")) for key in ("email", "firstName", "lastName", "phone")}
        cdate = str(given.get("cdate", "2024-03-01T09:30:00-06:00"))
        return {**known, "cdate": cdate, "id": str(next(self._ids))}

    def _archive_id(self, number: str) -> str:
        return str(next(self._archive_ids)) if self.faults.own_archive_ids else number

    def _note(self, effect: str, number: str) -> None:
        self._journal.append(Effect(at=self._now(), effect=effect, id=number))


def as_json(effect: Effect) -> dict[str, str]:
    """Return an effect as the control endpoint gives it."""
    return {**asdict(effect), "at": effect.at.isoformat()}
