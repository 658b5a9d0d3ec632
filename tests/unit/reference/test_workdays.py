"""Working days: weekends, holidays and the days worked to make up for them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.reference.workdays import Calendar, published, published_years

CALENDAR = Calendar({special.day: special.is_working for special in published(published_years())})
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2026, 10, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 21), True),  # a Monday
        (date(2026, 9, 19), False),  # a Saturday
        (date(2026, 10, 10), True),  # a Saturday worked for National Day
        (date(2025, 9, 28), True),  # a Sunday worked for National Day
        (date(2025, 1, 26), True),  # a Sunday worked for Spring Festival
        (date(2026, 10, 1), False),  # a Thursday, National Day
        (date(2026, 2, 17), False),  # a Tuesday, Spring Festival
    ],
)
def test_a_day_is_worked_as_the_notice_says(day, works):
    assert CALENDAR.is_working(day) is works


def test_ten_working_days_over_the_holidays_count_the_make_up_day():
    assert CALENDAR.add(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert CALENDAR.add(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert CALENDAR.between(date(2026, 9, 30), date(2026, 10, 10)) == 3


def test_nothing_added_is_the_day_itself_and_nothing_goes_backwards():
    assert CALENDAR.add(date(2026, 10, 1), 0) == date(2026, 10, 1)
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add(date(2026, 10, 1), -1)


@given(DAYS, st.integers(min_value=0, max_value=40))
def test_counting_undoes_adding(day, n):
    assert CALENDAR.between(day, CALENDAR.add(day, n)) == n


@given(DAYS, st.integers(min_value=0, max_value=60))
def test_a_passed_deadline_counts_backwards(day, n):
    later = day + timedelta(days=n)
    assert CALENDAR.between(later, day) == -CALENDAR.between(day, later)


def test_the_coming_year_is_asked_for_from_november():
    last = published_years()[-1]
    assert CALENDAR.years_missing(date(last, 10, 31)) == []
    assert CALENDAR.years_missing(date(last, 11, 1)) == [last + 1]
    assert CALENDAR.years_missing(date(last + 1, 3, 1)) == [last + 1]


def test_special_days_have_chinese_names():
    names = {special.day: special.name for special in published([2026])}
    assert names[date(2026, 10, 1)] == "国庆节"
    assert names[date(2026, 10, 10)] == "国庆节调休上班"
    assert not any(name.isascii() for name in names.values())
    assert published([1990]) == []
