"""Working days (pure): weekends are free, weekdays work, and the State Council's yearly notice swaps some of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

PUBLISHED_IN = 11  # the notice for a year comes out in November of the year before
_SATURDAY = 5
_DAY = timedelta(days=1)
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


@dataclass(frozen=True)
class SpecialDay:
    """A holiday, or a weekend day worked to make up for one."""

    day: date
    is_working: bool
    name: str


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: `special` days as told, all others by their weekday."""

    special: Mapping[date, bool]

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        told = self.special.get(day)
        return day.weekday() < _SATURDAY if told is None else told

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day` (`day` itself does not count); 0 gives `day` itself. ValueError below 0."""
        if n < 0:
            raise ValueError("a deadline lies ahead: n must not be negative")
        while n:
            day += _DAY
            n -= self.is_working(day)
        return day

    def between(self, first: date, last: date) -> int:
        """Working days after `first` up to and with `last`; negative when `last` has passed."""
        if last < first:
            return -self.between(last, first)
        return sum(self.is_working(first + _DAY * i) for i in range(1, (last - first).days + 1))

    def covers(self, year: int) -> bool:
        """Whether the notice for the year is in: every notice names National Day."""
        return date(year, 10, 1) in self.special

    def years_missing(self, today: date) -> list[int]:
        """This year and, once its notice is due, the coming year, when the calendar lacks them."""
        due = [today.year, today.year + 1] if today.month >= PUBLISHED_IN else [today.year]
        return [year for year in due if not self.covers(year)]


def published(years: Iterable[int]) -> list[SpecialDay]:
    """The special days of those years that the chinesecalendar package knows, in order; none for a year it lacks."""
    wanted = set(years)
    days = {
        day: SpecialDay(day, is_working, f"{_NAMES.get(name, name)}{'调休上班' if is_working else ''}")
        for is_working, known in ((False, chinese_calendar.holidays), (True, chinese_calendar.workdays))
        for day, name in known.items()
        if day.year in wanted
    }
    return [days[day] for day in sorted(days)]


def published_years() -> range:
    """The years the chinesecalendar package knows."""
    return range(min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year + 1)
