"""Own, foreign and missing: two identities at every operation (trust.md S-04). Foreign and missing answer alike."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from miaoce.api.v1.api import api
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from tests.doors.api.conftest import Place, Program, bring_in, row
from tests.factories.children import make_child, make_children

Call = Callable[[Program, str], Any]
MEND = {"values": {"name": "林小满"}}
REVEAL = {"field": "document_number", "reason": "check_document"}

# What needs an id: which kind of id, and the call with it. A kindergarten's operations are tried by its registrar and by
# another kindergarten's; a county's by its reviewer and by another county's.
BY_ID: dict[str, tuple[str, Call]] = {
    "rows_show": ("row", lambda who, i: who.get(f"/rows/{i}")),
    "rows_mend": ("row", lambda who, i: who.patch(f"/rows/{i}", MEND, version=1)),
    "rows_decide": (
        "row", lambda who, i: who.post(f"/rows/{i}/duplicate", {"choice": "later", "other": "0" * 32})
    ),
    "batches_show": ("batch", lambda who, i: who.get(f"/batches/{i}")),
    "rows_list": ("batch", lambda who, i: who.get(f"/batches/{i}/rows")),
    "batches_submit": ("batch", lambda who, i: who.post(f"/batches/{i}/submit", {"promise": True})),
    "batches_recall": ("batch", lambda who, i: who.post(f"/batches/{i}/recall", {})),
    "children_show": ("child", lambda who, i: who.get(f"/children/{i}")),
    "children_reveal": ("child", lambda who, i: who.post(f"/children/{i}/reveal", REVEAL, key=None)),
    "selections_look": ("selection", lambda who, i: who.post(f"/approvals/selections/{i}/look", {"case": str(uuid4())})),
}  # fmt: skip
IN_BODY: dict[str, tuple[str, Call]] = {
    "selections_create": (
        "case", lambda who, i: who.post("/approvals/selections", {"cases": [{"id": i, "version": 1}]})
    ),
    "approvals_decide": (
        "case",
        lambda who, i: who.post("/approvals/decide", {"decision": "approve", "cases": [{"id": i, "version": 1}]}),
    ),
    "approvals_recall": ("decision", lambda who, i: who.post("/approvals/recall", {"decision": i})),
}  # fmt: skip
# Lists and searches: the name of the list in the answer, and the call.
LISTS: dict[str, tuple[str, Callable[[Program], Any]]] = {
    "batches_list": ("batches", lambda who: who.get("/batches")),
    "registrations_list": ("registrations", lambda who: who.get("/registrations")),
    "children_list": ("children", lambda who: who.get("/children")),
    "children_search": ("children", lambda who: who.post("/children/search", {"words": "林小"}, key=None)),
    "numbers_list": ("numbers", lambda who: who.get("/numbers")),
    "approvals_list": ("cases", lambda who: who.get("/approvals")),
}
COUNTY = {"selection", "case", "decision"}


@pytest.fixture
def ids(place: Place) -> dict[str, str]:
    """Make one of each that belongs to the registrar's kindergarten and its county."""
    found = bring_in(place.registrar, row(), row(name="林小雨", ethnicity="汗族"))
    child = make_child(place.own, name="林小满")
    pending = make_children([{"name": f"林小{sign}"} for sign in "甲乙"], place.own, state=states.SUBMITTED)
    case, other = (Proposal.objects.get(child_id=one.pk) for one in pending)
    chosen = {"cases": [{"id": str(case.pk), "version": case.version}]}
    decided = {"decision": "approve", "cases": [{"id": str(other.pk), "version": other.version}]}
    return {
        "row": found["rows"][1]["id"],
        "batch": found["batch"]["id"],
        "child": str(child.pk),
        "case": str(case.pk),
        "selection": place.county.post("/approvals/selections", chosen).json()["id"],
        "decision": place.county.post("/approvals/decide", decided).json()["decision"],
    }


def test_what_is_tried_here_is_there():
    """That every operation is tried, by everybody, is held by tests/matrix; here the first ones are tried in earnest."""
    assert {*BY_ID, *IN_BODY, *LISTS} <= set(api.scopes())


def told(answer: Any) -> tuple[int, dict[str, Any]]:
    """Return what an answer tells, without its trace."""
    return answer.status_code, {name: value for name, value in answer.json().items() if name != "trace"}


@pytest.mark.parametrize("name", sorted(BY_ID))
def test_a_foreign_id_is_answered_as_a_missing_one(name: str, place: Place, ids: dict[str, str]):
    kind, call = BY_ID[name]
    stranger = place.other_county if kind in COUNTY else place.stranger
    foreign, missing = call(stranger, ids[kind]), call(stranger, str(uuid4()))
    assert foreign.status_code == 404
    assert told(foreign) == told(missing)


@pytest.mark.parametrize("name", sorted(set(BY_ID) - {"selections_look"}))
def test_ones_own_id_is_answered(name: str, place: Place, ids: dict[str, str]):
    kind, call = BY_ID[name]
    assert call(place.registrar, ids[kind]).status_code in {200, 409, 412}


@pytest.mark.parametrize("name", sorted(IN_BODY))
def test_a_foreign_id_in_a_body_is_answered_as_a_missing_one(name: str, place: Place, ids: dict[str, str]):
    kind, call = IN_BODY[name]
    before = list(Proposal.objects.order_by("id").values_list("state", "version"))
    (status, foreign), (other_status, missing) = (told(call(place.other_county, i)) for i in (ids[kind], str(uuid4())))
    assert status == other_status
    for told_of in (foreign, missing):
        for varies in ("id", "decision"):
            told_of.pop(varies, None)
        for one in told_of.get("not_done", ()):
            one.pop("id")
    assert foreign == missing
    assert list(Proposal.objects.order_by("id").values_list("state", "version")) == before


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_shows_ones_own_and_nothing_foreign(name: str, place: Place, ids: dict[str, str]):
    of, call = LISTS[name]
    own, stranger = (
        (place.county, place.other_county) if name == "approvals_list" else (place.registrar, place.stranger)
    )
    assert call(own).json()[of] != []
    assert call(stranger).json()[of] == []


def test_a_foreign_row_cannot_be_named_in_a_submission(place: Place, ids: dict[str, str]):
    theirs = bring_in(place.stranger, row())
    answer = place.registrar.post(
        f"/batches/{ids['batch']}/submit", {"promise": True, "rows": [theirs["rows"][0]["id"]]}
    )
    assert answer.status_code == 409
    assert place.stranger.get(f"/rows/{theirs['rows'][0]['id']}").json()["state"] == "ready"
