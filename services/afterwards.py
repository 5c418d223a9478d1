"""After the closing message: the channels of reply are erased, each proven by a read like every other system."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from services.closing import try_to_complete
from services.deciding import decide_as_desk
from services.domain import running
from services.domain.case import State
from services.domain.outcome import AFTERWARDS, Outcome, OutcomeKind
from services.domain.record import Case
from services.jobs import job_for
from services.ports import Desk
from services.runs import why_halted

AGAIN = timedelta(minutes=1)


def due_now(case: Case, now: datetime) -> tuple[Outcome, ...]:
    """Return the steps that waited for the closing message and may be done now."""
    if case.state is not State.NOTIFYING or case.told is None or case.paused_at:
        return ()
    return tuple(
        one
        for one in case.outcomes
        if not one.is_settled and one.waits_for_closing and (one.due is None or one.due <= now)
    )


def finish(desk: Desk, case_id: str, version: int) -> str:
    """Do what waited for the closing message, then complete the case if nothing is open any more.

    Returns "done", or "stale" when the case is not the one that was meant, or "halted". Safe to repeat: executing is
    idempotent, and the outcome that stands is the read that followed.
    """
    case = desk.cases.get(case_id)
    if case is None or case.version != version:
        return "stale"
    if why_halted(desk, case):
        return "halted"
    for step in due_now(case, desk.clock.now()):
        system, job = desk.system(step.system), job_for(desk, case, step.system)
        if system is None or job is None:
            continue
        outcome = _left_to(system.execute(job) or system.verify(job), desk.clock.now())
        decide_as_desk(
            desk,
            case_id=case_id,
            action="outcome",
            change=partial(running.finish, outcome=outcome),
            facts=(("system", outcome.system), ("kind", str(outcome.kind)), ("after", "closing")),
        )
    try_to_complete(desk, case_id)
    return "done"


def sweep(desk: Desk) -> int:
    """Enqueue what is due after closing messages; return for how many cases. Idempotent (one id a version)."""
    now, found = desk.clock.now(), 0
    for case in desk.cases.in_states((State.NOTIFYING,)):
        if due_now(case, now) and not why_halted(desk, case):
            desk.engine.enqueue_afterwards(case.id, case.version)
            found += 1
    return found


def _left_to(outcome: Outcome, now: datetime) -> Outcome:
    """Return the outcome with who goes on: the desk at its due time, or a person when the desk cannot."""
    match outcome.kind:
        case OutcomeKind.RETRY_LATER | OutcomeKind.ACCEPTED:
            reference = AFTERWARDS + outcome.reference.removeprefix(AFTERWARDS)
            return replace(outcome, reference=reference, due=outcome.due or now + AGAIN)
        case OutcomeKind.FAILED:
            # The customer has been told that it goes: what the desk could not do, a person has to, by hand.
            reason = f"by hand, because the desk could not: {outcome.reason}"
            return replace(outcome, kind=OutcomeKind.MANUAL, reason=reason, reference="")
        case _:
            return outcome
