"""The decisions of a run and of its ending: what begins it, what it may claim, what completes it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain import ending, running
from services.domain.case import State
from services.domain.denials import Denied, Why
from services.domain.outcome import OutcomeKind
from services.domain.record import Case, Ended
from tests.properties.samples import (
    ACCOUNT,
    ALL,
    NOW,
    a_case,
    a_plan,
    a_told,
    an_answer,
    an_approved_case,
    an_outcome,
    outcomes,
)

MINUTE = timedelta(minutes=1)
MANDATORY = frozenset({"activecampaign"})
K = OutcomeKind


def why(result: Case | Denied) -> Why | None:
    return result.why if isinstance(result, Denied) else None


def start(case: Case, *, halted: bool = False, observe: bool = False) -> Case | Denied:
    return running.start(case, now=NOW, halted=halted, observe=observe)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"answer": None}, Why.ASK_FIRST),
        ({"chosen": None}, Why.NOBODY_CHOSEN),
        ({"plan": None}, Why.NO_PLAN),
        ({"plan": a_plan(problem="down")}, Why.NO_PLAN),
        ({"plan": a_plan(identifiers=("m1", "m2"))}, Why.PLAN_CHANGED),
        ({"plan": a_plan(digest="edited after approval")}, Why.NEEDS_APPROVAL),
        ({"answer": an_answer(ACCOUNT)}, Why.PLAN_CHANGED),
        ({"decided_by": ""}, Why.NEEDS_APPROVAL),
        ({"approvals": ()}, Why.NEEDS_APPROVAL),
        ({"approvals": (), "approvals_needed": 0}, Why.NEEDS_APPROVAL),
        ({"approvals_needed": 2}, Why.NEEDS_APPROVAL),
        ({"recorders": frozenset({"ANA", "LEA"})}, Why.NEEDS_APPROVAL),
        ({"not_before": NOW + MINUTE}, Why.COOLING_OFF),
        ({"paused_at": NOW}, Why.PAUSED),
        ({"state": State.AWAITING_APPROVAL}, Why.NOT_NOW),
    ],
)
def test_a_run_begins_only_with_everything_on_record(changes: dict, expected: Why) -> None:
    """Answer, person, plan, decision, another's approval of that plan, cooling-off, nothing unread (rules 2, 8, 11)."""
    assert start(an_approved_case()).state is State.DELETING
    assert why(start(an_approved_case(**changes))) is expected


def test_a_run_begins_neither_halted_nor_observing() -> None:
    """`/deletion stop` and observe mode keep every run from beginning, going on or being resumed (rule 11)."""
    waiting = an_approved_case(state=State.AWAITING_SYSTEMS, resume_at=NOW)
    stuck = an_approved_case(state=State.NEEDS_ATTENTION)
    for flags, expected in (
        ({"halted": True, "observe": False}, Why.HALTED),
        ({"halted": False, "observe": True}, Why.OBSERVE_ONLY),
    ):
        assert why(start(an_approved_case(), **flags)) is expected
        assert why(running.resume(waiting, now=NOW, **flags)) is expected
        assert why(running.retry(stuck, **flags)) is expected


def test_a_stale_run_records_nothing() -> None:
    """A run of an earlier revision neither begins to delete nor leaves an outcome (rule 6)."""
    case = an_approved_case(state=State.DELETING, revision=4)
    assert why(running.begin_deleting(case, revision=3)) is Why.NOT_NOW
    assert why(running.settle(case, outcome=an_outcome(), revision=3)) is Why.NOT_NOW
    assert (
        why(running.settle(replace(case, state=State.NOTIFYING), outcome=an_outcome(), revision=4))
        is Why.NOT_NOW
    )


def test_noting_the_first_destructive_step_is_idempotent() -> None:
    """The note that deletion has begun is written once, however often the step is repeated."""
    begun = running.begin_deleting(an_approved_case(state=State.DELETING), revision=1)
    assert begun.started
    assert running.begin_deleting(begun, revision=1) is begun


