"""Looks at everything that has to be right before the desk can work, and says of each fault what it is and its cure."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from slack_sdk.errors import SlackApiError

from bot.customer_channels import connect_channels
from bot.errors import MENDABLE, SLACK_FAULTS, lines
from bot.people import SlackPeople
from bot.settings import EnvironmentSecrets, Settings, load
from bot.slack import posting_client
from bot.slack_thread import SlackThread
from bot.systems import connect_systems
from bot.wiring import SystemClock, open_configured_store
from handlers.surface import SCOPES
from services.health import look_at
from services.pace import LocalPlaces
from services.systems_file import SystemsConfig
from services.systems_file import load as load_systems


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `fault` is "" when it is well, else what is wrong and the cure."""

    what: str
    fault: str = ""


def examine(env_file: Path | None) -> Iterator[Finding]:
    """Yield one finding after the other, in the order in which they have to be mended. Reads only.

    What cannot be looked at because something before it is wrong is left out.
    """
    try:
        settings = load(env_file)
    except MENDABLE as error:
        yield from (Finding(what="Settings", fault=line) for line in lines(error))
        return
    yield Finding(what=f"Settings ({env_file or 'environment'})")
    config: SystemsConfig | None = None
    try:
        config = load_systems(settings.systems_file)
        mode = "observe: cannot delete" if config.policy.observe else "enforce: deletes"
        yield Finding(what=f"{settings.systems_file}, mode {mode}")
    except MENDABLE as error:
        yield Finding(what="systems.yaml", fault=lines(error)[0])
    yield _store(settings)
    yield from _slack(settings, config)
    if config is not None:
        yield from _systems(settings, config, EnvironmentSecrets(env_file))
        yield from _customer_channels(settings, config, EnvironmentSecrets(env_file))


def _store(settings: Settings) -> Finding:
    what = "Own store, and the key that it was made with"
    try:
        open_configured_store(settings).close()
    except MENDABLE as error:
        return Finding(what=what, fault=lines(error)[0])
    return Finding(what=what)


def _slack(settings: Settings, config: SystemsConfig | None) -> Iterator[Finding]:
    client = posting_client(token=settings.slack_bot_token.get_secret_value(), api_url=settings.slack_api_url)
    try:
        who = client.auth_test()
    except SLACK_FAULTS as error:
        yield Finding(
            what="Slack", fault=f"SLACK_BOT_TOKEN: {_said(error)}; reinstall the app, copy the token again"
        )
        return
    yield Finding(what=f"Slack, workspace {who.get('team')} ({who['team_id']})")
    granted = {
        one.strip()
        for name, value in who.headers.items()
        if name.lower() == "x-oauth-scopes"
        for one in value.split(",")
    }
    lacking = sorted(set(SCOPES) - granted)
    cure = (
        "print the manifest anew (`deletion-desk manifest`), save it in the app's settings, reinstall the app"
    )
    yield Finding(what="Slack scopes", fault=f"missing: {', '.join(lacking)}; {cure}" if lacking else "")
    if settings.slack_mode == "socket":
        try:
            client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
        except SLACK_FAULTS as error:
            fault = f"SLACK_APP_TOKEN: {_said(error)}; make an app-level token with connections:write"
            yield Finding(what="Socket Mode", fault=fault)
        else:
            yield Finding(what="Socket Mode")
    if config is None:
        return
    for channel in sorted(config.channels):
        yield _channel(client.conversations_info, channel)
    people = SlackPeople(
        client, config.staff, team_id=str(who["team_id"]), clock=SystemClock(), zone=config.policy.zone
    )
    people.refresh()
    nobody = (
        ""
        if people.approvers
        else "nobody on the approvers' list can approve: guests, outsiders and deactivated people do not count"
    )
    yield Finding(
        what=f"Approvers: {len(people.approvers)}, agents and others by their lists",
        fault=people.complaint or nobody,
    )


def _channel(info: object, channel: str) -> Finding:
    what = f"Channel {channel}"
    try:
        found = info(channel=channel)["channel"]  # type: ignore[operator]  # a method of Slack's client
    except SLACK_FAULTS as error:
        return Finding(
            what=what, fault=f"{_said(error)}; is the id right, and is the bot in it if it is private?"
        )
    if not found.get("is_member"):
        return Finding(what=what, fault="the bot is not in it; invite it: /invite @Deletion Desk")
    return Finding(what=f"{what} (#{found.get('name')})")


def _systems(settings: Settings, config: SystemsConfig, secrets: EnvironmentSecrets) -> Iterator[Finding]:
    client = posting_client(token=settings.slack_bot_token.get_secret_value(), api_url=settings.slack_api_url)
    clock = SystemClock()
    try:
        systems = connect_systems(config, secrets, clock, SlackThread(client, bot_user_id="", clock=clock))
    except MENDABLE as error:
        yield Finding(what="Systems", fault=lines(error)[0])
        return
    for system in systems:
        yield Finding(what=f"System {system.name} ({system.label})", fault=look_at(system).problem)
        close = getattr(system, "close", None)
        if close is not None:
            close()


def _customer_channels(
    settings: Settings, config: SystemsConfig, secrets: EnvironmentSecrets
) -> Iterator[Finding]:
    """Look at the ways to the customer; a mail server is signed in to, and nothing is sent."""
    try:
        channels = connect_channels(settings, config, secrets, SystemClock(), LocalPlaces())
    except MENDABLE as error:
        yield Finding(what="Ways to the customer", fault=lines(error)[0])
        return
    for channel in channels:
        check = getattr(channel, "check", None)
        yield Finding(what=f"Way to the customer: {channel.label}", fault=check() if check else "")
        close = getattr(channel, "close", None)
        if close is not None:
            close()


def _said(error: Exception) -> str:
    return (
        str(error.response.get("error", "refused"))
        if isinstance(error, SlackApiError)
        else f"cannot be reached ({type(error).__name__})"
    )
