"""Promises of runs and of telling the customer, told as stories: one case each, on the desk in memory."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from services import closing, deletion, oversight, wording
from services.domain.case import State
from services.domain.denials import Why
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.ports import PostKind
from tests.properties.runs import Run
from tests.properties.story import approved, do, planned, run, why, write
from tests.properties.world import (
    ANA,
    LEA,
    MAYA,
    Mood,
    make_world,
)

ALL, ACCOUNT = Scope.ALL_PERSONAL_DATA, Scope.ACCOUNT_ONLY


def test_everything_goes_well() -> None:
    """Asked, answered, found, planned, approved by another, run in order, verified, told, completed, shredded."""
    world = make_world()
    case = run(world, approved(world))
    assert case.state is State.NOTIFYING
    assert [one.system for one in world.effects] == ["accounts", "activecampaign", "shop"]
    assert wording.closing_text(world.desk, case).startswith("closing_all")
    do(world, case, "send_in_thread")
    assert world.cases.get(case.id).state is State.NOTIFYING, "wanting to tell is not having told"
    world.posts.wanted.clear()
    done = closing.delivered(world.desk, case_id=case.id, evidence="17.1")
    assert done.state is State.COMPLETED
    assert world.cases.file(case.id) is None
    assert world.cases.ledger_flaws() == ()


def test_account_only_leaves_the_rest_alone_and_says_so() -> None:
    """Only the account service is touched, by one agent's decision; the other counts match before and after (rule 11)."""
    world = make_world()
    case = run(world, approved(world, ACCOUNT))
    assert [one.system for one in world.effects] == ["accounts"]
    assert world.shelves[1].holds[MAYA.value] == 1
    assert {one.system: one.kind for one in case.outcomes}["shop"] is OutcomeKind.KEPT
    assert wording.closing_text(world.desk, case).startswith("closing_account")


def test_a_closed_account_is_claimed_only_with_proof() -> None:
    """A step of account_only that a person still has to do gives the partial text (rule 5)."""
    world = make_world()
    case = run(world, approved(world, ACCOUNT))
    manual = tuple(
        replace(one, kind=OutcomeKind.MANUAL) if one.system == "accounts" else one for one in case.outcomes
    )
    assert wording.closing_template(replace(case, outcomes=manual)) == "closing_partial"


def test_everything_kept_is_named_to_the_customer() -> None:
    """A system that is left alone, but could not be counted, is named with its ground all the same (rule 5)."""
    world = make_world()
    case = approved(world, ACCOUNT)
    world.shelves[2].mood = Mood.DOWN
    case = run(world, case)
    assert not case.outcome_of("shop").counts
    facts = json.loads(wording.closing_text(world.desk, case).split(" ", 2)[2])
    assert {one["label"]: bool(one["ground"]) for one in facts["kept"]} == {
        "Activecampaign": True,
        "Shop": True,
    }


def test_data_elsewhere_that_vanished_during_account_only_is_an_alarm() -> None:
    """Counts elsewhere must match before and after: a cascade nobody declared needs a person (rule 11)."""
    world = make_world()
    case = approved(world, ACCOUNT)
    under_way = Run(world=world, case_id=case.id, revision=case.revision)
    while not under_way.todo[0].startswith("verifying"):
        under_way.step()
    world.shelves[2].holds.clear()
    under_way.to_the_end()
    assert world.cases.get(case.id).state is State.NEEDS_ATTENTION


def test_a_down_system_waits_and_is_completed_by_a_retry() -> None:
    """A half-done run goes on where it stopped, on the same approvals, and keeps its proof (rule 8)."""
    world = make_world()
    case = approved(world)
    world.shelves[2].mood = Mood.LYING
    case = run(world, case)
    assert case.state is State.NEEDS_ATTENTION
    world.shelves[2].mood = Mood.WELL
    before = len(world.effects)
    do(world, case, "retry")
    case = run(world, case)
    assert case.state is State.NOTIFYING
    assert [one.system for one in world.effects[before:]] == ["shop"]


