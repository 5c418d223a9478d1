"""Working days from the `holidays` library: weekends and public holidays of a country or one of its regions."""

from datetime import date
from functools import lru_cache

import holidays


def is_working_day(country: str, day: date) -> bool:
    """Return whether that is a working day there: "DE" is Germany, "DE-BE" Berlin, "US" the federal holidays.

    A country without a known calendar ("" too) has weekends only: no holiday is made up. Never raises.
    """
    calendar = _calendar(country)
    return day.isoweekday() <= 5 if calendar is None else bool(calendar.is_working_day(day))


def is_known(country: str) -> bool:
    """Whether the library has a calendar for this country or region."""
    return _calendar(country) is not None


@lru_cache(maxsize=64)
def _calendar(country: str) -> holidays.HolidayBase | None:
    name, _, region = country.partition("-")
    try:
        return holidays.country_holidays(name, subdiv=region or None)
    except (NotImplementedError, KeyError):
        return None
