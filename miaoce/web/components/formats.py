"""Dates, ages, deadlines, figures and masked values as a person reads them (ux.md §7, Formats). Pure functions."""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import is_aware, localtime

WEEKDAYS = "一二三四五六日"
STARS = re.compile(r"\*+")
HIDDEN = '<span aria-hidden="true">{}</span><span class="vh">（已隐藏）</span>'


def age(born_on: date | None, on: date) -> str:
    """Return an age in full years and months, “3 岁 8 个月”; nothing without a birth date."""
    if born_on is None or on < born_on:
        return ""
    months = (on.year - born_on.year) * 12 + on.month - born_on.month - (on.day < born_on.day)
    years, months = divmod(months, 12)
    return "".join(
        [
            f"{years} 岁" if years else "",
            " " if years and months else "",
            f"{months} 个月" if months or not years else "",
        ]
    )


def _local(value: date) -> date:
    """Return a moment in the register's own time zone; a plain date as it is."""
    return localtime(value) if isinstance(value, datetime) and is_aware(value) else value


def prose_day(value: date | None) -> str:
    """Return a day for a sentence: “9月21日 星期一”."""
    if value is None:
        return ""
    day = _local(value)
    return f"{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"


def short_day(value: date | None) -> str:
    """Return a day in few characters: “9月21日”."""
    if value is None:
        return ""
    day = _local(value)
    return f"{day.month}月{day.day}日"


def table_day(value: date | None) -> str:
    """Return a day for a table: “2026-09-21”."""
    return "" if value is None else f"{_local(value):%Y-%m-%d}"


def moment(value: datetime | None) -> str:
    """Return a moment on the 24-hour clock: “9月18日 10:22”."""
    return "" if value is None else f"{short_day(value)} {_local(value):%H:%M}"


def day_and_year(value: date, *, today: date) -> str:
    """Return a day in few characters, with its year where that is not today's: “9月21日”, “2025年9月21日”."""
    year = _local(value).year
    return short_day(value) if year == today.year else f"{year}年{short_day(value)}"


def due_words(deadline: date, days_left: int) -> str:
    """Return a deadline both ways: “还剩 3 个工作日（9月24日 18:00 前）”.

    `days_left` counts working days: 0 is today, below 0 is late.
    """
    local = _local(deadline)
    clock = f" {local:%H:%M}" if isinstance(local, datetime) else ""
    if days_left == 0:
        return f"今天{clock} 到期" if clock else "今天到期"
    until = f"{short_day(local)}{clock} 前"
    if days_left < 0:
        return f"已超 {-days_left} 个工作日（应在 {until}）"
    return f"还剩 {days_left} 个工作日（{until}）"


def thousands(value: int | Decimal | None) -> str:
    """Return a count with a comma from 1,000 on; a dash where there is none."""
    return "–" if value is None else f"{value:,}"


def wan(value: int | None) -> str:
    """Return a large count in 万 with two decimals, a small one in full."""
    if value is None:
        return "–"
    return f"{value:,}" if abs(value) < 10_000 else f"{value / 10_000:,.2f} 万"


def percent(part: int | None, whole: int | None) -> str:
    """Return a share with one decimal; a dash where there is nothing to divide by."""
    return "–" if part is None or not whole else f"{part / whole:.1%}"


def money(value: Decimal | None) -> str:
    """Return an amount of yuan: “¥1,234.50”."""
    return "–" if value is None else f"¥{value:,.2f}"


def masked(value: str | None) -> SafeString:
    """Return a masked value as HTML whose stars are for the eye only: a screen reader hears 已隐藏, not eight stars."""
    text = str(conditional_escape(value or ""))
    return mark_safe(STARS.sub(lambda stars: HIDDEN.format(stars.group()), text))  # noqa: S308  # escaped one line above
