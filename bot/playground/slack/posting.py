"""Puts messages into the workspace, changes them and takes them out, and tells the app by events."""

from collections.abc import Callable

from bot.playground.slack.payloads import Payloads
from bot.playground.slack.workspace import Channel, Json, Message, User, Workspace

Send = Callable[[Json], None]


class Posting:
    """The one writer of messages, for people and for the app alike. Callers hold the workspace lock."""

    def __init__(
        self, workspace: Workspace, payloads: Payloads, subscriptions: frozenset[str], send: Send
    ) -> None:
        self._workspace = workspace
        self._payloads = payloads
        self._subscriptions = subscriptions
        self._send = send

    def post(
        self,
        channel: Channel,
        author: User,
        body: Json,
        *,
        metadata: Json | None = None,
        seen_by: str | None = None,
    ) -> Message:
        """Append a message; unless ephemeral, the app hears of it if it is in the channel."""
        ts = self._workspace.next_ts()
        full = {"type": "message", "user": author.id, "ts": ts, "team": author.team_id, **body}
        if author.is_bot:
            full |= {"bot_id": author.bot_id, "app_id": author.app_id, "bot_profile": _bot_profile(author)}
        message = Message(body=full, metadata=metadata, seen_by=seen_by)
        channel.messages.append(message)
        if seen_by is None:
            if message.is_reply and message.thread_ts:
                self._count_replies(channel, message.thread_ts)
            self._tell_of_new(channel, author, message)
        self._workspace.announce("message", channel=channel.id, ts=ts)
        return message

    def change(self, channel: Channel, message: Message, body: Json, *, edited_by: str | None) -> None:
        """Replace a message's content (`body` wins over what was there); the app hears message_changed."""
        before = dict(message.body)
        message.former.append(before)
        after = {key: value for key, value in (before | body).items() if value is not None}
        if edited_by is not None:
            after["edited"] = {"user": edited_by, "ts": self._workspace.next_ts()}
        message.body = after
        if message.seen_by is None:
            self._tell(channel, {"subtype": "message_changed", "message": after, "previous_message": before})
        self._workspace.announce("message", channel=channel.id, ts=message.ts)

    def remove(self, channel: Channel, message: Message) -> None:
        """Delete a message; a thread's root with replies becomes a tombstone, as in Slack."""
        before = dict(message.body)
        if message.seen_by is None and channel.replies(message.ts):
            kept = {
                k: v for k, v in before.items() if k in {"type", "ts", "thread_ts"} or k.startswith("reply")
            }
            message.body = kept | {
                "subtype": "tombstone",
                "text": "This message was deleted.",
                "user": "USLACKBOT",
                "hidden": True,
                "latest_reply": before.get("latest_reply"),
            }
            message.metadata = None
            message.former.clear()
            # Slack announces a tombstone as a change of the message, not as a deletion.
            self._tell(
                channel,
                {"subtype": "message_changed", "message": dict(message.body), "previous_message": before},
            )
        else:
            channel.messages.remove(message)
            if message.is_reply and message.thread_ts:
                self._count_replies(channel, message.thread_ts)
            if message.seen_by is None:
                self._tell(
                    channel,
                    {"subtype": "message_deleted", "previous_message": before, "deleted_ts": message.ts},
                )
        self._workspace.announce("message", channel=channel.id, ts=message.ts)

    def home_opened(self, person: User) -> None:
        """Tell the app that somebody opened its home tab; the event comes in the bot's direct channel with them."""
        if "app_home_opened" not in self._subscriptions:
            return
        channel = self._workspace.direct_channel(person.id)
        home = self._workspace.homes.get(person.id)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": channel.id,
            "tab": "home",
            "event_ts": self._workspace.next_ts(),
        }
        if home is not None:
            event["view"] = self._payloads.view(home)
        self._send(self._payloads.event(channel, event))

    def _count_replies(self, channel: Channel, thread_ts: str) -> None:
        root = channel.find(thread_ts)
        if root is None:
            return
        replies = channel.replies(thread_ts)
        for key in ("reply_count", "reply_users", "reply_users_count", "latest_reply"):
            root.body.pop(key, None)
        if replies:
            users = list(dict.fromkeys(str(reply.body["user"]) for reply in replies))
            root.body |= {
                "thread_ts": thread_ts,
                "reply_count": len(replies),
                "reply_users": users,
                "reply_users_count": len(users),
                "latest_reply": replies[-1].ts,
            }

    def _tell_of_new(self, channel: Channel, author: User, message: Message) -> None:
        event = dict(message.body) | {
            "channel": channel.id,
            "event_ts": message.ts,
            "channel_type": channel.kind,
        }
        root = channel.find(message.thread_ts) if message.is_reply and message.thread_ts else None
        if root is not None:
            event["parent_user_id"] = root.body.get("user")
        if channel.is_ext_shared:
            event |= {"user_team": author.team_id, "source_team": author.team_id}
        self._deliver(channel, event)
        # A mention arrives a second time, as an event of its own with the same channel and ts.
        if not channel.is_im and author.id != self._workspace.bot.id and self._mentions_bot(message.body):
            mention = {
                k: v for k, v in event.items() if k not in {"channel_type", "subtype", "parent_user_id"}
            }
            self._deliver(channel, mention | {"type": "app_mention"})

    def _tell(self, channel: Channel, event: Json) -> None:
        ts = self._workspace.next_ts()
        frame = {"type": "message", "channel": channel.id, "hidden": True, "ts": ts, "event_ts": ts}
        self._deliver(channel, frame | {"channel_type": channel.kind} | event)

    def _deliver(self, channel: Channel, event: Json) -> None:
        name = (
            event["type"] if event["type"] != "message" else f"message.{channel.kind}s".replace("ims", "im")
        )
        if name in self._subscriptions and self._workspace.bot.id in channel.members:
            self._send(self._payloads.event(channel, event))

    def _mentions_bot(self, body: Json) -> bool:
        bot = self._workspace.bot.id
        return f"<@{bot}>" in body.get("text", "") or _names_user(body.get("blocks"), bot)


def _names_user(node: object, user_id: str) -> bool:
    if isinstance(node, dict):
        if node.get("type") == "user" and node.get("user_id") == user_id:
            return True
        if node.get("type") == "mrkdwn" and f"<@{user_id}>" in str(node.get("text")):
            return True
        return any(_names_user(value, user_id) for value in node.values())
    return isinstance(node, list) and any(_names_user(value, user_id) for value in node)


def _bot_profile(author: User) -> Json:
    return {
        "id": author.bot_id,
        "app_id": author.app_id,
        "name": author.real_name,
        "deleted": False,
        "team_id": author.team_id,
    }
