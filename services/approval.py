"""Planning and approving: what would happen in each system, and who says yes to exactly that."""

from datetime import datetime, timedelta
from functools import partial

from services.deciding import decide, unauthorised
from services.domain import decisions, running
from services.domain.case import Action, State
from services.domain.denials import Denied, Why
from services.domain.identity import Identity
from services.domain.people import Actor, Role
from services.domain.plan import Plan
from services.domain.record import Case
from services.domain.scope import Scope
from services.ports import Desk
from services.side_by_side import side_by_side


def build_plan(desk: Desk, case: Case, identity: Identity) -> Plan:
    """Ask every system what it would do. Reads only; a system that cannot be read says so in its part."""
    if case.scope is None:
        raise ValueError("a plan needs a confirmed scope")
    scope = case.scope
    return Plan(
        scope=scope,
        identifiers=tuple(desk.vault.mac(one.canonical) for one in identity.identifiers),
        systems=tuple(side_by_side(("", partial(system.plan, identity, scope)) for system in desk.systems)),
    )


def make_plan(desk: Desk, *, case_id: str, version: int, actor: Actor) -> Case | Denied:
    """Make the plan for the frozen identity. A system that cannot be planned puts the case in `needs_attention`."""
    case, file = desk.cases.get(case_id), desk.cases.file(case_id)
    if case is None or file is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if denied := unauthorised(desk, case, actor=actor, role=Role.AGENT, action=Action.PLAN):
        return denied
    if file.identity is None or case.chosen is None:
        return Denied(why=Why.NOBODY_CHOSEN)
    plan = build_plan(desk, case, file.identity)
    if plan.problems:
        return decide(
            desk,
            case_id=case_id,
            version=version,
            actor=actor,
            role=Role.AGENT,
            action=Action.NEED_ATTENTION,
            change=lambda now: running.need_attention(now, problem="; ".join(plan.problems)),
            facts=(("systems", ",".join(one.system for one in plan.acting if one.problem)),),
        )
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.PLAN,
        change=lambda now: decisions.make_plan(now, plan=plan),
        facts=(("plan", plan.hash), ("touched", str(plan.touched))),
    )


def approvals_needed(desk: Desk, plan: Plan) -> int:
    """Return how many other people have to say yes, the brake for big plans and busy days included (rule 11)."""
    needed = 1 if plan.scope is Scope.ALL_PERSONAL_DATA else 0
    midnight = desk.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    # Approved cases that still cool off will start, and those before approval may: they count as today's already.
    coming = len(desk.cases.in_states((State.APPROVED, State.AWAITING_APPROVAL)))
    too_many = desk.cases.started_since(midnight) + coming >= desk.policy.max_cases_a_day
    return needed + (1 if too_many or plan.touched > desk.policy.max_records else 0)


def send_for_approval(desk: Desk, *, case_id: str, version: int, actor: Actor) -> Case | Denied:
    """Decide, as an agent, that the plan should run, and hand it to others for approval."""
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.SEND_FOR_APPROVAL,
        change=lambda case: (
            decisions.send_for_approval(case, by=actor, needed=approvals_needed(desk, case.plan))
            if case.plan
            else Denied(why=Why.NO_PLAN)
        ),
    )


def approve(
    desk: Desk, *, case_id: str, version: int, actor: Actor, plan_hash: str, typed: str
) -> Case | Denied:
    """Say yes, as a different authorised person, to exactly the plan whose hash was shown."""
    approved = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.APPROVER,
        action=Action.APPROVE,
        change=lambda case: (
            Denied(why=Why.OBSERVE_ONLY)
            if desk.policy.observe
            else decisions.approve(
                case,
                by=actor,
                at=desk.clock.now(),
                plan_hash=plan_hash,
                typed=typed,
                cooling_off=cooling_off(desk, case),
            )
        ),
        facts=(("plan", plan_hash),),
    )
    _start_if_due(desk, approved)
    return approved


def decide_account_only(
    desk: Desk, *, case_id: str, version: int, actor: Actor, plan_hash: str
) -> Case | Denied:
    """Decide alone, as an agent, to close the account. A plan beyond the limits needs an approver after all."""
    case = desk.cases.get(case_id)
    if case and case.plan and case.scope is Scope.ACCOUNT_ONLY and approvals_needed(desk, case.plan):
        return send_for_approval(desk, case_id=case_id, version=version, actor=actor)
    decided = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.APPROVE,
        change=lambda now: (
            Denied(why=Why.OBSERVE_ONLY)
            if desk.policy.observe
            else decisions.decide_account_only(
                now, by=actor, at=desk.clock.now(), plan_hash=plan_hash, cooling_off=cooling_off(desk, now)
            )
        ),
        facts=(("plan", plan_hash),),
    )
    _start_if_due(desk, decided)
    return decided


def cooling_off(desk: Desk, case: Case) -> timedelta:
    """Return how long anybody may still stop the case after approval."""
    if case.scope is Scope.ALL_PERSONAL_DATA:
        return desk.policy.cooling_off_all
    return desk.policy.cooling_off_account


def is_due(case: Case, now: datetime) -> bool:
    """Whether the cooling-off of an approved case is over."""
    return case.not_before is None or case.not_before <= now


def _start_if_due(desk: Desk, case: Case | Denied) -> None:
    if isinstance(case, Case) and case.state is State.APPROVED and is_due(case, desk.clock.now()):
        desk.engine.enqueue_run(case.id, case.revision)
