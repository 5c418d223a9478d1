"""When the law wants an answer: regimes as data, computed from the first message; the clock never pauses."""

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

# Whether a day is a working day in a country ("DE", "DE-BE", "US"; "" and unknown ones know weekends only, which errs
# on the early side). Never raises. Where holidays come from is an adapter's business (services/working_days.py).
IsWorkingDay = Callable[[str, date], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """One law's clocks: calendar months or days to answer, what an extension adds, working days to acknowledge.

    `extra_months` and `extra_days` are 0 where the law knows no extension; `acknowledge_days` is 0 where it asks for
    no acknowledgement, and `holidays` is the country whose calendar counts for that.
    """

    name: str
    label: str
    months: int = 0
    days: int = 0
    extra_months: int = 0
    extra_days: int = 0
    acknowledge_days: int = 0
    holidays: str = ""
    source: str = ""

    @property
    def can_be_extended(self) -> bool:
        """Whether the law knows an extension."""
        return bool(self.extra_months or self.extra_days)


# FACTS.md, "The law, as product rules". What could not be confirmed errs on the early side and says so.
REGIMES = {
    regime.name: regime
    for regime in (
        Regime(name="gdpr", label="GDPR", months=1, extra_months=2, source="GDPR Art. 12(3)"),
        Regime(
            name="ccpa",
            label="CCPA",
            days=45,
            extra_days=45,
            acknowledge_days=10,
            holidays="US",
            source="11 CCR §7021(a), (b)",
        ),
        Regime(
            name="us_state",
            label="US state law",
            days=45,
            extra_days=45,
            source="e.g. Va. Code §59.1-577(B)(1)",
        ),
        Regime(
            name="lgpd",
            label="LGPD",
            days=15,
            acknowledge_days=1,
            holidays="BR",
            source="safe default, unconfirmed; acknowledgement “immediate”, read as one working day",
        ),
        Regime(
            name="pipeda",
            label="PIPEDA",
            days=30,
            extra_days=30,
            source="PIPEDA Principle 4.9.4, s. 8(3), 8(4)",
        ),
        Regime(name="quebec", label="Quebec Law 25", days=30, source="Quebec private sector act, s. 32"),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The moment (UTC) by which something is due, and the law that says so."""

    regime: Regime
    at: datetime


def answer_due(*, received: datetime, regimes: tuple[str, ...] = (), zone: tzinfo = UTC) -> Deadline:
    """Return the earliest deadline among the regimes (all known ones when none is named: jurisdiction unknown).

    Months and days are counted on the calendar of `zone`, the company's: the answer is due at the same time of day
    by its clocks, daylight saving or not.
    """
    return _earliest(
        Deadline(regime=one, at=_after(received, months=one.months, days=one.days, zone=zone))
        for one in _named(regimes)
    )


def extended_due(
    *, received: datetime, regimes: tuple[str, ...] = (), zone: tzinfo = UTC
) -> Deadline | Regime:
    """Return the earliest extended deadline among the regimes, or the first of them that knows no extension.

    Counted from receipt like the first one: an extension never restarts a clock.
    """
    named = _named(regimes)
    barred = next((one for one in named if not one.can_be_extended), None)
    if barred is not None:
        return barred
    return _earliest(
        Deadline(
            regime=one,
            at=_after(
                received, months=one.months + one.extra_months, days=one.days + one.extra_days, zone=zone
            ),
        )
        for one in named
    )


def acknowledgement_due(
    *,
    received: datetime,
    is_working_day: IsWorkingDay,
    regimes: tuple[str, ...] = (),
    zone: tzinfo = UTC,
) -> Deadline | None:
    """Return by when the customer must have heard from us at all, or None where no regime asks for it.

    Working days are counted from the day after receipt, on the regime's own calendar.
    """
    asking = [one for one in _named(regimes) if one.acknowledge_days]
    if not asking:
        return None
    local = received.astimezone(zone)

    def due(regime: Regime) -> Deadline:
        last = add_working_days(
            local.date(), regime.acknowledge_days, lambda day: is_working_day(regime.holidays, day)
        )
        return Deadline(regime=regime, at=_moment(last, local, zone))

    return _earliest(due(one) for one in asking)


def add_working_days(start: date, number: int, is_working: Callable[[date], bool]) -> date:
    """Return the day on which the `number`-th working day after `start` falls."""
    day, left = start, number
    while left:
        day += timedelta(days=1)
        left -= is_working(day)
    return day


def _named(regimes: tuple[str, ...]) -> tuple[Regime, ...]:
    return tuple(REGIMES[name] for name in regimes or tuple(REGIMES))


def _earliest(deadlines: Iterable[Deadline]) -> Deadline:
    return min(deadlines, key=lambda one: one.at)


def _after(received: datetime, *, months: int, days: int, zone: tzinfo) -> datetime:
    """Add months (clamped to the last day of the target month, as Reg. 1182/71 Art. 3(2)(c) has it), then days."""
    local = received.astimezone(zone)
    month = local.month - 1 + months
    year, month = local.year + month // 12, month % 12 + 1
    last = min(local.day, calendar.monthrange(year, month)[1])
    return _moment(date(year, month, last) + timedelta(days=days), local, zone)


def _moment(day: date, local: datetime, zone: tzinfo) -> datetime:
    """Return that day at the same time of day, in UTC; the earlier moment where clocks go back or leap forward."""
    wall = datetime.combine(day, local.time(), tzinfo=zone)
    return min(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