def test_records_erased_before_a_failed_read_are_no_drift() -> None:
    """Deleted, but not readable afterwards: the retry needs no second approval and ends in proof (rules 4, 8)."""
    world = make_world()
    case = approved(world)
    shop = world.shelves[2]
    under_way = Run(world=world, case_id=case.id, revision=case.revision)
    while under_way.todo[0] != "run shop":
        under_way.step()
    shop.holds.clear()
    shop.mood = Mood.REFUSING
    under_way.to_the_end()
    assert world.cases.get(case.id).state is State.NEEDS_ATTENTION
    shop.mood = Mood.WELL
    do(world, case, "retry")
    case = run(world, case)
    assert case.state is State.NOTIFYING
    assert case.outcome_of("shop").kind is OutcomeKind.VERIFIED_GONE


def test_what_was_accepted_is_read_and_not_asked_for_again() -> None:
    """An asynchronous deletion is polled: executing it again would be a second effect (rule 6)."""
    world = make_world()
    case = approved(world)
    shop = world.shelves[2]
    shop.mood = Mood.SLOW
    case = run(world, case)
    assert case.state is State.AWAITING_SYSTEMS
    shop.holds.clear()
    shop.mood = Mood.WELL
    world.clock.forward(timedelta(hours=1))
    oversight.sweep(world.desk)
    case = run(world, case)
    assert case.state is State.NOTIFYING
    assert [one.system for one in world.effects].count("shop") == 1


def test_no_retry_without_the_approvals_that_a_drift_has_voided() -> None:
    """After a begun run drifted back to planning, "check again" never deletes on the old approvals (rules 2, 8)."""
    world = make_world()
    case = approved(world)
    world.shelves[2].mood = Mood.REFUSING
    case = run(world, case)
    world.shelves[2].definition = "v2"
    do(world, case, "retry")
    case = run(world, case)
    assert (case.state, case.started) == (State.PLANNED, True)
    world.shelves[2].mood = Mood.DOWN
    assert do(world, case, "make_plan").state is State.NEEDS_ATTENTION
    world.shelves[2].mood = Mood.WELL
    before = len(world.effects)
    assert do(world, case, "retry").state is State.SCOPE_CONFIRMED
    run(world, case)
    assert len(world.effects) == before


def test_observe_mode_stops_runs_that_were_approved_before() -> None:
    """Switching to observe stops approving, starting, going on and retrying (section 4)."""
    world = make_world()
    case = approved(world)
    under_way = Run(world=world, case_id=case.id, revision=case.revision)
    while under_way.todo[0] != "run activecampaign":
        under_way.step()
    world.set_observe(observe=True)
    under_way.to_the_end()
    assert [one.system for one in world.effects] == ["accounts"]
    assert why(do(world, case, "retry")) is Why.OBSERVE_ONLY


def test_a_message_during_the_cooling_off_pauses_the_run() -> None:
    """Nothing begins over an unread message, and reading it lets the case go on as it stood (rule 11)."""
    world = make_world()
    case = approved(world)
    write(world, "none wait a moment please", "2.0", thread_ts="1.0")
    assert run(world, case).state is State.APPROVED
    do(world, case, "mark_read")
    assert run(world, case).state is State.NOTIFYING


def test_a_manual_step_at_activecampaign_waits_for_a_name_then_goes_on() -> None:
    """Without an archive endpoint a named person attests before the customer is told anything (rule 3)."""
    world = make_world()
    case = approved(world)
    world.shelves[1].mood = Mood.BY_HAND
    case = run(world, case)
    assert case.state is State.NEEDS_ATTENTION
    do(world, case, "attest_manual", system_name="activecampaign")
    do(world, case, "retry")
    case = run(world, case)
    assert case.state is State.NOTIFYING
    assert wording.closing_text(world.desk, case).startswith("closing_partial")


