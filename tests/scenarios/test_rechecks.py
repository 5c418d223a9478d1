"""A customer who comes back, with the whole app: killed and restarted in between, a card in the thread, nothing erased."""

from pathlib import Path

from bot.playground.evidence import gather
from bot.playground.play import cast, erasing, steps
from bot.playground.play.network import poll
from bot.playground.play.stage import Stage
from bot.playground.play.transcript import Transcript
from bot.playground.settings import WorldOptions
from bot.playground.world import World
from services.domain.case import State


def test_a_customer_who_came_back_is_a_card_for_a_person(tmp_path: Path) -> None:
    """Erased and told; a form makes the contact anew; the recheck says so in the thread, once, and touches nothing."""
    # Often, so that one of them comes after the contact does, however long this machine takes for the rest.
    options = WorldOptions(rechecks=tuple(range(10, 600, 10)))
    with World(tmp_path / "world", options=options) as world:
        stage = Stage(world, Transcript(title="back again"))
        priya_done = _erased(stage, cast.PRIYA_NAIR)
        noor = cast.NOOR_HADDAD
        thread = steps.writes(stage, noor, "I want you to erase all my personal data.")
        thread.until("Deletion request?", within=60)
        first = thread.ref()
        erasing.to_approval(stage, stage.ana, noor, thread)
        steps.approved(stage.lea, thread)
        erasing.finish(stage, stage.ana, noor, thread)
        effects = world.account.journal()
        world.kill_app()
        (number,) = world.account.seed([{"email": noor.address, "notes": 1}])
        world.restart_app()
        stage.door.until(lambda: len(thread.cards()) > 1, "the card of the linked case", within=120)
        second = thread.ref()
        thread.until("Data is back", ref=second, within=60)
        said = thread.says(second)
        assert f"after {first} was completed: ActiveCampaign: 1 record" in said
        assert "Nothing is erased by itself" in said
        assert noor.address not in said
        poll(lambda: "back" in _results(world), "the recheck to be on record", within=60)
        evidence = gather(world)
        cases = {one.ref: one for one in evidence.cases}
        assert set(cases) == {priya_done, first, second}
        # Tax law keeps an invoice of hers: that is no data that came back.
        poll(
            lambda: "clear" in _results(world, cases[priya_done].id),
            "the other customer's recheck",
            within=60,
        )
        assert "back" not in _results(world, cases[priya_done].id)
        assert (cases[first].state, cases[second].state) == (State.COMPLETED, State.DETECTED)
        assert cases[second].linked_to == cases[first].id
        assert (evidence.flaws, world.account.journal()) == ((), effects)
        assert world.account.contact(number), "a returning customer is never erased automatically"
        for place, text in evidence.texts.items():
            assert noor.address not in text, f"the address lies in the clear in {place}"
        world.app.kill9()


def _erased(stage: Stage, customer: steps.Customer) -> str:
    """Somebody else is erased first, and does not come back."""
    thread = steps.writes(stage, customer, "Please delete my data.")
    thread.until("Deletion request?", within=60)
    erasing.to_approval(stage, stage.ana, customer, thread)
    steps.approved(stage.lea, thread)
    erasing.finish(stage, stage.ana, customer, thread)
    return thread.ref()


def _results(world: World, case_id: str = "") -> list[str]:
    notes = (one.entry for one in gather(world).ledger if one.entry.action == "recheck")
    return [dict(one.facts)["result"] for one in notes if case_id in {"", one.case_id}]
