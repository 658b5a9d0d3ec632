"""The county's programs: the list, a spot check before many are approved, decisions by version, taking them back."""

from typing import Any

import pytest

from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal, Selection
from miaoce.registry.journal.models import Process, Reading
from tests.doors.api.conftest import Place
from tests.doors.api.test_keys import problem_of
from tests.factories.children import make_children


def waiting(place: Place, count: int) -> list[dict[str, Any]]:
    """Make cases that wait and return them as a decision names them."""
    signs = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
    make_children([{"name": f"林小{signs[n]}"} for n in range(count)], place.own, state=states.SUBMITTED)
    found = place.county.get("/approvals", limit=200).json()["cases"]
    return [{"id": case["id"], "version": case["version"]} for case in found]


def test_the_list_shows_the_countys_own_cases_and_logs_it(place: Place):
    cases = waiting(place, 3)
    assert len(cases) == 3
    assert place.other_county.get("/approvals").json()["cases"] == []
    (reading,) = Reading.objects.filter(what="api.approvals")
    assert len(reading.child_ids.split(",")) == 3
    first = place.county.get("/approvals", limit=2).json()
    rest = place.county.get("/approvals", limit=2, cursor=first["next"]).json()
    assert [case["id"] for case in first["cases"] + rest["cases"]] == [case["id"] for case in cases]


def test_a_few_are_approved_at_once_and_can_be_taken_back(place: Place):
    cases = waiting(place, 3)
    done = place.county.post("/approvals/decide", {"decision": "approve", "cases": cases}).json()
    assert sorted(done["done"]) == sorted(case["id"] for case in cases)
    assert set(Proposal.objects.values_list("state", flat=True)) == {states.APPROVED}
    assert Process.objects.get(kind="approval.approve").pk.hex == done["decision"].replace("-", "")
    back = place.county.post("/approvals/recall", {"decision": done["decision"]}).json()
    assert sorted(back["done"]) == sorted(done["done"])
    problem_of(place.county.post("/approvals/recall", {"decision": done["decision"]}), 409, "APR-04")


def test_a_case_that_changed_is_refused_alone(place: Place):
    cases = waiting(place, 2)
    Proposal.objects.filter(pk=cases[0]["id"]).update(version=9)
    done = place.county.post("/approvals/decide", {"decision": "approve", "cases": cases}).json()
    assert done["done"] == [cases[1]["id"]]
    assert [(one["id"], one["code"]) for one in done["not_done"]] == [(cases[0]["id"], "APR-02")]


def test_many_clean_ones_need_a_spot_check(place: Place):
    cases = waiting(place, 20)
    problem_of(place.county.post("/approvals/decide", {"decision": "approve", "cases": cases}), 422, "APR-07")
    assert not Proposal.objects.exclude(state=states.SUBMITTED).exists()
    chosen = place.county.post("/approvals/selections", {"cases": cases})
    assert chosen.status_code == 201
    selection = chosen.json()
    assert (selection["chosen"], len(selection["sample"]), selection["seen"]) == (20, 5, [])
    body = {"decision": "approve", "selection": selection["id"]}
    problem_of(place.county.post("/approvals/decide", body), 422, "APR-07")
    for case in selection["sample"]:
        looked = place.county.post(f"/approvals/selections/{selection['id']}/look", {"case": case}).json()
        assert looked["case"]["id"] == case
    assert sorted(looked["selection"]["seen"]) == sorted(selection["sample"])
    assert len(place.county.post("/approvals/decide", body).json()["done"]) == 20
    assert place.county.post("/approvals/decide", body).json()["done"] == []


def test_only_the_sample_is_looked_at(place: Place):
    cases = waiting(place, 20)
    selection = place.county.post("/approvals/selections", {"cases": cases}).json()
    outside = next(case["id"] for case in cases if case["id"] not in selection["sample"])
    problem_of(place.county.post(f"/approvals/selections/{selection['id']}/look", {"case": outside}), 404, "API-03")


def test_a_return_needs_a_reason(place: Place):
    cases = waiting(place, 1)
    problem_of(place.county.post("/approvals/decide", {"decision": "return", "cases": cases}), 422, "APR-06")


@pytest.mark.parametrize("body", [{}, {"cases": [], "selection": None}])
def test_a_decision_names_cases_or_a_selection(place: Place, body: dict[str, Any]):
    problem_of(place.county.post("/approvals/decide", {"decision": "approve", **body}), 422, "API-02")


def test_another_countys_cases_are_refused_as_if_there_were_none(place: Place):
    cases = waiting(place, 1)
    missing = [{"id": "0199f2a4-6c00-7000-8000-0000000000c1", "version": 1}]
    answers = [
        place.other_county.post("/approvals/decide", {"decision": "approve", "cases": chosen}).json()["not_done"][0]
        for chosen in (cases, missing)
    ]
    assert {(one["code"], one["detail"]) for one in answers} == {("APR-01", answers[0]["detail"])}
    assert Proposal.objects.get(pk=cases[0]["id"]).state == states.SUBMITTED


def test_a_colleagues_selection_is_not_there(place: Place):
    cases = waiting(place, 1)
    selection = place.county.post("/approvals/selections", {"cases": cases}).json()["id"]
    body = {"decision": "approve", "selection": selection}
    problem_of(place.other_county.post("/approvals/decide", body), 404, "API-03")
    assert Selection.objects.get(pk=selection).used_by is None


def test_a_kindergarten_decides_nothing(place: Place):
    cases = waiting(place, 1)
    problem_of(place.registrar.post("/approvals/decide", {"decision": "approve", "cases": cases}), 403, "ACC-01")
    problem_of(place.registrar.get("/approvals"), 403, "ACC-01")
