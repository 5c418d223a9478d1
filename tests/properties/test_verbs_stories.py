"""Promises of the verbs up to a run, told as stories: one case each, on the desk in memory."""

from dataclasses import replace

import pytest

from services import approval
from services.deciding import REFUSED
from services.domain.case import State
from services.domain.denials import Why
from services.domain.people import Actor
from services.domain.scope import Scope
from tests.properties.clicks import VERBS, click
from tests.properties.runs import Run
from tests.properties.story import approved, do, planned, why, write
from tests.properties.world import (
    ANA,
    BEN,
    FALSE_LEA,
    MAYA,
    MAYA_TOO,
    TOM,
    ZED,
    Mood,
    make_world,
)

ALL, ACCOUNT = Scope.ALL_PERSONAL_DATA, Scope.ACCOUNT_ONLY


@pytest.mark.parametrize("actor", [ZED, FALSE_LEA])
@pytest.mark.parametrize("name", sorted(VERBS))
def test_nobody_without_a_role_gets_anywhere(name: str, actor: Actor) -> None:
    """Every verb refuses strangers and other teams before it reads anything, and puts the attempt on record (rule 2)."""
    world = make_world()
    case = write(world, "erase_data please delete my data").case
    assert why(do(world, case, name, actor)) in {Why.OUTSIDER, Why.NOT_ALLOWED, Why.NOT_AN_APPROVER}
    last = world.cases.ledger(case.id)[-1].entry
    assert (last.action, last.actor) == (REFUSED, actor.user_id)
    assert world.cases.get(case.id) == case


def test_who_was_faster_is_the_one_who_moved_the_case() -> None:
    """The loser of a race is told who was first, not who else clicked in vain (rule 10)."""
    world = make_world()
    case = write(world, "erase_data please delete my data").case
    late = click(world, "ask", case, BEN)
    do(world, case, "ask", ANA)
    do(world, case, "ask", ZED)
    lost = late.on(world)
    assert (why(lost), lost.by, lost.detail) == (Why.FASTER, "ANA", "ask")


def test_an_address_without_proof_is_not_searched_for() -> None:
    """An address that an agent adds is proven separately (rule 2)."""
    world = make_world()
    case = write(world, "erase_data please delete my data").case
    do(world, case, "ask")
    do(world, case, "record_answer")
    assert why(do(world, case, "search", addresses=(replace(MAYA, proof=" "),))) is Why.NO_PROOF


def test_a_system_that_could_not_be_searched_stops_the_case() -> None:
    """Who might be there cannot be decided while a system of the scope does not answer (rule 4)."""
    world = make_world()
    world.shelves[1].mood = Mood.DOWN
    case = write(world, "erase_data please delete my data").case
    for name in ("ask", "record_answer", "search"):
        do(world, case, name)
    assert why(do(world, case, "choose_identity")) is Why.NOT_SEARCHED


def test_an_address_that_is_somebody_elses_is_left_out() -> None:
    """An address whose every record was decided to be another person's is no part of the identity (rule 4)."""
    world = make_world()
    case = write(world, "erase_data please delete my data").case
    do(world, case, "ask")
    do(world, case, "record_answer")
    do(world, case, "search", addresses=(MAYA, MAYA_TOO))
    decided = {one.ref: MAYA_TOO.value not in one.ref for one in world.cases.file(case.id).candidates}
    do(world, case, "choose_identity", decided=decided)
    assert world.cases.file(case.id).identity.emails == (MAYA.value,)


def test_more_rows_or_cases_than_configured_need_another_approval() -> None:
    """The brake for big plans and busy days asks for one approval more, for account_only too (rule 11)."""
    world = make_world(max_records=10)
    case = planned(world)
    assert do(world, case, "send_for_approval").approvals_needed == 2
    small = make_world(max_cases_a_day=0)
    case = planned(small, ACCOUNT)
    assert do(small, case, "decide_account_only").state is State.AWAITING_APPROVAL
    assert do(small, case, "approve", TOM).state is State.APPROVED


def test_a_wish_after_deletion_began_is_a_linked_case() -> None:
    """No message widens a case that has begun: it opens a linked one with its own confirmation (section 4)."""
    world = make_world()
    case = approved(world, ACCOUNT)
    under_way = Run(world=world, case_id=case.id, revision=case.revision)
    for _ in range(2):
        under_way.step()
    linked = write(world, "erase_data and now everything, all my data", "2.0", thread_ts="1.0")
    assert linked.is_new
    assert linked.case.linked_to == case.id
    assert linked.case.scope is None


def test_the_plan_counts_without_changing_anything() -> None:
    """Planning reads only, and asks every system, also those that the scope leaves alone."""
    world = make_world()
    case = planned(world, ACCOUNT)
    assert {one.system: one.found for one in case.plan.systems} == {
        "accounts": 1,
        "activecampaign": 1,
        "shop": 40,
    }
    assert approval.approvals_needed(world.desk, case.plan) == 0
    assert not world.effects
