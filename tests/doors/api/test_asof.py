"""The API answers for any day what it answers for now."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import moving
from miaoce.registry.journal import actions as journal
from tests.doors.api.conftest import Place, Program
from tests.doors.api.test_keys import problem_of
from tests.factories.children import make_child
from tests.factories.places import make_kindergarten

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
ENTERED, MOVED = TODAY - timedelta(days=40), TODAY - timedelta(days=10)


@pytest.fixture
def child(place: Place) -> Child:
    child = make_child(place.own, name="陈子墨", entry_date=ENTERED.isoformat(), at=NOW - timedelta(days=30))
    group = place.own.groups.select_related("school_year").get(name="中一班")
    with journal.process("child.regroup", actor=place.registrar.officer, at=NOW - timedelta(days=9)) as process:
        assert not moving.regroup(chosen={child.pk: 0}, group=group, on=MOVED, process=process).refused
    return child


def then(place: Place, child: Child, **days: date) -> Any:
    answer = place.registrar.get(f"/children/{child.pk}", **{name: str(day) for name, day in days.items()})
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_a_child_is_answered_as_of_a_day_and_as_known_by_a_day(place: Place, child: Child):
    before = then(place, child, as_of=MOVED - timedelta(days=1))
    assert (before["group"], before["standing"], before["stay_from"]) == ("小一班", "attending", str(ENTERED))
    assert (before["as_of"], before["known_on"]) == (str(MOVED - timedelta(days=1)), None)
    assert before["kindergarten"] == {"code": place.own.code, "name": place.own.name}
    assert then(place, child, as_of=MOVED)["group"] == "中一班"
    assert then(place, child, as_of=MOVED, known_on=MOVED)["group"] == "小一班"


def test_as_of_today_is_what_is_answered_without_a_day(place: Place, child: Child):
    now = then(place, child)
    assert now["as_of"] is None
    assert then(place, child, as_of=TODAY) == now | {"as_of": str(TODAY)}


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ({"as_of": ENTERED - timedelta(days=1)}, "CHD-21"),
        ({"as_of": TODAY + timedelta(days=1)}, "CHD-22"),
        ({"known_on": ENTERED}, "CHD-23"),
    ],
)
def test_a_day_that_cannot_be_asked_is_a_problem_with_its_code(place: Place, child: Child, days, code):
    answer = place.registrar.get(f"/children/{child.pk}", **{name: str(day) for name, day in days.items()})
    problem_of(answer, 422, code)


def roll(program: Program, code: str, **asked: date) -> Any:
    return program.get(f"/kindergartens/{code}/roll", **{name: str(day) for name, day in asked.items()})


def test_a_roll_is_answered_as_of_a_day(place: Place, child: Child):
    found = roll(place.registrar, place.own.code, as_of=MOVED - timedelta(days=1)).json()
    assert found["kindergarten"]["code"] == place.own.code
    (line,) = found["children"]
    assert (line["name"], line["group"], line["is_here"]) == ("陈子墨", "小一班", True)
    assert (line["started_on"], line["ended_on"]) == (str(ENTERED), str(MOVED))
    assert roll(place.registrar, place.own.code, as_of=ENTERED - timedelta(days=1)).json()["children"] == []
    problem_of(roll(place.registrar, place.own.code, as_of=TODAY + timedelta(days=1)), 422, "CHD-22")


def test_who_went_on_is_on_the_roll_without_a_birth_date(place: Place, child: Child):
    Child.objects.filter(pk=child.pk).update(kindergarten=make_kindergarten())
    (line,) = roll(place.registrar, place.own.code).json()["children"]
    assert (line["is_here"], line["born_on"]) == (False, None)
    assert place.registrar.get(f"/children/{child.pk}").status_code == 404


def test_a_county_asks_for_its_kindergartens_and_nobody_for_others(place: Place, child: Child):
    assert len(roll(place.county, place.own.code).json()["children"]) == 1
    for code in (place.foreign.code, "1199000000"):
        problem_of(roll(place.county, code), 404, "API-03")
        problem_of(roll(place.registrar, code), 404, "API-03")
