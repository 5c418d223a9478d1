"""The decisions up to approval: each rule's refusal, one by one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain import decisions
from services.domain.case import State
from services.domain.denials import Denied, Why, denied_for
from services.domain.people import Actor, Role, Roles
from services.domain.record import Case, Chosen, Question
from services.domain.scope import Scope
from tests.properties.samples import (
    ACCOUNT,
    ALL,
    CLOSE,
    ERASE,
    NOW,
    a_case,
    a_plan,
    an_actor,
    an_answer,
    an_approved_case,
)

ASKED = Question(at=NOW, by="ANA", channel="thread")
MINUTE = timedelta(minutes=1)
ROLES = Roles(
    team_id="T-HOME",
    agents=frozenset({"ANA"}),
    approvers=frozenset({"LEA"}),
    operators=frozenset({"OLGA"}),
)


def why(result: Case | Denied) -> Why | None:
    return result.why if isinstance(result, Denied) else None


def record(case: Case, *, has_words: bool = True, has_proof: bool = True, **answer: object) -> Case | Denied:
    return decisions.record_answer(case, answer=an_answer(**answer), has_words=has_words, has_proof=has_proof)


@pytest.mark.parametrize(
    ("team", "user", "role", "expected"),
    [
        ("T-HOME", "ANA", Role.AGENT, None),
        ("T-HOME", "LEA", Role.AGENT, None),
        ("T-HOME", "OLGA", Role.AGENT, None),
        ("T-HOME", "ANA", Role.APPROVER, Why.NOT_AN_APPROVER),
        ("T-HOME", "OLGA", Role.APPROVER, Why.NOT_AN_APPROVER),
        ("T-HOME", "LEA", Role.OPERATOR, Why.NOT_ALLOWED),
        ("T-HOME", "ZED", Role.AGENT, Why.NOT_ALLOWED),
        ("T-ELSEWHERE", "LEA", Role.APPROVER, Why.OUTSIDER),
        ("", "ANA", Role.AGENT, Why.OUTSIDER),
    ],
)
def test_authority_is_by_team_and_user(team: str, user: str, role: Role, expected: Why | None) -> None:
    """Who may act is judged by (team, user); an approver's user id in another team is an outsider (rule 2)."""
    denied = denied_for(actor=Actor(team_id=team, user_id=user), role=role, roles=ROLES)
    assert (denied.why if denied else None) is expected


def test_everything_needs_a_recorded_question_first() -> None:
    """However sure the reader was, `all_personal_data` counts only as an answer to a question on record (rule 2)."""
    assert why(record(a_case())) is Why.ASK_FIRST
    assert why(record(a_case(), from_message=True)) is Why.ASK_FIRST
    asked = a_case(State.AWAITING_CUSTOMER, question=ASKED)
    assert why(record(asked, from_message=True)) is Why.ASK_FIRST
    assert record(asked).scope is ALL


def test_only_a_clear_message_confirms_account_only_by_itself() -> None:
    """A message read as close_account that says nothing about data may confirm account_only; no other may."""
    clear = a_case(reading=CLOSE)
    assert record(clear, scope=ACCOUNT, from_message=True).scope is ACCOUNT
    for reading in (ERASE, replace(CLOSE, speaks_of_data=True)):
        assert why(record(a_case(reading=reading), scope=ACCOUNT, from_message=True)) is Why.ASK_FIRST
    assert why(record(clear, scope=ALL, from_message=True)) is Why.ASK_FIRST


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"at": NOW - MINUTE}, Why.ANSWER_BEFORE_QUESTION),
        ({"at": NOW + MINUTE}, Why.ANSWER_IN_FUTURE),
        ({"has_words": False}, Why.NO_WORDS),
        ({"has_proof": False}, Why.NO_PROOF),
    ],
)
@pytest.mark.parametrize("scope", Scope)
def test_an_answer_is_later_quoted_and_proven(scope: Scope, changes: dict, expected: Why) -> None:
    """An answer comes after the question and not from the future, is quoted or linked, and names its proof (rule 2)."""
    asked = a_case(State.AWAITING_CUSTOMER, question=ASKED)
    assert why(record(asked, scope=scope, **changes)) is expected


