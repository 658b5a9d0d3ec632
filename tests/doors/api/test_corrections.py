"""Corrections over the API: proofs, key data by case, other data at once on the version that was read."""

import base64
import json

import pytest
from django.test import Client
from django.utils import timezone

from miaoce.registry.access import actions as access
from miaoce.registry.access.models import Staff
from miaoce.registry.children.models import Child
from miaoce.registry.corrections import edits
from miaoce.registry.journal import actions as journal
from tests.factories import children, places, proofs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


class Program:
    """A program with the token of an officer."""

    def __init__(self, officer) -> None:
        staff = Staff.objects.get(pk=officer.staff_id)
        with journal.process("token.create", actor=officer, at=timezone.now()) as process:
            _, secret = access.create_token(
                username=staff.username, role=officer.role_code, scopes=[], days=1, label="test", process=process
            )
        self.headers, self.count = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}, 0

    def send(self, method, path, body=None, **headers):
        self.count += 1
        headers.setdefault("HTTP_IDEMPOTENCY_KEY", f"key-number-{id(self)}-{self.count}")
        data = json.dumps(body) if body is not None else ""
        return Client().generic(
            method, f"/api/v1{path}", data, content_type="application/json", **self.headers, **headers
        )


@pytest.fixture
def garden():
    return places.make_kindergarten()


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


@pytest.fixture
def clerk(registrar):
    return Program(registrar)


@pytest.fixture
def county(garden):
    return Program(places.make_officer("county_reviewer", garden.office))


@pytest.fixture
def child(garden, registrar):
    return children.make_child(garden, registrar=registrar)


def proof_of(clerk, child) -> str:
    content = base64.b64encode(proofs.photo()).decode()
    answer = clerk.send("POST", f"/children/{child.pk}/proofs", {"kind": "household_book", "content": content})
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]


def test_filed_shown_agreed_and_true(clerk, county, child):
    asked = {"values": {"name": "陈子默"}, "reason": "recorded_wrong", "proofs": [proof_of(clerk, child)]}
    filed = clerk.send("POST", f"/children/{child.pk}/corrections", asked, HTTP_IDEMPOTENCY_KEY="the-same-key")
    again = clerk.send("POST", f"/children/{child.pk}/corrections", asked, HTTP_IDEMPOTENCY_KEY="the-same-key")
    assert filed.status_code == 201 and again.content == filed.content, "once, whatever is repeated"
    case = filed.json()
    assert (case["fields"], case["state"]) == (["name"], "filed")
    assert [one["id"] for one in county.send("GET", "/corrections").json()["corrections"]] == [case["id"]]
    shown = county.send("GET", f"/corrections/{case['id']}").json()
    assert shown["compared"][0] == {
        "field": "name",
        "label": "姓名",
        "before": "陈子墨",
        "after": "陈子默",
        "differs": True,
    }
    chosen = {"decision": "agree", "corrections": [{"id": case["id"], "version": case["version"]}]}
    assert county.send("POST", "/correction-decisions", chosen).json()["done"] == [case["id"]]
    assert Child.objects.get(pk=child.pk).name == "陈子默"
    late = county.send("POST", "/correction-decisions", chosen).json()
    assert late["done"] == [] and late["not_done"][0]["code"] == "APR-01"


def test_without_a_proof_and_with_a_wrong_one_nothing_is_filed(clerk, child):
    bare = clerk.send(
        "POST", f"/children/{child.pk}/corrections", {"values": {"name": "陈子默"}, "reason": "recorded_wrong"}
    )
    assert (bare.status_code, bare.json()["code"]) == (422, "COR-04")
    broken = clerk.send("POST", f"/children/{child.pk}/proofs", {"kind": "other", "content": "AAAA"})
    assert (broken.status_code, broken.json()["code"]) == (422, "PRF-03")


def test_taken_back(clerk, child):
    asked = {"values": {"name": "陈子默"}, "reason": "recorded_wrong", "proofs": [proof_of(clerk, child)]}
    case = clerk.send("POST", f"/children/{child.pk}/corrections", asked).json()
    chosen = {"corrections": [{"id": case["id"], "version": 1}]}
    assert clerk.send("POST", "/correction-withdrawals", chosen).json()["done"] == [case["id"]]


def test_other_data_are_changed_on_the_version_that_was_read(clerk, child):
    path, values = f"/children/{child.pk}", {"values": {"address": "新苗路 9 号"}}
    assert clerk.send("PATCH", path, values).status_code == 428
    done = clerk.send("PATCH", path, values, HTTP_IF_MATCH='"1"')
    assert (done.status_code, done.json()["version"], done["ETag"]) == (200, 2, '"2"')
    assert edits.known_values([Child.objects.get(pk=child.pk)])[child.pk]["address"] == "新苗路 9 号"
    stale = clerk.send("PATCH", path, {"values": {"address": "新苗路 8 号"}}, HTTP_IF_MATCH='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "API-08")
    assert stale.json()["current"]["version"] == 2 and stale.json()["yours"] == {"address": "新苗路 8 号"}
    key = clerk.send("PATCH", path, {"values": {"name": "别的"}}, HTTP_IF_MATCH='"2"')
    assert (key.status_code, key.json()["code"]) == (422, "COR-11")


def test_a_foreign_child_is_none(child):
    stranger = Program(places.make_officer("registrar", places.make_kindergarten()))
    body = {"values": {"address": "新苗路 9 号"}}
    assert stranger.send("PATCH", f"/children/{child.pk}", body, HTTP_IF_MATCH='"1"').status_code == 404
