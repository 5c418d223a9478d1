"""The contract of the cases: row, sealed personal file and ledger entry are written together or not at all."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from services.domain.ledger import Entry, Sealed
from services.domain.record import Case, CaseFile, NewCase
from services.reaching import Dispatch, PostKind


class Cases(Protocol):
    """The cases, their sealed files and the ledger, written together or not at all."""

    def open(
        self, new: NewCase, file: CaseFile, *, actor: str, facts: tuple[tuple[str, str], ...]
    ) -> tuple[Case, bool]:
        """Insert a case in `detected` with its first ledger entry; return it and whether it is new.

        Idempotent by (team, channel, message_ts): a second call returns the first case and changes nothing.
        """
        ...

    def get(self, case_id: str) -> Case | None:
        """Return the case, or None."""
        ...

    def by_number(self, number: int) -> Case | None:
        """Return the case called DD-<number>, or None."""
        ...

    def of_message(self, *, team_id: str, channel: str, ts: str) -> Case | None:
        """Return the case that this message opened, or None."""
        ...

    def of_thread(self, *, team_id: str, channel: str, thread_ts: str) -> Case | None:
        """Return the newest case of the thread, open ones first, or None."""
        ...

    def file(self, case_id: str) -> CaseFile | None:
        """Return the personal file, or None when it was shredded."""
        ...

    def save(
        self,
        case: Case,
        entry: Entry,
        *,
        file: CaseFile | None = None,
        wants: PostKind | Dispatch | None = None,
    ) -> bool:
        """Write the case if the stored version is `case.version - 1`; append the entry in the same transaction.

        Returns False, having changed nothing, when somebody else was faster. With `file` the sealed file is
        replaced too. Every save asks for a fresh card; `wants` for a further post or dispatch, in the same
        transaction, so that no crash parts a decision from the message that it promises.
        """
        ...

    def note(self, entry: Entry) -> None:
        """Append a ledger entry that moves nothing (a refused click, a read)."""
        ...

    def shred(self, case: Case, entry: Entry) -> bool:
        """Like `save`, and destroy the file and its key for good; the HMACs of the identity stay."""
        ...

    def in_states(self, states: Iterable[str]) -> tuple[Case, ...]:
        """Return the cases in these states, due first."""
        ...

    def of_subject(self, mac: str) -> tuple[Case, ...]:
        """Return the ended cases of whoever has this identifier (its HMAC), newest first."""
        ...

    def latest(self, states: Iterable[str], limit: int) -> tuple[Case, ...]:
        """Return the newest cases in these states."""
        ...

    def to_shred(self) -> tuple[Case, ...]:
        """Return the cases that have ended (dismissed ones included) and whose file still exists."""
        ...

    def started_since(self, moment: datetime) -> int:
        """Return how many cases entered `deleting` since then (the daily brake)."""
        ...

    def ledger(self, case_id: str | None = None) -> tuple[Sealed, ...]:
        """Return the chain, whole or of one case, in order."""
        ...

    def ledger_flaws(self) -> tuple[str, ...]:
        """Verify the whole chain, its head, and that each case's version matches its last entry."""
        ...
