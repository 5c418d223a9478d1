"""Hold and extension: who holds a case stops everything that leads towards deleting; a deadline moves once, in time."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from services import extension, holding
from services.domain import decisions, running
from services.domain.case import State
from services.domain.denials import Denied, Why
from services.domain.holding import extend, lift_hold, place_hold
from services.domain.record import Behalf, Case, Hold, HoldKind, Question
from services.domain.scope import Scope
from services.ports import PostKind
from tests.properties.runs import Run
from tests.properties.samples import NOW, a_case, a_plan, an_actor, an_answer, an_approved_case
from tests.properties.story import approved, why, write
from tests.properties.world import ANA, LEA, World, make_world

HOLD = Hold(kind=HoldKind.LEGAL_HOLD, at=NOW, by="LEA", reason_digest="r")
DAY = timedelta(days=1)


def held(case: Case) -> Case:
    case = place_hold(case, hold=HOLD, has_reason=True)
    assert isinstance(case, Case)
    return case


def test_a_hold_voids_what_was_approved_without_knowing_of_it() -> None:
    """A hold on an approved case takes it back to the confirmed scope; plan and approvals are void."""
    case = held(an_approved_case())
    assert case.state is State.SCOPE_CONFIRMED
    assert (case.plan, case.approvals) == (None, ())
    assert case.answer_due == an_approved_case().answer_due, "the clock never pauses (rule 12)"


def test_nothing_leads_towards_deleting_while_a_case_is_on_hold() -> None:
    """Planning, sending, approving, deciding, starting and retrying are all denied with the hold as the reason."""
    plan = a_plan()
    confirmed = held(an_approved_case())
    waiting = replace(an_approved_case(), state=State.AWAITING_APPROVAL, approvals=(), hold=HOLD)
    by = an_actor("TOM")
    attempts = (
        decisions.make_plan(confirmed, plan=plan),
        decisions.send_for_approval(replace(waiting, state=State.PLANNED), by=by, needed=1),
        decisions.approve(
            waiting, by=by, at=NOW, plan_hash=plan.hash, typed="DD-1001", cooling_off=timedelta(0)
        ),
        decisions.decide_account_only(
            replace(an_approved_case(Scope.ACCOUNT_ONLY), state=State.PLANNED, hold=HOLD),
            by=by,
            at=NOW,
            plan_hash=a_plan(Scope.ACCOUNT_ONLY).hash,
            cooling_off=timedelta(0),
        ),
        running.start(replace(an_approved_case(), hold=HOLD), now=NOW, halted=False, observe=False),
        running.retry(
            replace(an_approved_case(), state=State.NEEDS_ATTENTION, hold=HOLD), halted=False, observe=False
        ),
        running.resume(
            replace(an_approved_case(), state=State.AWAITING_SYSTEMS, hold=HOLD),
            now=NOW,
            halted=False,
            observe=False,
        ),
    )
    assert [why(one) for one in attempts] == [Why.ON_HOLD] * len(attempts)
    begun = replace(an_approved_case(), state=State.DELETING, hold=HOLD)
    assert why(running.begin_deleting(begun, revision=begun.revision)) is Why.ON_HOLD


def test_placing_and_lifting_need_a_reason_and_happen_once() -> None:
    """A hold without a reason, a second hold, and lifting what is not held are denied."""
    assert why(place_hold(a_case(), hold=HOLD, has_reason=False)) is Why.NO_REASON
    assert why(place_hold(held(a_case()), hold=HOLD, has_reason=True)) is Why.ON_HOLD
    assert why(place_hold(a_case(State.COMPLETED), hold=HOLD, has_reason=True)) is Why.NOT_NOW
    assert why(lift_hold(a_case(), has_reason=True)) is Why.NOT_NOW
    assert why(lift_hold(held(a_case()), has_reason=False)) is Why.NO_REASON
    assert lift_hold(held(a_case()), has_reason=True).hold is None


def test_an_extension_is_told_in_time_once_and_only_where_the_law_knows_it() -> None:
    """One extension, inside the first period, under laws that all allow it; it counts from receipt."""
    gdpr = a_case(regimes=("gdpr",), answer_due=NOW + timedelta(days=30))

    def attempt(case: Case, **changes: object) -> Case | Denied:
        known = {"by": "ANA", "at": NOW, "channel": "thread", "reason_digest": "r", "zone": UTC}
        return extend(case, **known | changes)  # type: ignore[arg-type]

    done = attempt(gdpr)
    assert isinstance(done, Case)
    assert done.extension.due_before == gdpr.answer_due
    assert done.answer_due > gdpr.answer_due
    assert why(attempt(done)) is Why.ALREADY_EXTENDED
    assert why(attempt(gdpr, at=gdpr.answer_due)) is Why.PERIOD_OVER
    assert why(attempt(gdpr, reason_digest="")) is Why.NO_REASON
    assert why(attempt(a_case())) is Why.NO_EXTENSION, (
        "unknown jurisdiction: a law without extension may apply"
    )
    assert why(attempt(replace(gdpr, state=State.DISMISSED))) is Why.NOT_NOW


@pytest.mark.parametrize("behalf", [Behalf.AUTHORISED_AGENT, Behalf.PARENT, Behalf.GUARDIAN])
def test_whoever_answers_for_the_customer_shows_that_they_may(behalf: Behalf) -> None:
    """An authorised agent or parent needs a proof of authority besides the proof of who the customer is (rule 2)."""
    asked = a_case(State.AWAITING_CUSTOMER, question=Question(at=NOW, by="ANA", channel="thread"))

    def record(**answer: object) -> Case | Denied:
        given = an_answer(behalf=behalf, **answer)
        return decisions.record_answer(asked, answer=given, has_words=True, has_proof=True)

    assert why(record()) is Why.NO_AUTHORITY
    assert isinstance(record(authority_digest="mandate"), Case)
    without_proof = decisions.record_answer(
        asked, answer=an_answer(behalf=behalf, authority_digest="m"), has_words=True, has_proof=False
    )
    assert why(without_proof) is Why.NO_PROOF


@pytest.fixture
def world() -> World:
    return make_world(regimes=("gdpr",))


def test_only_an_approver_places_and_lifts_a_hold_and_the_ledger_says_so(world: World) -> None:
    """An agent's attempt is denied and recorded; the reason's words are in the file, its digest in the ledger."""
    case = write(world, "erase_data delete my data").case
    tried = holding.place_hold(
        world.desk, case_id=case.id, version=case.version, actor=ANA, kind=HoldKind.DISPUTE, reason="x"
    )
    assert why(tried) is Why.NOT_AN_APPROVER
    placed = holding.place_hold(
        world.desk,
        case_id=case.id,
        version=case.version,
        actor=LEA,
        kind=HoldKind.DISPUTE,
        reason="Ms Doe sues us",
    )
    assert isinstance(placed, Case)
    assert world.cases.file(case.id).hold_reason == "Ms Doe sues us"
    lifted = holding.lift_hold(
        world.desk, case_id=case.id, version=placed.version, actor=LEA, reason="settled"
    )
    assert isinstance(lifted, Case)
    entries = [one.entry for one in world.cases.ledger(case.id)]
    assert [one.action for one in entries[-3:]] == ["refused_click", "place_hold", "lift_hold"]
    assert "Doe" not in str(entries)


def test_the_customer_is_told_of_the_extension_in_the_same_write(world: World) -> None:
    """The decision and the message that it promises are one write; the text gives the reason and the new date."""
    case = write(world, "erase_data delete my data").case
    until = extension.possible_until(world.desk, case)
    extended = extension.extend(
        world.desk, case_id=case.id, version=case.version, actor=ANA, reason="many systems", channel="thread"
    )
    assert isinstance(extended, Case)
    assert extended.answer_due == until
    assert (case.id, PostKind.EXTENSION) in world.posts.wanted
    assert "many systems" in world.cases.file(case.id).extension_text
    assert extension.possible_until(world.desk, extended) is None


def test_a_run_that_has_begun_stops_before_its_next_step(world: World) -> None:
    """A hold placed in the middle of a run: the step under way ends, no further system is touched, a person decides."""
    case = approved(world)
    run = Run(world=world, case_id=case.id, revision=case.revision)
    for _ in range(4):
        run.step()
    effects = len(world.effects)
    now = world.cases.get(case.id)
    assert now.state is State.DELETING
    placed = holding.place_hold(
        world.desk, case_id=case.id, version=now.version, actor=LEA, kind=HoldKind.LEGAL_HOLD, reason="court"
    )
    assert isinstance(placed, Case)
    run.to_the_end()
    ended = world.cases.get(case.id)
    assert (ended.state, len(world.effects)) == (State.NEEDS_ATTENTION, effects)
