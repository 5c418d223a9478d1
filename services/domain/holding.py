"""The decisions about time and standstill: a legal hold or dispute, and the extension of the deadline."""

from dataclasses import replace
from datetime import datetime, tzinfo

from services.domain.case import TERMINAL, Action, target_of
from services.domain.deadlines import Regime, extended_due
from services.domain.denials import Denied, Why
from services.domain.moving import move, void
from services.domain.record import Case, Extension, Hold


def place_hold(case: Case, *, hold: Hold, has_reason: bool) -> Case | Denied:
    """Hold the case: nothing is planned, approved or run any more. A run that has begun stops before its next step.

    Before deletion began, plan and approvals become void: they were given without knowing of this.
    """
    if not has_reason:
        return Denied(why=Why.NO_REASON)
    if case.state in TERMINAL:
        return Denied(why=Why.NOT_NOW)
    if case.hold is not None:
        return Denied(why=Why.ON_HOLD, by=case.hold.by, at=case.hold.at)
    if target_of(state=case.state, action=Action.STOP) is not None:
        return move(case, Action.STOP, hold=hold, problem="", **void(case))
    return replace(case, version=case.version + 1, hold=hold)


def lift_hold(case: Case, *, has_reason: bool) -> Case | Denied:
    """Lift the hold; the case goes on from where it stands, with a new plan where none is left."""
    if not has_reason:
        return Denied(why=Why.NO_REASON)
    if case.hold is None:
        return Denied(why=Why.NOT_NOW)
    return replace(case, version=case.version + 1, hold=None)


def extend(
    case: Case, *, by: str, at: datetime, channel: str, reason_digest: str, zone: tzinfo
) -> Case | Denied:
    """Move the deadline as far as every law that may apply allows, once, while the first period still runs.

    The customer is told with reasons at the same time (GDPR Art. 12(3)): what cannot be told in time is no extension.
    The new deadline counts from receipt, so the clock never pauses (design rule 12).
    """
    if case.state in TERMINAL or case.told is not None:
        return Denied(why=Why.NOT_NOW)
    if case.extension is not None:
        return Denied(why=Why.ALREADY_EXTENDED, by=case.extension.by, at=case.extension.at)
    if at >= case.answer_due:
        return Denied(why=Why.PERIOD_OVER)
    if not reason_digest:
        return Denied(why=Why.NO_REASON)
    due = extended_due(received=case.opened_at, regimes=case.regimes, zone=zone)
    if isinstance(due, Regime):
        return Denied(why=Why.NO_EXTENSION, detail=due.label)
    extension = Extension(
        at=at,
        by=by,
        channel=channel,
        due_before=case.answer_due,
        regime=due.regime.label,
        reason_digest=reason_digest,
        until=due.at,
    )
    return replace(
        case, version=case.version + 1, extension=extension, answer_due=due.at, regime=due.regime.label
    )