def conclude(*kinds: OutcomeKind, scope: object = ALL, **changes: object) -> Case:
    case = an_approved_case(
        scope, state=State.VERIFYING, started=True, **{"outcomes": outcomes(*kinds)} | changes
    )
    return running.conclude(case, now=NOW, mandatory=MANDATORY)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((K.VERIFIED_GONE, K.VERIFIED_GONE, K.VERIFIED_GONE), State.NOTIFYING),
        ((K.NOTHING_FOUND, K.VERIFIED_GONE, K.NOTHING_FOUND), State.NOTIFYING),
        ((K.VERIFIED_GONE, K.VERIFIED_GONE, K.KEPT), State.NOTIFYING),
        ((K.VERIFIED_GONE, K.VERIFIED_GONE, K.MANUAL), State.NOTIFYING),
        ((K.NOTHING_FOUND, K.NOTHING_FOUND, K.NOTHING_FOUND), State.NEEDS_ATTENTION),
        ((K.NOTHING_FOUND, K.NOTHING_FOUND, K.KEPT), State.NEEDS_ATTENTION),
        ((K.VERIFIED_GONE, K.VERIFIED_GONE, K.FAILED), State.NEEDS_ATTENTION),
        ((K.VERIFIED_GONE, K.VERIFIED_GONE, K.UNVERIFIABLE), State.NEEDS_ATTENTION),
        ((K.VERIFIED_GONE, K.VERIFIED_GONE), State.NEEDS_ATTENTION),
        ((K.VERIFIED_GONE, K.KEPT, K.VERIFIED_GONE), State.NEEDS_ATTENTION),
        ((K.VERIFIED_GONE, K.MANUAL, K.VERIFIED_GONE), State.NEEDS_ATTENTION),
        ((), State.NEEDS_ATTENTION),
        ((K.VERIFIED_GONE, K.VERIFIED_GONE, K.RETRY_LATER), State.AWAITING_SYSTEMS),
        ((K.VERIFIED_GONE, K.ACCEPTED, K.VERIFIED_GONE), State.AWAITING_SYSTEMS),
        ((K.FAILED, K.ACCEPTED, K.VERIFIED_GONE), State.NEEDS_ATTENTION),
    ],
)
def test_where_a_case_goes_after_verification(kinds: tuple[OutcomeKind, ...], expected: State) -> None:
    """Only proof leads to telling: nothing found anywhere, a failure or a missing result is a person's (rules 3 to 5)."""
    concluded = conclude(*kinds)
    assert concluded.state is expected
    assert bool(concluded.problem) is (expected is State.NEEDS_ATTENTION), (
        "a case that needs a person says why"
    )


def test_a_deleted_conversation_is_no_evidence_that_anything_was_held() -> None:
    """With nothing found in any system, the request itself being gone does not make it a success (rule 4)."""
    plan = a_plan()
    shop = replace(plan.systems[2], is_evidence=False)
    concluded = conclude(
        K.NOTHING_FOUND,
        K.NOTHING_FOUND,
        K.VERIFIED_GONE,
        plan=replace(plan, systems=(*plan.systems[:2], shop)),
    )
    assert concluded.state is State.NEEDS_ATTENTION
    assert "nothing was found" in concluded.problem


def test_everything_cannot_go_on_without_activecampaign() -> None:
    """With no mandatory system configured at all, everything waits for a person (rule 3)."""
    case = an_approved_case(state=State.VERIFYING, outcomes=outcomes(*[K.VERIFIED_GONE] * 3))
    assert running.conclude(case, now=NOW, mandatory=frozenset()).state is State.NEEDS_ATTENTION


def test_a_closed_account_needs_no_activecampaign() -> None:
    """account_only leaves ActiveCampaign alone and concludes without it."""
    assert conclude(K.VERIFIED_GONE, K.KEPT, K.KEPT, scope=ACCOUNT).state is State.NOTIFYING


def test_a_case_waits_for_the_system_that_is_due_first() -> None:
    """`awaiting_systems` ends at the earliest due date among the systems waited for."""
    due = (
        an_outcome("accounts", K.VERIFIED_GONE),
        an_outcome("activecampaign", K.RETRY_LATER, due=NOW + MINUTE),
        an_outcome("shop", K.ACCEPTED, due=NOW + 9 * MINUTE),
    )
    case = conclude(outcomes=due)
    assert case.resume_at == NOW + MINUTE
    assert why(running.resume(case, now=NOW, halted=False, observe=False)) is Why.NOT_NOW
    resumed = running.resume(case, now=NOW + MINUTE, halted=False, observe=False)
    assert (resumed.state, resumed.revision) == (State.DELETING, case.revision + 1)


