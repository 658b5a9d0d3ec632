"""A write that is sent again changes nothing more and is answered byte for byte the same (trust.md R-07, R-08)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from miaoce.jobs.worker import forget_answers
from miaoce.registry.access.models import RepeatedRequest
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal.models import Process
from miaoce.registry.vault.models import DataKey
from tests.doors.api.conftest import Place, bring_in, row
from tests.doors.api.test_keys import problem_of


def test_the_same_request_again_is_answered_the_same(place: Place):
    body = {"rows": [row(), row(name="林小满")]}
    first = place.registrar.post("/rows", body, key="monday-0001")
    again = [place.registrar.post("/rows", body, key="monday-0001") for _ in range(9)]
    assert {(answer.status_code, answer.content) for answer in again} == {(201, first.content)}
    assert {answer["Idempotency-Replayed"] for answer in again} == {"true"}
    assert first["Location"] == again[0]["Location"]
    assert not first.has_header("Idempotency-Replayed")
    assert (Batch.objects.count(), Row.objects.count(), Process.objects.filter(kind="intake.receive").count()) == (
        1,
        2,
        1,
    )


def test_the_same_key_for_another_request_is_refused(place: Place):
    place.registrar.post("/rows", {"rows": [row()]}, key="monday-0001")
    problem_of(place.registrar.post("/rows", {"rows": [row()]}, key="monday-0001"), 409, "IDEM-01")
    assert Batch.objects.count() == 1


def test_the_same_key_for_another_batch_is_refused(place: Place):
    one, two = bring_in(place.registrar, row()), bring_in(place.registrar, row())
    sent = place.registrar.post(f"/batches/{one['batch']['id']}/submit", {"promise": True}, key="submit-0001")
    assert sent.status_code == 200
    problem_of(
        place.registrar.post(f"/batches/{two['batch']['id']}/submit", {"promise": True}, key="submit-0001"),
        409,
        "IDEM-01",
    )


def test_a_key_belongs_to_one_kindergarten_and_one_operation(place: Place):
    one, two = row(), row()
    assert place.registrar.post("/rows", {"rows": [one]}, key="everybody-1").status_code == 201
    assert place.stranger.post("/rows", {"rows": [two]}, key="everybody-1").status_code == 201
    batch = Batch.objects.get(kindergarten=place.own)
    assert place.registrar.post(f"/batches/{batch.pk}/submit", {"promise": True}, key="everybody-1").status_code == 200


def test_a_refusal_is_repeated_too(place: Place):
    found = bring_in(place.registrar, row(ethnicity="汗族"))
    path = f"/batches/{found['batch']['id']}/submit"
    first = place.registrar.post(path, {"promise": True}, key="submit-0001")
    problem_of(first, 409, "INT-09")
    again = place.registrar.post(path, {"promise": True}, key="submit-0001")
    assert (again.status_code, again.content) == (409, first.content)
    assert not Process.objects.filter(kind="intake.submit").exists()


def test_an_error_of_ours_is_not_kept(place: Place, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    body = {"rows": [row()]}
    with monkeypatch.context() as patch:
        patch.setattr("miaoce.api.v1.rows.intake.read_batch", broken)
        assert place.registrar.post("/rows", body, key="monday-0001").status_code == 500
    assert (RepeatedRequest.objects.count(), Batch.objects.count()) == (0, 0)
    assert place.registrar.post("/rows", body, key="monday-0001").status_code == 201


@pytest.mark.parametrize("key", [None, "short", "with a space", "x" * 121, "键键键键键键键键"])
def test_a_write_that_must_be_repeatable_needs_a_key(place: Place, key: str | None):
    problem_of(place.registrar.post("/rows", {"rows": [row()]}, key=key), 422, "API-02")


def test_the_same_rows_under_another_key_give_the_batch_that_stands_open(place: Place):
    body = {"rows": [row()]}
    first = place.registrar.post("/rows", body)
    again = place.registrar.post("/rows", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["batch"]["id"] == first.json()["batch"]["id"]
    assert Row.objects.count() == 1


def test_kept_answers_are_sealed_and_forgotten_after_their_days(place: Place):
    place.registrar.post("/rows", {"rows": [row(name="林小满")]}, key="monday-0001")
    kept = RepeatedRequest.objects.get()
    assert kept.answer is not None and "林小满".encode() not in bytes(kept.answer)
    RepeatedRequest.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert forget_answers() == 0
    RepeatedRequest.objects.update(created_at=timezone.now() - timedelta(days=36))
    assert forget_answers() == 1
    assert not RepeatedRequest.objects.exists()
    assert not DataKey.objects.filter(subject_id=kept.pk).exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_at_once_have_one_effect(place: Place):
    """Some may be told to come again; whoever got an answer got the same one."""
    found = bring_in(place.registrar, row(), row(name="林小满"))
    path, together = f"/batches/{found['batch']['id']}/submit", Barrier(10)

    def send(_: int) -> tuple[int, bytes]:
        together.wait()
        try:
            answer = place.registrar.post(path, {"promise": True}, key="all-at-once-1")
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))
    final = place.registrar.post(path, {"promise": True}, key="all-at-once-1")
    assert final.status_code == 200
    assert {answer for answer in answers if answer[0] == 200} <= {(200, final.content)}
    assert {status for status, _ in answers} <= {200, 409, 503}
    assert Proposal.objects.count() == 2
    assert Process.objects.filter(kind="intake.submit").count() == 1
    assert RepeatedRequest.objects.filter(operation="batches_submit").count() == 1
