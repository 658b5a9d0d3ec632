"""Reads dates in every way people write them: 2023.1.5, 20230105, 2023年1月5日, 二〇二三年一月五日, serial numbers."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

_YMD = re.compile(r"(\d{4}|\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?份?|((?:19|20)\d{2})(\d{2})")
_OTHER_END = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_TIME = re.compile(
    r"[T\s]+\d{1,2}[:：时]\d{1,2}([:：分]\d{1,2}(\.\d+)?)?\s*(秒|Z|AM|PM)?$|[T\s]+(上午|下午)?\s*\d{1,2}[:：]\d{2}.*$",
    re.IGNORECASE,
)
_MONTHS = {
    m: n for n, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_DAY_MONTH = re.compile(r"(\d{1,2})[- ]+(?:([a-z]{3})[a-z]*|(\d{1,2})月)[-, .]+(\d{4}|\d{2})", re.IGNORECASE)
_MONTH_DAY = re.compile(r"([a-z]{3})[a-z]*[-. ]+(\d{1,2})[-, ]+(\d{4})", re.IGNORECASE)
_WEEKDAY = re.compile(r"[\s(（]*(星期|周|礼拜)[一二三四五六日天][)）]?$")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_CHINESE = re.compile(
    r"([〇零○Oo一二三四五六七八九]{4}|[〇零○一二三四五六七八九]{2})年([一二三四五六七八九十元正腊冬]{1,3})月(?:([一二三四五六七八九十廿卅]{1,4})[日号]?)?"
)
_LUNAR = re.compile(r"农历|阴历|初[一二三四五六七八九十]|腊月|正月|冬月")
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0, "O": 0, "o": 0}

OK, NO_SUCH_DAY, NO_DAY, LUNAR, EITHER, UNREADABLE = "ok", "no_such_day", "no_day", "lunar", "either", "unreadable"
"""How reading a date ended. `either`: day and month could be swapped."""


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date as it was read: `day` when certain, `others` for the readings that are possible otherwise."""

    outcome: str
    day: date | None = None
    others: tuple[date, ...] = ()
    year: int = 0
    month: int = 0
    written_day: int = 0


@lru_cache(maxsize=16384)
def read_date(text: str) -> ReadDate:
    """Read a date. Years of two digits belong to this century; serial numbers count from 1899-12-30 as in Excel."""
    plain = (
        unicodedata.normalize("NFKC", text).replace("。", ".").replace("、", ".").replace("．", ".").replace("·", ".")
    )
    plain = (
        re.sub(r"[—–―~_\\,]", "-", plain)
        .removeprefix("公元")
        .removeprefix("公历")
        .removeprefix("阳历")
        .strip(" '\"`‘’“”\t\n\u200b\ufeff.-生()")
    )
    plain = _WEEKDAY.sub("", _TIME.sub("", plain)).strip()
    if _LUNAR.search(plain):
        return ReadDate(LUNAR)
    match = _YMD.fullmatch(plain)
    if match:
        return _day(_century(match[1]), int(match[2]), int(match[3]))
    squeezed = re.sub(r"\s+", "", plain)
    match = _YMD.fullmatch(squeezed) or _COMPACT.fullmatch(squeezed)
    if match:
        return _day(_century(match[1]), int(match[2]), int(match[3]))
    return _rarer(plain, squeezed)


def _rarer(plain: str, squeezed: str) -> ReadDate:
    if _SERIAL.fullmatch(squeezed):
        return _serial(float(squeezed))
    match = _OTHER_END.fullmatch(squeezed)
    if match:
        return _either(int(match[3]), int(match[1]), int(match[2]))
    match = _CHINESE.fullmatch(squeezed)
    if match:
        return _chinese(match[1], match[2], match[3])
    match = re.fullmatch(r"(\d{4}|\d{2})[\s-]+(\d{1,2})[\s-]+(\d{1,2})", plain)
    if match:
        return _day(_century(match[1]), int(match[2]), int(match[3]))
    if (found := _english(plain)) is not None:
        return found
    match = _YEAR_MONTH.fullmatch(squeezed)
    if match:
        year, month = int(match[1] or match[3]), int(match[2] or match[4])
        return ReadDate(NO_DAY if 1 <= month <= 12 else NO_SUCH_DAY, None, (), year, month)
    match = re.fullmatch(r"(\d{2})(\d{2})(\d{2})", squeezed)
    if match:
        return _day(_century(match[1]), int(match[2]), int(match[3]))
    return ReadDate(UNREADABLE)


def _english(plain: str) -> ReadDate | None:
    """Read 3-Jan-23, 3-1月-23 and Jan 3, 2023, as Excel shows dates where it was set up for English."""
    if match := _DAY_MONTH.fullmatch(plain):
        month = int(match[3]) if match[3] else _MONTHS.get(match[2].lower(), 0)
        return _day(_century(match[4]), month, int(match[1])) if month else None
    if match := _MONTH_DAY.fullmatch(plain):
        month = _MONTHS.get(match[1].lower(), 0)
        return _day(int(match[3]), month, int(match[2])) if month else None
    return None


def _century(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _day(year: int, month: int, day: int) -> ReadDate:
    try:
        return ReadDate(OK, date(year, month, day), (), year, month, day)
    except ValueError:
        return ReadDate(NO_SUCH_DAY, None, (), year, month, day)


def _serial(number: float) -> ReadDate:
    if not 36526 <= number < 73051:  # 2000-01-01 to 2099-12-31
        return ReadDate(UNREADABLE)
    found = date(1899, 12, 30) + timedelta(days=int(number))
    return ReadDate(OK, found, (), found.year, found.month, found.day)


def _either(year: int, first: int, second: int) -> ReadDate:
    readings = [r.day for r in (_day(year, first, second), _day(year, second, first)) if r.day]
    if not readings:
        return ReadDate(NO_SUCH_DAY, None, (), year, first, second)
    if len(set(readings)) == 1:
        found = readings[0]
        return ReadDate(OK, found, (), found.year, found.month, found.day)
    return ReadDate(EITHER, None, tuple(readings), year)


def _chinese(year: str, month: str, day: str | None) -> ReadDate:
    number = 0
    for digit in year:
        number = number * 10 + _DIGITS[digit]
    whole = number if len(year) == 4 else 2000 + number
    months = _small(month.replace("元", "一"))
    return ReadDate(NO_DAY, None, (), whole, months) if day is None else _day(whole, months, _small(day))


def _small(text: str) -> int:
    text = text.replace("廿", "二十").replace("卅", "三十").replace("十十", "十")
    if "十" not in text:
        return int("".join(str(_DIGITS[c]) for c in text if c in _DIGITS) or 0)
    tens, _, ones = text.partition("十")
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
