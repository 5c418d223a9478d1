"""Whose hands a case is in, who is told directly, and how a message elsewhere finds the customer's open case."""

from services.domain.case import State
from services.domain.denials import Denied, Why
from services.handing import find, hand_over, tell_approvers, waits_for
from services.ports import PostKind
from tests.properties.story import approved, do, planned, run, write
from tests.properties.world import ANA, BEN, LEA, TOM, ZED, make_world

TEXT = "erase_data please delete my data"


def test_a_case_is_handed_to_somebody_who_may_act_and_who_is_told():
    """Nobody inherits a case that they cannot touch, and nobody inherits one unawares."""
    world = make_world()
    case = write(world, TEXT).case
    refused = hand_over(world.desk, case_id=case.id, version=case.version, actor=ANA, to=ZED.user_id)
    assert isinstance(refused, Denied)
    assert refused.why is Why.NO_AGENT
    handed = hand_over(world.desk, case_id=case.id, version=case.version, actor=ANA, to=BEN.user_id)
    assert handed.agent == BEN.user_id
    assert (case.id, PostKind.HAND_OVER, BEN.user_id, handed.version) in world.desk.posts.direct
    assert waits_for(world.desk, handed, BEN)
    assert not waits_for(world.desk, handed, ANA)


def test_approvers_are_told_once_a_plan_and_only_those_who_may():
    """A second person hears of it at once; who recorded the answer is not asked in vain (design rule 2)."""
    world = make_world()
    case = planned(world)
    do(world, case, "send_for_approval")
    case = world.cases.get(case.id)
    for _ in range(3):
        tell_approvers(world.desk)
    told = {person for _, kind, person, _ in world.desk.posts.direct if kind is PostKind.APPROVAL}
    assert told == {LEA.user_id, TOM.user_id}
    assert len(world.desk.posts.direct) == 2
    assert waits_for(world.desk, case, LEA)
    assert not waits_for(world.desk, case, ANA)


def test_a_follow_up_elsewhere_joins_the_open_case_and_keeps_its_clock():
    """One customer, one case, one deadline, wherever they write next (design section 4)."""
    world = make_world()
    first = write(world, TEXT).case
    again = write(world, "erase_data really, delete it all", ts="9.0")
    assert again.is_elsewhere
    assert again.case.id == first.id
    assert again.case.answer_due == first.answer_due
    (reply,) = world.cases.file(first.id).replies
    assert (reply.channel, reply.thread_ts) == ("C1", "9.0")
    assert write(world, "erase_data really, delete it all", ts="9.0").case.version == again.case.version


def test_whoever_forwards_requests_of_several_people_has_a_case_for_each():
    """A new address is somebody else until a person says otherwise: no request disappears in another's case."""
    world = make_world()
    first = write(world, f"{TEXT} a@example.org").case
    other = write(world, f"{TEXT} b@example.org", ts="9.0")
    assert other.is_new
    assert other.case.id != first.id


def test_once_deletion_began_a_new_request_is_a_case_of_its_own():
    """Never a silent widening (design section 4)."""
    world = make_world()
    case = approved(world)
    run(world, case)
    assert world.cases.get(case.id).started
    assert write(world, TEXT, ts="9.0").is_new


def test_a_customers_cases_are_found_by_address_even_when_shredded():
    """By HMAC alone: the address itself is kept nowhere."""
    world = make_world()
    case = run(world, approved(world))
    do(world, case, "attest_sent")
    case = world.cases.get(case.id)
    assert case.state is State.COMPLETED
    assert [one.id for one in find(world.desk, actor=ANA, address="Maya@example.org")] == [case.id]
    assert find(world.desk, actor=ANA, address="ben@example.org") == ()
    assert isinstance(find(world.desk, actor=ZED, address="maya@example.org"), Denied)
