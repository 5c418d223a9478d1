"""Kill -9, systems that are down, a locked database, strange messages: the same end, and nothing twice."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any, Protocol

import pytest

from bot.playground.checker import FULLY, Expectation
from bot.playground.evidence import gather
from bot.playground.play import cast, erasing, steps
from bot.playground.play.network import poll
from bot.playground.play.runner import Played
from bot.playground.play.stage import Stage, Thread
from services.domain.case import State


class Trap(Protocol):
    def arm(self, stage: Stage, method: str, kind: str = "") -> threading.Event: ...


Story = Callable[[Stage, Trap], list[Expectation]]
WITHIN = 120.0


def killed_after_each_post(stage: Stage, traps: Trap) -> list[Expectation]:
    """Killed between Slack's post of card, question and closing message and its record: each stands once."""
    maya = cast.maya(stage)
    sprung = traps.arm(stage, "chat.postMessage", "card")
    thread = steps.writes(stage, maya, f"Please delete my data. My address is {maya.address}.")
    _rise_again(stage, sprung)
    thread.until("Deletion request?")
    sprung = traps.arm(stage, "chat.postMessage", "question")
    form = stage.ana.opens("Ask the customer", "Ask", thread)
    stage.ana.submits(form, {steps.HOW_TO_ASK: steps.IN_THREAD})
    _rise_again(stage, sprung)
    thread.until("Asked")
    steps.replies(stage, maya, thread, "1, everything please.")
    steps.recorded(stage.ana, maya, thread, wants=steps.EVERYTHING, words="1, everything please.")
    plan = steps.identified(stage.ana, thread)
    steps.sent_for_approval(stage.ana, plan, thread)
    steps.approved(stage.lea, thread)
    thread.until(erasing.VERIFIED)
    steps.deletes_by_hand(stage, thread, agent=stage.ana)
    sprung = traps.arm(stage, "chat.postMessage", "closing")
    form = stage.ana.opens("Send the closing message", "The customer is told", thread)
    stage.ana.submits(form, {steps.HOW_TO_TELL: steps.IN_THREAD})
    _rise_again(stage, sprung)
    thread.until("Done")
    return [cast.erased(maya, thread.ts)]


def killed_around_activecampaign(stage: Stage, _traps: Trap) -> list[Expectation]:
    """Killed while ActiveCampaign holds its answer to the first read, the purge, and the read that proves it."""
    aiko = cast.AIKO_TANAKA
    thread = _to_approval(stage, aiko)
    for number, (method, path) in enumerate(
        (("GET", "contacts"), ("DELETE", "contactArchives"), ("GET", "contactArchives"))
    ):
        stage.activecampaign.post("/twin/hold", {"method": method, "path": path})
        if number == 0:
            steps.approved(stage.lea, thread)
        else:
            stage.world.restart_app()
        reached = lambda: stage.activecampaign.get("/twin/hold")["reached"]  # noqa: E731
        poll(reached, f"the {method} of {path}", within=WITHIN)
        stage.world.kill_app()
        stage.out.world(f"killed while ActiveCampaign holds its answer to {method} {path}")
        stage.activecampaign.post("/twin/release", {})
    stage.world.restart_app()
    erasing.finish(stage, stage.ana, aiko, thread)
    return [cast.erased(aiko, thread.ts)]


