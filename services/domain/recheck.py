"""Looking again after a case was completed: what is looked for, when, and the contract of the place that keeps it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.domain.identity import Identity

READER = "recheck"
"""The reader of a case that a recheck opened: nobody has written anything."""

AGAIN = timedelta(hours=1)
"""When a system that could not be read is asked again."""

PATIENCE = timedelta(days=2)
"""How long a recheck waits for a system that cannot be read before it is put on record as not done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """What the rechecks of a completed case look for. Personal: sealed under a key of its own, destroyed at the end.

    `not_theirs` are the refs of candidates that a person decided to be somebody else's.
    """

    identity: Identity
    not_theirs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """The next recheck of one case: its number (1 is the first), when it was to be, and from when it may be done."""

    case_id: str
    number: int
    planned_for: datetime
    not_before: datetime


class Rechecks(Protocol):
    """The look-ups of completed cases, until their last recheck."""

    def keep(self, case_id: str, look_up: LookUp, moments: tuple[datetime, ...]) -> None:
        """Seal the look-up and plan the rechecks. Idempotent by case: a second call changes nothing, even at the end."""
        ...

    def due(self, now: datetime) -> tuple[Recheck, ...]:
        """Return the rechecks whose moment has come, longest waiting first."""
        ...

    def next_of(self, case_id: str) -> Recheck | None:
        """Return the case's next recheck, or None when there is none any more."""
        ...

    def look_up(self, case_id: str) -> LookUp | None:
        """Return what is looked for, or None when it was destroyed."""
        ...

    def postpone(self, recheck: Recheck, until: datetime) -> bool:
        """Do it later. False, having changed nothing, when the case is at another recheck by now."""
        ...

    def pass_on(self, recheck: Recheck, *, last: bool = False) -> bool:
        """Go on to the next recheck; after the last (or with `last`) destroy the look-up and its key for good.

        False, having changed nothing, when the case is at another recheck by now.
        """
        ...
