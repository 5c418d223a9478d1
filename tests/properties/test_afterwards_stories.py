"""Promises about channels of reply: erased after the closing message, once, and completed only with proof."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services import afterwards, closing
from services.customer.after_closing import AfterClosing
from services.domain.case import State
from services.domain.outcome import OutcomeKind
from services.domain.record import Case
from services.ports import PostKind
from tests.properties.story import approved, do, run
from tests.properties.world import MAYA, OLGA, Mood, Shelf, World, make_world


def with_helpdesk() -> tuple[World, Shelf]:
    """The world with a help desk through which the customer is answered."""
    world = make_world()
    helpdesk = Shelf(name="helpdesk", order=20, holds={MAYA.value: 3}, world=world)
    last = AfterClosing(helpdesk, clock=world.clock)
    world.desk = replace(world.desk, systems=(*world.shelves, last))
    return world, helpdesk


def told(world: World) -> Case:
    """Take a case as far as its closing message, and have Slack accept it."""
    case = run(world, approved(world))
    assert case.state is State.NOTIFYING, case.problem
    do(world, case, "send_in_thread")
    world.posts.wanted.discard((case.id, PostKind.CLOSING))
    return closing.delivered(world.desk, case_id=case.id, evidence="17.1")


def follow(world: World) -> int:
    """Play sweep and engine once."""
    afterwards.sweep(world.desk)
    wanted = list(world.engine.afterwards)
    world.engine.afterwards.clear()
    for case_id, version in wanted:
        afterwards.finish(world.desk, case_id, version)
    return len(wanted)


def test_the_channel_of_reply_goes_after_the_closing_message() -> None:
    """The run leaves it alone, the message says that it goes, then it goes and the case completes (rule 7)."""
    world, helpdesk = with_helpdesk()
    case = run(world, approved(world))
    assert helpdesk.holds, "the channel was erased before the customer was told"
    assert "this conversation is deleted after this message" in closing.closing_text(world.desk, case)
    assert follow(world) == 0, "nobody was told yet"
    do(world, case, "send_in_thread")
    world.posts.wanted.clear()
    waiting = closing.delivered(world.desk, case_id=case.id, evidence="17.1")
    assert waiting.state is State.NOTIFYING, "completion waits for the channel of reply"
    assert follow(world) == 1
    done = world.cases.get(case.id)
    assert done.state is State.COMPLETED
    assert not helpdesk.holds
    assert done.outcome_of("helpdesk").kind is OutcomeKind.VERIFIED_GONE
    assert world.cases.file(case.id) is None
    assert world.cases.ledger_flaws() == ()


@pytest.mark.parametrize("mood", [Mood.DOWN, Mood.SLOW])
def test_what_takes_longer_is_tried_again_when_due(mood: Mood) -> None:
    """A channel that cannot be reached, or deletes later, keeps the case open and is looked after by the desk."""
    world, helpdesk = with_helpdesk()
    case = told(world)
    helpdesk.mood = mood
    assert follow(world) == 1
    assert world.cases.get(case.id).state is State.NOTIFYING
    assert follow(world) == 0, "not before it is due"
    helpdesk.mood = Mood.WELL
    world.clock.forward(timedelta(hours=2))
    assert follow(world) == 1
    assert world.cases.get(case.id).state is State.COMPLETED


def test_what_the_desk_cannot_do_is_a_persons_to_do_and_to_prove() -> None:
    """A refusal becomes a step by hand; an attestation against the evidence is denied (rule 4)."""
    world, helpdesk = with_helpdesk()
    case = told(world)
    helpdesk.mood = Mood.REFUSING
    follow(world)
    open_step = world.cases.get(case.id).outcome_of("helpdesk")
    assert open_step.kind is OutcomeKind.MANUAL
    assert "refused" in open_step.reason
    assert follow(world) == 0
    do(world, case, "attest_manual")
    assert world.cases.get(case.id).state is State.NOTIFYING, "it is still there"
    helpdesk.holds.clear()
    do(world, case, "attest_manual")
    assert world.cases.get(case.id).state is State.COMPLETED


def test_a_stop_for_everything_holds_it_too() -> None:
    """`/deletion stop` halts what follows the closing message as well (rule 11)."""
    world, helpdesk = with_helpdesk()
    case = told(world)
    world.switch.set_halted(halted=True, by=OLGA.user_id, at=world.clock.now())
    assert follow(world) == 0
    assert afterwards.finish(world.desk, case.id, world.cases.get(case.id).version) == "halted"
    assert helpdesk.holds


def test_a_repeated_or_late_call_does_it_once() -> None:
    """The workflow's version is the case's: a second one finds another version and does nothing (rule 6)."""
    world, _ = with_helpdesk()
    case = told(world)
    version = world.cases.get(case.id).version
    afterwards.finish(world.desk, case.id, version)
    before = len(world.effects)
    assert afterwards.finish(world.desk, case.id, version) == "stale"
    assert len(world.effects) == before
