"""A busy channel against the real app: many messages, people clicking all the while, everything delivered twice."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.playground.evidence import gather
from bot.playground.settings import WorldOptions
from bot.playground.slack import NotPossible
from bot.playground.slack.journal import Delivery
from bot.playground.slack.sample import ANA, BEN, JONAS, LEA, SUPPORT, TEAM
from bot.playground.slack.workspace import User
from bot.playground.world import World
from handlers import ids
from services.domain.case import State

# `make load` plays longer: so many times ten seconds.
TIMES = int(os.environ.get("LOAD", "1"))
REQUESTS = (
    "Hello, please delete my data.",
    "I want my account deleted",
    "Bitte löscht alle meine Daten",
    "Please erase everything you have about me",
    "close my account please",
)
CHATTER = (
    "Good morning, when does the shop open?",
    "My order arrived broken, can I get a new pot?",
    "Thanks, that worked!",
    "Which soil do you recommend for ferns?",
    "The photo upload does not work on my phone",
    "I forgot my password",
    "Is the fern in the window still for sale?",
)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world"), options=WorldOptions()) as world:
        yield world


def customers(world: World, number: int) -> list[str]:
    """Let so many customers into the support channel, and return their ids."""
    found = [f"U_GUEST{one:03d}" for one in range(number)]
    workspace = world.slack.workspace
    with workspace.lock:
        for one in found:
            workspace.users[one] = User(
                id=one, name=one.lower(), real_name="A Guest", team_id=TEAM, is_guest=True
            )
            workspace.channels[SUPPORT].members.add(one)
    return found


def cards(world: World) -> dict[str, str]:
    """Return the card's ts for each thread that has one; more than one card in a thread fails."""
    found: dict[str, str] = {}
    for one in world.slack.visible(ANA, SUPPORT):
        if one.get("user") == world.slack.workspace.bot.id and str(one.get("text", "")).startswith("DD-"):
            assert one["thread_ts"] not in found, "two cards in one thread"
            found[one["thread_ts"]] = one["ts"]
    return found


class Clickers:
    """Agents who never stop clicking; every delivery is kept."""

    def __init__(self, world: World) -> None:
        self.deliveries: list[Delivery] = []
        self._world = world
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(3, "clicker")
        self._turns = [self._pool.submit(self._click, user) for user in (ANA, BEN, LEA)]

    def _click(self, user: str) -> None:
        slack, luck = self._world.slack, random.Random(user)  # noqa: S311  # luck, no secret
        while not self._over.is_set():
            drawn = list(cards(self._world).values())
            try:
                if drawn and luck.random() < 0.8:
                    button = luck.choice((ids.SHOW_MESSAGE, ids.ASK, ids.RECORD))
                    self.deliveries.append(slack.click(user, SUPPORT, luck.choice(drawn), button))
                else:
                    self.deliveries.append(slack.command(user, SUPPORT, "/deletion", "list"))
            except NotPossible:  # the card was redrawn under the finger
                continue
            for view in slack.views(user):
                slack.close(user, view["id"], clear=True)
            self._over.wait(2)

    def stop(self) -> list[Delivery]:
        """Let them rest, and return what they clicked."""
        self._over.set()
        self._pool.shutdown(wait=True)
        for turn in self._turns:
            turn.result()
        return self.deliveries


@pytest.mark.load
def test_two_hundred_messages_in_ten_seconds(world: World) -> None:
    """200 messages in 10 s, 20 of them requests by 20 customers: 20 cases with one card each, every click acknowledged
    within Slack's three seconds, and never more than a message a second in the channel.
    """
    luck = random.Random(20)  # noqa: S311  # luck, no secret
    people = customers(world, 20 * TIMES)
    plan = ["request"] * 20 * TIMES + ["chatter"] * 180 * TIMES
    luck.shuffle(plan)
    clickers = Clickers(world)
    waiting, asked = list(people), set()
    begun = time.monotonic()
    for number, kind in enumerate(plan):
        time.sleep(max(0.0, begun + number / 20 - time.monotonic()))
        if kind == "request":
            asked.add(world.slack.say(waiting.pop(), SUPPORT, luck.choice(REQUESTS)))
        else:
            world.slack.say(luck.choice(people), SUPPORT, luck.choice(CHATTER))
    assert world.slack.wait_until(lambda: set(cards(world)) >= asked, timeout=90 * TIMES), (
        f"{len(cards(world))} cards of {len(people)}\n{world.app.log_tail(8)}"
    )
    clicked = clickers.stop()
    assert set(cards(world)) == asked, "a card under a message that asks for nothing"
    assert len(clicked) >= 20, "hardly anybody clicked"
    late = [f"{one.kind}: {one.problem}" for one in clicked if not one.acked]
    assert late == [], f"{len(late)} of {len(clicked)} clicks were not answered in time"
    assert not [one for one in world.slack.journal.calls() if one.error == "ratelimited"], (
        "faster than Slack allows"
    )
    times = [
        one.at for one in world.slack.journal.writes("chat.postMessage") if one.args.get("channel") == SUPPORT
    ]
    most = max(sum(first <= one < first + 10 for one in times) for first in times)
    assert most <= 11, f"{most} messages in ten seconds"
    seen = gather(world)
    assert {one.message_ts for one in seen.cases} == asked
    assert seen.flaws == ()


@pytest.mark.load
def test_everything_delivered_thrice_and_shuffled_changes_nothing(world: World) -> None:
    """Requests, follow-ups and chatter held back, delivered in another order over two sockets, and each of them twice
    more: the same cases, one card each, one note of every message.
    """
    slack, luck = world.slack, random.Random(7)  # noqa: S311  # luck, no secret
    assert slack.wait_until(lambda: slack.connections == 2)
    people = customers(world, 6 * TIMES)
    slack.hold_events()
    asked = {slack.say(one, SUPPORT, luck.choice(REQUESTS)): one for one in people}
    for ts, one in asked.items():
        slack.say(one, SUPPORT, "By the way, I wrote to you in March as well.", thread_ts=ts)
        slack.say(JONAS, SUPPORT, luck.choice(CHATTER))
    events = slack.release_events(shuffle=luck)
    again = [*events, *events]
    luck.shuffle(again)
    with ThreadPoolExecutor(4, "slack") as pool:
        done = list(pool.map(slack.redeliver, again))
    assert all(one.acked for one in done)
    assert slack.settle(60)
    assert slack.wait_until(lambda: set(cards(world)) == set(asked), timeout=60), world.app.log_tail(8)
    assert len({one.socket for one in slack.journal.deliveries("events_api")}) == 2, "both sockets were used"

    def all_joined() -> bool:
        joined = Counter(
            one.entry.case_id for one in gather(world).ledger if one.entry.action == "customer_wrote"
        )
        return len(joined) == len(asked)

    assert slack.wait_until(all_joined, timeout=30)
    seen = gather(world)
    assert {one.message_ts for one in seen.cases} == set(asked)
    assert {one.state for one in seen.cases} == {State.DETECTED}
    known = {one.id for one in seen.cases}
    entries = [one.entry for one in seen.ledger if one.entry.case_id in known]
    per_case = Counter((one.case_id, one.action) for one in entries)
    assert set(per_case.values()) == {1}, f"something was noted twice: {per_case}"
    assert seen.flaws == ()
