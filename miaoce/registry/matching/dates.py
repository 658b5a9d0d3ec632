"""Birth dates, and what the usual slips make of them (pure, in columns)."""

from datetime import date, timedelta

import numpy as np
from borax.calendars.lunardate import LunarDate
from numpy.typing import NDArray

from miaoce.registry.matching.levels import Level, first_of
from miaoce.registry.matching.records import UNKNOWN_DAY, Days, Flags, Numbers, Places, Records

EPOCH = date(1970, 1, 1)


class Birth(Level):
    """How two birth dates agree."""

    UNKNOWN = 0
    SAME = 1, "出生日期相同"
    SWAPPED = 2, "生日月日颠倒"
    STEP = 3, "生日差一天、十天或一个月"
    DIGIT = 4, "生日差一个数字"
    LUNAR = 5, "生日一为公历一为农历"
    YEAR = 6, "生日月日相同，年份差一年"
    IN_DOCUMENT = 7, "生日不同，但与另一条证件号里的相同"
    NEAR = 8, "生日相差不到两个月"
    OTHER = 9, "出生日期不同"


def compare_birth(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the birth dates."""
    one, other = records.born[left], records.born[right]
    (year, month, day), (year2, month2, day2) = calendar(one), calendar(other)
    apart = np.abs(one - other)
    one_month = np.abs(year * 12 + month - year2 * 12 - month2) == 1
    same_year, same_month, same_day = year == year2, month == month2, day == day2
    return first_of(
        ((one == UNKNOWN_DAY) | (other == UNKNOWN_DAY), Birth.UNKNOWN),
        (apart == 0, Birth.SAME),
        (same_year & (month == day2) & (day == month2), Birth.SWAPPED),
        ((apart == 1) | (apart == 10) | (same_day & one_month), Birth.STEP),
        ((records.lunar[left] == other) | (records.lunar[right] == one), Birth.LUNAR),
        (same_month & same_day & (np.abs(year - year2) == 1), Birth.YEAR),
        (same_year & same_month & _one_figure(day, day2), Birth.DIGIT),
        (same_year & same_day & _one_figure(month, month2), Birth.DIGIT),
        (same_month & same_day & _one_figure(year % 100, year2 % 100), Birth.DIGIT),
        (_said_by_a_document(records, left, right), Birth.IN_DOCUMENT),
        (apart <= 60, Birth.NEAR),
        otherwise=Birth.OTHER,
    )


def _one_figure(one: NDArray[np.int64], other: NDArray[np.int64]) -> Flags:
    """Tell which two-figure numbers have one figure in common."""
    return np.asarray((one // 10 == other // 10) | (one % 10 == other % 10))


def _said_by_a_document(records: Records, left: Places, right: Places) -> Flags:
    """Tell where the day in a document number is the other record's birth date, or the day in its number."""
    inside, inside2 = records.documents.born[left], records.documents.born[right]
    born, born2 = records.born[left], records.born[right]
    return np.asarray((inside == born2) | (inside2 == born) | ((inside == inside2) & (inside != UNKNOWN_DAY)))


def calendar(days: Days) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return year, month and day."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    months = month.astype(np.int64)
    return months // 12 + 1970, months % 12 + 1, (day - month).astype(np.int64) + 1


def as_if_solar(day: int) -> int:
    """Return the day that is written where somebody puts down a day's lunar date as though it were solar."""
    try:
        lunar = LunarDate.from_solar(EPOCH + timedelta(days=day))
        return (date(lunar.year, lunar.month, lunar.day) - EPOCH).days
    except ValueError:  # before 1900, or a 30th of the second month
        return UNKNOWN_DAY


def lunar_days(days: Days) -> Days:
    """Return for each day its lunar date read as a solar one."""
    distinct, places = np.unique(days, return_inverse=True)
    read = [UNKNOWN_DAY if day == UNKNOWN_DAY else as_if_solar(day) for day in distinct.tolist()]
    return np.array(read, np.int32)[places]
