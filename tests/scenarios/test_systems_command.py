"""`deletion-desk systems` against the sample company: what it says, that it reads only, and its exit codes."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.playground.play import cast
from bot.playground.world import World

ADDRESS = cast.AIKO_TANAKA.address


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("systems") / "world") as started:
        yield started


def said(world: World, *arguments: str, given: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(
        app, ["systems", *arguments, "--env-file", str(world.files.env)], input=given or None
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def as_json(world: World, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, output = said(world, *arguments, "--json")
    return code, json.loads(output)


def test_list_names_what_is_connected_and_asks_nothing(world: World) -> None:
    """Every entry of systems.yaml with its kind and its secrets by name; no value of a secret is printed."""
    code, output = said(world, "list")
    assert code == 0
    assert all(name in output for name in ("shop", "account", "activecampaign", "conversation"))
    assert "SHOP_DATABASE_URL" in output
    assert "sqlite" not in output
    assert as_json(world, "list")[1]["ok"]


def test_check_says_of_each_system_whether_it_can_be_used(world: World) -> None:
    """All well is exit code 0; an ActiveCampaign that is down is named, and exit code 1."""
    code, output = said(world, "check")
    assert code == 0, output
    assert "ActiveCampaign" in output
    world.account.set_faults(down=True)
    try:
        code, answer = as_json(world, "check")
    finally:
        world.account.set_faults(down=False)
    problems = {one["system"]: one["problem"] for one in answer["systems"]}
    assert (code, answer["ok"]) == (1, False)
    assert problems["activecampaign"]
    assert not problems["shop"]


def test_find_shows_what_each_system_holds_masked(world: World) -> None:
    """Counts by system for one customer; neither address nor name is printed unless that was asked for."""
    code, output = said(world, "find", "--email", ADDRESS.upper())
    assert code == 0, output
    assert ADDRESS.casefold() not in output.casefold()
    code, answer = as_json(world, "find", "--email", ADDRESS)
    held = {one["system"]: one["records"] for one in answer["systems"]}
    assert held["shop"] > 0
    assert held["activecampaign"] > 0
    assert answer["records"] == sum(held.values())
    assert ADDRESS not in json.dumps(answer)
    _, full = said(world, "find", "--email", "-", "--unmasked", given=f"{ADDRESS}\n")
    assert ADDRESS in full


def test_find_changes_nothing(world: World) -> None:
    """The shop's rows and ActiveCampaign's contacts are what they were."""
    before = rows(world.files.shop)
    contacts = len(world.account.contacts(None))
    said(world, "find", "--email", ADDRESS)
    said(world, "check")
    assert rows(world.files.shop) == before
    assert len(world.account.contacts(None)) == contacts


def test_nobody_and_nonsense(world: World) -> None:
    """An address that nobody has is an answer of its own; a text that is no address is refused."""
    code, answer = as_json(world, "find", "--email", "nobody@example.org")
    assert (code, answer["records"]) == (0, 0)
    code, output = said(world, "find", "--email", "nonsense")
    assert code == 2
    assert "no e-mail address" in output


def rows(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as shop:
        return [
            shop.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608  constants
            for name in ("customers", "orders", "sessions")
        ]
