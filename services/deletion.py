"""The run: systems in groups that go side by side, each safe to repeat, every one guarded by the case's revision.

The engine calls these in order (bot/engine.py): begin, check_drift, run_group for each of groups_to_run, and then what
services/verifying.py has: begin_verification, verify_systems, verify_kept, conclude. Each reads what it needs inside itself and returns names
and kinds only, so that nothing personal enters the engine's tables (design section 10, point 3).
"""

from datetime import datetime
from functools import partial
from itertools import groupby

from services.approval import build_plan
from services.deciding import decide_as_desk
from services.domain import running
from services.domain.case import RUNNING, Action, State
from services.domain.denials import Denied, Why
from services.domain.outcome import OutcomeKind
from services.domain.plan import Plan, drift
from services.domain.record import Case
from services.jobs import job_for
from services.ports import Desk
from services.runs import failed, halt, left_alone, need_attention, running_now, settle, why_halted
from services.side_by_side import side_by_side

# So many runs of a case wait by themselves for a system that asked for it; after that a person is asked (rule 3).
PATIENT_RUNS = 10


def begin(desk: Desk, case_id: str, revision: int) -> bool:
    """Enter `deleting` if this revision is still the one that was approved. True again when repeated."""
    case = desk.cases.get(case_id)
    if case is None or case.revision != revision:
        return False
    if case.state in RUNNING:
        return not halt(desk, case_id, revision)
    started = decide_as_desk(
        desk,
        case_id=case_id,
        action=Action.START,
        change=lambda now: (
            running.start(now, now=desk.clock.now(), halted=desk.switch.halted(), observe=desk.policy.observe)
            if now.revision == revision
            else Denied(why=Why.PLAN_CHANGED)
        ),
        facts=(("revision", str(revision)),),
    )
    return isinstance(started, Case)


def check_drift(desk: Desk, case_id: str, revision: int) -> bool:
    """Compare the world with the approved plan, once, before the first step; False sends the case elsewhere.

    A system that cannot be planned now (down, right lost) waits in `needs_attention`; one that asked to be left alone
    for a while is asked again then, a few times. A world that moved goes back to planning (design rules 3 and 8).
    """
    case, identity = running_now(desk, case_id, revision)
    if case is None or case.plan is None or identity is None:
        return False
    if case.state is State.VERIFYING:
        return True  # everything was executed; an engine that lost its record goes on at the verification
    fresh = build_plan(desk, case, identity)
    problems = [one for one in fresh.acting if one.problem and one.system not in case.settled_systems]
    if problems:
        said = "; ".join(f"{one.label}: {one.problem}" for one in problems)
        moments = [one.retry_at for one in problems if one.retry_at]
        if len(moments) == len(problems) and case.attempts < PATIENT_RUNS:
            _wait(desk, case_id, revision, at=max(moments), problem=said)
        else:
            need_attention(desk, case_id, revision, said)
        return False
    moved = drift(
        approved=case.plan,
        fresh=fresh,
        settled=case.settled_systems,
        tolerance=desk.policy.tolerance,
        begun=frozenset(one.system for one in case.outcomes),
    )
    if moved:
        decide_as_desk(
            desk,
            case_id=case_id,
            action=Action.DRIFT,
            change=lambda now: (
                running.go_back_for_drift(now, plan=fresh, reasons=moved)
                if now.revision == revision
                else Denied(why=Why.NOT_NOW)
            ),
            facts=(("plan", fresh.hash),),
        )
        return False
    begun = decide_as_desk(
        desk,
        case_id=case_id,
        action="begin_deleting",
        change=lambda now: running.begin_deleting(now, revision=revision, kept_before=_kept(fresh)),
    )
    return isinstance(begun, Case)


def _wait(desk: Desk, case_id: str, revision: int, *, at: datetime, problem: str) -> None:
    decide_as_desk(
        desk,
        case_id=case_id,
        action=Action.WAIT_FOR_SYSTEMS,
        change=lambda now: (
            running.wait_for_systems(now, at=at, problem=problem)
            if now.revision == revision
            else Denied(why=Why.NOT_NOW)
        ),
    )


def _kept(fresh: Plan) -> tuple[tuple[str, int], ...]:
    """Return what the systems hold that this scope leaves alone, to prove afterwards that nothing else changed."""
    idle = (one for one in fresh.systems if not one.acts and not one.problem)
    return tuple((one.system, left_alone(one, fresh)) for one in idle)


def groups_to_run(desk: Desk, case_id: str, revision: int) -> list[list[str]]:
    """Return the systems that are not settled yet, in the groups of the running order (design rules 7 and 8).

    Systems of one group do not depend on one another; a group begins when the one before it has ended.
    """
    case, _ = running_now(desk, case_id, revision)
    if case is None or case.plan is None or case.state is State.VERIFYING:
        return []
    left = [one for one in case.plan.acting if one.system not in case.settled_systems]
    return [[one.system for one in group] for _, group in groupby(left, key=lambda one: one.order)]


def run_group(desk: Desk, case_id: str, revision: int, names: list[str]) -> list[str]:
    """Execute and verify the systems of one group side by side; return for each what `run_system` would.

    A halt is noticed before each system, and moves the case only when all that had begun are recorded: an outcome
    must never be lost to a case that has left the run.
    """
    case, _ = running_now(desk, case_id, revision)
    if case is None or case.plan is None:
        return ["stale" for _ in names]
    places = {one.system: one.place for one in case.plan.systems}
    kinds = side_by_side(
        (places.get(name, ""), partial(_run, desk, case_id, revision, name)) for name in names
    )
    if "halted" in kinds:
        halt(desk, case_id, revision)
    return kinds


def run_system(desk: Desk, case_id: str, revision: int, name: str) -> str:
    """Execute one system's part, verify it by an independent read, and record the outcome.

    Returns the outcome's kind, or "stale" when the case has moved on, or "halted". Safe to repeat after a crash at
    any point: `execute` is idempotent, and what was planned decides between gone and nothing found. What a system
    has accepted already is not asked for a second time, only read.
    """
    return run_group(desk, case_id, revision, [name])[0]


def _run(desk: Desk, case_id: str, revision: int, name: str) -> str:
    case, identity = running_now(desk, case_id, revision)
    if case is None or case.plan is None or identity is None:
        return "stale"
    if case.state is not State.DELETING or not case.started:
        return "stale"
    if name not in {one.system for one in case.plan.acting}:
        return "stale"
    if why_halted(desk, case):
        return "halted"
    standing = case.outcome_of(name)
    if standing and standing.is_settled:
        return standing.kind
    system, job = desk.system(name), job_for(desk, case, name)
    if system is None or job is None:
        return settle(desk, case_id, revision, failed(desk, name, "is no longer configured"))
    accepted = standing is not None and standing.kind is OutcomeKind.ACCEPTED
    outcome = (None if accepted else system.execute(job)) or system.verify(job)
    return settle(desk, case_id, revision, outcome)


def fail(desk: Desk, case_id: str, revision: int, error: str) -> None:
    """Hand a run that ended with a bug to a person. `error` is the exception's type, never its text (rule 9)."""
    need_attention(desk, case_id, revision, f"the run ended with an unexpected {error}; nothing was claimed")
