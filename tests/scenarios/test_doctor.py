"""`deletion-desk doctor` against the playground's look-alikes: what is well, and each fault with its cure."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.playground.slack.sample import BOT, PRIVACY_LEADS, SUPPORT
from bot.playground.world import World
from services.systems_file import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world")) as world:
        yield world


def examined(world: World, env_file: Path | None = None) -> tuple[int, str]:
    # The .env names its files relative to nothing: it is the one that the app itself runs with.
    result = CliRunner().invoke(app, ["doctor", "--env-file", str(env_file or world.files.env)])
    return result.exit_code, result.output


def test_a_sound_installation_is_one_screen_of_ticks(world: World) -> None:
    """With the desk running beside it: every part is named, nothing is wrong, exit code 0, no secret on the screen."""
    code, said = examined(world)
    assert code == 0, said
    for part in (
        "Settings",
        "mode enforce",
        "Own store",
        "workspace Fernleaf",
        "scopes",
        "Socket Mode",
        "#support",
        "Approvers: 2",
        "System activecampaign",
    ):
        assert part in said, f"{part} is missing:\n{said}"
    assert "✗" not in said
    assert len(said.splitlines()) <= 24, "it is no screen any more"
    assert world.master_key not in said
    assert world.slack.bot_token not in said


def test_each_fault_is_named_with_its_cure(world: World) -> None:
    """Bot not in the channel, group gone, ActiveCampaign down: three findings, exit code 1, and well again afterwards."""
    workspace = world.slack.workspace
    group = workspace.user_groups.pop(PRIVACY_LEADS)
    world.slack.leave(BOT, SUPPORT)
    world.account.set_faults(down=True)
    try:
        code, said = examined(world)
    finally:
        workspace.user_groups[PRIVACY_LEADS] = group
        world.slack.join(BOT, SUPPORT)
        world.account.set_faults(down=False)
    assert code == 1
    wrong = [line for line in said.splitlines() if line.startswith("✗")]
    assert len(wrong) == 3, said
    assert "/invite" in said
    assert PRIVACY_LEADS in said
    assert "ActiveCampaign" in said
    assert examined(world)[0] == 0


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """An .env without tokens ends with one line a setting and exit code 1, not with a traceback."""
    env = tmp_path / "empty.env"
    env.write_text("SLACK_MODE=socket\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["doctor", "--env-file", str(env)], env={"SLACK_BOT_TOKEN": ""})
    assert result.exit_code == 1
    assert "SLACK_BOT_TOKEN" in result.output
    assert "Traceback" not in result.output


def test_the_readmes_first_file_loads(tmp_path: Path) -> None:
    """What the README says to write as systems.yaml is accepted as it stands, and cannot delete."""
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "systems.yaml"
    file.write_text("\n".join(line.removeprefix("   ") for line in text.splitlines()), encoding="utf-8")
    assert load(file).policy.observe
