"""Clocks are watched: reminded before, told after, counted anew, aged; they never decide."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import cases, clocks, states, watching
from miaoce.registry.approvals.models import Case, Clock
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import cleaning
from miaoce.registry.identity.models import DocumentCheck
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.reference import actions as references
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.models import Code, Edition
from miaoce.registry.reference.workdays import Calendar
from tests.factories.children import make_child
from tests.factories.places import make_kindergarten, make_office_tree, make_officer

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 10, 12)  # a whole week of working days follows


def moment(day, hour=10):
    return datetime(day.year, day.month, day.day, hour, tzinfo=timezone.get_current_timezone())


@pytest.fixture
def place():
    return make_kindergarten(make_office_tree().county)


@pytest.fixture
def clerk(place):
    return make_officer("registrar", place)


@pytest.fixture
def county(place):
    return make_officer("county_reviewer", place.office)


def filed(place, clerk, day=MONDAY):
    child = make_child(place, at=moment(day) - timedelta(days=2))
    with journal.process("case.file", actor=clerk, at=moment(day)) as process:
        filing = cases.Filing(child.pk, states.DEFERRAL, place.pk, place.office_id, day)
        return cases.file(filings=[filing], process=process).done[0]


def marked(day):
    with journal.process("clock.mark", actor=the_system(), at=moment(day)) as process:
        watching.mark(process=process)
    clock = Clock.objects.get()
    return clock.reminded_at is not None, clock.county_told_at is not None, clock.province_told_at is not None


def test_a_clock_is_reminded_the_day_before_and_told_one_and_three_working_days_after(place, clerk):
    filed(place, clerk)
    due = Clock.objects.get().due_on
    calendar = reference.calendar()
    assert due == calendar.add(MONDAY, 10)
    assert marked(due - timedelta(days=4)) == (False, False, False)
    assert marked(next(d for d in (due - timedelta(days=n) for n in range(1, 9)) if calendar.is_working(d))) == (
        True,
        False,
        False,
    )
    assert marked(due) == (True, False, False)
    assert marked(calendar.add(due, 1)) == (True, True, False)
    assert marked(calendar.add(due, 2)) == (True, True, False)
    assert marked(calendar.add(due, 3)) == (True, True, True)
    assert Case.objects.get().state == states.FILED  # nothing was decided


def test_a_mark_is_set_once(place, clerk):
    filed(place, clerk)
    late = reference.calendar().add(Clock.objects.get().due_on, 3)
    assert watching.is_due(on=late)
    marked(late)
    assert not watching.is_due(on=late)
    marked(late)
    assert Event.objects.filter(verb="clock.county_told").count() == 1


def test_a_stopped_clock_is_left_alone_and_the_todo_is_gone(place, clerk, county):
    case = filed(place, clerk)
    assert watching.mine(county).count() == 1
    assert [one.clock.case_id for one in watching.lines(watching.others(clerk), on=MONDAY)] == []
    with journal.process("case.decide", actor=county, at=moment(MONDAY, 11)) as process:
        cases.send_back(chosen={case.pk: 1}, reasons=["other"], words="补材料", process=process)
    assert watching.mine(county).count() == 0
    (line,) = watching.lines(watching.mine(clerk), on=MONDAY)
    assert (line.clock.step, line.owner, line.left) == ("kindergarten", place.name, 10)
    assert [one.owner for one in watching.lines(watching.others(county), on=MONDAY)] == [place.name]
    with journal.process("case.take_back", actor=clerk, at=moment(MONDAY, 12)) as process:
        cases.take_back(chosen={case.pk: 2}, process=process)
    assert not watching.mine(clerk).exists()
    assert not watching.is_due(on=MONDAY + timedelta(days=60))


def test_what_the_kindergarten_sent_back_waits_for_the_county_in_its_eyes_too(place, clerk, county):
    case = filed(place, clerk)
    with journal.process("case.decide", actor=county, at=moment(MONDAY, 11)) as process:
        cases.send_back(chosen={case.pk: 1}, reasons=["other"], words="补材料", process=process)
    with journal.process("case.refile", actor=clerk, at=moment(MONDAY, 12)) as process:
        cases.refile(chosen={case.pk: 2}, process=process)
    assert [one.clock.step for one in watching.lines(watching.others(clerk), on=MONDAY)] == ["county"]


def test_another_calendar_counts_open_clocks_anew(place, clerk, monkeypatch):
    filed(place, clerk)
    due = Clock.objects.get().due_on
    longer = Calendar({due: False, due + timedelta(days=1): True})
    monkeypatch.setattr(watching.reference, "calendar", lambda: longer)
    with journal.process("clock.recompute", actor=the_system(), at=moment(MONDAY)) as process:
        assert watching.recompute(process=process) == 1
        assert watching.recompute(process=process) == 0
    assert Clock.objects.get().due_on == due + timedelta(days=1)
    assert Event.objects.filter(verb="clock.recomputed").count() == 1


def test_late_places_come_first_and_above_only_counts_are_seen(place, clerk, county):
    filed(place, clerk)
    other = make_kindergarten(place.office)
    filed(other, make_officer("registrar", other), day=date(2026, 9, 1))
    late = reference.calendar().add(date(2026, 9, 1), 14)
    (one,) = watching.ageing(county, on=late)
    assert (one.name, one.running, one.late, one.very_late) == (place.office.name, 2, 1, 1)
    analyst = make_officer("analyst", make_office_tree().province)
    assert [row.name for row in watching.ageing(analyst, on=late)] == [place.office.name]
    assert watching.ageing(make_officer("analyst", make_office_tree().far_city), on=late) == []


def test_what_lay_for_half_a_year_is_listed(place, clerk, county):
    filed(place, clerk, day=date(2026, 3, 2))
    assert not watching.stale(county, on=date(2026, 8, 1)).exists()
    assert watching.stale(county, on=date(2026, 9, 10)).count() == 1
    assert watching.stale(clerk, on=date(2026, 9, 10)).count() == 0


def test_a_digest_counts_what_waits_is_due_and_late(place, clerk, county):
    filed(place, clerk)
    due = Clock.objects.get().due_on
    assert watching.digest_of(county, on=due) == watching.Digest(1, 1, 0, 0)
    assert watching.digest_of(county, on=due + timedelta(days=1)) == watching.Digest(1, 0, 1, 0)


def test_a_province_sets_its_own_term(place, clerk):
    references.load_shipped(on=MONDAY)
    Code.objects.create(list="clock", code="99/case.county", name="县里核准", extra={"working_days": "3"})
    Edition.objects.create(kind="shipped", source="test", digest="x", effective_on=MONDAY)
    assert clocks.term_of("case", "county", province="99", on=MONDAY) == 3
    assert clocks.term_of("case", "county", province="11", on=MONDAY) == 10


def test_a_case_that_goes_back_and_forth_does_not_grow_young_and_says_why_it_lies(place, clerk, county):
    case = filed(place, clerk, day=date(2026, 3, 2))
    with journal.process("case.send_back", actor=county, at=moment(date(2026, 4, 1))) as process:
        cases.send_back(chosen={case.pk: 1}, reasons=["other"], words="补材料", process=process)
    with journal.process("case.refile", actor=clerk, at=moment(date(2026, 8, 3))) as process:
        cases.refile(chosen={case.pk: 2}, process=process)
    on = date(2026, 9, 10)
    (clock,) = watching.stale(county, on=on)
    DocumentCheck.objects.create(
        child_id=case.child_id, digest="d", tries=4, asked_at=moment(date(2026, 3, 2)), next_try_at=moment(on)
    )
    why = cleaning.reasons([clock], on=on)[clock.pk]
    assert why == [
        f"在{place.name}，共 124 天",
        f"现在在{place.office.name}，共 68 天",
        "退回补正 1 次",
        "证件核验从 2026-03-02 起没有回音，已问 4 次",
        "还没有告知上一级",
    ]


def test_a_closed_kindergarten_and_an_ended_record_are_reasons(place, clerk, county):
    case = filed(place, clerk, day=date(2026, 3, 2))
    with journal.process("case.send_back", actor=county, at=moment(date(2026, 3, 4))) as process:
        cases.send_back(chosen={case.pk: 1}, reasons=["other"], words="补材料", process=process)
    type(place).objects.filter(pk=place.pk).update(closed_on=date(2026, 5, 1))
    Child.objects.filter(pk=case.child_id).update(standing="promoted")
    (clock,) = watching.stale(county, on=date(2026, 9, 10))
    why = cleaning.reasons([clock], on=date(2026, 9, 10))[clock.pk]
    assert f"{place.name} 2026-05-01 已停办" in why and "这名幼儿已升学，多半可以终止" in why
