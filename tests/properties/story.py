"""How to tell a case's story in a test: what the customer writes, what people do, and how a run goes."""

from datetime import timedelta

from services import intake
from services.domain.denials import Denied, Why
from services.domain.people import Actor
from services.domain.record import Case
from services.domain.scope import Scope
from tests.properties.clicks import click
from tests.properties.runs import Run
from tests.properties.world import (
    ANA,
    LEA,
    TEAM,
    World,
)

ALL, ACCOUNT = Scope.ALL_PERSONAL_DATA, Scope.ACCOUNT_ONLY


def write(world: World, text: str, ts: str = "1.0", **more: str) -> intake.TakenIn:
    return intake.take_in(
        world.desk,
        intake.Incoming(
            team_id=TEAM, channel="C1", ts=ts, text=text, at=world.clock.now(), author="MAYA", **more
        ),
    )


def do(world: World, case: Case, name: str, actor: Actor = ANA, **more: object) -> object:
    return click(world, name, world.cases.get(case.id), actor, **more).on(world)


def planned(world: World, scope: Scope = ALL) -> Case:
    """Take a case as far as its plan, by Ana alone."""
    case = write(world, "erase_data please delete my data").case
    for name, more in (
        ("ask", {}),
        ("record_answer", {"scope": scope}),
        ("search", {}),
        ("choose_identity", {}),
    ):
        assert not isinstance(do(world, case, name, **more), Denied)
    return do(world, case, "make_plan")


def approved(world: World, scope: Scope = ALL) -> Case:
    """Take a case as far as the end of its cooling-off."""
    case = planned(world, scope)
    if scope is ACCOUNT:
        return do(world, case, "decide_account_only")
    do(world, case, "send_for_approval")
    case = do(world, case, "approve", LEA)
    world.clock.forward(timedelta(hours=24))
    return case


def run(world: World, case: Case) -> Case:
    case = world.cases.get(case.id)
    Run(world=world, case_id=case.id, revision=case.revision).to_the_end()
    return world.cases.get(case.id)


def why(result: object) -> Why | None:
    return result.why if isinstance(result, Denied) else None
