"""What became of one system's part of a plan, and when that is enough to claim something to the customer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class OutcomeKind(StrEnum):
    """How one system's step ended (design section 3)."""

    VERIFIED_GONE = "VERIFIED_GONE"
    NOTHING_FOUND = "NOTHING_FOUND"
    KEPT = "KEPT"
    ACCEPTED = "ACCEPTED"
    UNVERIFIABLE = "UNVERIFIABLE"
    MANUAL = "MANUAL"
    RETRY_LATER = "RETRY_LATER"
    FAILED = "FAILED"


# Begins the reference of an outcome that waits for the closing message, and of what followed it (design rule 7).
AFTERWARDS = "after closing "


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number of records of one sort, e.g. table "orders", action "anonymise", 14. Never a value of the customer's."""

    table: str
    action: str
    number: int
    ground: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one system's step, decided by a read and not by the status of a delete (design rule 4).

    `reason` is one sentence for the card, `for_customer` one for the closing message where the step is not simply
    gone; both without personal data. `ground` and `until` are set for KEPT;
    `due` for ACCEPTED and RETRY_LATER (aware, UTC); `signed_by` names the person who attested a MANUAL step or
    signed off an UNVERIFIABLE one. `reference` is the system's own note of work under way (numbers of jobs, never
    anything personal), handed back to it on the next run. `finish_by` is the day by which an accepted deletion is to
    be done, as the customer may be told. `proven` are the counts that an earlier outcome of this case proved gone, while
    a later read is open.
    """

    system: str
    kind: OutcomeKind
    at: datetime
    counts: tuple[Count, ...] = ()
    reason: str = ""
    for_customer: str = ""
    ground: str = ""
    until: str = ""
    due: datetime | None = None
    signed_by: str = ""
    reference: str = ""
    finish_by: datetime | None = None
    proven: tuple[Count, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether this outcome needs no further work before the case may complete (design rule 5)."""
        match self.kind:
            case OutcomeKind.VERIFIED_GONE | OutcomeKind.NOTHING_FOUND | OutcomeKind.KEPT:
                return True
            case OutcomeKind.MANUAL | OutcomeKind.UNVERIFIABLE:
                return bool(self.signed_by)
            case OutcomeKind.ACCEPTED | OutcomeKind.RETRY_LATER | OutcomeKind.FAILED:
                return False

    @property
    def waits_for_closing(self) -> bool:
        """Whether the desk itself goes on with this step once the closing message has gone out."""
        return self.reference.startswith(AFTERWARDS)

    @property
    def kept_counts(self) -> tuple[Count, ...]:
        """The records this system keeps on a stated ground."""
        return tuple(count for count in self.counts if count.action == "keep" and count.number)


def merge(old: Outcome | None, new: Outcome) -> Outcome:
    """Return the outcome that stands after a further run of the same system.

    Outcomes survive revisions: a retry that finds nothing left does not turn proof into "nothing found"
    (design rule 8), not even when a read in between failed and the plan was made anew. Anything else that is newer
    replaces what is older, a FAILED verification included.
    """
    if old is None:
        return new
    is_gone = old.kind is OutcomeKind.VERIFIED_GONE
    if new.kind is OutcomeKind.NOTHING_FOUND:
        if is_gone:
            return old
        return replace(new, kind=OutcomeKind.VERIFIED_GONE, counts=old.proven) if old.proven else new
    if new.kind is OutcomeKind.VERIFIED_GONE:
        return new
    proven = old.counts if is_gone else old.proven
    return replace(new, proven=proven) if proven else new


def put(outcomes: tuple[Outcome, ...], new: Outcome) -> tuple[Outcome, ...]:
    """Return the outcomes with the new one merged in at its system's place."""
    merged = {outcome.system: outcome for outcome in outcomes}
    merged[new.system] = merge(merged.get(new.system), new)
    return tuple(merged.values())


def all_settled(outcomes: Iterable[Outcome]) -> bool:
    """Whether there are outcomes and none of them blocks completion."""
    known = tuple(outcomes)
    return bool(known) and all(outcome.is_settled for outcome in known)


def allow_fully_removed(outcomes: Iterable[Outcome]) -> bool:
    """Whether the customer may be told "fully removed" (design rule 5).

    Every step must be VERIFIED_GONE or NOTHING_FOUND, at least one must be VERIFIED_GONE (finding nothing
    anywhere removes nothing, rule 4), and nothing may stay inside a system: no record that was kept, and no residue
    that the customer has to be told of (`for_customer` of a system that is gone).
    """
    known = tuple(outcomes)
    gone = {OutcomeKind.VERIFIED_GONE, OutcomeKind.NOTHING_FOUND}
    return all(
        outcome.kind in gone and not outcome.kept_counts and not outcome.for_customer for outcome in known
    ) and any(outcome.kind is OutcomeKind.VERIFIED_GONE for outcome in known)
