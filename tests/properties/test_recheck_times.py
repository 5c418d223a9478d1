"""A definition's own recheck times: they come on top of the desk's, and an empty list means never."""

from dataclasses import dataclass, replace
from datetime import timedelta

from services import closing, rechecking
from services.domain.case import State
from tests.properties.story import approved, do, run
from tests.properties.world import MAYA, Shelf, World, make_world


@dataclass(slots=True)
class Definition(Shelf):
    """A shelf with recheck times of its own."""

    rechecks: tuple[timedelta, ...] | None = None


def completed(times: tuple[timedelta, ...]) -> tuple[World, Definition, str]:
    world = make_world()
    own = Definition(name="own", order=20, holds={MAYA.value: 1}, world=world, rechecks=times)
    world.desk = replace(world.desk, systems=(*world.shelves, own))
    case = run(world, approved(world))
    do(world, case, "send_in_thread")
    world.posts.wanted.clear()
    assert closing.delivered(world.desk, case_id=case.id, evidence="17.1").state is State.COMPLETED
    return world, own, case.id


def test_a_definitions_times_come_on_top() -> None:
    """Two hours after the end it is read again, before the desk's own first recheck."""
    world, own, case_id = completed((timedelta(hours=2),))
    own.holds[MAYA.value] = 1
    world.clock.forward(timedelta(hours=3))
    assert [one.case_id for one in world.desk.rechecks.due(world.clock.now())] == [case_id]
    assert rechecking.recheck(world.desk, case_id, 1) == "back"


def test_an_empty_list_means_never() -> None:
    """A system whose records stay by design is not read again, and opens no case."""
    world, own, case_id = completed(())
    own.holds[MAYA.value] = 1
    world.clock.forward(timedelta(days=2))
    assert rechecking.recheck(world.desk, case_id, 1) == "clear"
