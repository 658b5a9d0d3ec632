"""办理时限 on the pages: to-dos by due day, who is late, nothing personal above the county."""

import pytest
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.approvals import cases, states
from miaoce.registry.approvals.models import Clock
from miaoce.registry.journal import actions as journal
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def place():
    return places.make_kindergarten(places.make_office_tree().county, name="新苗幼儿园")


@pytest.fixture
def late(place):
    """A case that its county has let lie, of a child whose name must not show."""
    clerk = places.make_officer("registrar", place)
    child = children.make_child(place, name="周禾禾")
    with journal.process("case.file", actor=clerk, at=timezone.now()) as process:
        filing = cases.Filing(child.pk, states.CANCELLATION, place.pk, place.office_id, timezone.localdate())
        (case,) = cases.file(filings=[filing], process=process).done
    Clock.objects.filter(case_id=case.pk).update(started_on="2026-01-05", due_on="2026-01-19")
    return case


def page(officer, name="clocks"):
    answer = places.signed_in(officer).get(reverse(name))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_county_sees_what_waits_for_it_and_what_lies(place, late):
    words = page(places.make_officer("county_reviewer", place.office))
    assert "注销学籍" in words
    assert "县里核准" in words
    assert "1 件已过期限" in words
    assert "半年还没办结" in words
    assert "周禾禾" not in words


def test_above_the_county_there_are_counts_only(place, late):
    words = page(places.make_officer("analyst", places.make_office_tree().province), "ageing")
    assert place.office.name in words
    assert "注销学籍" not in words


def test_nothing_to_do_says_so(place):
    assert "没有等我们办的事" in page(places.make_officer("registrar", place))
    assert "没有在办的事" in page(places.make_officer("county_reviewer", place.office), "ageing")


def test_a_case_with_a_clock_is_a_todo_of_the_desk_until_anyone_acts(place, late):
    county = places.make_officer("county_reviewer", place.office)
    assert "1 件注销学籍待核准" in page(county, "desk")
    with journal.process("case.decide", actor=county, at=timezone.now()) as process:
        cases.send_back(chosen={late.pk: 1}, reasons=["other"], words="补材料", process=process)
    assert "件注销学籍" not in page(places.make_officer("county_reviewer", place.office), "desk")
    assert "县里退回 1 件注销学籍" in page(places.make_officer("registrar", place), "desk")
