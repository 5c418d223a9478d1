"""Which laws apply to one customer: a person's decision, which moves the deadline to the earliest of theirs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from services.domain.case import TERMINAL
from services.domain.deadlines import (
    REGIMES,
    Deadline,
    IsWorkingDay,
    Regime,
    acknowledgement_due,
    answer_due,
    extended_due,
)
from services.domain.denials import Denied, Why
from services.domain.record import Case, Jurisdiction


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One law that can be chosen, and by when this case would have to be answered if it applied."""

    regime: Regime
    due: datetime


def set_laws(
    case: Case, *, laws: Iterable[str], decided: Jurisdiction, zone: tzinfo, is_working_day: IsWorkingDay
) -> Case | Denied:
    """Let these laws, and no others, count for the case; both clocks are counted again from the first message.

    The new deadline may be later or earlier than the one before, or past already: it is what the law says, and nothing
    pauses (design rule 12). Whoever was told the result, or whose case has ended, has no clock any more.
    """
    if case.state in TERMINAL or case.told is not None:
        return Denied(why=Why.NOT_NOW)
    chosen = in_order(laws)
    if not chosen:
        return Denied(why=Why.NO_LAW)
    if not decided.reason_digest:
        return Denied(why=Why.NO_REASON)
    due, label = due_under(case, laws=chosen, zone=zone)
    heard = acknowledgement_due(
        received=case.opened_at, is_working_day=is_working_day, regimes=chosen, zone=zone
    )
    promised = promised_by(case)
    return replace(
        case,
        version=case.version + 1,
        regimes=chosen,
        regime=label,
        answer_due=due,
        acknowledge_due=heard.at if heard else None,
        jurisdiction=decided,
        extension=replace(case.extension, until=promised) if case.extension else None,
    )


def laws_at_first(usual: tuple[str, ...], earlier: Case | None) -> tuple[str, ...]:
    """Return the laws that a new case begins with: the installation's (none named: all), the earlier case's besides.

    What a person said of the case that it is linked to says nothing against the usual ones here: both count.
    """
    if not usual or earlier is None or earlier.jurisdiction is None:
        return usual
    return in_order((*usual, *earlier.regimes))


def in_order(laws: Iterable[str]) -> tuple[str, ...]:
    """Return the laws that are known, each once, in the order of the table."""
    named = frozenset(laws)
    return tuple(name for name in REGIMES if name in named)


def due_under(case: Case, *, laws: tuple[str, ...], zone: tzinfo) -> tuple[datetime, str]:
    """Return by when the answer is due if these laws apply, and which of them says so.

    An extension counts under a law only if that law knows one and the customer was told within its first period. It
    never gives a later day than the one that the customer was told.
    """
    due = min((_clock(case, law, zone) for law in laws), key=lambda one: one.at)
    promised = promised_by(case)
    if case.extension is not None and promised is not None and promised < due.at:
        return promised, case.extension.regime
    return due.at, due.regime.label


def promised_by(case: Case) -> datetime | None:
    """Return the day that the extension promised the customer, None where there was none."""
    if case.extension is None:
        return None
    return case.extension.until or case.answer_due


def _clock(case: Case, law: str, zone: tzinfo) -> Deadline:
    first = answer_due(received=case.opened_at, regimes=(law,), zone=zone)
    if case.extension is None or case.extension.at >= first.at:
        return first
    longer = extended_due(received=case.opened_at, regimes=(law,), zone=zone)
    return longer if isinstance(longer, Deadline) else first
