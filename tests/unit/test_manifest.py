"""The manifest: valid by Slack's published schema (2.0.0), and neither more nor less than the handlers need."""

import json
import re
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field
from typer.testing import CliRunner

import handlers
from bot.cli import app
from bot.manifest import manifest
from bot.playground.slack.web_api import METHODS
from handlers.surface import COMMANDS, EVENTS, SCOPES, SHORTCUTS

ROOT = Path(__file__).resolve().parents[2]
# Fields, lengths and patterns as Slack publishes them (manifest schema 2.0.0), as far as we use them; closed records.
Address = Annotated[str, Field(pattern=r"^https?://", max_length=3000)]
Name50 = Annotated[str, Field(min_length=1, max_length=50)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Metadata(Closed):
    major_version: int


class Display(Closed):
    name: Annotated[str, Field(min_length=1, max_length=35)]
    description: Annotated[str, Field(min_length=1, max_length=140)]
    background_color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$")]


class Home(Closed):
    home_tab_enabled: bool
    messages_tab_enabled: bool
    messages_tab_read_only_enabled: bool


class BotUser(Closed):
    display_name: Annotated[str, Field(min_length=1, max_length=80)]
    always_online: bool


class ShortcutShape(Closed):
    name: Annotated[str, Field(min_length=1, max_length=24)]
    type: Literal["message", "global"]
    callback_id: Annotated[str, Field(min_length=1, max_length=255)]
    description: Annotated[str, Field(min_length=1, max_length=150)]


class CommandShape(Closed):
    command: Annotated[str, Field(pattern=r"^/", min_length=2, max_length=32)]
    description: Annotated[str, Field(min_length=1, max_length=2000)]
    usage_hint: Annotated[str, Field(min_length=1, max_length=1000)]
    should_escape: bool
    url: Address | None = None


class Features(Closed):
    app_home: Home
    bot_user: BotUser
    shortcuts: Annotated[list[ShortcutShape], Field(min_length=1, max_length=10)]
    slash_commands: Annotated[list[CommandShape], Field(min_length=1, max_length=50)]


class Scopes(Closed):
    bot: Annotated[list[Name50], Field(max_length=255)]


class OAuth(Closed):
    scopes: Scopes


class Events(Closed):
    bot_events: Annotated[list[Name50], Field(max_length=100)]
    request_url: Address | None = None


class Interactivity(Closed):
    is_enabled: bool
    request_url: Address | None = None


class AppSettings(Closed):
    event_subscriptions: Events
    interactivity: Interactivity
    org_deploy_enabled: bool
    socket_mode_enabled: bool
    token_rotation_enabled: bool


class Manifest(Closed):
    metadata: Annotated[Metadata, Field(alias="_metadata")]
    display_information: Display
    features: Features
    oauth_config: OAuth
    settings: AppSettings


@pytest.mark.parametrize("args", [[], ["--url", "https://desk.example.com/", "--name", "Desk"]])
def test_the_printed_manifest_is_valid(args: list[str]) -> None:
    """What the command prints is JSON in exactly the shape that Slack accepts, for both modes."""
    printed = CliRunner().invoke(app, ["manifest", *args])
    assert printed.exit_code == 0, printed.output
    made = Manifest.model_validate(json.loads(printed.output))
    http = bool(args)
    assert made.settings.socket_mode_enabled is not http
    addresses = {
        made.settings.event_subscriptions.request_url,
        made.settings.interactivity.request_url,
        *(one.url for one in made.features.slash_commands),
    }
    assert addresses == ({"https://desk.example.com/slack/events"} if http else {None})


@pytest.mark.parametrize("args", [["--url", "http://desk.example.com"], ["--name", "x" * 36], ["--name", ""]])
def test_what_slack_would_refuse_is_refused_first(args: list[str]) -> None:
    """A plain http address or a name that is too long is a usage error, not a manifest."""
    assert CliRunner().invoke(app, ["manifest", *args]).exit_code == 2


def test_every_shortcut_and_command_has_its_handler_and_its_line() -> None:
    """The manifest lists exactly the shortcuts and the command that the app answers to."""
    assert {one.callback_id for one in SHORTCUTS} == set(handlers.SHORTCUTS)
    assert [one.command for one in COMMANDS] == [handlers.ids.COMMAND]


class Recorder:
    """Stands in for the Bolt app while the handlers register, and remembers the names of events."""

    def __init__(self) -> None:
        self.events: set[str] = set()

    def event(self, name: object) -> object:
        if isinstance(name, str):
            self.events.add(name)
        return lambda listener: listener

    def __getattr__(self, _name: str) -> object:
        return lambda *_: lambda listener: listener


def test_every_event_with_a_listener_is_subscribed() -> None:
    """No listener waits for an event that Slack was never asked to send."""
    app = Recorder()
    handlers.register(app, None)  # type: ignore[arg-type]  # only registers
    assert app.events - {"message"} <= set(EVENTS)
    assert {"message.channels", "message.groups"} <= set(EVENTS), (
        "read by the middleware, before any listener"
    )
    assert manifest()["features"]["app_home"]["home_tab_enabled"] is ("app_home_opened" in EVENTS)


def test_the_scopes_are_those_that_the_calls_and_events_need() -> None:
    """Every Web API method in the code is allowed by a scope, and every scope is needed by a call, event or feature."""
    called = re.compile(
        r"\.((?:chat|views|users|usergroups|conversations|reactions|files|team|bots)_[a-zA-Z_]+)\("
    )
    files = [*ROOT.glob("bot/*.py"), *ROOT.glob("handlers/**/*.py")]
    methods = {found for path in files for found in called.findall(path.read_text(encoding="utf-8"))}
    known = {name.replace(".", "_"): method for name, method in METHODS.items()}
    unknown = methods - set(known)
    assert methods, "nothing is called at all?"
    assert not unknown, f"teach the look-alike these methods and their scopes: {unknown}"
    lacking = {one for one in methods if known[one].scopes and not known[one].scopes & set(SCOPES)}
    assert not lacking, f"add the scope for {lacking} to handlers/surface.py"
    by_call = {scope for one in methods for scope in known[one].scopes}
    by_event = {"app_mentions:read", "channels:history", "groups:history", "commands"}
    assert set(SCOPES) <= by_call | by_event, "ask for nothing that nothing needs"
