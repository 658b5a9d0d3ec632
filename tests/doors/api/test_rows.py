"""From a program's rows to the county and back: checked as the upload page checks, mended, decided, submitted, recalled."""

from typing import Any

import pytest
from django.utils import timezone

from miaoce.registry.children.models import Child
from miaoce.registry.intake import rolls, states
from miaoce.registry.intake.models import Row
from miaoce.registry.intake.places import place_of
from miaoce.registry.journal.models import Process, ReadingOf
from miaoce.registry.reference import queries as reference
from miaoce.registry.transfers.models import TransferWish
from tests.doors.api.conftest import Place, bring_in, row
from tests.doors.api.test_keys import problem_of
from tests.factories.children import document_number, make_child


def only(found: dict[str, Any], state: str) -> dict[str, Any]:
    """Return the one row in a state."""
    (one,) = [line for line in found["rows"] if line["state"] == state]
    return one


def test_rows_are_checked_as_the_upload_page_checks(place: Place):
    given = row(name=" 林 小满 ", ethnicity="汗族", guardian1_phone="138-0000-4943")
    answer = bring_in(place.registrar, given)["rows"][0]
    on = timezone.localdate()
    checked = rolls.check_row(given, place=place_of(place.own, on=on), codebook=reference.codebook(on))
    assert (answer["state"], answer["values"]) == (checked.state, checked.values)
    assert answer["tidied"] == [tidying.field for tidying in checked.tidied]
    assert [finding["code"] for finding in answer["findings"]] == ["ETHNICITY_UNKNOWN"]
    assert answer["findings"][0]["suggestion"] == "01"


def test_no_row_is_lost_and_their_order_is_kept(place: Place):
    given = [row(name=f"林小{sign}") for sign in "甲乙丙丁戊己庚"] + [{}]
    found = bring_in(place.registrar, *given)
    assert [line["row"] for line in found["rows"]] == list(range(1, 9))
    assert sum(found["batch"]["counts"].values()) == found["batch"]["rows_read"] == 8
    assert found["rows"][7]["state"] == "fix"


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_one_to_five_hundred_children(place: Place, count: int):
    problem_of(place.registrar.post("/rows", {"rows": [{"name": "林小满"}] * count}), 422, "API-02")


def test_a_mended_row_has_a_new_version_and_the_rest_is_checked_again(place: Place):
    number = document_number()
    found = bring_in(place.registrar, row(id_number=number), row(id_number=number, name="林小满"))
    first, second = found["rows"]
    assert (first["state"], second["state"]) == ("duplicate", "duplicate")
    answer = place.registrar.patch(
        f"/rows/{second['id']}", {"values": {"id_number": document_number()}}, version=second["version"]
    )
    assert answer.status_code == 200, answer.content.decode()
    changed = answer.json()
    assert changed["row"]["state"] == "ready"
    assert answer["ETag"] == f'"{changed["row"]["version"]}"' != f'"{second["version"]}"'
    assert [(other["id"], other["state"]) for other in changed["others"]] == [(first["id"], "ready")]


def test_a_row_that_changed_meanwhile_is_shown_beside_what_was_to_be_written(place: Place):
    line = bring_in(place.registrar, row(ethnicity="汗族"))["rows"][0]
    path = f"/rows/{line['id']}"
    assert place.registrar.patch(path, {"values": {"ethnicity": "汉族"}}, version=line["version"]).status_code == 200
    answer = place.registrar.patch(path, {"values": {"ethnicity": "回族"}}, version=line["version"])
    found = problem_of(answer, 412, "API-08")
    assert found["current"]["given"]["ethnicity"] == "汉族"
    assert found["yours"] == {"ethnicity": "回族"}
    assert answer["ETag"] == place.registrar.get(path)["ETag"]
    again = place.registrar.patch(path, {"values": {"ethnicity": "回族"}}, version=found["current"]["version"])
    assert again.json()["row"]["values"]["ethnicity"] == "03"


def test_a_change_needs_the_version_that_was_seen(place: Place):
    line = bring_in(place.registrar, row())["rows"][0]
    problem_of(
        place.registrar.patch(f"/rows/{line['id']}", {"values": {"name": "林小满"}}, version=None), 428, "API-09"
    )


def test_a_row_with_the_county_cannot_be_mended(place: Place):
    found = bring_in(place.registrar, row())
    line = found["rows"][0]
    place.registrar.post(f"/batches/{found['batch']['id']}/submit", {"promise": True})
    now = place.registrar.get(f"/rows/{line['id']}").json()
    assert now["state"] == "sent"
    answer = place.registrar.patch(f"/rows/{line['id']}", {"values": {"name": "林小满"}}, version=now["version"])
    problem_of(answer, 409, "INT-06")


def test_a_child_from_elsewhere_is_put_aside_as_a_wish_to_transfer(place: Place):
    number = document_number()
    theirs = make_child(place.foreign, id_number=number)
    found = bring_in(place.registrar, row(id_number=number))
    line = only(found, "duplicate")
    (match,) = line["matches"]
    assert match == {"other": theirs.pk.hex, "by": "document", "kindergarten": place.foreign.name}
    path = f"/rows/{line['id']}/duplicate"
    assert (
        place.registrar.post(path, {"choice": "later", "other": match["other"]}).json()["row"]["state"] == "duplicate"
    )
    problem_of(
        place.registrar.post(path, {"choice": "different", "other": match["other"], "reason": "不是"}), 409, "INT-07"
    )
    answer = place.registrar.post(path, {"choice": "same", "other": match["other"]})
    assert answer.json()["row"]["state"] == "aside"
    assert TransferWish.objects.get().child_id == theirs.pk


