"""Ready-made records for tests of the domain: each as plain as it can be, every field open to change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.domain.case import State
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.people import Actor
from services.domain.plan import Plan, SystemPlan
from services.domain.record import Answer, Approval, Case, Chosen, Question, Told
from services.domain.scope import Intent, Reading, Scope

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALL, ACCOUNT = Scope.ALL_PERSONAL_DATA, Scope.ACCOUNT_ONLY
ERASE = Reading(intent=Intent.ERASE_DATA, confidence=1.0)
CLOSE = Reading(intent=Intent.CLOSE_ACCOUNT, confidence=1.0, speaks_of_data=False)
SYSTEMS = ("accounts", "activecampaign", "shop")


def an_actor(user_id: str = "ANA") -> Actor:
    return Actor(team_id="T-HOME", user_id=user_id)


def a_case(state: State = State.DETECTED, **changes: Any) -> Case:
    """Return a case in this state with nothing on record but what is given."""
    case = Case(
        id="case1001",
        number=1001,
        team_id="T-HOME",
        channel="C1",
        thread_ts="1.0",
        message_ts="1.0",
        state=state,
        version=1,
        revision=1,
        reading=ERASE,
        opened_at=NOW,
        answer_due=NOW + timedelta(days=15),
        regime="LGPD",
    )
    return replace(case, **changes)


def an_answer(scope: Scope = ALL, **changes: Any) -> Answer:
    answer = Answer(
        scope=scope,
        at=NOW,
        recorded_at=NOW,
        by="ANA",
        channel="email",
        proof="replied_from_address_on_file",
        words_digest="d",
    )
    return replace(answer, **changes)


def a_plan(
    scope: Scope = ALL,
    *,
    identifiers: tuple[str, ...] = ("m1",),
    digest: str = "v1",
    problem: str = "",
    found: int = 3,
) -> Plan:
    """Return a plan over accounts, activecampaign and shop; account_only acts on the accounts alone."""
    return Plan(
        scope=scope,
        identifiers=identifiers,
        systems=tuple(
            SystemPlan(
                system=name,
                label=name.title(),
                order=order,
                digest=digest,
                acts=scope is ALL or name == "accounts",
                lines=(Count(table="records", action="delete", number=found),),
                problem=problem,
            )
            for order, name in enumerate(SYSTEMS)
        ),
    )


def an_outcome(
    system: str = "shop", kind: OutcomeKind = OutcomeKind.VERIFIED_GONE, **changes: Any
) -> Outcome:
    return replace(Outcome(system=system, kind=kind, at=NOW), **changes)


def outcomes(*kinds: OutcomeKind) -> tuple[Outcome, ...]:
    """Return one outcome a system, in the systems' order."""
    return tuple(an_outcome(name, kind) for name, kind in zip(SYSTEMS, kinds, strict=False))


def an_approved_case(scope: Scope = ALL, **changes: Any) -> Case:
    """Return a case that has everything section 2 demands, its cooling-off just over."""
    plan = a_plan(scope)
    case = a_case(
        State.APPROVED,
        question=Question(at=NOW, by="ANA", channel="thread"),
        answer=an_answer(scope),
        chosen=Chosen(at=NOW, by="ANA", identifiers=plan.identifiers),
        plan=plan,
        decided_by="ANA",
        recorders=frozenset({"ANA"}),
        approvals_needed=1 if scope is ALL else 0,
        approvals=(Approval(at=NOW, by="LEA", plan_hash=plan.hash),) if scope is ALL else (),
        not_before=NOW,
    )
    return replace(case, **changes)


def a_told() -> Told:
    return Told(at=NOW, by="ANA", channel="copied", evidence="attested", text_digest="d")
