"""Promises of systems that run side by side: the order between groups stays, and no outcome is lost to a halt."""

import threading
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from services import deletion
from services.domain.case import State
from services.domain.outcome import Outcome, OutcomeKind
from services.ports import Job
from tests.properties.runs import Run
from tests.properties.story import approved, run
from tests.properties.world import MAYA, OLGA, Shelf, World, make_world

WAIT = 30.0


@dataclass(slots=True)
class Meeting(Shelf):
    """A shelf that waits inside `execute` until every one of its group has come, and then does what `then` says."""

    here: threading.Barrier | None = None
    then: str = ""

    def execute(self, job: Job) -> Outcome | None:
        outcome = Shelf.execute(self, job)
        if self.here is not None:
            self.here.wait(WAIT)
        if self.then == "halt":
            self.world.switch.set_halted(halted=True, by=OLGA.user_id, at=self.world.clock.now())
        if self.then == "break":
            raise LookupError("a bug in this system")
        return outcome


def with_group(*names: str, then: str = "") -> World:
    """The world with some more external systems, which all have to be inside at once to get on."""
    world = make_world()
    here = threading.Barrier(len(names))
    more = tuple(Meeting(name=name, order=20, holds={MAYA.value: 2}, here=here) for name in names)
    for one in more:
        one.world = world
    more[0].then = then
    world.desk = replace(world.desk, systems=(*world.shelves, *more))
    # ActiveCampaign is of the same group and meets nobody: it may come at any moment.
    return world


def test_systems_of_one_group_run_at_once_and_the_groups_in_order() -> None:
    """Every system of the group is inside before any gets on, after the account and before the database (rule 7)."""
    world = with_group("mail", "chat", "crm")
    case = run(world, approved(world))
    assert case.state is State.NOTIFYING, case.problem
    order = {one.name: one.order for one in world.desk.systems}
    places = [order[one.system] for one in world.effects]
    assert all(before <= after for before, after in pairwise(places))
    assert len(world.effects) == 6
    assert all(one.kind is OutcomeKind.VERIFIED_GONE for one in case.outcomes)
    assert world.cases.ledger_flaws() == ()


def test_a_halt_while_a_group_runs_loses_no_outcome_and_starts_no_group() -> None:
    """What had begun is recorded, the database is not touched, and the case waits for a person (rule 11)."""
    world = with_group("mail", "chat", "crm", then="halt")
    case = run(world, approved(world))
    assert case.state is State.NEEDS_ATTENTION
    assert "halted" in case.problem
    settled = {one.system for one in case.outcomes if one.kind is OutcomeKind.VERIFIED_GONE}
    assert settled >= {"mail", "chat", "crm"}, "an outcome was lost to the halt"
    assert "shop" not in {one.system for one in world.effects}


def test_a_bug_in_one_system_leaves_the_others_recorded() -> None:
    """The run ends loudly, and what its neighbours did is on record all the same."""
    world = with_group("mail", "chat", then="break")
    case = world.cases.get(approved(world).id)
    one = Run(world=world, case_id=case.id, revision=case.revision)
    with pytest.raises(LookupError):
        one.to_the_end()
    kinds = {out.system: out.kind for out in world.cases.get(case.id).outcomes}
    assert kinds["chat"] is OutcomeKind.VERIFIED_GONE
    assert "mail" not in kinds


def test_a_repeated_group_runs_only_what_is_not_settled() -> None:
    """After a crash the step is repeated whole: what is settled is left alone (rule 6)."""
    world = with_group("mail", "chat")
    case = world.cases.get(approved(world).id)
    one = Run(world=world, case_id=case.id, revision=case.revision)
    while not (one.todo and one.todo[0].startswith("verifying")):
        one.step()
    before = len(world.effects)
    names = ["activecampaign", "mail", "chat"]
    kinds = deletion.run_group(world.desk, case.id, case.revision, names)
    assert kinds == ["VERIFIED_GONE"] * 3
    assert len(world.effects) == before
