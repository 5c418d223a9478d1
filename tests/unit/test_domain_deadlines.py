"""Deadlines: computed from the first message, the earliest law when none is known, months as the law counts them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.domain.deadlines import (
    REGIMES,
    Deadline,
    Regime,
    acknowledgement_due,
    answer_due,
    extended_due,
)
from services.working_days import is_known, is_working_day


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-02T09:00", "2026-04-02T09:00"),
        ("2026-01-31T23:59", "2026-02-28T23:59"),
        ("2028-01-31T00:00", "2028-02-29T00:00"),
        ("2028-01-29T12:00", "2028-02-29T12:00"),
        ("2028-02-29T12:00", "2028-03-29T12:00"),
        ("2026-03-31T12:00", "2026-04-30T12:00"),
        ("2026-12-31T12:00", "2027-01-31T12:00"),
    ],
)
def test_one_month_ends_on_the_same_day_or_the_last(received: str, due: str) -> None:
    """GDPR's month ends on the same date of the next month, or its last day where that date does not exist."""
    assert answer_due(received=at(received), regimes=("gdpr",)).at == at(due)


@pytest.mark.parametrize(("regime", "days"), [("ccpa", 45), ("us_state", 45), ("lgpd", 15), ("pipeda", 30)])
def test_day_regimes_count_calendar_days(regime: str, days: int) -> None:
    """Calendar days from receipt, over leap days and year ends, to the minute."""
    for received in (at("2028-02-20T08:30"), at("2026-12-25T08:30")):
        assert answer_due(received=received, regimes=(regime,)).at == received + timedelta(days=days)


def test_an_unknown_jurisdiction_takes_the_earliest_deadline() -> None:
    """Without a named regime no law's deadline is later than the one promised."""
    received = at("2026-01-31T10:00")
    due = answer_due(received=received)
    assert due.regime.name == "lgpd"
    assert all(due.at <= answer_due(received=received, regimes=(name,)).at for name in REGIMES)


def test_of_several_regimes_the_earlier_one_holds() -> None:
    """February makes the GDPR's month shorter than PIPEDA's 30 days."""
    due = answer_due(received=at("2026-02-01T10:00"), regimes=("pipeda", "gdpr"))
    assert (due.regime.name, due.at) == ("gdpr", at("2026-03-01T10:00"))


def test_every_regime_names_its_source() -> None:
    """Each deadline can be traced to a law, and has a length."""
    for regime in REGIMES.values():
        assert regime.source
        assert regime.months or regime.days


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # Berlin is on winter time in February and on summer time in late March: the clock on the wall counts.
        ("2026-02-28T12:00+01:00", "2026-03-28T12:00+01:00"),
        ("2026-03-10T12:00+01:00", "2026-04-10T12:00+02:00"),
        # 23:30 UTC on 30 January is already the 31st in Berlin, and February has 28 days.
        ("2026-01-30T23:30+00:00", "2026-02-28T00:30+01:00"),
        # 02:30 does not exist on 29 March 2026 in Berlin, and comes twice on 25 October: the earlier moment counts.
        ("2026-02-28T02:30+01:00", "2026-03-28T02:30+01:00"),
        ("2026-09-25T02:30+02:00", "2026-10-25T02:30+02:00"),
    ],
)
def test_a_month_is_counted_by_the_companys_clocks(received: str, due: str) -> None:
    """The answer is due at the same time of day in the company's zone, across daylight saving and date lines."""
    found = answer_due(received=datetime.fromisoformat(received), regimes=("gdpr",), zone=BERLIN)
    assert found.at == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-02T09:00", "2026-06-02T09:00"),
        ("2026-11-30T09:00", "2027-02-28T09:00"),
        ("2027-11-30T09:00", "2028-02-29T09:00"),
    ],
)
def test_an_extension_counts_from_receipt(received: str, due: str) -> None:
    """GDPR: two further months from the receipt's month, never a clock that starts again (rule 12)."""
    found = extended_due(received=at(received), regimes=("gdpr",))
    assert isinstance(found, Deadline)
    assert found.at == at(due)


def test_no_extension_while_a_law_without_one_may_apply() -> None:
    """Unknown jurisdiction, or one of several laws without an extension: the law that stands in the way is named."""
    for regimes in ((), ("gdpr", "lgpd"), ("quebec",)):
        found = extended_due(received=at("2026-03-02T09:00"), regimes=regimes)
        assert isinstance(found, Regime)
        assert not found.can_be_extended


@pytest.mark.parametrize(
    ("received", "due"),
    [
        # 2026-11-26 is Thanksgiving; the ten working days after Monday 23 November end on 8 December.
        ("2026-11-23T09:00", "2026-12-08T09:00"),
        # 25 December and 1 January are holidays.
        ("2026-12-21T09:00", "2027-01-06T09:00"),
        # A request on a Saturday counts from the Monday after.
        ("2026-03-07T09:00", "2026-03-20T09:00"),
    ],
)
def test_ten_working_days_skip_weekends_and_holidays(received: str, due: str) -> None:
    """CCPA §7021(a): confirmation of receipt within ten business days, by the federal calendar."""
    found = acknowledgement_due(received=at(received), regimes=("ccpa",), is_working_day=is_working_day)
    assert found is not None
    assert found.at == at(due)


def test_no_acknowledgement_where_no_law_asks_for_one() -> None:
    """The GDPR alone has no acknowledgement clock."""
    assert (
        acknowledgement_due(received=at("2026-03-02T09:00"), regimes=("gdpr",), is_working_day=is_working_day)
        is None
    )


def test_an_unknown_country_has_weekends_only() -> None:
    """A calendar that nobody knows makes no holidays up: fewer days off mean an earlier deadline."""
    christmas, sunday = date(2026, 12, 25), date(2026, 12, 27)
    assert is_working_day("XX", christmas)
    assert not is_working_day("XX", sunday)
    assert not is_working_day("DE", christmas)
    assert not is_working_day("DE-BE", date(2026, 3, 8)), "Women's Day is a holiday in Berlin"
    assert not is_known("XX")
