"""Which law applies to one customer: by an agent, with a reason, on the record; both clocks follow."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from services import extension
from services.domain.case import TERMINAL, State
from services.domain.deadlines import REGIMES, answer_due
from services.domain.denials import Denied, Why
from services.domain.laws import laws_at_first
from services.domain.laws import set_laws as decide_laws
from services.domain.people import Actor
from services.domain.record import Case, Jurisdiction
from services.laws import options, set_laws
from tests.properties.samples import NOW, a_case
from tests.properties.story import why, write
from tests.properties.world import ANA, LEA, World, make_world

OUTSIDER = Actor(team_id="T-OTHER", user_id="ANA")
DECIDED = Jurisdiction(at=NOW, by="ANA", reason_digest="r")


@pytest.fixture
def world() -> World:
    return make_world()


def chosen(world: World, case: Case, *laws: str, actor: Actor = ANA, reason: str = "lives in Lyon"):
    return set_laws(world.desk, case_id=case.id, version=case.version, actor=actor, laws=laws, reason=reason)


def test_the_earliest_of_all_counts_until_somebody_says_which_law_applies(world: World) -> None:
    """The unknown case waits on LGPD's fifteen days and its one-day acknowledgement; GDPR alone gives a month, none."""
    case = write(world, "erase_data delete my data").case
    assert (case.regime, case.acknowledge_due is None) == ("LGPD", False)
    done = chosen(world, case, "gdpr")
    assert isinstance(done, Case)
    assert done.answer_due == answer_due(received=case.opened_at, regimes=("gdpr",)).at
    assert (done.regime, done.regimes, done.acknowledge_due) == ("GDPR", ("gdpr",), None)
    assert (done.jurisdiction.by, done.jurisdiction.at) == ("ANA", world.clock.at)
    assert (done.state, done.revision, done.opened_at) == (case.state, case.revision, case.opened_at)
    assert extension.possible_until(world.desk, case) is None
    assert extension.possible_until(world.desk, done) is not None, "no law without an extension is left"


def test_the_reason_is_in_the_sealed_file_alone(world: World) -> None:
    """The ledger says which laws and keeps the reason's digest; where the customer lives is nowhere but in the file."""
    case = write(world, "erase_data delete my data").case
    chosen(world, case, "ccpa", "gdpr", "gdpr", reason="Ms Doe lives in Lyon")
    assert world.cases.file(case.id).laws_reason == "Ms Doe lives in Lyon"
    entry = world.cases.ledger(case.id)[-1].entry
    assert (entry.action, entry.actor) == ("set_laws", "ANA")
    assert dict(entry.facts) == {
        "laws": "gdpr,ccpa",
        "reason": world.desk.vault.mac("Ms Doe lives in Lyon"),
    }
    assert "Lyon" not in f"{world.cases.get(case.id)}{world.cases.ledger()}"


def test_who_may_not_and_what_is_missing_is_said(world: World) -> None:
    """Outsiders are refused and recorded; no law, an unknown one, no reason and an old version change nothing."""
    case = write(world, "erase_data delete my data").case
    assert why(chosen(world, case, "gdpr", actor=OUTSIDER)) is Why.OUTSIDER
    assert world.cases.ledger(case.id)[-1].entry.action == "refused_click"
    assert why(chosen(world, case)) is Why.NO_LAW
    assert why(chosen(world, case, "hammurabi")) is Why.NO_LAW
    assert why(chosen(world, case, "gdpr", reason="  ")) is Why.NO_REASON
    assert world.cases.get(case.id) == case
    assert isinstance(chosen(world, case, "gdpr"), Case)
    assert why(chosen(world, case, "ccpa", actor=LEA)) is Why.FASTER


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_an_ended_case_has_no_clock(state) -> None:
    """Nothing can be set after an ending."""
    done = decide_laws(
        a_case(state), laws=("gdpr",), decided=DECIDED, zone=UTC, is_working_day=lambda *_: True
    )
    assert why(done) is Why.NOT_NOW


def test_another_law_never_moves_an_extended_deadline_past_what_the_customer_was_told(world: World) -> None:
    """Under PIPEDA the customer was told sixty days: GDPR's three months give no more, Quebec's thirty days count as
    they are, and taking that back restores the sixty.
    """
    case = write(world, "erase_data delete my data").case
    case = chosen(world, case, "pipeda")
    told = extension.extend(
        world.desk, case_id=case.id, version=case.version, actor=ANA, reason="many systems", channel="copied"
    )
    assert isinstance(told, Case)
    gdpr = chosen(world, told, "gdpr")
    assert (gdpr.answer_due, gdpr.regime) == (told.answer_due, "PIPEDA")
    quebec = chosen(world, gdpr, "quebec")
    assert quebec.answer_due == case.opened_at + timedelta(days=30)
    assert quebec.extension.until == told.answer_due
    assert chosen(world, quebec, "pipeda").answer_due == told.answer_due
    again = extension.extend(
        world.desk, case_id=case.id, version=quebec.version + 1, actor=ANA, reason="more", channel="copied"
    )
    assert why(again) is Why.ALREADY_EXTENDED


def test_every_law_is_offered_with_this_case_s_own_day(world: World) -> None:
    """The agent sees what each choice means before choosing; what is shown is what then counts."""
    case = write(world, "erase_data delete my data").case
    offered = options(world.desk, case)
    assert [one.regime.name for one in offered] == list(REGIMES)
    for one in offered:
        done = chosen(world, world.cases.get(case.id), one.regime.name)
        assert not isinstance(done, Denied)
        assert done.answer_due == one.due


def test_a_linked_case_keeps_the_law_that_was_named_for_the_customer() -> None:
    """A later wish of somebody to whom LGPD applies is not counted by GDPR alone; the earliest of both counts."""
    world = make_world(regimes=("gdpr",))
    case = chosen(world, write(world, "erase_data delete my data").case, "lgpd")
    world.cases.cases[case.id] = replace(case, state=State.WITHDRAWN)
    linked = write(world, "erase_data delete all my data after all").case
    assert linked.linked_to == case.id
    assert (linked.regimes, linked.regime) == (("gdpr", "lgpd"), "LGPD")
    assert linked.jurisdiction is None, "nobody has said it of this one"


def test_what_a_new_case_begins_with() -> None:
    """Where no law is named for everybody, all of them count, whatever was said of an earlier case."""
    earlier = a_case(regimes=("lgpd",), jurisdiction=DECIDED)
    assert laws_at_first((), earlier) == ()
    assert laws_at_first(("gdpr",), None) == ("gdpr",)
    assert laws_at_first(("gdpr",), replace(earlier, jurisdiction=None)) == ("gdpr",)
    assert laws_at_first(("quebec", "gdpr"), earlier) == ("gdpr", "lgpd", "quebec")