def test_a_new_answer_voids_everything_decided_before() -> None:
    """A changed scope starts over: identity, plan, approvals and cooling-off are gone, the revision is another."""
    before = an_approved_case()
    after = record(before, scope=ACCOUNT, by="BEN")
    assert after.state is State.SCOPE_CONFIRMED
    assert (after.chosen, after.plan, after.approvals, after.decided_by, after.not_before) == (
        None,
        None,
        (),
        "",
        None,
    )
    assert after.revision == before.revision + 1
    assert after.recorders == {"ANA", "BEN"}, "who recorded once may never approve this case"


@pytest.mark.parametrize("state", [State.PLANNED, State.SCOPE_CONFIRMED])
def test_once_something_was_deleted_scope_and_person_are_fixed(state: State) -> None:
    """After the first destructive step a wider wish or another address is a linked case, never a silent widening."""
    begun = an_approved_case(state=state, started=True)
    assert why(record(begun)) is Why.ALREADY_STARTED
    other = Chosen(at=NOW, by="ANA", identifiers=("m1", "m2"))
    assert why(decisions.choose_identity(begun, chosen=other, undecided=0)) is Why.ALREADY_STARTED
    same = Chosen(at=NOW, by="ANA", identifiers=("m1",))
    assert why(decisions.choose_identity(begun, chosen=same, undecided=0)) is None


def test_undecided_matches_stop_the_case() -> None:
    """Every match is decided one way or the other, and somebody has to be left (rule 4)."""
    confirmed = a_case(State.SCOPE_CONFIRMED, question=ASKED, answer=an_answer())
    chosen = Chosen(at=NOW, by="BEN", identifiers=("m1",))
    assert why(decisions.choose_identity(confirmed, chosen=chosen, undecided=1)) is Why.UNDECIDED
    nobody = replace(chosen, identifiers=())
    assert why(decisions.choose_identity(confirmed, chosen=nobody, undecided=0)) is Why.NOBODY_CHOSEN
    assert "BEN" in decisions.choose_identity(confirmed, chosen=chosen, undecided=0).recorders


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (a_plan(ACCOUNT), Why.PLAN_CHANGED),
        (a_plan(identifiers=("m1", "stranger")), Why.PLAN_CHANGED),
        (a_plan(problem="ActiveCampaign does not answer"), Why.PLAN_HAS_PROBLEMS),
        (a_plan(), None),
    ],
)
def test_a_plan_fits_scope_and_person_and_has_no_problem(plan: object, expected: Why | None) -> None:
    """A plan is attached only for the confirmed scope and exactly the chosen identifiers, if it can be carried out."""
    case = an_approved_case(state=State.SCOPE_CONFIRMED, plan=None, approvals=(), decided_by="")
    assert why(decisions.make_plan(case, plan=plan)) is expected


def waiting(**changes: object) -> Case:
    return an_approved_case(state=State.AWAITING_APPROVAL, approvals=(), not_before=None, **changes)


def approve(
    case: Case, by: str = "LEA", *, plan_hash: str | None = None, typed: str = "dd-1001 "
) -> Case | Denied:
    seen = plan_hash if plan_hash is not None else case.plan.hash
    day = timedelta(hours=24)
    return decisions.approve(case, by=an_actor(by), at=NOW, plan_hash=seen, typed=typed, cooling_off=day)


def test_another_person_approves_and_the_cooling_off_begins() -> None:
    """A different person's yes to exactly this plan moves the case on, and nothing runs before the cooling-off ends."""
    approved = approve(waiting())
    assert approved.state is State.APPROVED
    assert approved.not_before == NOW + timedelta(hours=24)


@pytest.mark.parametrize("recorder", ["recorded the answer", "chose the identity", "decided"])
def test_whoever_took_part_cannot_approve(recorder: str) -> None:
    """Whoever recorded the answer, chose the identity or decided is not the different person (rule 2)."""
    case = a_case(State.AWAITING_CUSTOMER, question=ASKED)
    by = {
        one: "LEA" if one == recorder else "ANA"
        for one in ("recorded the answer", "chose the identity", "decided")
    }
    case = record(case, by=by["recorded the answer"])
    chosen = Chosen(at=NOW, by=by["chose the identity"], identifiers=("m1",))
    case = decisions.choose_identity(case, chosen=chosen, undecided=0)
    case = decisions.make_plan(case, plan=a_plan())
    case = decisions.send_for_approval(case, by=an_actor(by["decided"]), needed=1)
    assert why(approve(case, "LEA")) is Why.SAME_PERSON
    assert why(approve(case, "TOM")) is None


