"""A person in Slack: writes, edits, clicks, types commands; can do only what Slack's screen offers."""

from typing import Any

from bot.playground.slack import forms
from bot.playground.slack.api_base import Context, Refused
from bot.playground.slack.delivery import Courier
from bot.playground.slack.hooks import respond
from bot.playground.slack.journal import Delivery
from bot.playground.slack.typed_text import as_rich_text, as_slack_text
from bot.playground.slack.validation import problems_in_blocks
from bot.playground.slack.workspace import Channel, Json, Message, NotPossible, User

MAX_TYPED = 40_000


class People:
    """What people do outside views. Every method raises NotPossible for what Slack would not offer."""

    def __init__(self, context: Context, courier: Courier) -> None:
        self._context = context
        self._workspace = context.workspace
        self._courier = courier

    def say(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        thread_ts: str | None = None,
        blocks: list[Json] | None = None,
        attachments: list[Json] | None = None,
        files: list[Json] | None = None,
        as_bot_integration: bool = False,
        broadcast: bool = False,
    ) -> str:
        """Post a message and return its ts.

        What is typed arrives as Slack sends it: escaped, addresses and links marked up, with a rich_text
        block. `blocks` replaces that block (text as given); `as_bot_integration` posts as a help-desk
        integration does (subtype bot_message), e-mails as `files`; its blocks pass Slack's checks. A mention of the bot arrives twice.
        """
        with self._workspace.lock:
            place = self._workspace.channel_of(channel, user)
            author = self._workspace.person(user)
            if len(text) > MAX_TYPED:
                raise NotPossible(f"a message takes at most {MAX_TYPED} characters")
            if blocks and as_bot_integration and (problems := problems_in_blocks(blocks)):
                raise NotPossible(f"Slack refuses these blocks: {problems[0]}")
            if not text.strip() and not blocks and not attachments and not files:
                raise NotPossible("an empty message cannot be sent")
            body = _typed(
                text, blocks, self._workspace.next_id("b"), plain=as_bot_integration or author.is_bot
            )
            if attachments:
                body["attachments"] = attachments
            if files:
                body["files"] = files
            if as_bot_integration:
                body |= {"subtype": "bot_message", "username": author.real_name}
            elif not author.is_bot:
                body["client_msg_id"] = self._workspace.next_id("msg-")
            if thread_ts is not None:
                root = place.find(thread_ts)
                if root is None or root.is_reply or root.seen_by is not None:
                    raise NotPossible(f"no thread {thread_ts} in {channel}")
                body |= {"thread_ts": thread_ts} | ({"subtype": "thread_broadcast"} if broadcast else {})
            return self._context.posting.post(place, author, body).ts

    def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Edit an own message."""
        with self._workspace.lock:
            place, message = self._seen(user, channel, ts)
            if message.body.get("user") != user or message.is_tombstone:
                raise NotPossible("only the author can edit a message")
            body = _typed(text, None, self._workspace.next_id("b"), plain=False)
            self._context.posting.change(place, message, body, edited_by=user)

    def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete an own message, or anybody's as a workspace admin."""
        with self._workspace.lock:
            place, message = self._seen(user, channel, ts)
            allowed = message.body.get("user") == user or self._workspace.person(user).is_admin
            if not allowed or message.is_tombstone or message.seen_by is not None:
                raise NotPossible("only the author or a workspace admin can delete a message")
            self._context.posting.remove(place, message)

    def click(
        self,
        user: str,
        channel: str,
        message_ts: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        stale: bool = False,
    ) -> Delivery:
        """Use a button or menu that is drawn in a message; returns once the app acked or the time was up.

        `stale` permits one that an earlier version of the message drew: the person's screen lagged.
        A button with a `url` sends its click too, as in Slack.
        """
        with self._workspace.lock:
            place, message = self._seen(user, channel, message_ts)
            versions = [message.body, *(reversed(message.former) if stale else ())]
            drawn = (forms.drawn_element(v.get("blocks") or [], action_id, block_id) for v in versions)
            found = next((d for d in drawn if d is not None), None)
            if found is None or message.body.get("user") != self._workspace.bot.id:
                raise NotPossible(f"no such button: {action_id} in {message_ts}")
            action, picked = forms.action_of(*found, value, self._workspace.next_ts())
            mine = message.picked.setdefault(user, {})
            if picked is not None:
                mine[found[0]["block_id"], action_id] = picked
            values = forms.state_values(message.body.get("blocks") or [], mine)
            person = self._workspace.person(user)
            payload = self._context.payloads.message_action(person, place, message, action, values)
        return self._courier.interactive(payload)

    def command(self, user: str, channel: str, command: str, text: str = "") -> Delivery:
        """Type a slash command; the ack's text, if any, appears to that person (or to all, if it says so)."""
        with self._workspace.lock:
            person, place = self._colleague(user), self._workspace.channel_of(channel, user)
            if command not in self._context.settings.commands:
                raise NotPossible(f"{command} is not a valid command")
            payload = self._context.payloads.command(person, place, command, text)
        delivery = self._courier.command(payload)
        if delivery.acked and delivery.answer:
            with self._workspace.lock:
                try:
                    respond(self._context, place, user, delivery.answer)
                except Refused as refused:
                    delivery.problem = str(refused)
        return delivery

    def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Delivery:
        """Choose a message shortcut from a message's menu."""
        with self._workspace.lock:
            person = self._colleague(user)
            place, message = self._seen(user, channel, ts)
            registered = self._context.settings.message_shortcuts
            if (registered is not None and callback_id not in registered) or message.seen_by is not None:
                raise NotPossible(f"no such shortcut: {callback_id}")
            payload = self._context.payloads.shortcut(person, place, message, callback_id)
        return self._courier.interactive(payload)

    def global_shortcut(self, user: str, callback_id: str) -> Delivery:
        """Choose a global shortcut from Slack's menu; it comes from no channel."""
        with self._workspace.lock:
            person = self._colleague(user)
            registered = self._context.settings.global_shortcuts
            if registered is not None and callback_id not in registered:
                raise NotPossible(f"no such shortcut: {callback_id}")
            payload = self._context.payloads.global_shortcut(person, callback_id)
        return self._courier.interactive(payload)

    def open_home(self, user: str) -> None:
        """Open the app's home tab; the app hears of it, also each time it is opened again."""
        with self._workspace.lock:
            person = self._workspace.person(user)
            if person.team_id != self._workspace.team_id:
                raise NotPossible(f"{user} belongs to another workspace: the app is not installed there")
            self._context.posting.home_opened(person)

    def visible(self, user: str, channel: str) -> list[Json]:
        """Return the messages this person sees there, oldest first; their own ephemerals marked."""
        with self._workspace.lock:
            place = self._workspace.channel_of(channel, user)
            return [
                dict(m.body) | ({"is_ephemeral": True} if m.seen_by else {})
                for m in place.messages
                if m.seen_by in {None, user}
            ]

    def reload(self, user: str) -> None:
        """Reload the person's Slack: their ephemeral messages are gone for good."""
        with self._workspace.lock:
            for channel in self._workspace.channels.values():
                channel.messages = [m for m in channel.messages if m.seen_by != user]
            self._workspace.announce("reload", user=user)

    def deactivate(self, user: str) -> None:
        """Deactivate a person's account: they can do nothing from now on."""
        with self._workspace.lock:
            self._workspace.users[user].deleted = True
            self._workspace.announce("user", user=user)

    def join(self, user: str, channel: str) -> None:
        """Add somebody (the bot, too) to a channel."""
        with self._workspace.lock:
            self._workspace.channels[channel].members.add(user)
            self._workspace.announce("channel", channel=channel)

    def arrive(self, user: str, name: str, channel: str) -> None:
        """Let a new guest join a channel; nothing happens when they are there already."""
        with self._workspace.lock:
            known = User(
                id=user,
                name=user.casefold(),
                real_name=name,
                team_id=self._workspace.team_id,
                is_guest=True,
                role="customer",
            )
            self._workspace.users.setdefault(user, known)
        self.join(user, channel)

    def leave(self, user: str, channel: str) -> None:
        """Take somebody out of a channel."""
        with self._workspace.lock:
            self._workspace.channels[channel].members.discard(user)
            self._workspace.announce("channel", channel=channel)

    def _seen(self, user: str, channel: str, ts: str) -> tuple[Channel, Message]:
        place = self._workspace.channel_of(channel, user)
        message = place.find(ts, user=user)
        if message is None:
            raise NotPossible(f"{user} sees no message {ts} in {channel}")
        return place, message

    def _colleague(self, user: str) -> User:
        person = self._workspace.person(user)
        if person.team_id != self._workspace.team_id:
            raise NotPossible(f"{user} belongs to another workspace: no commands, no shortcuts")
        return person


def _typed(text: str, blocks: list[Json] | None, block_id: str, *, plain: bool) -> Json:
    if blocks is not None:
        return {"text": text, "blocks": blocks}
    if plain:
        return {"text": text}
    return {"text": as_slack_text(text), "blocks": as_rich_text(text, block_id)}
