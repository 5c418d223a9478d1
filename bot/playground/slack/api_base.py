"""What every Web API method shares: its context, its arguments, and how Slack refuses."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from bot.playground.slack.payloads import Payloads
from bot.playground.slack.posting import Posting
from bot.playground.slack.settings import LookalikeSettings
from bot.playground.slack.socket_mode import SocketMode
from bot.playground.slack.workspace import Channel, Json, Message, User, Workspace


class Refused(Exception):  # noqa: N818 - it is an answer of Slack's, not an error of ours
    """Slack answers `ok: false` with this error code (and, for blocks and views, the reasons)."""

    def __init__(self, error: str, messages: list[str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.answer: Json = {"ok": False, "error": error, **more}
        if messages:
            self.answer["response_metadata"] = {"messages": [f"[ERROR] {text}" for text in messages]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the methods work on."""

    workspace: Workspace
    posting: Posting
    payloads: Payloads
    settings: LookalikeSettings
    sockets: SocketMode
    base_url: str
    by_admin: bool = False


def given(args: Json, name: str) -> str:
    """Return a required argument; Slack names the missing one."""
    value = args.get(name)
    if value in {None, ""} if not isinstance(value, (dict, list)) else False:
        raise Refused("invalid_arguments", [f"missing required field: {name}"])
    return str(value)


def flag(args: Json, name: str, *, default: bool = False) -> bool:
    """Return a boolean argument however it was written (JSON, form, query)."""
    value = args.get(name, default)
    return value if isinstance(value, bool) else str(value).lower() in {"1", "true"}


def decoded(args: Json, name: str, *, error: str) -> Any:
    """Return an argument that may be JSON or a JSON-encoded string; raises Refused(error) for broken JSON."""
    value = args.get(name)
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        raise Refused(error) from None


def channel_for_bot(context: Context, channel_id: str) -> Channel:
    """Return a channel the bot may use; private ones it is not in do not exist for it."""
    channel = context.workspace.channels.get(channel_id)
    bot_is_in = channel is not None and context.workspace.bot.id in channel.members
    if channel is None or ((channel.is_private or channel.is_im) and not bot_is_in):
        raise Refused("channel_not_found")
    if not bot_is_in:
        raise Refused("not_in_channel")
    return channel


def message_in(channel: Channel, ts: str, *, error: str = "message_not_found") -> Message:
    """Return a posted message; ephemeral ones cannot be reached through the Web API."""
    message = channel.find(ts)
    if message is None or message.seen_by is not None:
        raise Refused(error)
    return message


def user_known(context: Context, user_id: str) -> User:
    """Return a user of the workspace or of a connected one."""
    user = context.workspace.users.get(user_id)
    if user is None:
        raise Refused("user_not_found")
    return user


def page_of(items: list[Any], args: Json, *, default: int, most: int = 1000) -> tuple[list[Any], str]:
    """Return (one page, next cursor or empty). Cursors are opaque; a broken one is invalid_cursor."""
    try:
        limit = int(args.get("limit") or default)
    except ValueError:
        raise Refused("invalid_limit") from None
    if limit < 1:
        raise Refused("invalid_limit")
    start = _offset(str(args.get("cursor") or ""))
    end = start + min(limit, most)
    more = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
    return items[start:end], more


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
        if word == "next":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise Refused("invalid_cursor")
