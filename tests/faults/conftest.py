"""Faults from outside the app: traps on what Slack is asked, and the stories that are played with them."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from bot.playground.play.runner import AT_ONCE, Played, play
from bot.playground.play.scenarios import Play, Scenario
from bot.playground.play.stage import Stage
from bot.playground.settings import WorldOptions
from bot.playground.slack.journal import Call, Journal
from bot.playground.world import World


class Traps:
    """Kills the app when Slack has done what it was asked and has not answered yet."""

    def __init__(self) -> None:
        self._armed: dict[int, tuple[str, str, World, threading.Event]] = {}

    def arm(self, stage: Stage, method: str, kind: str = "") -> threading.Event:
        """Kill at the next call of this method (and kind of post); the event is set when it happened."""
        sprung = threading.Event()
        self._armed[id(stage.world.slack.journal)] = (method, kind, stage.world, sprung)
        return sprung

    def spring(self, journal: Journal, call: Call) -> None:
        method, kind, world, sprung = self._armed.get(id(journal), ("", "", None, None))
        if world is None or sprung is None or call.method != method or kind not in {"", _kind(call.args)}:
            return
        del self._armed[id(journal)]
        world.app.kill9()
        sprung.set()


def _kind(args: dict[str, Any]) -> str:
    metadata = args.get("metadata") or {}
    metadata = json.loads(metadata) if isinstance(metadata, str) else metadata
    return str(metadata.get("event_payload", {}).get("kind", ""))


@pytest.fixture(scope="session")
def traps() -> Iterator[Traps]:
    """Traps on every look-alike of this session."""
    found, original = Traps(), Journal.add_call

    def add_call(self: Journal, **about: Any) -> Call:
        call = original(self, **about)
        found.spring(self, call)
        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "add_call", add_call)
        yield found


@pytest.fixture(scope="session")
def told(request: pytest.FixtureRequest, traps: Traps) -> Iterator[Callable[[str], Played]]:
    """Return the played story of that name; every selected story begins at the first use, several at a time."""
    with ThreadPoolExecutor(AT_ONCE, "story") as stages:
        running: dict[str, Future[Played]] = {}
        for item in request.session.items:
            story = getattr(getattr(item, "callspec", None), "params", {}).get("story")
            if story is not None:
                running[story.__name__] = stages.submit(play, _scenario(story, traps))
        yield lambda name: running[name].result()
        for one in running.values():
            one.cancel()


def _scenario(story: Callable[[Stage, Traps], Any], traps: Traps) -> Scenario:
    def played(stage: Stage) -> Any:
        return story(stage, traps)

    played.__doc__ = story.__doc__
    does: Play = played
    return Scenario(letter=story.__name__, play=does, options=WorldOptions(), kills=True)
