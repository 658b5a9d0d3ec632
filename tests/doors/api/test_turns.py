"""The turn of the school year over the API: the plan is drawn, read, changed, carried out and taken back."""

from datetime import date

import pytest
from django.utils import timezone

from miaoce.registry.enrolments import turning
from miaoce.registry.enrolments.models import Enrolment
from tests.doors.api.test_corrections import Program
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
STARTS = turning.first_day(timezone.localdate())
BEFORE = date(STARTS.year - 1, 10, 12)


class Place:
    """A kindergarten whose children still sit in last year's classes."""

    def __init__(self):
        self.garden = places.make_kindergarten(classes=False)
        groups = places.make_groups(self.garden, on=BEFORE)
        self.junior = next(group for group in groups if group.name == "小一班")
        born = date(STARTS.year - 4, 1, 15)
        self.child = children.make_child(self.garden, birth_date=born.isoformat(), entry_date=BEFORE.isoformat())
        Enrolment.objects.filter(child_id=self.child.pk).update(group=self.junior, started_on=BEFORE)
        self.registrar = Program(places.make_officer("registrar", self.garden))


@pytest.fixture
def place():
    return Place()


def test_drawn_read_changed_run_and_undone(place):
    clerk = place.registrar
    assert clerk.send("GET", "/enrolments/turn").status_code == 404
    drawn = clerk.send("POST", "/enrolments/turn", {})
    assert drawn.status_code == 201, drawn.content
    plan = drawn.json()
    assert [(one["group"], one["to"]) for one in plan["children"]] == [("小一班", "中一班")]
    assert {one["name"]: one["size"] for one in plan["classes"]}["中一班"] == 1
    assert clerk.send("GET", "/enrolments/turn").json() == plan
    move = {"moves": [{"child": f"{place.child.pk}", "to": "中二班"}]}
    assert clerk.send("PATCH", "/enrolments/turn", move).status_code == 428
    wrong = clerk.send(
        "PATCH", "/enrolments/turn", {"moves": [{**move["moves"][0], "to": "没有的班"}]}, HTTP_IF_MATCH='"1"'
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "ENR-05")
    target = next(one["name"] for one in plan["classes"] if one["name"] not in {"中一班", "小一班"})
    move["moves"][0]["to"] = target
    changed = clerk.send("PATCH", "/enrolments/turn", move, HTTP_IF_MATCH='"1"')
    assert (changed.status_code, changed.json()["children"][0]["to"]) == (200, target)
    stale = clerk.send("PATCH", "/enrolments/turn", move, HTTP_IF_MATCH='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "API-08")
    old = clerk.send("POST", "/enrolments/turn/run", {"version": 1})
    assert (old.status_code, old.json()["code"]) == (409, "ENR-15")
    version = changed.json()["version"]
    done = clerk.send("POST", "/enrolments/turn/run", {"version": version}).json()
    assert [one["id"] for one in done["done"]] == [f"{place.child.pk}"]
    assert Enrolment.objects.get(child_id=place.child.pk, ended_on=None).group.name == target
    undone = clerk.send("POST", "/enrolments/turn/undo", {"version": version + 1}).json()
    assert [one["id"] for one in undone["done"]] == [f"{place.child.pk}"]
    assert Enrolment.objects.get(child_id=place.child.pk, ended_on=None).group == place.junior


def test_nobody_plans_for_another_kindergarten(place):
    place.registrar.send("POST", "/enrolments/turn", {})
    stranger = Program(places.make_officer("registrar", places.make_kindergarten(classes=False)))
    assert stranger.send("GET", "/enrolments/turn").status_code == 404
    assert stranger.send("POST", "/enrolments/turn/run", {"version": 1}).status_code == 404
    county = Program(places.make_officer("county_reviewer", place.garden.office))
    assert county.send("GET", "/enrolments/turn").status_code == 403
