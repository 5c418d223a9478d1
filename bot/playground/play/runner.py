"""Plays scenarios, each in a world of its own, several at a time; prints them in order and says what did not hold."""

import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from bot.playground.checker import check
from bot.playground.play.forms import SceneError
from bot.playground.play.network import NotPossibleError, TooLateError
from bot.playground.play.scenarios import Scenario, chosen
from bot.playground.play.stage import Stage
from bot.playground.play.transcript import Transcript
from bot.playground.settings import Mode
from bot.playground.world import World

# Most of a scene is waiting, as most of real support work is.
AT_ONCE = 6
# Not so its beginning: an app that starts computes, and a few at once would keep the others' clicks waiting for seconds.
_STARTING = threading.Lock()
UNUSABLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How one scenario ended: its text, every promise that was broken (empty: as it must), and the seconds it took."""

    scenario: Scenario
    text: str
    broken: tuple[str, ...]
    seconds: float


def play(scenario: Scenario, *, mode: Mode = "socket", store_url: str = "") -> Played:
    """Play one scenario in a fresh world and have the checker look at everything afterwards.

    `store_url` is the PostgreSQL database of the desk's own; "" leaves it in SQLite files.
    """
    began = time.monotonic()
    out = Transcript(title=scenario.title)
    options = replace(scenario.options, mode=mode, store_url=store_url)
    with _folder() as folder, ExitStack() as stack:
        with _STARTING:
            world = stack.enter_context(World(folder, options=options))
        try:
            expectations = scenario.play(Stage(world, out))
        except (SceneError, TooLateError, NotPossibleError) as stuck:
            out.promise("the scene goes on as written", holds=False, why=str(stuck))
            for line in world.app.complaints():
                out.world(f"the app's log: {line}")
        else:
            world.slack.settle(25)
            flaws = check(world, expectations, may_lose_clicks=scenario.kills)
            out.promise("the checker finds journals, ledger and expectation in agreement", holds=not flaws)
            for flaw in flaws:
                out.promise(flaw, holds=False)
        # The curtain: nothing is under way any more that an orderly end would have to wait for.
        world.app.kill9()
    return Played(
        scenario=scenario,
        text=out.text(),
        broken=tuple(out.broken),
        seconds=time.monotonic() - began,
    )


def play_scenarios(only: str, out: Console) -> int:
    """Play the scenarios with these letters (all: "") and print each; 0 only if each ended as it must."""
    try:
        scenarios = chosen(only)
    except ValueError as wrong:
        out.print(f"deletion-desk: --only: {wrong}", markup=False)
        return UNUSABLE
    began = time.monotonic()
    played: list[Played] = []
    with ThreadPoolExecutor(AT_ONCE, "scene") as scenes:
        for one in scenes.map(play, scenarios):
            played.append(one)
            out.print(one.text, markup=False)
            verdict = "as it must" if not one.broken else f"NOT AS IT MUST: {len(one.broken)} promises broken"
            out.print(f"  ({one.scenario.letter}) ended {verdict}, {one.seconds:.1f} s\n", markup=False)
    bad = [one for one in played if one.broken]
    total = time.monotonic() - began
    out.print(
        f"{len(played)} scenarios, {len(played) - len(bad)} ended as they must, {total:.0f} s.", markup=False
    )
    for one in bad:
        for flaw in one.broken:
            out.print(f"  ✗ ({one.scenario.letter}) {flaw}", markup=False)
    return 1 if bad else 0


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="deletion-desk-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "world"
