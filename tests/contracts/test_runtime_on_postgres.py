"""The whole app on PostgreSQL: the same stories, and one process only."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.playground.app_process import PROJECT
from bot.playground.play.runner import play
from bot.playground.play.scenarios import chosen
from bot.playground.settings import WorldOptions
from bot.playground.world import World

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("letter", ["a", "j"])
def test_a_story_ends_on_postgresql_as_it_must(letter: str, postgres_url: str) -> None:
    """Store and engine on PostgreSQL: everything erased and told, also after kill -9 in the middle of a run."""
    played = play(chosen(letter)[0], store_url=postgres_url)
    assert not played.broken, "\n".join(played.broken) + f"\n\n{played.text}"


def test_a_second_process_is_refused(tmp_path: Path, postgres_url: str) -> None:
    """PostgreSQL allows one process; the second gets one line and exit code 2, the first goes on."""
    with World(tmp_path / "world", options=WorldOptions(store_url=postgres_url)) as world:
        second = subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-m", "bot.cli", "run", "--env-file", str(world.files.env)],
            cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 2, second.stderr
        assert second.stderr.count("\n") == 1
        assert "already running" in second.stderr
        assert world.app.is_running()
