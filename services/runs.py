"""What every step of a run does: look whether it is still this run, notice a halt, record an outcome."""

from services.deciding import decide_as_desk
from services.domain import running
from services.domain.case import RUNNING, Action, State
from services.domain.denials import Denied, Why
from services.domain.identity import Identity
from services.domain.outcome import Outcome, OutcomeKind
from services.domain.plan import Plan, SystemPlan
from services.domain.record import Case
from services.ports import Desk


def running_now(desk: Desk, case_id: str, revision: int) -> tuple[Case | None, Identity | None]:
    """Return the case and its identity as long as this revision is running, else (None, None)."""
    case = desk.cases.get(case_id)
    if case is None or case.revision != revision or case.state not in {State.DELETING, State.VERIFYING}:
        return None, None
    file = desk.cases.file(case_id)
    return case, file.identity if file else None


def failed(desk: Desk, name: str, reason: str) -> Outcome:
    """Return the outcome of a system that could not be asked to do its part."""
    return Outcome(system=name, kind=OutcomeKind.FAILED, at=desk.clock.now(), reason=reason)


def settle(desk: Desk, case_id: str, revision: int, outcome: Outcome) -> str:
    """Record what became of one system; return the outcome's kind, or "stale" when the run is not this one any more."""
    settled = decide_as_desk(
        desk,
        case_id=case_id,
        action="outcome",
        change=lambda now: running.settle(now, outcome=outcome, revision=revision),
        facts=(
            ("system", outcome.system),
            ("kind", str(outcome.kind)),
            ("records", str(sum(count.number for count in outcome.counts))),
            ("revision", str(revision)),
        ),
    )
    return "stale" if isinstance(settled, Denied) else str(outcome.kind)


def need_attention(desk: Desk, case_id: str, revision: int, problem: str) -> None:
    """Hand the run to a person, with one sentence without personal data. Changes nothing for a stale run."""
    decide_as_desk(
        desk,
        case_id=case_id,
        action=Action.NEED_ATTENTION,
        change=lambda now: (
            running.need_attention(now, problem=problem)
            if now.revision == revision and now.state in RUNNING
            else Denied(why=Why.NOT_NOW)
        ),
    )


def why_halted(desk: Desk, case: Case) -> str:
    """Return why no further step may begin (`/deletion stop`, a hold, observe mode), or ""."""
    if desk.policy.observe:
        return "Deletion Desk only observes now; nothing is deleted"
    if case.hold:
        return "the case is on hold; an approver can lift it"
    return "all runs were halted with /deletion stop" if desk.switch.halted() else ""


def halt(desk: Desk, case_id: str, revision: int) -> bool:
    """Hand a halted run to a person; whether it was halted."""
    case, _ = running_now(desk, case_id, revision)
    why = why_halted(desk, case) if case else ""
    if why:
        need_attention(desk, case_id, revision, why)
    return bool(why)


def left_alone(part: SystemPlan, plan: Plan) -> int:
    """Count a system's records, without those of tables that an acting system has declared in the very same store.

    The account service and a data map may look at one database: sessions that end with the account are its work.
    """
    declared = {
        line.table
        for one in plan.acting
        if one.place and one.place == part.place
        for line in one.lines
        if line.action != "keep"
    }
    return sum(line.number for line in part.lines if line.table not in declared)
