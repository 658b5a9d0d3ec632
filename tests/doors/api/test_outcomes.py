"""What programs read afterwards: outcomes and numbers as feeds, children masked, every reading on record."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child
from miaoce.registry.journal.models import Reading
from miaoce.registry.vault.masking import HIDDEN
from tests.doors.api.conftest import Place, bring_in, row
from tests.doors.api.test_keys import problem_of
from tests.factories.children import document_number, make_child, make_children


def readings(what: str) -> set[str]:
    """Return the hex ids of the children in all readings of a kind."""
    found = set[str]()
    for reading in Reading.objects.filter(what=what):
        found |= {part for part in reading.child_ids.split(",") if part}
    return found


def test_a_return_reaches_the_program_word_for_word(place: Place):
    found = bring_in(place.registrar, row())
    place.registrar.post(f"/batches/{found['batch']['id']}/submit", {"promise": True})
    (case,) = place.county.get("/approvals").json()["cases"]
    words = "户籍地址请写到区县，门牌不用写。"
    answer = place.county.post(
        "/approvals/decide",
        {
            "decision": "return", "cases": [{"id": case["id"], "version": case["version"]}],
            "reasons": ["address_incomplete"], "words": words,
        },
    )  # fmt: skip
    assert answer.json()["done"] == [case["id"]]
    (outcome,) = place.registrar.get("/registrations", state="returned").json()["registrations"]
    assert outcome["returned"]["words"] == words
    assert outcome["returned"]["reasons"] == [{"code": "address_incomplete", "name": "户籍地址不全，请写到区县"}]
    assert (outcome["row"], outcome["batch"]) == (found["rows"][0]["id"], found["batch"]["id"])
    line = place.registrar.get(f"/rows/{outcome['row']}").json()
    assert (line["state"], line["returned"]["words"]) == ("returned", words)
    assert readings("api.registrations") == {outcome["child"].replace("-", "")}


def test_the_feed_tells_each_case_as_it_stands_and_goes_on_from_its_mark(place: Place):
    long_ago = timezone.now() - timedelta(hours=3)
    settled = make_children([{"name": "林小满"}, {"name": "林大山"}], place.own, state=states.SUBMITTED, at=long_ago)
    first = place.registrar.get("/registrations").json()
    assert [one["child"] for one in first["registrations"]] == [str(child.pk) for child in settled]
    fresh = make_child(place.own, name="林小雨", state=states.APPROVED, at=long_ago + timedelta(hours=1))
    then = place.registrar.get("/registrations", since=first["since"]).json()
    assert [(one["child"], one["state"]) for one in then["registrations"]][-1] == (str(fresh.pk), "approved")
    assert place.stranger.get("/registrations").json()["registrations"] == []


def test_the_feed_repeats_what_is_young_and_forgets_nothing(place: Place):
    """A transaction may end later than one that began after it; the mark never passes the last five minutes."""
    found = bring_in(place.registrar, row())
    place.registrar.post(f"/batches/{found['batch']['id']}/submit", {"promise": True})
    since = place.registrar.get("/registrations").json()["since"]
    again = place.registrar.get("/registrations", since=since).json()
    assert len(again["registrations"]) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        later = place.registrar.get("/registrations", since=again["since"]).json()
        assert len(later["registrations"]) == 1
        assert place.registrar.get("/registrations", since=later["since"]).json()["registrations"] == []


def test_pages_of_the_feed_miss_nothing(place: Place):
    made = make_children([{"name": f"林小{sign}"} for sign in "甲乙丙丁戊"], place.own, state=states.NUMBERED)
    seen, cursor, pages = set[str](), {}, 0
    while True:
        page = place.registrar.get("/registrations", limit=3, **cursor).json()
        seen |= {one["child"] for one in page["registrations"]}
        pages += 1
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == {str(child.pk) for child in made}
    assert pages > 1


def test_numbers_are_read_in_full_by_their_kindergarten_only(place: Place):
    number = document_number()
    child = make_child(place.own, id_number=number)
    (issued,) = place.registrar.get("/numbers").json()["numbers"]
    assert (issued["child"], issued["number"], issued["kind"]) == (str(child.pk), f"G{number}", "G")
    assert readings("api.numbers") == {child.pk.hex}
    assert place.stranger.get("/numbers").json()["numbers"] == []
    problem_of(place.county.get("/numbers"), 403, "ACC-01")


def test_a_child_is_masked_as_on_the_page(place: Place):
    number = document_number()
    child = make_child(place.own, id_number=number, health="2")
    found = place.registrar.get(f"/children/{child.pk}").json()
    text = str(found)
    assert number not in text and "13800005678" not in text
    assert (found["document"], found["number"]) == (f"990101********{number[-4:]}", f"G990101********{number[-4:]}")
    assert found["guardians"][0]["phone"] == "138****5678"
    assert readings("api.child") == {child.pk.hex}


def test_care_is_for_those_who_may_see_it(place: Place):
    child = make_child(place.own, health="2", disability="2")
    for program in (place.registrar, place.principal, place.county):
        found = program.get(f"/children/{child.pk}").json()
        assert {"health", "disability"} & set(found["coded"]) == set()
        assert HIDDEN not in str(found["coded"])


def test_the_full_number_needs_the_scope_and_is_its_own_reading(place: Place):
    number = document_number()
    child = make_child(place.own, id_number=number)
    assert place.registrar.get(f"/children/{child.pk}", number="full").json()["number"] == f"G{number}"
    assert readings("api.number") == {child.pk.hex}
    problem_of(place.county.get(f"/children/{child.pk}", number="full"), 403, "ACC-01")


def test_a_clear_value_is_shown_for_a_reason_that_is_logged_first(place: Place):
    number = document_number()
    child = make_child(place.own, id_number=number)
    path = f"/children/{child.pk}/reveal"
    problem_of(place.registrar.post(path, {"field": "document_number", "reason": "curiosity"}, key=None), 422, "CHD-03")
    answer = place.registrar.post(path, {"field": "document_number", "reason": "check_document"}, key=None)
    assert answer.json()["value"] == number
    reading = Reading.objects.get(what="reveal:document_number")
    assert (reading.reason, reading.actor_id) == ("核对证件", place.registrar.officer.staff_id)
    problem_of(
        place.principal.post(path, {"field": "document_number", "reason": "check_document"}, key=None), 403, "ACC-01"
    )


def test_nothing_is_shown_when_the_reading_cannot_be_logged(place: Place, monkeypatch: pytest.MonkeyPatch):
    child = make_child(place.own)

    def full(**_: object) -> None:
        raise OSError("the log is full")

    monkeypatch.setattr("miaoce.registry.journal.actions.log_reading", full)
    for path in (f"/children/{child.pk}", "/children", "/numbers", "/registrations"):
        answer = place.registrar.get(path)
        problem_of(answer, 500, "API-12")
        assert child.name not in answer.content.decode()


def test_children_are_found_by_what_stands_in_the_body(place: Place):
    child = make_child(place.own, name="林小满")
    make_child(place.foreign, name="林小满")
    for words in ("lxm", "林小", "linxiaom"):
        found = place.registrar.post("/children/search", {"words": words}, key=None).json()
        assert [one["id"] for one in found["children"]] == [str(child.pk)]
    assert readings("api.search") == {child.pk.hex}
    problem_of(place.registrar.get("/children", q="林小满"), 422, "API-02")


def test_the_list_is_read_by_page_and_by_filter(place: Place):
    made = make_children([{"name": f"林小{sign}"} for sign in "甲乙丙丁戊"], place.own)
    waiting = make_child(place.own, name="张大山", state=states.SUBMITTED, birth_date="2022-05-06")
    seen, cursor = list[str](), {}
    while True:
        page = place.registrar.get("/children", limit=2, **cursor).json()
        seen += [one["id"] for one in page["children"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert sorted(seen) == sorted(str(child.pk) for child in [*made, waiting])
    assert [one["id"] for one in place.registrar.get("/children", state="submitted").json()["children"]] == [
        str(waiting.pk)
    ]
    assert [one["id"] for one in place.registrar.get("/children", born_to="2022-12-31").json()["children"]] == [
        str(waiting.pk)
    ]
    assert (
        len(place.county.get("/children").json()["children"]) == Child.objects.filter(office=place.own.office).count()
    )


def test_no_list_counts_its_rows(place: Place, django_assert_max_num_queries, django_capture_queries: None = None):
    make_children([{"name": f"林小{sign}"} for sign in "甲乙丙丁戊"], place.own)
    for path in ("/children", "/registrations", "/numbers"):
        with django_assert_max_num_queries(20) as captured:
            assert place.registrar.get(path, limit=2).status_code == 200
        assert [one["sql"] for one in captured.captured_queries if "COUNT(" in one["sql"].upper()] == []