def test_an_attestation_against_the_evidence_is_denied() -> None:
    """A read that still finds data beats the person's word (rule 4)."""
    world = make_world()
    case = approved(world)
    world.shelves[1].mood = Mood.BY_HAND
    case = run(world, case)
    world.shelves[1].holds[MAYA.value] = 1
    assert why(do(world, case, "attest_manual", system_name="activecampaign")) is Why.STILL_THERE


def test_nothing_found_anywhere_is_not_success() -> None:
    """A customer of whom no system knows anything is never told that data was removed (rule 4)."""
    world = make_world()
    for shelf in world.shelves:
        shelf.holds.clear()
    case = run(world, approved(world))
    assert case.state is State.NEEDS_ATTENTION
    with pytest.raises(ValueError, match="nothing to tell"):
        wording.closing_text(world.desk, case)


def test_a_delivery_without_a_text_is_no_evidence() -> None:
    """Only a closing message that was generated and accepted counts as having told the customer (rule 5)."""
    world = make_world()
    case = run(world, approved(world))
    closing.delivered(world.desk, case_id=case.id, evidence="17.1")
    assert world.cases.get(case.id).told is None
    do(world, case, "send_in_thread")
    closing.delivered(world.desk, case_id=case.id, evidence="")
    assert world.cases.get(case.id).told is None


def test_a_refusal_waits_for_its_message_before_it_is_shredded() -> None:
    """The text for the customer is in the file, so the file outlives the case until it was posted (rule 9)."""
    world = make_world()
    case = write(world, "erase_data please delete my data").case
    do(world, case, "refuse", channel="thread")
    oversight.sweep(world.desk)
    assert world.cases.file(case.id) is not None
    world.posts.wanted.discard((case.id, PostKind.CLOSING))
    oversight.sweep(world.desk)
    assert world.cases.file(case.id) is None


def test_a_run_is_enqueued_when_due_and_not_before() -> None:
    """The sweep enqueues approved cases after their cooling-off, unless they are paused or everything is halted."""
    world = make_world()
    case = planned(world)
    do(world, case, "send_for_approval")
    do(world, case, "approve", LEA)
    oversight.sweep(world.desk)
    assert not world.engine.wanted
    world.clock.forward(timedelta(hours=24))
    oversight.halt(world.desk, actor=ANA, halted=True)
    oversight.sweep(world.desk)
    assert not world.engine.wanted
    world.switch.on = False
    oversight.sweep(world.desk)
    assert list(world.engine.wanted) == [(case.id, world.cases.get(case.id).revision)]


def test_a_bug_in_a_run_ends_with_a_person() -> None:
    """A run that ended with an exception says so without its text, and claims nothing (rule 9)."""
    world = make_world()
    case = approved(world)
    deletion.begin(world.desk, case.id, case.revision)
    deletion.fail(world.desk, case.id, case.revision, "KeyError")
    case = world.cases.get(case.id)
    assert case.state is State.NEEDS_ATTENTION
    assert "KeyError" in case.problem


def test_a_step_out_of_its_place_executes_nothing() -> None:
    """A step of an older revision, or before drift was checked, or of an idle system, touches nothing (rules 6, 8)."""
    world = make_world()
    case = approved(world)
    deletion.begin(world.desk, case.id, case.revision)
    assert deletion.run_system(world.desk, case.id, case.revision, "shop") == "stale"
    assert deletion.check_drift(world.desk, case.id, case.revision)
    assert deletion.run_system(world.desk, case.id, case.revision - 1, "shop") == "stale"
    assert deletion.run_system(world.desk, case.id, case.revision, "unknown") == "stale"
    assert not world.effects


