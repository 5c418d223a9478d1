"""From Slack's event payloads to one plain record of what was written, by whom and where."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from handlers.words_of import as_dict, as_word, words_and_sender

Kind = Literal["message", "mention", "edit", "shortcut", "command"]

# bot_message: help-desk integrations post as bots, with the customer's text in blocks or attachments.
_SUBTYPES = {"", "bot_message", "thread_broadcast", "file_share"}
_SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message as Slack told of it. `ts` and `thread_ts` name it; `written_at` is its time (aware, UTC).

    `user` is "" for a post by an integration, which may name the customer (`sender_name`, `sender_address`: a claim,
    no proof). `thread_ts` is "" outside a thread. `kind` says how it came here; `opened_by` names the agent who wants
    a case opened from it by hand ("" otherwise).
    """

    event_id: str
    team: str
    channel: str
    ts: str
    thread_ts: str
    user: str
    user_team: str
    text: str
    kind: Kind
    written_at: datetime
    bot_id: str = ""
    app_id: str = ""
    opened_by: str = ""
    sender_name: str = ""
    sender_address: str = ""


def message_of(body: Any) -> Post | None:
    """Return the message in an `event_callback` body, or None when there is none to read. Never raises.

    Subtypes none, bot_message, thread_broadcast, file_share and message_changed count, and app_mention. An edit that
    left the text as it was (Slack adding a preview) is none.
    """
    event = as_dict(as_dict(body).get("event"))
    kind, message = _kind_and_message(event)
    ts, channel = as_word(message.get("ts")), as_word(event.get("channel"))
    written_at = time_of(ts)
    if kind is None or written_at is None or not channel:
        return None
    is_integration = speaks_for_others(message)
    text, sender = words_and_sender(message, is_integration=is_integration)
    if (
        kind == "edit"
        and text == words_and_sender(as_dict(event.get("previous_message")), is_integration=is_integration)[0]
    ):
        return None
    team = as_word(as_dict(body).get("team_id"))
    return Post(
        event_id=as_word(as_dict(body).get("event_id")),
        team=team,
        channel=channel,
        ts=ts,
        thread_ts=as_word(message.get("thread_ts")),
        user="" if is_integration else as_word(message.get("user")),
        user_team=as_word(message.get("user_team")) or as_word(message.get("team")) or team,
        text=text,
        kind=kind,
        written_at=written_at,
        bot_id=as_word(message.get("bot_id")),
        app_id=as_word(message.get("app_id")),
        sender_name=sender.name,
        sender_address=sender.address,
    )


def speaks_for_others(message: dict[str, Any]) -> bool:
    """Whether a message was posted by an integration (or by Slack's own e-mail), so that its account is nobody's.

    The app's own posts never get this far: the middleware knows them by their bot id.
    """
    return bool(as_word(message.get("bot_id"))) or as_word(message.get("user")) == _SLACKBOT


def time_of(ts: str) -> datetime | None:
    """Return the moment that a Slack ts names, or None when it is no ts."""
    if not re.fullmatch(r"\d{1,11}(\.\d{1,9})?", ts, flags=re.ASCII):
        return None
    return datetime.fromtimestamp(float(ts), tz=UTC)


def _kind_and_message(event: dict[str, Any]) -> tuple[Kind | None, dict[str, Any]]:
    kind, subtype = event.get("type"), event.get("subtype") or ""
    if kind == "app_mention":
        return "mention", event
    if kind != "message" or not isinstance(subtype, str):
        return None, {}
    if subtype == "message_changed":
        message = as_dict(event.get("message"))
        inner = message.get("subtype") or ""
        return ("edit" if isinstance(inner, str) and inner in _SUBTYPES else None), message
    return ("message" if subtype in _SUBTYPES else None), event
