"""Knows the working days of the countries that goods leave from and go to."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=64)
def _calendar(country: str, year: int) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return None


@lru_cache(maxsize=8192)
def is_working_day(country: str, day: date) -> bool:
    """Whether warehouses of a country work on a day; China's make-up Saturdays are work."""
    calendar = _calendar(country, day.year)
    return day.weekday() < 5 if calendar is None else bool(calendar.is_working_day(day))
