"""The desk's own pace: never faster than Slack allows, whatever has to be said."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.slack_pace import Pace

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
seconds = st.floats(0, 5, allow_nan=False)


@given(gaps=st.lists(seconds, min_size=1, max_size=80))
def test_no_second_holds_two_posts_of_one_channel(gaps: list[float]) -> None:
    """Whenever somebody asks, two messages of one channel are more than a second apart; other channels do not wait."""
    pace, now, sent = Pace(), START, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        if pace.post_at("C1", now) <= now:
            pace.posted("C1", now)
            sent.append(now)
        assert pace.post_at("C2", now) <= now
    assert all(later - earlier > timedelta(seconds=1) for earlier, later in pairwise(sent))
    assert sent


@given(gaps=st.lists(seconds, min_size=1, max_size=300))
def test_no_minute_holds_more_updates_than_the_tier(gaps: list[float]) -> None:
    """In any minute at most fifty updates go out (chat.update, tier 3), and never none at all when there is room."""
    pace, now, sent = Pace(), START, []
    for gap in gaps:
        now += timedelta(seconds=gap / 5)
        if pace.update_at(now) <= now:
            pace.updated(now)
            sent.append(now)
    for first in sent:
        assert sum(first <= one < first + timedelta(minutes=1) for one in sent) <= 50
    assert len(sent) >= min(10, len(gaps))


def test_a_refusal_is_obeyed_to_the_second() -> None:
    """After a 429 nothing of that kind goes out before the time that Slack named."""
    pace, until = Pace(), START + timedelta(seconds=30)
    pace.refused_post("C1", until)
    pace.refused_update(until)
    assert pace.post_at("C1", START) == pace.update_at(START) == until
    assert pace.update_at(until) <= until