def test_a_retry_keeps_what_was_approved_and_a_case_never_approved_is_planned_anew() -> None:
    """Check again runs what is unsettled on the same approvals; without authority it leads back to planning (rule 8)."""
    stuck = an_approved_case(state=State.NEEDS_ATTENTION, started=True, outcomes=outcomes(K.VERIFIED_GONE))
    again = running.retry(stuck, halted=False, observe=False)
    assert (again.state, again.revision, again.outcomes) == (
        State.DELETING,
        stuck.revision + 1,
        stuck.outcomes,
    )
    for started in (False, True):
        for void in ({"plan": None}, {"approvals": ()}, {"decided_by": ""}):
            unplanned = replace(stuck, started=started, **void)
            assert running.retry(unplanned, halted=False, observe=False).state is State.SCOPE_CONFIRMED


def test_an_unread_message_holds_a_case_that_needs_attention() -> None:
    """The customer may be saying "stop": a case that waits for a person is paused too, and not retried (rule 11)."""
    stuck = an_approved_case(state=State.NEEDS_ATTENTION)
    paused = ending.pause(stuck, at=NOW)
    assert why(running.retry(paused, halted=False, observe=False)) is Why.PAUSED
    assert running.retry(ending.mark_read(paused), halted=False, observe=False).state is State.DELETING


def test_drift_voids_the_approvals_and_keeps_the_outcomes() -> None:
    """A world that moved goes back to planning and approval; what was proven stays proven (rule 8)."""
    case = an_approved_case(state=State.DELETING, outcomes=outcomes(K.VERIFIED_GONE))
    back = running.go_back_for_drift(
        case, plan=a_plan(digest="v2"), reasons=("shop: its definition changed",)
    )
    assert (back.state, back.approvals, back.decided_by) == (State.PLANNED, (), "")
    assert back.outcomes == case.outcomes
    assert back.plan == a_plan(digest="v2")


@pytest.mark.parametrize("state", [State.PLANNED, State.AWAITING_APPROVAL, State.APPROVED])
def test_a_stop_voids_plan_and_approvals(state: State) -> None:
    """After a stop nothing that was approved before can run: another revision, no plan, no approval (rule 11)."""
    stopped = ending.stop(an_approved_case(state=state))
    assert (stopped.state, stopped.plan, stopped.approvals) == (State.SCOPE_CONFIRMED, None, ())
    assert stopped.revision == 2


def test_a_withdrawal_is_impossible_once_something_was_deleted() -> None:
    """A case of which a part is gone is completed or refused, not called withdrawn."""
    ended = Ended(at=NOW, by="ANA", reason="")
    stuck = an_approved_case(state=State.NEEDS_ATTENTION)
    assert ending.withdraw(stuck, ended=ended).state is State.WITHDRAWN
    assert why(ending.withdraw(replace(stuck, started=True), ended=ended)) is Why.ALREADY_STARTED


def test_refusals_and_dismissals_give_a_reason() -> None:
    """A refusal tells its ground (GDPR Art. 12(4)); a dismissal says why it was no request (section 4)."""
    blank, given = Ended(at=NOW, by="ANA", reason="  "), Ended(at=NOW, by="ANA", reason="a ground")
    assert why(ending.refuse(a_case(), ended=blank)) is Why.NO_REASON
    assert why(ending.dismiss(a_case(), ended=blank)) is Why.NO_REASON
    assert ending.refuse(a_case(), ended=given).state is State.REFUSED
    assert ending.dismiss(a_case(), ended=given).state is State.DISMISSED


def test_a_dismissal_is_undone_within_its_window_only() -> None:
    """Seven days, and not once the file was shredded; until then a dismissed case is not terminal (section 4)."""
    week = timedelta(days=7)
    dismissed = ending.dismiss(a_case(), ended=Ended(at=NOW, by="ANA", reason="a question"))
    assert not dismissed.is_terminal
    assert ending.shred(dismissed).is_terminal
    assert ending.undo_dismissal(dismissed, now=NOW + week - MINUTE, window=week).state is State.DETECTED
    assert why(ending.undo_dismissal(dismissed, now=NOW + week, window=week)) is Why.UNDO_OVER
    assert why(ending.undo_dismissal(ending.shred(dismissed), now=NOW, window=week)) is Why.UNDO_OVER


