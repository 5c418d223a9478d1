"""How fast the desk may talk to Slack: a message a second in a channel, updates within their tier, 429 obeyed."""

from datetime import datetime, timedelta

# Slack: about one message a second in a channel; a little more, so that the network's jitter breaks no limit.
BETWEEN_POSTS = timedelta(seconds=1.1)
# chat.update is tier 3: 50 a minute. A burst of ten and 40 a minute after it never exceed that.
UPDATES_AT_ONCE = 10
UPDATE_COST = timedelta(seconds=1.5)


class Pace:
    """When the next post in a channel, and the next update anywhere, may go out. For one thread; forgets on restart."""

    def __init__(self) -> None:
        self._post_at: dict[str, datetime] = {}
        self._update_at: datetime | None = None
        self._debt_free_at: datetime | None = None

    def post_at(self, channel: str, now: datetime) -> datetime:
        """Return when the next message may be posted in the channel; `now` or earlier means at once."""
        return self._post_at.get(channel, now)

    def update_at(self, now: datetime) -> datetime:
        """Return when the next message may be updated."""
        if self._update_at is not None and now < self._update_at:
            return self._update_at
        if self._debt_free_at is None:
            return now
        # Each update costs UPDATE_COST; that much may be owed for a burst.
        return self._debt_free_at - UPDATE_COST * (UPDATES_AT_ONCE - 1)

    def posted(self, channel: str, now: datetime) -> None:
        """Note that a message went out."""
        self._post_at[channel] = now + BETWEEN_POSTS

    def updated(self, now: datetime) -> None:
        """Note that a message was updated."""
        self._debt_free_at = max(now, self._debt_free_at or now) + UPDATE_COST

    def refused_post(self, channel: str, until: datetime) -> None:
        """Post nothing in the channel until then: Slack answered 429."""
        self._post_at[channel] = until

    def refused_update(self, until: datetime) -> None:
        """Update nothing until then: Slack answered 429."""
        self._update_at = until