@pytest.mark.parametrize(
    ("changes", "arguments", "expected"),
    [
        ({}, {"plan_hash": "0" * 64}, Why.PLAN_CHANGED),
        ({}, {"typed": "DD-1002"}, Why.WRONG_ID),
        ({}, {"typed": ""}, Why.WRONG_ID),
        ({"paused_at": NOW}, {}, Why.PAUSED),
        ({"recorders": frozenset({"LEA"})}, {}, Why.SAME_PERSON),
    ],
)
def test_an_approval_is_of_this_plan_typed_in_and_not_over_an_unread_message(
    changes: dict, arguments: dict, expected: Why
) -> None:
    """Approval is bound to the plan's hash (rule 8), needs the id typed in, and waits while the case is paused."""
    assert why(approve(waiting(**changes), **arguments)) is expected


def test_nothing_is_approved_twice_or_in_another_state() -> None:
    """A case that is approved already, or has no plan waiting, takes no further yes."""
    assert why(approve(an_approved_case())) is Why.NOT_NOW


def test_big_plans_need_two_different_people() -> None:
    """Where the brake asks for two approvals, one person's two clicks are one (rule 11)."""
    once = approve(waiting(approvals_needed=2))
    assert once.state is State.AWAITING_APPROVAL
    assert why(approve(once, "LEA")) is Why.ALREADY_APPROVED
    assert approve(once, "TOM").state is State.APPROVED


def test_everything_always_needs_at_least_one_approval() -> None:
    """No number of approvals below one can be asked for by sending a plan for approval (rule 2)."""
    planned = an_approved_case(state=State.PLANNED, approvals=(), decided_by="")
    assert decisions.send_for_approval(planned, by=an_actor(), needed=0).approvals_needed == 1


def test_one_agent_suffices_for_account_only_and_for_nothing_else() -> None:
    """The single decision closes an account; for everything a second person is needed (section 1)."""

    def decide(case: Case, plan_hash: str = "") -> Case | Denied:
        seen = plan_hash or case.plan.hash
        return decisions.decide_account_only(case, by=an_actor(), at=NOW, plan_hash=seen, cooling_off=MINUTE)

    planned = an_approved_case(ACCOUNT, state=State.PLANNED, decided_by="", not_before=None)
    assert decide(planned).not_before == NOW + MINUTE
    assert why(decide(planned, "0" * 64)) is Why.PLAN_CHANGED
    assert why(decide(replace(planned, paused_at=NOW))) is Why.PAUSED
    assert why(decide(replace(planned, state=State.AWAITING_APPROVAL))) is Why.NOT_NOW
    assert why(decide(an_approved_case(ALL, state=State.PLANNED))) is Why.NEEDS_APPROVAL


@pytest.mark.parametrize("state", [State.SCOPE_CONFIRMED, State.PLANNED])
def test_a_paused_case_goes_nowhere(state: State) -> None:
    """Until an agent has read the customer's new message, nothing goes on (rule 11)."""
    case = an_approved_case(state=state, paused_at=NOW)
    chosen = Chosen(at=NOW, by="ANA", identifiers=("m1",))
    assert why(decisions.choose_identity(case, chosen=chosen, undecided=0)) is Why.PAUSED
    assert why(decisions.make_plan(case, plan=a_plan())) is Why.PAUSED
    assert why(decisions.send_for_approval(case, by=an_actor(), needed=1)) is Why.PAUSED


def test_neither_scope_is_a_default() -> None:
    """A case without an answer has no scope at all: silence is nothing (rule 12)."""
    assert a_case().scope is None
    assert a_case(State.AWAITING_CUSTOMER, question=ASKED).scope is None


def test_looking_the_customer_up_anew_voids_what_rested_on_the_old_choice() -> None:
    """A new search takes back choice, plan and approvals, so nobody approves candidates that nobody decided (rule 2)."""
    case = an_approved_case()
    looked = decisions.look_up(case)
    assert isinstance(looked, Case)
    assert looked.state is State.SCOPE_CONFIRMED
    assert (looked.chosen, looked.plan, looked.approvals, looked.decided_by) == (None, None, (), "")
    assert looked.revision == case.revision + 1


def test_nobody_is_looked_up_anew_once_something_was_deleted() -> None:
    """After the first destructive step the person stays who they were (rule 8)."""
    denied = decisions.look_up(an_approved_case(started=True))
    assert isinstance(denied, Denied)
    assert denied.why is Why.ALREADY_STARTED