def notifying(*kinds: OutcomeKind, **changes: object) -> Case:
    return an_approved_case(
        **{"state": State.NOTIFYING, "started": True, "outcomes": outcomes(*kinds)} | changes
    )


def test_nobody_is_told_early_or_twice() -> None:
    """The evidence of telling is recorded in `notifying` only, and only once (rule 5)."""
    told = a_told()
    for state in set(State) - {State.NOTIFYING}:
        assert why(ending.record_told(a_case(state), told=told)) is Why.NOT_NOW
    once = ending.record_told(notifying(K.VERIFIED_GONE), told=told)
    assert why(ending.record_told(once, told=told)) is Why.NOT_NOW


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"told": None}, Why.NOT_TOLD),
        ({"outcomes": outcomes(K.VERIFIED_GONE, K.VERIFIED_GONE, K.FAILED)}, Why.NOT_SETTLED),
        ({"outcomes": outcomes(K.VERIFIED_GONE, K.VERIFIED_GONE, K.RETRY_LATER)}, Why.NOT_SETTLED),
        ({"outcomes": outcomes(K.VERIFIED_GONE, K.VERIFIED_GONE, K.ACCEPTED)}, Why.NOT_SETTLED),
        ({"outcomes": outcomes(K.VERIFIED_GONE, K.VERIFIED_GONE, K.MANUAL)}, Why.NOT_SETTLED),
        ({"outcomes": outcomes(K.VERIFIED_GONE, K.VERIFIED_GONE, K.UNVERIFIABLE)}, Why.NOT_SETTLED),
        ({"outcomes": ()}, Why.NOT_SETTLED),
        ({"outcomes": (an_outcome("accounts"), an_outcome("shop"))}, Why.ACTIVECAMPAIGN_OPEN),
        ({"outcomes": outcomes(K.VERIFIED_GONE, K.KEPT, K.VERIFIED_GONE)}, Why.ACTIVECAMPAIGN_OPEN),
        ({"state": State.NEEDS_ATTENTION}, Why.NOT_NOW),
    ],
)
def test_completion_needs_settled_outcomes_evidence_and_activecampaign(
    changes: dict, expected: Why | None
) -> None:
    """Rules 3 and 5: every outcome settled, the customer told, ActiveCampaign proven."""
    case = notifying(**{"outcomes": outcomes(*[K.VERIFIED_GONE] * 3), "told": a_told()} | changes)
    assert why(ending.complete(case, mandatory=MANDATORY)) is expected


@pytest.mark.parametrize("state", [State.NOTIFYING, State.NEEDS_ATTENTION])
def test_a_named_person_signs_a_manual_step(state: State) -> None:
    """An open MANUAL step is closed by a name or a read, also ActiveCampaign's before anybody is told (rules 3, 5)."""
    case = notifying(K.VERIFIED_GONE, K.MANUAL, K.VERIFIED_GONE, state=state)
    signed = running.sign(case, outcome=an_outcome("activecampaign", K.MANUAL, signed_by="ANA"))
    assert signed.open_manual == ()
    assert why(running.sign(case, outcome=an_outcome("activecampaign", K.MANUAL))) is Why.NO_REASON
    assert why(running.sign(case, outcome=an_outcome("activecampaign", K.FAILED))) is Why.NOT_SETTLED
    assert why(running.sign(case, outcome=an_outcome("shop", K.MANUAL, signed_by="ANA"))) is Why.NOT_NOW
    assert (
        why(running.sign(replace(case, state=State.DELETING), outcome=an_outcome("activecampaign")))
        is Why.NOT_NOW
    )


def test_a_signed_archive_lets_the_case_go_on() -> None:
    """Where only a person can purge ActiveCampaign's archive, their signature is the proof on record (rule 3)."""
    signed = an_outcome("activecampaign", K.MANUAL, signed_by="ANA")
    assert conclude(outcomes=(an_outcome("accounts"), signed, an_outcome("shop"))).state is State.NOTIFYING
