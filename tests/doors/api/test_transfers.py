"""Programs of both ends take a child from one county to another, step by step, and each refusal has its code."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.children.models import Child, ChildNumber
from miaoce.registry.journal import actions as journal
from miaoce.registry.transfers import switching
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.vault import queries as vault
from tests.doors.api.conftest import Place
from tests.doors.api.test_keys import problem_of
from tests.factories.children import make_child

pytestmark = pytest.mark.slow


def told(child: Child) -> dict[str, str]:
    number = ChildNumber.objects.get(child_id=child.pk)
    safe = vault.open_safe([child.pk])
    return {
        "number": safe.open(child.pk, "child_number", "number", number.pk, bytes(number.number)),
        "name": child.name,
    }


def step(program: Any, verb: str, line: dict[str, Any], **more: Any) -> dict[str, Any]:
    one = {"id": line["id"], "version": Transfer.objects.get(pk=line["id"]).version}
    group = {"group": more.pop("group")} if "group" in more else {}
    answer = program.post(f"/transfers/{verb}", {"transfers": [{**one, **group}], **more})
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def code_for(place: Place, line: dict[str, Any]) -> str:
    answer = place.stranger.post("/transfers/code", {"transfers": [line["id"]], "channel": "paper"}, key=None).json()
    return answer["codes"][line["id"]]


def consent(place: Place, code: str, **more: Any) -> Any:
    body = {"code": code, "ending": "5678", "act": "consent", **more}
    return place.registrar.post("/transfers/guardian", body, key=None)


def test_a_child_moves_by_the_api_alone(place: Place):
    child = make_child(place.foreign, entry_date="2025-09-01")
    line = place.registrar.post("/transfers", told(child)).json()
    assert (line["state"], line["who"]["name"]) == ("requested", f"{child.name[0]}*{child.name[-1]}")
    code = code_for(place, line)
    assert consent(place, code).json()["state"] == "confirmed"
    problem_of(consent(place, code), 422, "TRF-14")
    assert step(place.stranger, "release", line)["done"][0]["state"] == "released"
    group = str(place.own.groups.order_by("sort")[1].pk)
    assert step(place.registrar, "accept", line, group=group)["done"][0]["state"] == "accepted"
    assert step(place.county, "approve", line)["not_done"][0]["code"] == "TRF-01"
    assert step(place.other_county, "approve", line)["done"][0]["state"] == "forwarded"
    assert step(place.county, "approve", line)["done"][0]["state"] == "window"
    with journal.process("transfer.switch", actor=the_system(), at=timezone.now() + timedelta(days=4)) as process:
        assert switching.switch_due(process=process) == 1
    shown = place.registrar.get(f"/transfers/{line['id']}").json()
    assert (shown["state"], shown["who"]["name"], shown["verbs"]) == ("switched", child.name, [])
    assert place.registrar.get(f"/children/{child.pk}").status_code == 200
    assert place.stranger.get(f"/children/{child.pk}").status_code == 404
    stub = place.stranger.get(f"/transfers/{line['id']}").json()
    assert stub["who"]["name"] == f"{child.name[0]}*{child.name[-1]}"
    assert stub["stay"][1] == shown["switched_on"]


def test_a_miss_is_counted_and_says_nothing(place: Place):
    child = make_child(place.foreign)
    wrong = problem_of(place.registrar.post("/transfers", told(child) | {"name": "别人"}), 422, "TRF-04")
    missing = problem_of(
        place.registrar.post("/transfers", {"number": "G990101202301039999", "name": "别人"}), 422, "TRF-04"
    )
    assert wrong["detail"].replace("9", "8") == missing["detail"]
    for _ in range(8):
        place.registrar.post("/transfers", {"number": "G990101202301039999", "name": "别人"})
    problem_of(place.registrar.post("/transfers", told(child)), 429, "TRF-05")
    assert not Transfer.objects.exists()


def test_a_code_of_one_transfer_does_nothing_for_another(place: Place):
    first, second = (place.registrar.post("/transfers", told(make_child(place.foreign))).json() for _ in range(2))
    problem_of(consent(place, code_for(place, first), transfer=second["id"]), 422, "TRF-14")
    assert set(Transfer.objects.values_list("state", flat=True)) == {"requested"}


def test_fees_are_answered_with_the_rule_and_a_reason_ends_it(place: Place):
    line = place.registrar.post("/transfers", told(make_child(place.foreign))).json()
    consent(place, code_for(place, line))
    one = {"id": line["id"], "version": 2}
    body = {"transfers": [one], "reasons": ["not_attending"], "words": "学费还没结清"}
    problem_of(place.stranger.post("/transfers/refuse", body), 422, "TRF-10")
    assert step(place.stranger, "refuse", line, reasons=["not_attending"], words="没有来过本园")["done"]
    shown = place.registrar.get(f"/transfers/{line['id']}").json()
    assert (shown["state"], shown["notes"][0]["words"]) == ("turned_down", "没有来过本园")
    assert shown["reasons"][0]["code"] == "not_attending"


def test_the_guardian_names_the_kindergarten(place: Place):
    child = make_child(place.foreign)
    line = place.stranger.post("/transfers/invite", {"children": [str(child.pk)]}).json()["done"][0]
    code = code_for(place, line)
    problem_of(consent(place, code, kindergarten="1199999999"), 422, "TRF-16")
    heard = consent(place, code, kindergarten=place.own.code).json()
    assert (heard["state"], heard["verbs"]) == ("confirmed", ["take_back"])
    back = {"code": heard["follow"], "ending": "5678", "act": "take_back"}
    assert place.registrar.post("/transfers/guardian", back, key=None).json()["state"] == "called_off"


def test_a_county_steps_in_only_past_the_day(place: Place):
    line = place.registrar.post("/transfers", told(make_child(place.foreign))).json()
    consent(place, code_for(place, line))
    assert step(place.other_county, "replace", line)["not_done"][0]["code"] == "TRF-13"


def test_lists_say_whose_turn_it_is(place: Place):
    line = place.registrar.post("/transfers", told(make_child(place.foreign))).json()
    assert [one["id"] for one in place.registrar.get("/transfers").json()["transfers"]] == [line["id"]]
    assert place.stranger.get("/transfers").json()["transfers"] == []
    assert [one["id"] for one in place.stranger.get("/transfers", tab="others").json()["transfers"]] == [line["id"]]
    consent(place, code_for(place, line))
    assert [one["verbs"] for one in place.stranger.get("/transfers").json()["transfers"]] == [["release", "refuse"]]
