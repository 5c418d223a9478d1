"""Slack's rate limits: so many calls of a method a minute, one message a second in a channel, 429 with Retry-After."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.playground.slack.workspace import Json

# Calls a minute (Slack: rate limits, tiers 1 to 4). Methods that are not named have special, much higher limits.
TIERS = {
    "apps.connections.open": 60,  # tier 1 on paper; in practice ten sockets may be opened in a row, and again
    "usergroups.users.list": 20,
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.replies": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.open": 50,
    "conversations.members": 100,
    "chat.postEphemeral": 100,
    "users.info": 100,
    "views.open": 100,
    "views.push": 100,
    "views.update": 100,
    "views.publish": 100,
}
POST = "chat.postMessage"
# "One message per second per channel; short bursts are allowed": one message may come early.
POSTS_A_SECOND, BURST = 1.0, 2.0


@dataclass(slots=True)
class _Bucket:
    most: float
    per_second: float
    level: float
    at: float

    def take(self, now: float) -> float:
        """Take one; return 0, or how many seconds are missing."""
        self.level = min(self.most, self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.per_second


@dataclass(slots=True)
class RateLimits:
    """What was called how often lately. `clock` is monotonic. Used under the workspace's lock."""

    clock: Callable[[], float]
    is_on: bool = True
    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)
    _forced: dict[str, list[int]] = field(default_factory=dict)

    def force(self, method: str, retry_after: int, times: int = 1) -> None:
        """Refuse the next calls of a method with this Retry-After, whatever was called before."""
        self._forced.setdefault(method, []).extend([retry_after] * times)

    def seconds_to_wait(self, method: str, args: Json) -> int:
        """Return 0 when the call may go on, else the Retry-After in whole seconds, at least 1."""
        if self._forced.get(method):
            return self._forced[method].pop(0)
        if not self.is_on:
            return 0
        if method == POST:
            bucket = self._bucket(method, str(args.get("channel")), most=BURST, per_second=POSTS_A_SECOND)
        elif method in TIERS:
            bucket = self._bucket(method, "", most=TIERS[method], per_second=TIERS[method] / 60)
        else:
            return 0
        missing = bucket.take(self.clock())
        return math.ceil(missing) if missing else 0

    def _bucket(self, method: str, key: str, *, most: float, per_second: float) -> _Bucket:
        return self._buckets.setdefault(
            (method, key), _Bucket(most=most, per_second=per_second, level=most, at=self.clock())
        )
