"""Promises of rechecks, told as stories on the desk in memory with a clock that is moved by hand."""

from datetime import timedelta
from typing import Any

import pytest

from services import closing, confirmation, oversight, rechecking
from services.domain.case import State
from services.domain.denials import Denied
from services.domain.identity import Candidate, Identifier
from services.domain.recheck import READER
from services.domain.record import Case
from services.domain.scope import Scope
from tests.properties.fakes import shut
from tests.properties.story import approved, do, run, write
from tests.properties.world import ANA, LEA, MAYA, Mood, World, make_world

DAY = timedelta(days=1)


def completed(world: World, scope: Scope = Scope.ALL_PERSONAL_DATA) -> Case:
    case = finish(world, approved(world, scope))
    assert case.state is State.COMPLETED
    assert world.cases.file(case.id) is None, "the file is shredded, rechecks or not"
    return world.cases.get(case.id)


def sweep(world: World) -> list[str]:
    """One turn of the sweep, and the engine doing what it was handed."""
    oversight.sweep(world.desk)
    todo = list(world.engine.rechecks)
    world.engine.rechecks.clear()
    return [rechecking.recheck(world.desk, *one) for one in todo]


def linked_to(world: World, case: Case) -> list[Case]:
    return [one for one in world.cases.cases.values() if one.linked_to == case.id]


def facts(world: World, case: Case) -> list[dict[str, str]]:
    notes = [one.entry for one in world.cases.ledger(case.id) if one.entry.action == "recheck"]
    assert all(
        (one.version, one.before, one.after) == (case.version, case.state, case.state) for one in notes
    )
    return [dict(one.facts) for one in notes]


def test_three_rechecks_and_then_nothing_is_left() -> None:
    """After one, seven and thirty days everything is read again; after the last the identifiers are destroyed."""
    world = make_world()
    case = completed(world)
    effects = len(world.effects)
    said = []
    for _ in range(32):
        said += sweep(world)
        world.clock.forward(DAY)
    assert said == ["clear"] * 3
    assert [one["number"] for one in facts(world, case)] == ["1", "2", "3"]
    assert world.desk.rechecks.look_up(case.id) is None
    assert (linked_to(world, case), len(world.effects)) == ([], effects)
    assert world.cases.ledger_flaws() == ()


def test_what_is_back_is_for_a_person() -> None:
    """A hit opens a linked case with a card in the same thread; nothing is erased, the completed case is untouched."""
    world = make_world()
    case = completed(world)
    effects, before = len(world.effects), shut(world.cases.get(case.id))
    assert sweep(world) == [], "a day has to pass"
    world.shelves[1].holds[MAYA.value] = 1
    world.clock.forward(DAY)
    assert sweep(world) == ["back"]
    (linked,) = linked_to(world, case)
    assert (linked.state, linked.thread_ts, linked.reading.reader) == (State.DETECTED, case.thread_ts, READER)
    assert "Activecampaign: 1 record" in linked.problem
    assert MAYA.value not in repr(linked) + repr(world.cases.ledger()), "addresses stay in the sealed file"
    assert {one.value for one in world.cases.file(linked.id).searched} == {MAYA.value}
    assert shut(world.cases.get(case.id)) == before
    for _ in range(40):
        world.clock.forward(DAY)
        assert sweep(world) == []
    assert (len(world.effects), world.shelves[1].holds[MAYA.value]) == (effects, 1)
    assert world.cases.get(linked.id).state is State.DETECTED
    assert world.desk.rechecks.look_up(case.id) is None, (
        "the linked case has what is needed, under its own key"
    )


def test_a_person_may_say_that_the_customer_came_back() -> None:
    """The linked case is dismissed like any other, or goes the whole way with a question and a second person."""
    world = make_world()
    case = completed(world)
    world.shelves[2].holds[MAYA.value] = 3
    world.clock.forward(DAY)
    sweep(world)
    (linked,) = linked_to(world, case)
    assert isinstance(do(world, linked, "record_answer", scope=Scope.ALL_PERSONAL_DATA), Denied), "ask first"
    dismissed = do(world, linked, "dismiss", ANA)
    assert isinstance(dismissed, Case)
    assert dismissed.state is State.DISMISSED
    assert world.shelves[2].holds[MAYA.value] == 3


def test_killed_between_opening_and_remembering() -> None:
    """The same recheck done twice opens one case: the first turn was killed before it could pass on."""
    world = make_world()
    case = completed(world)
    world.shelves[1].holds[MAYA.value] = 1
    world.clock.forward(DAY)
    kept = dict(world.desk.rechecks.kept)  # type: ignore[attr-defined]
    assert sweep(world) == ["back"]
    world.desk.rechecks.kept.update(kept)  # type: ignore[attr-defined]
    assert sweep(world) == ["back"]
    assert len(linked_to(world, case)) == 1
    assert world.cases.ledger_flaws() == ()


