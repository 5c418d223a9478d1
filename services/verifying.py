"""The end of a run: everything is read once more, also what was to stay, and the outcomes decide where the case goes."""

from functools import partial

from services.deciding import decide_as_desk
from services.domain import running
from services.domain.case import RUNNING, Action, State
from services.domain.denials import Denied, Why
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import Plan, SystemPlan
from services.domain.record import Case
from services.jobs import job_for
from services.ports import Desk
from services.runs import failed, left_alone, running_now, settle
from services.side_by_side import side_by_side

KEPT_GROUND = "the customer asked only for the account to be closed"


def begin_verification(desk: Desk, case_id: str, revision: int) -> list[str]:
    """Enter `verifying`; return the systems whose absence has to be read once more now that everything ran."""
    entered = decide_as_desk(
        desk,
        case_id=case_id,
        action=Action.VERIFY,
        change=lambda now: (
            Denied(why=Why.NOT_NOW)
            if now.revision != revision or now.state not in RUNNING
            else now
            if now.state is State.VERIFYING
            else running.begin_verification(now)
        ),
    )
    if isinstance(entered, Denied):
        return []
    gone = {OutcomeKind.VERIFIED_GONE, OutcomeKind.NOTHING_FOUND}
    return [one.system for one in entered.outcomes if one.kind in gone]


def verify_system(desk: Desk, case_id: str, revision: int, name: str) -> str:
    """Read one system once more, at the end, and let a failed read replace what was believed."""
    case, identity = running_now(desk, case_id, revision)
    if case is None or identity is None:
        return "stale"
    system, job = desk.system(name), job_for(desk, case, name)
    if system is None or job is None:
        return settle(desk, case_id, revision, failed(desk, name, "is no longer configured"))
    return settle(desk, case_id, revision, system.verify(job))


def verify_systems(desk: Desk, case_id: str, revision: int, names: list[str]) -> list[str]:
    """Read all of these once more, side by side; return for each what `verify_system` would."""
    case, _ = running_now(desk, case_id, revision)
    places = {one.system: one.place for one in case.plan.systems} if case and case.plan else {}
    return side_by_side(
        (places.get(name, ""), partial(verify_system, desk, case_id, revision, name)) for name in names
    )


def verify_kept(desk: Desk, case_id: str, revision: int) -> None:
    """Prove that the systems which this scope leaves alone hold what they held before the first run (design rule 11)."""
    case, identity = running_now(desk, case_id, revision)
    if case is None or case.plan is None or identity is None:
        return
    plan, before = case.plan, dict(case.kept_before)
    idle = [one for one in plan.systems if not one.acts]

    def read(part: SystemPlan) -> SystemPlan | None:
        system = desk.system(part.system)
        return system.plan(identity, plan.scope) if system else None

    read_now = side_by_side((part.place, partial(read, part)) for part in idle)
    for part, now in zip(idle, read_now, strict=True):
        settle(desk, case_id, revision, _kept_outcome(desk, plan, part, now, before.get(part.system)))


def _kept_outcome(
    desk: Desk, plan: Plan, part: SystemPlan, now: SystemPlan | None, held: int | None
) -> Outcome:
    at = desk.clock.now()
    holds = left_alone(now, plan) if now else 0
    if now is None or now.problem or held is None:
        reason = "not touched; not counted"
        return Outcome(system=part.system, kind=OutcomeKind.KEPT, at=at, ground=KEPT_GROUND, reason=reason)
    if holds != held:
        reason = f"{part.label} held {held} records before the run and {holds} after it"
        return Outcome(system=part.system, kind=OutcomeKind.FAILED, at=at, reason=reason)
    counts = (Count(table=part.label, action="keep", number=held, ground=KEPT_GROUND),)
    return Outcome(system=part.system, kind=OutcomeKind.KEPT, at=at, ground=KEPT_GROUND, counts=counts)


def conclude(desk: Desk, case_id: str, revision: int) -> str:
    """Decide where the case goes now that everything was read: to the customer, to a wait, or to a person."""
    concluded = decide_as_desk(
        desk,
        case_id=case_id,
        action="conclude",
        change=lambda now: (
            running.conclude(now, now=desk.clock.now(), mandatory=desk.mandatory)
            if now.revision == revision and now.state is State.VERIFYING
            else Denied(why=Why.NOT_NOW)
        ),
    )
    return concluded.state if isinstance(concluded, Case) else "stale"
