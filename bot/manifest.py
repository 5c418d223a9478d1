"""The Slack app manifest (v2), made from what the handlers need, so that it cannot lag behind them."""

from dataclasses import asdict
from typing import Any

from handlers.surface import COMMANDS, EVENTS, SCOPES, SHORTCUTS

NAME = "Deletion Desk"
PATH = "/slack/events"


def manifest(*, name: str = NAME, url: str = "") -> dict[str, Any]:
    """Return the manifest: for Socket Mode, or with `url` (https://desk.example.com) for requests over HTTP."""
    request_url = {"request_url": f"{url.rstrip('/')}{PATH}"} if url else {}
    command_url = {"url": request_url["request_url"]} if url else {}
    has_home = "app_home_opened" in EVENTS
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": name,
            "description": "Confirms deletion requests with the customer, runs them, proves them.",
            "background_color": "#24425c",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": has_home,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [asdict(one) for one in SHORTCUTS],
            "slash_commands": [asdict(one) | {"should_escape": False} | command_url for one in COMMANDS],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": sorted(EVENTS)} | request_url,
            "interactivity": {"is_enabled": True} | request_url,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }
