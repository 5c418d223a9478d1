"""Every scenario of the scripted demo, through the real app, with the checker outside it."""

from collections.abc import Callable

import pytest

from bot.playground.play.runner import Played
from bot.playground.play.scenarios import SCENARIOS

SCENES = [
    *((one.letter, "socket") for one in SCENARIOS),
    # The same handlers behind signed requests.
    ("a", "http"),
    ("b", "http"),
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene[0]}-{scene[1]}")
def test_the_scenario_ends_as_it_must(scene: tuple[str, str], played: Callable[[str, str], Played]) -> None:
    """Each scenario (a) to (m) ends as it must, and journals, ledger and expectation agree."""
    one = played(*scene)
    assert not one.broken, (
        f"scenario {scene} broke {len(one.broken)} promises; play it with "
        f"`deletion-desk demo --script --only {scene[0]}`:\n" + "\n".join(one.broken) + f"\n\n{one.text}"
    )


def test_the_transcript_reads_like_a_play(played: Callable[[str, str], Played]) -> None:
    """The transcript names who says what, what the bot answered, and ticks every promise."""
    text = played("a", "socket").text
    for part in ("Maya  “Please delete my data.", "the bot  ", "Lea  presses [ Review and approve ]", "✓  "):
        assert part in text, f"{part!r} is missing from the transcript:\n{text}"
    assert "✗" not in text
