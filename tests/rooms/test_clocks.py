"""Clocks: working days by the official calendar, terms by province; they remind and never decide."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import clocks
from miaoce.registry.approvals.clocks import Ticking
from miaoce.registry.approvals.models import Clock
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.facts import facts_of
from miaoce.registry.journal.models import Event
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.actions import load_shipped
from miaoce.registry.reference.models import Code, Edition
from tests.factories.places import make_office_tree

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)  # 10:00 in China; the Sunday after is worked


def office():
    return make_office_tree().county


def ticking(step="release", kind="transfer", **given):
    county = office()
    defaults = {
        "case_id": new_id(), "kind": kind, "child_id": new_id(), "step": step, "owner_id": new_id(),
        "office_id": county.pk,
    }  # fmt: skip
    return Ticking(**(defaults | given))


def start(*wanted, at=FRIDAY):
    with journal.process("transfer.test", actor=the_system(), at=at) as process:
        return clocks.start(ticking=wanted, process=process)


def stop(case_ids, steps=None, at=FRIDAY + timedelta(days=1)):
    with journal.process("transfer.test", actor=the_system(), at=at) as process:
        return clocks.stop(case_ids=case_ids, process=process, steps=steps)


@pytest.mark.parametrize(
    ("step", "days"),
    [("guardian", 5), ("release", 3), ("accept", 3), ("county_out", 2), ("county_in", 2), ("overall", 10)],
)
def test_each_step_has_its_working_days(step, days):
    (clock,) = start(ticking(step))
    assert clock.working_days == days
    assert clock.due_on == reference.add_working_days(date(2026, 9, 18), days)


def test_a_weekend_does_not_count():
    (clock,) = start(ticking("county_out"), at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC))  # a Friday
    assert clock.due_on == date(2026, 11, 24)


def test_a_sunday_that_is_worked_counts_and_a_holiday_does_not():
    """Before National Day: 20 September 2026 is a Sunday that is worked, 1 to 7 October are free."""
    (clock,) = start(ticking("county_out"))
    assert clock.due_on == date(2026, 9, 21)
    (clock,) = start(ticking("release"), at=datetime(2026, 9, 30, 2, 0, tzinfo=UTC))
    assert clock.due_on > date(2026, 10, 8)


def test_the_day_is_the_one_in_china():
    late = datetime(2026, 9, 18, 16, 30, tzinfo=UTC)  # half past midnight of the 19th
    (clock,) = start(ticking(), at=late)
    assert clock.started_on == date(2026, 9, 19)


def test_a_province_may_set_a_term_of_its_own():
    load_shipped(on=date(2026, 1, 1))
    Code.objects.create(
        list="clock", code="99/transfer.release", name="转出园核办", extra={"working_days": "7"}, sort=99, source="云川省",
        aliases=[], slips=[], legacy=[],
    )  # fmt: skip
    Edition.objects.create(kind="codes", source="test", digest="x", effective_on=date(2026, 1, 1), changes={})
    assert clocks.term_of("transfer", "release", province="99", on=date(2026, 9, 18)) == 7
    assert clocks.term_of("transfer", "release", province="11", on=date(2026, 9, 18)) == 3
    (clock,) = start(ticking("release"))
    assert clock.working_days == 7


def test_stopping_ends_the_to_do_of_its_step_and_leaves_the_others():
    case = new_id()
    child = new_id()
    start(ticking("release", case_id=case, child_id=child), ticking("overall", case_id=case, child_id=child))
    assert stop([case], ["release"]) == 1
    assert list(Clock.objects.filter(stopped_at=None).values_list("step", flat=True)) == ["overall"]
    assert stop([case]) == 1
    assert stop([case]) == 0
    assert not Clock.objects.filter(stopped_at=None).exists()


def test_a_step_has_one_open_clock():
    case, child = new_id(), new_id()
    start(ticking("release", case_id=case, child_id=child))
    with pytest.raises(IntegrityError, match=r"one_open_clock_per_step|child_id"), transaction.atomic():
        start(ticking("release", case_id=case, child_id=child))
    stop([case])
    assert start(ticking("release", case_id=case, child_id=child))


def test_a_clock_is_due_after_its_start():
    (clock,) = start(ticking())
    with pytest.raises(IntegrityError, match="clock_is_due_after_its_start"), transaction.atomic():
        Clock.objects.filter(pk=clock.pk).update(due_on=clock.started_on - timedelta(days=1))


def test_events_rebuild_a_clock():
    (clock,) = start(ticking())
    stop([clock.case_id])
    folded = {}
    for event in Event.objects.filter(subject="clock", subject_id=clock.pk).order_by("recorded_at", "id"):
        folded |= event.after
    assert {name: value for name, value in folded.items() if value not in (None, "")} == facts_of(
        Clock.objects.get(pk=clock.pk)
    )


def test_starting_and_stopping_many_costs_what_few_cost():
    def cost(count):
        wanted = [ticking() for _ in range(count)]
        with CaptureQueriesContext(connection) as begun:
            start(*wanted)
        with CaptureQueriesContext(connection) as ended:
            stop([one.case_id for one in wanted])
        return len(begun), len(ended)

    assert cost(3) == cost(15)
    assert start() == []


def test_an_unknown_term_is_a_bug_and_not_a_guess():
    with pytest.raises(KeyError):
        start(ticking("nothing"))


class TermsOverTheYear(TestCase):
    """Whatever the day, the due day is a working day and the days between are counted right."""

    @given(day=st.dates(min_value=date(2026, 1, 1), max_value=date(2026, 12, 1)), days=st.integers(1, 15))
    def test_a_due_day_is_worked_and_lies_so_many_working_days_ahead(self, day, days):
        calendar = reference.calendar()
        due = calendar.add(day, days)
        assert calendar.is_working(due)
        assert calendar.between(day, due) == days
