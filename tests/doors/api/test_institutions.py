"""A county's kindergartens over the API: the list of a day, a new name, a merger, the county's own list."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Kindergarten
from tests.doors.api.test_corrections import Program
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def county(garden):
    return Program(places.make_officer("county_reviewer", garden.office))


@pytest.fixture
def child(garden):
    return children.make_child(garden, entry_date=(TODAY - timedelta(days=40)).isoformat())


def test_renamed_from_a_day_on_and_the_day_before_shows_the_former_name(garden, county):
    path, body = f"/institutions/{garden.pk}/rename", {"name": "蓝天实验幼儿园", "on": f"{TODAY}"}
    done = county.send("POST", path, body, HTTP_IDEMPOTENCY_KEY="the-same-key")
    again = county.send("POST", path, body, HTTP_IDEMPOTENCY_KEY="the-same-key")
    assert (done.status_code, done.json()["name"]) == (200, "蓝天实验幼儿园") and again.content == done.content
    names = [one["name"] for one in county.send("GET", "/institutions").json()["kindergartens"]]
    assert "蓝天实验幼儿园" in names
    before = county.send("GET", f"/institutions?on={TODAY - timedelta(days=1)}").json()["kindergartens"]
    assert "青禾中心幼儿园" in [one["name"] for one in before]


def test_merged_into_another_its_children_go_on_there(garden, county, child):
    other = places.make_kindergarten(garden.office, name="新苗幼儿园")
    shown = county.send("GET", f"/institutions/{other.pk}").json()
    assert shown["can_take_over"]
    group = Enrolment.objects.get(child_id=child.pk).group_id
    homes = [{"group": f"{group}", "to": shown["groups"][0]["id"]}]
    done = county.send("POST", f"/institutions/{garden.pk}/end", {"kind": "merge", "on": f"{TODAY}", "homes": homes})
    assert done.json()["moved"] == [f"{child.pk}"], done.content
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).kindergarten == other
    assert county.send("GET", f"/institutions/{garden.pk}").json()["closed_on"] == f"{TODAY}"


def test_who_has_no_home_is_on_the_countys_list_until_it_is_placed(garden, county, child):
    other = places.make_kindergarten(garden.office, name="新苗幼儿园")
    done = county.send("POST", f"/institutions/{garden.pk}/end", {"kind": "close", "on": f"{TODAY}"})
    assert done.json()["listed"] == [f"{child.pk}"]
    listed = county.send("GET", "/institutions/unplaced").json()["children"]
    assert [(one["id"], one["former"]["name"]) for one in listed] == [(f"{child.pk}", "青禾中心幼儿园")]
    group = other.groups.earliest("sort")
    body = {"children": [f"{child.pk}"], "group": f"{group.pk}"}
    assert county.send("POST", "/institutions/place", body).json()["moved"] == [f"{child.pk}"]
    assert county.send("GET", "/institutions/unplaced").json()["children"] == []


def test_a_licence_is_written_and_withdrawn(garden, county):
    body = {"number": "教民9901", "licence_from": f"{TODAY}", "on": f"{TODAY}"}
    assert county.send("POST", f"/institutions/{garden.pk}/licence", body).json()["licence_number"] == "教民9901"
    gone = county.send("POST", f"/institutions/{garden.pk}/unlicence", {"on": f"{TODAY}"}).json()
    assert not gone["can_take_over"]


def test_another_county_and_a_kindergarten_find_nothing(garden, county):
    far = Program(places.make_officer("county_reviewer", places.make_office_tree().far_county))
    assert far.send("GET", f"/institutions/{garden.pk}").status_code == 404
    foreign = far.send("POST", f"/institutions/{garden.pk}/rename", {"name": "别的名字", "on": f"{TODAY}"})
    assert foreign.status_code == 404
    assert Program(places.make_officer("registrar", garden)).send("GET", "/institutions").status_code == 403
    assert Kindergarten.objects.get(pk=garden.pk).name == "青禾中心幼儿园"
