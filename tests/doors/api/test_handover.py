"""A school's own software: look up, claim, take the package, send back; everybody's feed."""

import base64
import json

import pytest

from miaoce.registry.handover import rules
from miaoce.registry.vault import queries as vault
from tests.doors.api.conftest import Place
from tests.factories.children import make_child

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def number_of(child):
    return vault.open_safe([child.pk]).open(child.pk, "child", "number", child.pk, bytes(child.number))


@pytest.fixture
def child(place: Place):
    return make_child(place.own, name="周禾禾")


def found(place: Place, child):
    lines = [
        {"name": "周禾禾", "number": number_of(child)},
        {"name": "没学籍", "birth_date": "2020-01-01", "guardian": "某"},
    ]
    return place.school.post("/handover/lookup", {"lines": lines}, key=None).json()


def test_a_list_is_answered_and_a_missing_record_hinders_nobody(place: Place, child):
    answer = found(place, child)
    assert [line["outcome"] for line in answer["lines"]] == ["found", "not_found"]
    assert answer["words"] == rules.NEVER_HINDERS


def test_a_claim_is_made_once_whatever_is_repeated(place: Place, child):
    passes = [line["claim_pass"] for line in found(place, child)["lines"] if line["claim_pass"]]
    first = place.school.post("/handover/claims", {"passes": passes}, key="claim-once-1")
    again = place.school.post("/handover/claims", {"passes": passes}, key="claim-once-1")
    assert first.json()["done"] == [str(child.pk)]
    assert again.content == first.content
    (one,) = place.school.get("/handovers").json()["handovers"]
    assert (one["name"], one["kindergarten"]) == ("周禾禾", place.own.code)
    package = place.school.post(f"/handovers/{one['id']}/package").json()
    assert json.loads(base64.b64decode(package["package"]))["algorithm"] == "Ed25519"
    sent = place.school.post(f"/handovers/{one['id']}/corrections", {"field": "name", "wanted": "周禾和"})
    assert (sent.status_code, sent.json()["state"]) == (201, "open")


def test_a_pass_that_nobody_gave_out_claims_nothing(place: Place):
    answer = place.school.post("/handover/claims", {"passes": ["made.up.pass"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "HOV-02")


def test_the_feed_goes_on_where_it_was_left(place: Place, child):
    first = place.registrar.get("/events", limit=2).json()
    assert {event["subject"] for event in first["events"]} == {f"children/{child.pk}"}
    rest = place.registrar.get("/events", cursor=first["next"], limit=1_000).json()
    ids = [event["id"] for event in (*first["events"], *rest["events"])]
    assert len(ids) == len(set(ids))
    assert place.stranger.get("/events").json()["events"] == []
    assert place.school.get("/events").json()["events"] == []


def test_an_address_to_be_told_at_is_public(place: Place):
    answer = place.registrar.post("/subscriptions", {"url": "http://127.0.0.1:9/x"}, key=None)
    assert (answer.status_code, answer.json()["code"]) == (422, "HOV-06")
    assert place.registrar.get("/subscriptions").json() == {"subscriptions": []}


def test_only_its_own_unit_ends_a_subscription(place: Place, settings):
    settings.WEBHOOK_ANYWHERE = True
    made = place.registrar.post("/subscriptions", {"url": "http://127.0.0.1:9/x"}, key=None).json()
    assert made["secret"]
    for program in (place.stranger, place.county, place.school):
        assert program.post(f"/subscriptions/{made['id']}/end", key=None).status_code == 404
    assert place.registrar.post(f"/subscriptions/{made['id']}/end", key=None).status_code == 200
    assert place.registrar.get("/subscriptions").json() == {"subscriptions": []}
    assert place.registrar.post(f"/subscriptions/{made['id']}/end", key=None).status_code == 404
