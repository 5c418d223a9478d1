"""Settings: the example file is the truth, and every fault is one line with its cure."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.settings import EnvironmentSecrets, Settings, SettingsError, load

ROOT = Path(__file__).resolve().parents[2]
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "MASTER_KEY": KEY}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def write(folder: Path, values: dict[str, str]) -> Path:
    path = folder / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    return path


def test_example_names_exactly_the_settings():
    """`.env.example` lists every setting and no other, each with the description that the code gives it."""
    example = ROOT / ".env.example"
    assert set(dotenv_values(example)) == {name.upper() for name in Settings.model_fields}
    text = example.read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert f"# {field.description}\n{name.upper()}=" in text, (
            f"give {name.upper()} its description in .env.example"
        )


def test_example_defaults_are_the_codes_defaults():
    """A value in `.env.example` that is not left to the operator is the default of the code."""
    values = dotenv_values(ROOT / ".env.example")
    for name, field in Settings.model_fields.items():
        if field.is_required() or name == "slack_app_token":
            continue
        default = field.get_default()
        plain = default.get_secret_value() if hasattr(default, "get_secret_value") else str(default)
        assert values[name.upper()] == plain


def test_good_settings_load(tmp_path: Path):
    """A filled-in file is enough; the engine's store lies beside ours, never in it."""
    settings = load(write(tmp_path, GOOD))
    assert settings.slack_mode == "socket"
    assert settings.engine_database_url == "sqlite:///deletion-desk-engine.db"
    assert KEY not in repr(settings)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"SLACK_BOT_TOKEN": ""}, r"^SLACK_BOT_TOKEN is missing: set it in the environment or in \.env"),
        ({"SLACK_BOT_TOKEN": "abc"}, r"^SLACK_BOT_TOKEN: must start with xoxb-"),
        ({"SLACK_APP_TOKEN": ""}, r"^SLACK_APP_TOKEN is missing: socket mode needs"),
        ({"SLACK_MODE": "http"}, r"^SLACK_SIGNING_SECRET is missing: http mode needs"),
        ({"SLACK_MODE": "carrier pigeon"}, r"^SLACK_MODE: "),
        ({"MASTER_KEY": "short"}, r"^MASTER_KEY: is not 32 bytes .* keygen"),
        ({"DATABASE_URL": "mysql://x"}, r"^DATABASE_URL: must start with sqlite:/// or postgresql://"),
        ({"HTTP_PORT": "many"}, r"^HTTP_PORT: "),
    ],
)
def test_each_fault_is_one_line_with_its_cure(tmp_path: Path, change: dict[str, str], line: str):
    """A missing or malformed setting is named with what is wrong and the cure, and its value is not repeated."""
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, {**GOOD, **change}))
    assert any(re.search(line, one) for one in caught.value.lines), caught.value.lines
    assert "short" not in str(caught.value)


@pytest.mark.parametrize("command", [["run"], ["ledger", "verify"]])
def test_command_ends_with_one_line_and_exit_code_2(tmp_path: Path, command: list[str]):
    """The command line answers a bad setting with a line on stderr and exit code 2, without a traceback."""
    env_file = write(tmp_path, {**GOOD, "MASTER_KEY": ""})
    clean = {key: value for key, value in os.environ.items() if key.lower() not in Settings.model_fields}
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "bot.cli", *command, "--env-file", str(env_file)],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("deletion-desk: MASTER_KEY is missing")
    assert "Traceback" not in done.stderr


def test_secrets_come_from_environment_then_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A secret that systems.yaml names is looked up in the environment first, then in the .env file."""
    secrets = EnvironmentSecrets(write(tmp_path, {"SHOP_URL": "from-file", "OTHER": "x"}))
    monkeypatch.setenv("SHOP_URL", "from-environment")
    assert secrets.get("SHOP_URL") == "from-environment"
    assert secrets.get("OTHER") == "x"
    with pytest.raises(KeyError, match="NOT_THERE"):
        secrets.get("NOT_THERE")
