"""The list of scenarios, by their letters, with the world that each needs."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.checker import Expectation
from bot.playground.play import erasing, other_endings
from bot.playground.play.stage import Stage
from bot.playground.settings import WorldOptions

Play = Callable[[Stage], list[Expectation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario: its letter, what is played, in which world. `kills` says that the app is killed in it."""

    letter: str
    play: Play
    options: WorldOptions
    kills: bool = False

    @property
    def title(self) -> str:
        """What it shows, in one line."""
        return (self.play.__doc__ or "").splitlines()[0]


USUAL = WorldOptions()

SCENARIOS = (
    Scenario(letter="a", play=erasing.everything, options=USUAL),
    Scenario(letter="b", play=other_endings.account_only, options=USUAL),
    Scenario(letter="c", play=erasing.account_then_everything, options=USUAL),
    Scenario(letter="d", play=other_endings.no_request, options=USUAL),
    Scenario(letter="e", play=other_endings.taken_back, options=USUAL),
    Scenario(letter="f", play=erasing.no_rights, options=USUAL),
    Scenario(letter="g", play=other_endings.raced, options=USUAL),
    Scenario(letter="h", play=other_endings.outsiders, options=USUAL),
    Scenario(letter="i", play=other_endings.clever_words, options=USUAL),
    Scenario(letter="j", play=erasing.killed, options=USUAL, kills=True),
    Scenario(letter="k", play=erasing.known_elsewhere_only, options=USUAL),
    Scenario(letter="l", play=other_endings.nothing_found, options=USUAL),
    Scenario(letter="m", play=erasing.writes_again, options=WorldOptions(cooling_off=5)),
)


def chosen(letters: str) -> tuple[Scenario, ...]:
    """Return the scenarios with these letters, all when none is given. Raises ValueError for an unknown letter."""
    known = {one.letter: one for one in SCENARIOS}
    wanted = [letter for letter in letters.casefold() if letter.isalnum()]
    for letter in wanted:
        if letter not in known:
            raise ValueError(f"there is no scenario {letter!r}; there are {''.join(known)}")
    return tuple(known[letter] for letter in dict.fromkeys(wanted)) if wanted else SCENARIOS
