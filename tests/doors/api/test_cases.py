"""Deferral, cancellation, restoration and mended corrections over the API, from filing to decision."""

import pytest
from django.utils import timezone

from miaoce.registry.approvals.models import Case
from miaoce.registry.children.models import Child
from tests.doors.api.test_corrections import Program, proof_of
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()


@pytest.fixture
def garden():
    return places.make_kindergarten()


@pytest.fixture
def clerk(garden):
    return Program(places.make_officer("registrar", garden))


@pytest.fixture
def county(garden):
    return Program(places.make_officer("county_reviewer", garden.office))


def make(garden, name="陈子墨"):
    return children.make_child(garden, name=name)


def asked(child, **given):
    base = {"version": child.version, "reason": "cancellation.missing", "on": f"{TODAY}", "words": "报警回执，原件"}
    return base | given


def one(case):
    return [{"id": case["id"], "version": Case.objects.get(pk=case["id"]).version}]


def test_filed_once_with_a_proof_shown_on_both_sides_and_agreed(garden, clerk, county):
    child = make(garden)
    body = asked(child, words="", proofs=[proof_of(clerk, child)])
    filed = clerk.send("POST", f"/children/{child.pk}/cases", body, HTTP_IDEMPOTENCY_KEY="the-same-key")
    again = clerk.send("POST", f"/children/{child.pk}/cases", body, HTTP_IDEMPOTENCY_KEY="the-same-key")
    assert filed.status_code == 201 and again.content == filed.content
    case = filed.json()
    assert (case["kind"], case["state"], case["reason"]["name"]) == ("cancellation", "filed", "失踪")
    assert case["due_on"] is not None
    shown = county.send("GET", f"/cases/{case['id']}")
    assert {"label": "学籍", "before": "在园", "after": "已注销"} in shown.json()["changes"]
    assert len(shown.json()["proofs"]) == 1 and shown["ETag"]
    done = county.send("POST", "/case-decisions", {"decision": "agree", "cases": one(case)}).json()
    assert done == {"done": [case["id"]], "not_done": []}
    assert Child.objects.get(pk=child.pk).standing == "cancelled"


def test_sent_back_and_filed_again_with_other_words_and_another_day(garden, clerk, county):
    child = make(garden)
    case = clerk.send("POST", f"/children/{child.pk}/cases", asked(child)).json()
    back = {"decision": "send_back", "cases": one(case), "words": "请补立案回执"}
    assert county.send("POST", "/case-decisions", back).json()["done"] == [case["id"]]
    assert clerk.send("GET", f"/cases/{case['id']}").json()["returned"] == "请补立案回执"
    mended = asked(child, words="立案回执，原件", case_version=2)
    other = clerk.send("POST", f"/cases/{case['id']}/refile", {**mended, "reason": "deferral.health"})
    assert (other.status_code, other.json()["code"]) == (422, "ENR-18")
    stale = clerk.send("POST", f"/cases/{case['id']}/refile", {**mended, "case_version": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "APR-02")
    again = clerk.send("POST", f"/cases/{case['id']}/refile", mended)
    assert (again.status_code, again.json()["state"], again.json()["version"]) == (200, "filed", 3)
    assert county.send("GET", f"/cases/{case['id']}").json()["words"] == "立案回执，原件"


def test_the_list_is_read_page_by_page_and_by_kind(garden, clerk, county):
    found = [make(garden, name) for name in ("甲一诺", "乙二诺", "丙三诺")]
    for child in found:
        clerk.send("POST", f"/children/{child.pk}/cases", asked(child))
    seen, cursor = [], ""
    while cursor is not None:
        page = county.send("GET", f"/cases?limit=2{f'&cursor={cursor}' if cursor else ''}").json()
        seen, cursor = [*seen, *(case["child"] for case in page["cases"])], page["next"]
    assert sorted(seen) == sorted(f"{child.pk}" for child in found)
    assert county.send("GET", "/cases?kind=deferral").json()["cases"] == []
    assert county.send("GET", "/cases?kind=correction").status_code == 422


def test_taken_back_by_the_kindergarten_and_nobody_else(garden, clerk, county):
    child = make(garden)
    case = clerk.send("POST", f"/children/{child.pk}/cases", asked(child)).json()
    stranger = Program(places.make_officer("registrar", places.make_kindergarten()))
    foreign = stranger.send("POST", "/case-withdrawals", {"cases": one(case)}).json()
    assert [refused["code"] for refused in foreign["not_done"]] == ["APR-01"]
    assert stranger.send("GET", f"/cases/{case['id']}").status_code == 404
    assert clerk.send("POST", "/case-withdrawals", {"cases": one(case)}).json()["done"] == [case["id"]]


def test_a_correction_that_came_back_keeps_what_is_not_mended(garden, clerk, county):
    child = make(garden)
    first = {"values": {"name": "陈子默"}, "reason": "recorded_wrong", "proofs": [proof_of(clerk, child)]}
    case = clerk.send("POST", f"/children/{child.pk}/corrections", first).json()
    listed = county.send("GET", "/corrections?limit=1").json()
    assert ([one["id"] for one in listed["corrections"]], listed["next"]) == ([case["id"]], None)
    back = {"decision": "send_back", "corrections": one(case), "words": "照片看不清"}
    county.send("POST", "/correction-decisions", back)
    mended = {"values": {}, "reason": "recorded_wrong", "words": "补清楚的", "version": 2}
    again = clerk.send("POST", f"/corrections/{case['id']}/refile", mended)
    assert again.status_code == 200, again.content
    assert (again.json()["fields"], again.json()["state"]) == (["name"], "filed")
    stale = clerk.send("POST", f"/corrections/{case['id']}/refile", mended)
    assert (stale.status_code, stale.json()["code"]) == (409, "APR-01")