@pytest.mark.parametrize("stays_down", [False, True])
def test_a_system_that_cannot_be_read_is_asked_again(stays_down: bool) -> None:
    """Down is neither clear nor back: again an hour later, and after two days it is on record as not read."""
    world = make_world()
    case = completed(world)
    world.shelves[1].mood = Mood.DOWN
    world.clock.forward(DAY)
    assert sweep(world) == ["later"]
    assert sweep(world) == [], "an hour has to pass"
    world.clock.forward(timedelta(hours=1))
    assert sweep(world) == ["later"]
    assert facts(world, case) == []
    if stays_down:
        world.clock.forward(2 * DAY)
    else:
        world.shelves[1].mood = Mood.WELL
        world.clock.forward(timedelta(hours=1))
    assert sweep(world) == ["clear"]
    (said,) = facts(world, case)
    assert (said["result"], said["unread"]) == (
        ("not read", "activecampaign") if stays_down else ("clear", "")
    )
    assert linked_to(world, case) == []


def test_what_is_back_is_said_even_while_another_system_is_down() -> None:
    """A hit does not wait for the system that cannot be read."""
    world = make_world()
    case = completed(world)
    world.shelves[1].mood = Mood.DOWN
    world.shelves[2].holds[MAYA.value] = 1
    world.clock.forward(DAY)
    assert sweep(world) == ["back"]
    assert facts(world, case)[0] | {"linked": ""} == {
        "number": "1",
        "result": "back",
        "back": "shop",
        "unread": "activecampaign",
        "linked": "",
    }


def test_a_system_that_is_no_longer_connected_is_on_record() -> None:
    """Nobody can read it any more: said, not passed over."""
    world = make_world()
    case = completed(world)
    world.desk = world.desk.__class__(
        **{name: getattr(world.desk, name) for name in world.desk.__slots__} | {"systems": world.shelves[:2]}
    )
    world.clock.forward(5 * DAY)
    assert sweep(world) == ["clear"]
    assert facts(world, case)[0]["unread"] == "shop"


def test_somebody_elses_record_is_no_hit(mocker: Any) -> None:
    """A record that a person decided to be somebody else's, under an address they share, is not found again."""
    world = make_world()
    other = Candidate(
        system="shop",
        key="17",
        reason="same address",
        shown="m•••",
        identifiers=(Identifier(kind="row", value="17"),),
    )
    find = world.shelves[2].find
    mocker.patch.object(
        type(world.shelves[2]), "find", lambda self, who: (*find(who), other) if self.name == "shop" else ()
    )
    case = approved_but_not(world, other.ref)
    done = finish(world, case)
    world.clock.forward(DAY)
    assert sweep(world) == ["clear"]
    assert linked_to(world, done) == []


def approved_but_not(world: World, ref: str) -> Case:
    """A case in which Ana decided that this candidate is somebody else's."""
    case = write(world, "erase_data please delete my data").case
    for name in ("ask", "record_answer", "search"):
        do(world, case, name, **({"scope": Scope.ALL_PERSONAL_DATA} if name == "record_answer" else {}))
    now = world.cases.get(case.id)
    decided = {one.ref: one.ref != ref for one in world.cases.file(case.id).candidates}
    confirmation.choose_identity(world.desk, case_id=case.id, version=now.version, actor=ANA, decided=decided)
    for name in ("make_plan", "send_for_approval"):
        do(world, case, name)
    do(world, case, "approve", LEA)
    world.clock.forward(DAY)
    return world.cases.get(case.id)


def finish(world: World, case: Case) -> Case:
    case = run(world, case)
    do(world, case, "send_in_thread")
    world.posts.wanted.clear()
    closing.delivered(world.desk, case_id=case.id, evidence="17.1")
    return world.cases.get(case.id)


def test_account_only_is_not_looked_at_again() -> None:
    """There the data stays: nothing is kept to look it up by."""
    world = make_world()
    case = completed(world, Scope.ACCOUNT_ONLY)
    assert world.desk.rechecks.look_up(case.id) is None


def test_no_days_no_rechecks() -> None:
    """Switched off, nothing of the customer outlives the case."""
    world = make_world(rechecks=())
    case = completed(world)
    assert world.desk.rechecks.look_up(case.id) is None
    world.clock.forward(60 * DAY)
    assert sweep(world) == []


def test_a_stale_turn_does_nothing() -> None:
    """A workflow that comes late (another one did it, or the moment was moved) reads and opens nothing."""
    world = make_world()
    case = completed(world)
    assert rechecking.recheck(world.desk, case.id, 1) == "stale"
    world.clock.forward(DAY)
    assert rechecking.recheck(world.desk, case.id, 2) == "stale"
    assert rechecking.recheck(world.desk, "nobody", 1) == "stale"
    assert sweep(world) == ["clear"]
    assert rechecking.recheck(world.desk, case.id, 1) == "stale"


def test_a_bug_puts_a_recheck_off() -> None:
    """Neither lost nor tried in a tight loop: an hour later; a late word of another turn changes nothing."""
    world = make_world()
    case = completed(world)
    world.clock.forward(DAY)
    rechecking.put_off(world.desk, case.id, 2)
    rechecking.put_off(world.desk, case.id, 1)
    assert sweep(world) == []
    world.clock.forward(timedelta(hours=1))
    assert sweep(world) == ["clear"]