def test_checking_again_does_not_hide_what_a_run_damaged() -> None:
    """The counts of before the first run stay the measure: recounted they would turn damage into "kept" (rule 11)."""
    world = make_world()
    case = approved(world, ACCOUNT)
    under_way = Run(world=world, case_id=case.id, revision=case.revision)
    while not under_way.todo[0].startswith("verifying"):
        under_way.step()
    world.shelves[2].holds.clear()
    under_way.to_the_end()
    do(world, case, "retry")
    case = run(world, case)
    assert case.state is State.NEEDS_ATTENTION
    assert "before the run" in case.problem


def test_an_engine_that_lost_its_record_goes_on_at_the_verification() -> None:
    """A case in `verifying` whose workflow is gone is taken up again, and nothing is executed a second time."""
    world = make_world()
    case = approved(world)
    lost = Run(world=world, case_id=case.id, revision=case.revision)
    while world.cases.get(case.id).state is not State.VERIFYING:
        lost.step()
    before = len(world.effects)
    case = run(world, case)
    assert case.state is State.NOTIFYING
    assert len(world.effects) == before


def test_a_message_that_slack_refuses_for_good_is_told_another_way_and_shredded() -> None:
    """The wish is taken back, the card says so, and after the attestation nothing keeps the personal file (rule 9)."""
    world = make_world()
    case = run(world, approved(world))
    world.posts.wanted.clear()  # the publisher has posted the question
    do(world, case, "send_in_thread")
    closing.undeliverable(world.desk, case_id=case.id, kind=PostKind.CLOSING, code="is_archived")
    case = world.cases.get(case.id)
    assert "is_archived" in case.problem
    assert not world.posts.unsent(case.id)
    done = do(world, case, "attest_sent")
    assert done.state is State.COMPLETED
    assert world.cases.file(case.id) is None


def test_a_question_that_never_arrived_counts_for_nothing() -> None:
    """Slack refused the question for good: no answer may be recorded before it was asked another way (rule 2)."""
    world = make_world()
    case = write(world, "erase_data please delete my data").case
    do(world, case, "ask")
    closing.undeliverable(world.desk, case_id=case.id, kind=PostKind.QUESTION, code="not_in_channel")
    denied = do(world, case, "record_answer", scope=ALL)
    assert why(denied) is Why.ASK_FIRST


def test_a_decision_and_the_message_it_promises_are_written_together() -> None:
    """A refusal in the thread leaves a wish in the same write, so that the file is not shredded before it is sent."""
    world = make_world()
    case = write(world, "erase_data please delete my data").case
    oversight.refuse(
        world.desk,
        case_id=case.id,
        version=case.version,
        actor=ANA,
        ground="an open dispute",
        channel="thread",
    )
    assert world.posts.unsent(case.id)
    oversight.sweep(world.desk)
    assert world.cases.file(case.id) is not None
    assert "an open dispute" not in repr(world.cases.get(case.id)), (
        "the ground is for the customer, not for the record"
    )


def test_an_edit_that_makes_a_dismissed_message_a_request_is_not_lost() -> None:
    """The edited message opens a linked case of its own, once, however often it is delivered."""
    world = make_world()
    case = write(world, "ambiguous how do I delete a photo").case
    do(world, case, "dismiss")
    edited = write(world, "erase_data now delete everything you have about me")
    assert edited.case is not None
    assert edited.case.id != case.id
    assert edited.case.linked_to == case.id
    again = write(world, "erase_data now delete everything you have about me")
    assert again.case is not None
    assert again.case.id == edited.case.id


def test_a_customers_stop_pauses_before_anybody_has_read_it(mocker) -> None:
    """A message in a running case joins and pauses it without waiting for the classifier (rule 11)."""
    world = make_world()
    case = approved(world)
    reading = mocker.spy(type(world.desk.classifier), "read")
    write(world, "stop, I have changed my mind", ts="2.0", thread_ts=case.thread_ts)
    assert world.cases.get(case.id).paused_at is not None
    assert not reading.called
