"""Promises about what no read can prove: it holds the case up until an approver who took no part signs it off (rule 5)."""

from dataclasses import dataclass, replace

from services import closing
from services.domain.case import State
from services.domain.denials import Why
from services.domain.outcome import Outcome, OutcomeKind
from services.domain.record import Case
from services.ports import Job
from tests.properties.story import approved, do, run, why
from tests.properties.world import ANA, LEA, MAYA, TOM, Shelf, World, make_world


@dataclass(slots=True)
class Silent(Shelf):
    """A processor that takes deletions and lets nobody read what became of them."""

    def verify(self, job: Job) -> Outcome:
        read = Shelf.verify(self, job)
        return replace(read, kind=OutcomeKind.UNVERIFIABLE, reason="it has no way to read")


def held_up() -> tuple[World, Case]:
    world = make_world()
    silent = Silent(name="silent", order=20, holds={MAYA.value: 2}, world=world)
    world.desk = replace(world.desk, systems=(*world.shelves, silent))
    case = run(world, approved(world))
    assert case.state is State.NEEDS_ATTENTION
    assert "an approver has to sign this off" in case.problem
    return world, case


def test_an_approver_signs_off_and_the_case_goes_on() -> None:
    """The outcome carries the name, the run goes on without asking for the deletion again, the text is the partial one."""
    world, case = held_up()
    signed = do(world, case, "attest_manual", TOM, system_name="silent")
    assert signed.outcome_of("silent").signed_by == TOM.user_id
    before = len(world.effects)
    do(world, case, "retry")
    case = run(world, world.cases.get(case.id))
    assert case.state is State.NOTIFYING, case.problem
    assert len(world.effects) == before
    assert closing.closing_template(case) == "closing_partial"
    assert LEA.user_id != TOM.user_id


def test_nobody_else_may() -> None:
    """An agent may not, and neither may an approver who recorded or decided anything in this case."""
    world, case = held_up()
    assert why(do(world, case, "attest_manual", ANA, system_name="silent")) is Why.NOT_AN_APPROVER
    took_part = replace(world.cases.get(case.id), recorders=case.recorders | {TOM.user_id})
    world.cases.cases[case.id] = took_part
    assert why(do(world, case, "attest_manual", TOM, system_name="silent")) is Why.SAME_PERSON
    assert not world.cases.get(case.id).outcome_of("silent").signed_by
