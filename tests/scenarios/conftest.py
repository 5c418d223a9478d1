"""Plays the selected scenarios once, several at a time: most of a scene is waiting, so each test waits for its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from bot.playground.play.runner import AT_ONCE, Played, play
from bot.playground.play.scenarios import chosen


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest) -> Iterator[Callable[[str, str], Played]]:
    """Return the played scenario for (letter, mode); all that were selected begin at the first use."""
    scenes = [
        item.callspec.params["scene"]
        for item in request.session.items
        if "scene" in getattr(getattr(item, "callspec", None), "params", {})
    ]
    with ThreadPoolExecutor(AT_ONCE, "scene") as stages:
        running: dict[tuple[str, str], Future[Played]] = {
            (letter, mode): stages.submit(play, chosen(letter)[0], mode=mode) for letter, mode in scenes
        }

        def of(letter: str, mode: str) -> Played:
            if (letter, mode) not in running:
                running[letter, mode] = stages.submit(play, chosen(letter)[0], mode=mode)
            return running[letter, mode].result()

        yield of
        for one in running.values():
            one.cancel()