def killed_around_the_shop(stage: Stage, traps: Trap) -> list[Expectation]:
    """Killed at the first redrawing of the run, and before and after the shop's own steps: the same end."""
    daniel = cast.DANIEL_COSTA
    thread = _to_approval(stage, daniel, is_theirs=lambda shown: "other address" not in shown)
    # Somebody else writes in the shop: the account's step has to wait, and is killed while it does.
    with closing(sqlite3.connect(stage.world.files.shop, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        steps.approved(stage.lea, thread)
        thread.until("Deleting", within=WITHIN)
        stage.world.kill_app()
        other.execute("ROLLBACK")
    sprung = traps.arm(stage, "chat.update", "card")
    # Not waiting for its connection: it may redraw the card, and so be killed, before it has one.
    stage.world.app.start()
    _rise_again(stage, sprung)
    erased = _rows(stage, "customers", daniel.address)
    poll(lambda: not erased(), "the row that carries the identity to go", within=WITHIN)
    stage.world.kill_app()
    stage.world.restart_app()
    erasing.finish(stage, stage.ana, daniel, thread)
    return [cast.erased(daniel, thread.ts)]


def down_while_planning(stage: Stage, _traps: Trap) -> list[Expectation]:
    """ActiveCampaign is down at the search and at the plan: both say so, and afterwards the case completes."""
    noor = cast.NOOR_HADDAD
    thread = steps.writes(stage, noor, "Please erase all my personal data.")
    thread.until("Deletion request?")
    steps.asked(stage.ana, noor, thread)
    steps.replies(stage, noor, thread, "1.")
    steps.recorded(stage.ana, noor, thread, wants=steps.EVERYTHING, words="1.")
    stage.faults(down=True)
    form = stage.ana.opens("Who is this?", "Search", thread)
    stage.ana.submits(form, {"How was control of the written addresses shown?": "answered our e-mail"})
    # The client waits its budget for a server that may come back before it gives up.
    again = stage.ana.form("Search again")
    said = "Not every system could be asked" in again.words and "ActiveCampaign" in again.words
    stage.out.promise("the search says which system could not be asked", holds=said, why=again.words)
    stage.faults(down=False)
    stage.ana.submits(again)
    found = stage.ana.form("Decide")
    stage.faults(down=True)
    stage.ana.decides(found, lambda _: True)
    thread.until("Needs attention")
    named = "ActiveCampaign" in thread.says()
    stage.out.promise("the card says which system could not be planned", holds=named, why=thread.says())
    stage.faults(down=False)
    stage.ana.closes()
    stage.ana.clicks("Check again", thread)
    form = _plan_anew(stage, thread)
    steps.sent_for_approval(stage.ana, form, thread)
    steps.approved(stage.tom, thread)
    erasing.finish(stage, stage.ana, noor, thread)
    return [cast.erased(noor, thread.ts, erased=())]


def down_while_running(stage: Stage, _traps: Trap) -> list[Expectation]:
    """ActiveCampaign is down when the run begins: the case waits and says so, and completes when it is back."""
    sofia = cast.SOFIA_LINDQVIST
    thread = _to_approval(stage, sofia, is_theirs=lambda shown: "other address" not in shown)
    stage.faults(down=True)
    steps.approved(stage.lea, thread)
    thread.until("Needs attention", "Waiting for a system")
    named = "ActiveCampaign" in thread.says()
    stage.out.promise("the card says that ActiveCampaign is the reason", holds=named, why=thread.says())
    letters = [one for one in stage.door.letters(sofia.address) if FULLY in one["text"]]
    stage.out.promise("the customer was told nothing", holds=not letters)
    stage.faults(down=False)
    if thread.title().startswith("Needs attention"):
        stage.ana.clicks("Check again", thread)
    erasing.finish(stage, stage.ana, sofia, thread)
    return [cast.erased(sofia, thread.ts)]


def locked_at_intake(stage: Stage, _traps: Trap) -> list[Expectation]:
    """The desk's own database is locked when the message comes: Slack delivers again, and there is one case."""
    maya = cast.maya(stage)
    with closing(sqlite3.connect(stage.world.files.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        thread = steps.writes(stage, maya, f"Please delete my data. My address is {maya.address}.")
        deliveries = lambda: [  # noqa: E731
            one for one in stage.world.slack.journal.deliveries("events_api") if one.problem
        ]
        poll(deliveries, "a delivery that was not acknowledged", within=WITHIN)
        other.execute("ROLLBACK")
    thread.until("Deletion request?")
    attempts = [one.attempt for one in stage.world.slack.journal.deliveries("events_api")]
    stage.out.promise("Slack delivered again", holds=max(attempts) >= 1, why=str(attempts))
    return [cast.untouched(maya, thread, State.DETECTED)]


def strange_messages(stage: Stage, _traps: Trap) -> list[Expectation]:
    """40,000 characters, only emoji, <!channel>, blocks without text: handled, each card stands, nobody is pinged."""
    long = "Please delete my data. " + "I am very sorry to write so much. " * 1200
    requests = [
        stage.maya.says(long[:40_000]),
        # Somebody else: a second request of Maya's would join the case of her first.
        stage.jonas.says("<!channel> <!here> delete my data <@U_LEA> & <everyone>"),
        stage.bridge.says("", as_bot_integration=True, blocks=_section("Please delete my data <!channel>")),
        stage.bridge.says(
            "", as_bot_integration=True, attachments=[{"fallback": "x", "text": "Please delete my account."}]
        ),
    ]
    silent = [
        stage.maya.says("🪴🪴🪴 :tada: 🗑️"),
        stage.bridge.says("", as_bot_integration=True, blocks=[{"type": "divider"}]),
        stage.maya.says("\u200b \u202e \ufffd"),
    ]
    for thread in requests:
        thread.until("Deletion request?", within=WITHIN)
        before = len(stage.ana.told_privately(thread))
        stage.ana.clicks("Show the message", thread)
        top = stage.door.until(lambda: _filled(stage.ana.top()), "the message in full")
        shown = "delete my" in top.words and len(stage.ana.told_privately(thread)) == before
        stage.out.promise("an agent can read it in full", holds=shown, why=top.words[:200])
        stage.ana.closes()
    pending = lambda: all(one.shredded or one.version for one in gather(stage.world).cases)  # noqa: E731
    poll(pending, "every message to be taken in", within=WITHIN)
    return [
        *(Expectation(message_ts=one.ts, state=State.DETECTED) for one in requests),
        *(Expectation(message_ts=one.ts, state=None) for one in silent),
    ]


def _filled(form: Any) -> Any:
    """The form, once it is more than the skeleton that opens at once."""
    return None if form is None or "One moment" in form.words else form


STORIES: tuple[Story, ...] = (
    killed_after_each_post,
    killed_around_activecampaign,
    killed_around_the_shop,
    down_while_planning,
    down_while_running,
    locked_at_intake,
    strange_messages,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_the_fault_changes_nothing_about_the_end(story: Story, told: Callable[[str], Played]) -> None:
    """Whatever goes wrong outside or kills the app: the case ends as it must, nothing happens twice, nothing is lost."""
    one = told(story.__name__)
    assert not one.broken, "\n".join(one.broken) + f"\n\n{one.text}"


def _rise_again(stage: Stage, sprung: threading.Event) -> None:
    assert sprung.wait(WITHIN), "the call at which the app should be killed never came"
    stage.out.world("the app is killed before Slack's answer reaches it, and started again")
    stage.world.restart_app()


def _to_approval(stage: Stage, customer: Any, *, is_theirs: Callable[[str], bool] = lambda _: True) -> Thread:
    thread = steps.writes(stage, customer, "Please delete my data.")
    thread.until("Deletion request?")
    steps.asked(stage.ana, customer, thread)
    steps.replies(stage, customer, thread, "1. Everything, please.")
    steps.recorded(stage.ana, customer, thread, wants=steps.EVERYTHING, words="1. Everything, please.")
    plan = steps.identified(stage.ana, thread, is_theirs=is_theirs)
    steps.sent_for_approval(stage.ana, plan, thread)
    return thread


def _plan_anew(stage: Stage, thread: Thread) -> Any:
    """The identity stands, so the plan can be made again; where it was lost, it is chosen again."""
    thread.until("The customer has answered")
    stage.ana.clicks("Make the plan", thread)
    return steps.planned(stage.ana)


def _rows(stage: Stage, table: str, address: str) -> Callable[[], list[Any]]:
    def look() -> list[Any]:
        rows = stage.world.picture().shop[table]
        return [row for row in rows if str(row["email"]).casefold() == address.casefold()]

    return look


def _section(text: str) -> list[dict[str, Any]]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
