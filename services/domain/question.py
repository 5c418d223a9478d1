"""The question that a customer was asked, and how long its own buttons and link count."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

# A day counts wherever on earth the customer is: it is over when it has ended in UTC-12.
DAY_ENDS_LATE = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """That the customer was asked which of the two they mean: when, by whom, by which channel.

    `id` is what the customer's own buttons and link carry: unguessable, and good for this one asking only. It counts
    until `until`, once: `used_at` is when the customer chose with it. `language` is the one the customer was asked in.
    """

    at: datetime
    by: str
    channel: str
    id: str = ""
    until: datetime | None = None
    language: str = "en"
    used_at: datetime | None = None

    @property
    def last_day(self) -> date | None:
        """The last day on which the question can be answered by link or button, as the customer is told."""
        return last_day(self.until) if self.until else None


def until_end_of(moment: datetime) -> datetime:
    """Return when the day of this moment (UTC) has ended everywhere on earth."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1) + DAY_ENDS_LATE


def last_day(until: datetime) -> date:
    """Return the day that `until_end_of` was made from."""
    return (until - DAY_ENDS_LATE - timedelta(seconds=1)).date()
