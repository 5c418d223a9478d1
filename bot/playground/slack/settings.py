"""What can be set about the look-alike: its durations (scaled down by tests) and the app it serves."""

from dataclasses import dataclass

from handlers.surface import COMMANDS, EVENTS, SCOPES

# What the manifest asks for; a method that needs another scope answers missing_scope. Without im:history there is no
# message.im: a DM to the bot reaches nobody, as in Slack.
BOT_SCOPES = frozenset(SCOPES)
EVENT_SUBSCRIPTIONS = frozenset(EVENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookalikeSettings:
    """Durations in seconds and the registration of the one app. Defaults are Slack's own values."""

    admin_token: str = "xoxp-fern-admin"  # noqa: S105 - as made up as the next one: a user token of an admin's
    bot_token: str = "xoxb-fern-0001"  # noqa: S105 - a made-up token that opens nothing but this look-alike
    app_token: str = "xapp-fern-0001"  # noqa: S105 - as above
    signing_secret: str = "fern-signing-secret"  # noqa: S105 - as above
    request_url: str | None = None
    """HTTP mode when set: events, clicks and commands are posted there, signed. Socket Mode otherwise."""
    ack_timeout: float = 3.0
    trigger_life: float = 3.0
    response_url_life: float = 1800.0
    time_scale: float = 1.0
    """Multiplies the redelivery delays below; 0.001 makes five minutes 0.3 s."""
    redelivery_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    rate_limits: bool = True
    """Answer 429 to what comes faster than Slack allows."""
    refresh_grace: float = 1.0
    """How long a socket that was asked to refresh stays open; Slack gives it a few seconds."""
    duplicate_events: bool = False
    """Deliver every event twice, as Slack does when an ack got lost on the way."""
    scopes: frozenset[str] = BOT_SCOPES
    subscriptions: frozenset[str] = EVENT_SUBSCRIPTIONS
    commands: frozenset[str] = frozenset(one.command for one in COMMANDS)
    message_shortcuts: frozenset[str] | None = None
    """Callback ids of registered message shortcuts; None accepts every id."""
    global_shortcuts: frozenset[str] | None = None
    """The same for global shortcuts."""
    takes_plan_blocks: bool = True
    """Whether messages may hold `plan` and `task_card` blocks; a workspace without them answers invalid_blocks."""
