"""The decisions that hold a case up or end it: brakes, withdrawal, refusal, dismissal, telling, completion."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from services.domain.case import CONFIRMED, Action, State
from services.domain.denials import Denied, Why
from services.domain.moving import move, void
from services.domain.outcome import all_settled
from services.domain.record import Case, Ended, Told
from services.domain.running import unproven


def pause(case: Case, *, at: datetime) -> Case | Denied:
    """The customer wrote again: nothing goes on until an agent has read it (design rule 11)."""
    if case.state not in CONFIRMED | {State.NEEDS_ATTENTION}:
        return Denied(why=Why.NOT_NOW)
    return replace(case, version=case.version + 1, paused_at=at)


def mark_read(case: Case) -> Case | Denied:
    """An agent has read the customer's new message; the case goes on as it stood."""
    if case.paused_at is None:
        return Denied(why=Why.NOT_NOW)
    return replace(case, version=case.version + 1, paused_at=None)


def stop(case: Case) -> Case | Denied:
    """The brake of one case: back to the confirmed scope, plan and approvals void. Possible until a run begins."""
    return move(case, Action.STOP, problem="", **void(case))


def withdraw(case: Case, *, ended: Ended) -> Case | Denied:
    """The customer takes the request back (or answers "neither"). Impossible once a destructive step has begun."""
    if case.started:
        return Denied(why=Why.ALREADY_STARTED)
    return move(case, Action.WITHDRAW, ended=ended, paused_at=None)


def refuse(case: Case, *, ended: Ended) -> Case | Denied:
    """Refuse the request, or the rest of it, with a ground that the customer can be told (GDPR Art. 12(4))."""
    if not ended.reason.strip():
        return Denied(why=Why.NO_REASON)
    return move(case, Action.REFUSE, ended=ended, paused_at=None)


def dismiss(case: Case, *, ended: Ended) -> Case | Denied:
    """Not a deletion request. Needs a reason; can be undone until the window ends."""
    if not ended.reason.strip():
        return Denied(why=Why.NO_REASON)
    return move(case, Action.DISMISS, ended=ended)


def undo_dismissal(case: Case, *, now: datetime, window: timedelta) -> Case | Denied:
    """Take a dismissal back; the clock has been running all along."""
    if case.state is not State.DISMISSED:
        return Denied(why=Why.NOT_NOW)
    if case.shredded or case.ended is None or now >= case.ended.at + window:
        return Denied(why=Why.UNDO_OVER)
    return move(case, Action.UNDO_DISMISSAL, ended=None)


def record_told(case: Case, *, told: Told) -> Case | Denied:
    """Put the evidence on record that the closing message went out. Never before everything was verified (rule 5)."""
    if case.state is not State.NOTIFYING or case.told is not None:
        return Denied(why=Why.NOT_NOW)
    return replace(case, version=case.version + 1, told=told)


def complete(case: Case, *, mandatory: Collection[str]) -> Case | Denied:
    """Close a case for which every outcome is settled and the customer has been told (design rules 3 and 5)."""
    if case.told is None:
        return Denied(why=Why.NOT_TOLD)
    if not all_settled(case.outcomes):
        return Denied(why=Why.NOT_SETTLED)
    if unproven(case, mandatory):
        return Denied(why=Why.ACTIVECAMPAIGN_OPEN)
    return move(case, Action.COMPLETE)


def shred(case: Case) -> Case:
    """Mark that the personal file and its key are gone, and forget by which accounts the customer wrote."""
    return replace(case, version=case.version + 1, shredded=True, senders=())
