"""The look-alike's memory: one workspace with its people, channels, messages, views and a feed of changes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

Json = dict[str, Any]


class NotPossible(Exception):  # noqa: N818 - reads as what it is: Slack does not offer that
    """Slack's own screen would not let this person do that."""


@dataclass(slots=True, kw_only=True)
class User:
    """A person or bot. `team_id` differs from the workspace's for somebody from another company."""

    id: str
    name: str
    real_name: str
    team_id: str
    is_admin: bool = False
    is_guest: bool = False
    is_bot: bool = False
    bot_id: str | None = None
    app_id: str | None = None
    deleted: bool = False
    role: str = ""
    """For people who look at the playground only; never sent to the app."""


@dataclass(slots=True, kw_only=True)
class Message:
    """One posted message. `body` is what Slack's API shows, `metadata` only on request."""

    body: Json
    metadata: Json | None = None
    seen_by: str | None = None
    """The only person who sees it (an ephemeral message); None for everybody in the channel."""
    former: list[Json] = field(default_factory=list)
    picked: dict[str, dict[tuple[str, str], Json]] = field(default_factory=dict)
    """Per person: what they chose in the message's stateful elements."""

    @property
    def ts(self) -> str:
        """The message's id within its channel."""
        return str(self.body["ts"])

    @property
    def thread_ts(self) -> str | None:
        """The root of its thread; its own ts for a root with replies."""
        found = self.body.get("thread_ts")
        return None if found is None else str(found)

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread under another message."""
        return self.thread_ts not in {None, self.ts}

    @property
    def is_tombstone(self) -> bool:
        """Whether only the place of a deleted thread root is left."""
        return self.body.get("subtype") == "tombstone"


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel or direct message and what was written in it, oldest first."""

    id: str
    name: str
    members: set[str]
    is_private: bool = False
    is_im: bool = False
    is_ext_shared: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Slack's `channel_type` in events."""
        return "im" if self.is_im else "group" if self.is_private else "channel"

    def find(self, ts: str, *, user: str | None = None) -> Message | None:
        """Return the message with that ts; an ephemeral one only for the person who sees it."""
        return next((m for m in self.messages if m.ts == ts and m.seen_by in {None, user}), None)

    def replies(self, ts: str) -> list[Message]:
        """Return the posted replies in the thread under `ts`, oldest first."""
        return [m for m in self.messages if m.thread_ts == ts and m.ts != ts and m.seen_by is None]


@dataclass(slots=True, kw_only=True)
class View:
    """A modal or home tab that one person has open; `picked` is what they chose in it so far."""

    id: str
    user_id: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    picked: dict[tuple[str, str], Json] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Trigger:
    """A trigger_id: usable once, soon, for the person who caused it."""

    user_id: str
    issued: float
    view_id: str | None = None
    used: bool = False


@dataclass(slots=True, kw_only=True)
class Hook:
    """A response_url: where it answers to and how often it was used."""

    user_id: str
    channel_id: str
    issued: float
    message_ts: str | None = None
    uses: int = 0


@dataclass(slots=True, kw_only=True)
class UserGroup:
    """A user group such as the approvers."""

    id: str
    handle: str
    members: list[str]


class Workspace:
    """Everything the look-alike remembers; all access holds `lock`, every change is announced."""

    def __init__(
        self,
        *,
        team_id: str,
        name: str,
        domain: str,
        users: list[User],
        channels: list[Channel],
        user_groups: list[UserGroup],
        bot_user_id: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.team_id = team_id
        self.name = name
        self.domain = domain
        self.users = {user.id: user for user in users}
        self.channels = {channel.id: channel for channel in channels}
        self.user_groups = {group.id: group for group in user_groups}
        self.bot = self.users[bot_user_id]
        self.views: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.changes: list[Json] = []
        self.clock = clock
        self._ids = count(1)
        self._last_micros = 0

    def begin_anew(self, fresh: "Workspace") -> None:
        """Become as `fresh` is. The feed of changes and the clock of ts go on, for whoever follows them."""
        with self.lock:
            self.users, self.channels, self.user_groups = fresh.users, fresh.channels, fresh.user_groups
            self.bot = fresh.bot
            for kept in (self.views, self.homes, self.triggers, self.hooks):
                kept.clear()
            self.announce("reset")

    def next_ts(self) -> str:
        """Return a message ts, strictly later than every earlier one."""
        with self.lock:
            self._last_micros = max(int(self.clock() * 1_000_000), self._last_micros + 1)
            return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    def next_id(self, prefix: str) -> str:
        """Return an id that was never used in this workspace, such as `V000012`."""
        with self.lock:
            return f"{prefix}{next(self._ids):06d}"

    def announce(self, kind: str, **about: Any) -> None:
        """Append to the feed of changes and wake everybody who waits for one."""
        with self.changed:
            self.changes.append({"seq": len(self.changes) + 1, "kind": kind, **about})
            self.changed.notify_all()

    def changes_since(self, seq: int, timeout: float) -> list[Json]:
        """Return the changes after `seq`, waiting up to `timeout` seconds for the first of them."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.changes) > seq, timeout)
            return self.changes[max(seq, 0) :]

    def channel_of(self, channel_id: str, user_id: str) -> Channel:
        """Return a channel in which that active person is; raises NotPossible otherwise."""
        self.person(user_id)
        channel = self.channels.get(channel_id)
        if channel is None or user_id not in channel.members:
            raise NotPossible(f"{user_id} is not in {channel_id}")
        return channel

    def person(self, user_id: str) -> User:
        """Return an active user; raises NotPossible for unknown and deactivated ones."""
        user = self.users.get(user_id)
        if user is None or user.deleted:
            raise NotPossible(f"{user_id} cannot act: unknown or deactivated")
        return user

    def direct_channel(self, user_id: str) -> Channel:
        """Return the DM between the bot and that person; opened on first use."""
        with self.lock:
            pair = {user_id, self.bot.id}
            found = next((c for c in self.channels.values() if c.is_im and c.members == pair), None)
            if found is None:
                found = Channel(id=self.next_id("D"), name=f"dm-{user_id}", members=pair, is_im=True)
                self.channels[found.id] = found
                self.announce("channel", channel=found.id)
            return found
