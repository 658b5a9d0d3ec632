"""Changes of stays by program: children by the versions that were read, each refusal alone, once whatever is repeated."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.models import Enrolment
from tests.doors.api.conftest import Place
from tests.doors.api.test_keys import problem_of
from tests.factories.children import make_children

TODAY = timezone.localdate()


def attending(place: Place, count: int = 1) -> list[Child]:
    began = (TODAY - timedelta(days=40)).isoformat()
    return make_children([{"name": f"林小{'甲乙丙丁'[n]}", "entry_date": began} for n in range(count)], place.own)


def seen(*children: Child) -> list[dict[str, Any]]:
    return [{"id": str(child.pk), "version": child.version} for child in children]


def group(place: Place, name: str = "中一班") -> str:
    groups = place.registrar.get("/kindergarten").json()["groups"]
    return str(next(one["id"] for one in groups if one["name"] == name))


def test_a_child_is_read_with_its_standing_and_version(place: Place):
    (child,) = attending(place)
    line = place.registrar.get("/children", standing="attending").json()["children"][0]
    assert (line["id"], line["version"], line["standing"], line["standing_name"]) == (
        str(child.pk), child.version, "attending", "在园",
    )  # fmt: skip
    assert place.registrar.get("/children", standing="left").json()["children"] == []


def test_groups_are_read_with_their_sizes(place: Place):
    attending(place, 2)
    sizes = {
        one["name"]: (one["size"], one["size_norm"]) for one in place.registrar.get("/kindergarten").json()["groups"]
    }
    assert (sizes["小一班"], sizes["中一班"]) == ((2, 25), (0, 30))


def test_children_move_to_another_group_and_each_that_cannot_says_why(place: Place):
    first, second = attending(place, 2)
    body = {"children": seen(first, second), "group": group(place), "on": TODAY.isoformat()}
    body["children"][1]["version"] = 99
    done = place.registrar.post("/enrolments/regroup", body).json()
    assert done["done"] == [{"id": str(first.pk), "version": first.version + 1}]
    assert [(one["id"], one["code"]) for one in done["not_done"]] == [(str(second.pk), "ENR-03")]
    assert place.registrar.get(f"/children/{first.pk}").json()["group"] == "中一班"


def test_the_same_request_twice_moves_once(place: Place):
    (child,) = attending(place)
    body = {"children": seen(child), "group": group(place), "on": TODAY.isoformat()}
    answers = [place.registrar.post("/enrolments/regroup", body, key="regroup-once-1") for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert Enrolment.objects.filter(child_id=child.pk).count() == 2


def test_another_kindergartens_group_is_not_there(place: Place):
    (child,) = attending(place)
    foreign = place.stranger.get("/kindergarten").json()["groups"][3]["id"]
    body = {"children": seen(child), "group": foreign, "on": TODAY.isoformat()}
    problem_of(place.registrar.post("/enrolments/regroup", body), 404, "API-03")


def test_a_day_ahead_is_refused_with_the_days_that_would_do(place: Place):
    (child,) = attending(place)
    body = {"children": seen(child), "group": group(place), "on": (TODAY + timedelta(days=1)).isoformat()}
    (refused,) = place.registrar.post("/enrolments/regroup", body).json()["not_done"]
    assert refused["code"] == "ENR-04"
    assert refused["facts"] == {"first": (TODAY - timedelta(days=40)).isoformat(), "last": TODAY.isoformat()}


def left(place: Place, **given: str) -> Child:
    (child,) = attending(place)
    body = {
        "children": seen(child), "on": TODAY.isoformat(), "reason": "moved", "destination": "unknown", **given,
    }  # fmt: skip
    assert place.registrar.post("/enrolments/leave", body).json()["done"]
    child.refresh_from_db()
    return child


def test_a_child_leaves_and_its_destination_is_owed_until_it_is_named(place: Place):
    child = left(place)
    assert place.registrar.get(f"/children/{child.pk}").json()["standing"] == "left"
    for program in (place.registrar, place.county):
        (owed,) = program.get("/enrolments/destinations").json()["children"]
        assert (owed["id"], owed["group"], owed["left_on"]) == (str(child.pk), "小一班", TODAY.isoformat())
    assert place.stranger.get("/enrolments/destinations").json()["children"] == []
    named = {"children": [str(child.pk)], "destination": "kindergarten", "words": "城东幼儿园"}
    assert place.registrar.post("/enrolments/destinations", named).json()["done"]
    assert place.county.get("/enrolments/destinations").json()["children"] == []
    problem_of(place.registrar.post("/enrolments/destinations", {**named, "destination": "unknown"}), 422, "ENR-09")


@pytest.mark.parametrize(("given", "code"), [({"reason": "nonsense"}, "ENR-08"), ({"destination": "other"}, "ENR-08")])
def test_leaving_takes_codes_of_the_lists(place: Place, given: dict[str, str], code: str):
    (child,) = attending(place)
    body = {"children": seen(child), "on": TODAY.isoformat(), "reason": "moved", "destination": "home", **given}
    problem_of(place.registrar.post("/enrolments/leave", body), 422, code)


def test_ones_own_child_returns(place: Place):
    child = left(place)
    body = {"children": seen(child), "group": group(place), "on": TODAY.isoformat()}
    assert place.registrar.post("/enrolments/readmit", body).json()["done"][0]["version"] == child.version + 1
    assert place.registrar.get(f"/children/{child.pk}").json()["group"] == "中一班"


def test_a_child_that_left_elsewhere_is_received_by_number_and_name(place: Place):
    child = left(place)
    number = place.registrar.get(f"/children/{child.pk}", number="full").json()["number"]
    there = place.stranger.get("/kindergarten").json()["groups"][1]["id"]
    told = {"number": number, "name": "不是他", "group": there, "on": TODAY.isoformat()}
    problem_of(place.stranger.post("/enrolments/receive", told), 422, "TRF-04")
    done = place.stranger.post("/enrolments/receive", {**told, "name": child.name}).json()
    assert [one["id"] for one in done["done"]] == [str(child.pk)]
    problem_of(place.registrar.get(f"/children/{child.pk}"), 404, "API-03")
    again = {**told, "name": None, "born_on": child.born_on.isoformat()}
    problem_of(place.stranger.post("/enrolments/receive", again), 409, "ENR-02")


def test_misses_are_counted_although_they_are_refused(place: Place):
    there = place.stranger.get("/kindergarten").json()["groups"][1]["id"]
    told = {"number": "G990101202201010000", "name": "无名", "group": there, "on": TODAY.isoformat()}
    words = [place.stranger.post("/enrolments/receive", told).json()["detail"] for _ in range(2)]
    assert "9 次" in words[0] and "8 次" in words[1]


def test_who_may_graduate_is_read_with_the_reason_why_others_do_not(place: Place):
    senior = place.own.groups.get(name="大一班")
    year = senior.school_year
    old, young = f"{year.ends_on.year - 6}-08-31", f"{year.ends_on.year - 6}-09-01"
    children = make_children(
        [{"name": "林大", "birth_date": old}, {"name": "林小", "birth_date": young}], place.own, group=senior
    )
    found = place.registrar.get("/enrolments/graduates").json()
    assert found["school_year"] == year.name
    assert {one["id"]: one["code"] for one in found["children"]} == {
        str(children[0].pk): None, str(children[1].pk): "ENR-11",
    }  # fmt: skip
    assert place.stranger.get("/enrolments/graduates").json()["children"] == []


def test_nobody_graduates_out_of_season(place: Place):
    (child,) = attending(place)
    body = {"children": seen(child), "on": f"{TODAY.year}-03-01"}
    problem_of(place.registrar.post("/enrolments/graduate", body), 422, "ENR-13")