def test_two_children_are_kept_for_a_reason(place: Place):
    make_child(place.foreign, name="林小满")
    boys = document_number(serial=901)  # an odd number before the check digit is a boy's
    line = only(bring_in(place.registrar, row(name="林小满", id_number=boys)), "duplicate")
    path, other = f"/rows/{line['id']}/duplicate", line["matches"][0]["other"]
    problem_of(place.registrar.post(path, {"choice": "different", "other": other}), 422, "INT-08")
    answer = place.registrar.post(path, {"choice": "different", "other": other, "reason": "同名，父母不同"})
    assert answer.json()["row"]["state"] == "ready"
    assert Process.objects.get(kind="row.decide").reason == "同名，父母不同"


def test_rows_of_one_batch_that_are_alike_name_each_other(place: Place):
    boys = document_number(serial=901)
    without = row(name="林小满", id_number="", id_type="暂无证件", sex="男")
    first_line, second_line = bring_in(place.registrar, row(name="林小满", id_number=boys), without)["rows"]
    alike = [line for line in (first_line, second_line) if line["matches"]]
    assert [match["other"] for line in alike for match in line["matches"]] == [
        f"row:{first_line['id'].replace('-', '')}"
    ]


def test_ready_rows_go_to_the_county_and_the_rest_stays(place: Place):
    found = bring_in(place.registrar, row(), row(ethnicity="汗族"))
    path = f"/batches/{found['batch']['id']}/submit"
    problem_of(place.registrar.post(path, {"promise": False}), 422, "INT-10")
    sent = place.registrar.post(path, {"promise": True}).json()
    assert (sent["done"], sent["not_done"]) == ([only(found, "ready")["id"]], [])
    assert (sent["batch"]["counts"]["sent"], sent["batch"]["counts"]["fix"]) == (1, 1)
    line = place.registrar.get(f"/rows/{sent['done'][0]}").json()
    assert Child.objects.filter(pk=line["child"], kindergarten=place.own).exists()
    assert ReadingOf.objects.filter(child_id=line["child"]).exists()


def test_only_the_rows_that_are_named_are_submitted(place: Place):
    found = bring_in(place.registrar, row(), row(name="林小满"))
    named = [found["rows"][1]["id"]]
    sent = place.registrar.post(f"/batches/{found['batch']['id']}/submit", {"promise": True, "rows": named}).json()
    assert sent["done"] == named
    assert sent["batch"]["counts"]["ready"] == 1


def test_the_same_child_again_is_known(place: Place):
    given = row()
    found = bring_in(place.registrar, given)
    place.registrar.post(f"/batches/{found['batch']['id']}/submit", {"promise": True})
    again = bring_in(place.registrar, given, row(name="林小满"))
    assert [line["state"] for line in again["rows"]] == ["known", "ready"]


def test_what_the_county_has_not_opened_can_be_recalled(place: Place):
    found = bring_in(place.registrar, row())
    path = f"/batches/{found['batch']['id']}"
    sent = place.registrar.post(f"{path}/submit", {"promise": True}).json()
    back = place.registrar.post(f"{path}/recall", {}).json()
    assert back["done"] == sent["done"]
    assert back["batch"]["counts"]["ready"] == 1


def test_a_kindergarten_without_a_licence_may_not_submit(place: Place):
    found = bring_in(place.registrar, row())
    place.own.licence_to = timezone.localdate().replace(year=2021)
    place.own.save()
    problem_of(place.registrar.post(f"/batches/{found['batch']['id']}/submit", {"promise": True}), 409, "ENR-01")


def test_rows_are_read_by_page_and_by_state(place: Place):
    found = bring_in(place.registrar, *[row(name=f"林小{sign}") for sign in "甲乙丙丁戊"], row(ethnicity="汗族"))
    path, seen, cursor = f"/batches/{found['batch']['id']}/rows", [], {}
    while True:
        page = place.registrar.get(path, limit=2, **cursor).json()
        seen += [line["row"] for line in page["rows"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == [1, 2, 3, 4, 5, 6]
    assert [line["row"] for line in place.registrar.get(path, state="fix").json()["rows"]] == [6]


@pytest.mark.parametrize("state", sorted(states.ROW_LABELS))
def test_the_rows_of_each_state_are_those_that_the_sums_count(place: Place, state: str):
    found = bring_in(place.registrar, row(), row(name="林小满"), row(ethnicity="汗族"))
    path = f"/batches/{found['batch']['id']}"
    place.registrar.post(f"{path}/submit", {"promise": True, "rows": [found["rows"][0]["id"]]})
    counts = place.registrar.get(path).json()["counts"]
    assert len(place.registrar.get(f"{path}/rows", state=state).json()["rows"]) == counts[state]
    assert sum(counts.values()) == Row.objects.filter(batch=found["batch"]["id"]).count()


def test_batches_are_read_the_newest_first(place: Place):
    made = [bring_in(place.registrar, row())["batch"]["id"] for _ in range(3)]
    first = place.registrar.get("/batches", limit=2).json()
    rest = place.registrar.get("/batches", limit=2, cursor=first["next"]).json()
    assert [batch["id"] for batch in first["batches"] + rest["batches"]] == made[::-1]
    assert rest["next"] is None
