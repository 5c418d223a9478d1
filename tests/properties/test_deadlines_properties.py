"""Deadlines for any moment, zone and choice of laws: never later than any law that may apply, never paused."""

import calendar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.domain.deadlines import (
    REGIMES,
    Deadline,
    acknowledgement_due,
    add_working_days,
    answer_due,
    extended_due,
)
from services.working_days import is_working_day

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(ZONES).map(ZoneInfo)
choices = st.lists(st.sampled_from(sorted(REGIMES)), unique=True).map(tuple)


@given(received=moments, regimes=choices, zone=zones)
def test_the_earliest_law_is_never_missed(
    received: datetime, regimes: tuple[str, ...], zone: ZoneInfo
) -> None:
    """Whatever laws may apply, the promised deadline is the earliest of theirs, and lies after the receipt."""
    due = answer_due(received=received, regimes=regimes, zone=zone).at
    assert due > received
    assert due == min(
        answer_due(received=received, regimes=(name,), zone=zone).at for name in regimes or REGIMES
    )


@given(received=moments, zone=zones)
def test_a_month_is_a_calendar_month(received: datetime, zone: ZoneInfo) -> None:
    """One month ends on the same day of the next month by the company's calendar, or on its last day."""
    local = received.astimezone(zone)
    due = answer_due(received=received, regimes=("gdpr",), zone=zone).at.astimezone(zone)
    months = (due.year - local.year) * 12 + due.month - local.month
    last = calendar.monthrange(due.year, due.month)[1]
    # A wall time that a zone skipped may fall into the hours before; whole days are never won by that.
    assert months == 1
    assert min(local.day, last) - due.day in {0, 1}


@given(received=moments, later=st.integers(0, 10**6), regimes=choices, zone=zones)
def test_who_asks_later_is_not_answered_sooner(
    received: datetime, later: int, regimes: tuple[str, ...], zone: ZoneInfo
) -> None:
    """Deadlines keep the order of receipt, up to the hours that a zone's clocks jump."""
    first = answer_due(received=received, regimes=regimes, zone=zone).at
    second = answer_due(received=received + timedelta(seconds=later), regimes=regimes, zone=zone).at
    assert second >= first - timedelta(days=1, hours=2)


@given(received=moments, regimes=choices, zone=zones)
def test_an_extension_only_ever_adds(received: datetime, regimes: tuple[str, ...], zone: ZoneInfo) -> None:
    """Where there is an extension it is later than the first deadline and no law's own extension is overrun."""
    found = extended_due(received=received, regimes=regimes, zone=zone)
    if not isinstance(found, Deadline):
        assert not found.can_be_extended
        return
    assert found.at > answer_due(received=received, regimes=regimes, zone=zone).at
    for name in regimes or REGIMES:
        alone = extended_due(received=received, regimes=(name,), zone=zone)
        assert isinstance(alone, Deadline)
        assert found.at <= alone.at


@given(received=moments, zone=zones)
def test_ten_working_days_are_ten_working_days(received: datetime, zone: ZoneInfo) -> None:
    """The acknowledgement falls on a working day, with exactly the demanded number of them since receipt."""
    found = acknowledgement_due(
        received=received, regimes=("ccpa",), zone=zone, is_working_day=is_working_day
    )
    assert found is not None
    start = received.astimezone(zone).date()
    last = add_working_days(start, 10, lambda day: is_working_day("US", day))
    assert is_working_day("US", last)
    between = [start + timedelta(days=gap) for gap in range(1, (last - start).days + 1)]
    assert sum(is_working_day("US", day) for day in between) == 10
    assert abs((found.at.astimezone(zone).date() - last).days) <= 1
