"""Who gets in: tokens, scopes, methods, bodies. Every no is a problem document."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from miaoce.api.problems import MEDIA_TYPE, MOST_BYTES
from miaoce.registry.access import actions as access
from miaoce.registry.access.models import ApiToken, Appointment, Staff
from miaoce.registry.access.officers import the_system
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from tests.doors.api.conftest import Place, Program, bring_in, row
from tests.factories.places import make_officer, signed_in


def problem_of(answer, status: int, code: str) -> dict:
    """Return the problem document of an answer, after looking at its form."""
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == MEDIA_TYPE
    found = answer.json()
    assert {"type", "title", "status", "detail", "code", "facts", "trace"} <= set(found)
    assert (found["status"], found["code"], found["type"]) == (status, code, f"urn:miaoce:problem:{code}")
    assert len(found["trace"]) == 16
    return found


def revoke(program: Program) -> None:
    token = ApiToken.objects.get(appointment=program.officer.appointment_id)
    with journal.process("token.revoke", actor=the_system(), at=timezone.now()) as process:
        access.revoke_token(token_id=token.pk, process=process)


def expire(program: Program) -> None:
    ApiToken.objects.filter(appointment=program.officer.appointment_id).update(expires_at=timezone.now())


def end_appointment(program: Program) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Appointment.objects.filter(pk=program.officer.appointment_id).update(to_on=yesterday)


def begin_tomorrow(program: Program) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    Appointment.objects.filter(pk=program.officer.appointment_id).update(from_on=tomorrow)


def stop_staff(program: Program) -> None:
    Staff.objects.filter(pk=program.officer.staff_id).update(is_active=False)


@pytest.mark.parametrize("end", [revoke, expire, end_appointment, begin_tomorrow, stop_staff])
def test_a_token_that_ended_opens_nothing(place: Place, end: Callable[[Program], None]):
    assert place.registrar.get("/kindergarten").status_code == 200
    end(place.registrar)
    answer = place.registrar.get("/kindergarten")
    problem_of(answer, 401, "API-01")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer mc_nobody", "Basic bWM6bWM=", "mc_alone"])
def test_without_a_token_nothing_opens(place: Place, header: str | None):
    headers = {} if header is None else {"Authorization": header}
    problem_of(Client().get("/api/v1/kindergarten", headers=headers), 401, "API-01")


def test_a_session_at_the_pages_counts_for_nothing(place: Place):
    client = signed_in(place.registrar.officer)
    problem_of(client.get("/api/v1/kindergarten"), 401, "API-01")


def test_no_form_token_is_asked_for(place: Place):
    client = Client(enforce_csrf_checks=True)
    headers = place.registrar.headers({"Idempotency-Key": "without-a-form-token"})
    answer = client.post(
        "/api/v1/rows", json.dumps({"rows": [row()]}), content_type="application/json", headers=headers
    )
    assert answer.status_code == 201


def test_a_token_can_do_no_more_than_its_scopes(place: Place, token: Callable[..., Program]):
    reader = token(make_officer("registrar", place.own), "intake:view")
    assert reader.get("/kindergarten").status_code == 200
    found = problem_of(reader.post("/rows", {"rows": [row()]}), 403, "ACC-01")
    assert found["facts"] == {"permission": "intake:edit"}
    problem_of(reader.get("/children"), 403, "ACC-01")


def test_a_scope_the_role_lost_is_gone(place: Place, token: Callable[..., Program]):
    program = token(make_officer("registrar", place.own), "intake:view", "child:view")
    ApiToken.objects.filter(appointment=program.officer.appointment_id).update(scopes=["approval:decide", "child:view"])
    assert program.get("/children").status_code == 200
    problem_of(program.get("/approvals"), 403, "ACC-01")


def test_a_write_names_the_person_and_the_token(place: Place):
    bring_in(place.registrar, row())
    doing = Process.objects.get(kind="intake.receive")
    token = ApiToken.objects.get(appointment=place.registrar.officer.appointment_id)
    assert (doing.actor_id, doing.unit_id) == (place.registrar.officer.staff_id, place.own.pk)
    assert doing.facts == {"token": token.pk.hex}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused_with_those_allowed(place: Place, method: str):
    answer = getattr(Client(), method)("/api/v1/kindergarten", headers=place.registrar.headers())
    problem_of(answer, 405, "API-04")
    assert answer["Allow"] == "GET, HEAD"


def test_head_says_the_same_without_a_body(place: Place):
    headers = place.registrar.headers()
    got, head = (getattr(Client(), method)("/api/v1/kindergarten", headers=headers) for method in ("get", "head"))
    assert (head.status_code, head["ETag"], head.content) == (200, got["ETag"], b"")


@pytest.mark.parametrize("path", ["/nothing", "/kindergarten/", "/rows/not-an-id-at-all/more", "/"])
def test_an_unknown_address_is_a_problem_too(place: Place, path: str):
    problem_of(place.registrar.get(path), 404, "API-03")


def test_another_type_of_body_is_refused(place: Place):
    headers = place.registrar.headers({"Idempotency-Key": "another-type"})
    answer = Client().post("/api/v1/rows", "<a/>", content_type="text/xml", headers=headers)
    problem_of(answer, 415, "API-05")


def test_too_large_a_body_is_refused(place: Place):
    problem_of(place.registrar.post("/rows", {"rows": [{"remark": "x" * MOST_BYTES}]}), 413, "API-06")


@pytest.mark.parametrize("text", ["{", "[1", '{"rows": NaN}', '{"rows": [], "rows": []}', '"\xff', "[" * 200_000])
def test_what_is_no_json_is_refused(place: Place, text: str):
    headers = place.registrar.headers({"Idempotency-Key": "no-json-at-all"})
    answer = Client().post("/api/v1/rows", text.encode("latin-1"), content_type="application/json", headers=headers)
    problem_of(answer, 400, "API-07")


def test_what_does_not_fit_is_named_without_its_value(place: Place):
    answer = place.registrar.post(
        "/rows", {"rows": [{"name": "林小满", "nickname": "小满"}, {"name": 7}], "more": "林大山"}
    )
    found = problem_of(answer, 422, "API-02")
    assert found["facts"] == {"count": len(found["errors"])}
    assert [error["where"] for error in found["errors"]][:1] == [["body", "rows", 0]]
    assert "林" not in answer.content.decode()


def test_a_broken_text_is_refused_and_breaks_nothing(place: Place):
    answer = place.registrar.post("/rows", {"rows": [{"name": "\ud800"}, {"\ud800": "x"}, {"name": "a\x00b"}]})
    problem_of(answer, 422, "API-02")


def test_a_mistyped_filter_is_refused(place: Place):
    problem_of(place.registrar.get("/registrations", sate="returned"), 422, "API-02")


@pytest.mark.parametrize("cursor", ["x", "IjEi:forged", "0" * 400])
def test_a_cursor_nobody_gave_out_is_refused(place: Place, cursor: str):
    for path in ("/batches", "/children", "/registrations", "/numbers"):
        problem_of(place.registrar.get(path, cursor=cursor), 422, "API-10")


def test_a_cursor_of_another_list_is_refused(place: Place):
    for _ in range(3):
        bring_in(place.registrar, row())
    following = place.registrar.get("/batches", limit=1).json()["next"]
    assert place.registrar.get("/batches", limit=1, cursor=following).status_code == 200
    problem_of(place.registrar.get("/children", cursor=following), 422, "API-10")


def test_a_bug_says_where_to_find_it_and_nothing_else(place: Place, monkeypatch: pytest.MonkeyPatch, caplog):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("陈子墨 13800005678")

    monkeypatch.setattr("miaoce.api.v1.kindergarten.own_kindergarten", broken)
    found = problem_of(place.registrar.get("/kindergarten"), 500, "API-12")
    assert "13800005678" not in json.dumps(found)
    assert [record.trace for record in caplog.records if record.name == "miaoce.api"] == [found["trace"]]


def test_a_read_cannot_write(place: Place, monkeypatch: pytest.MonkeyPatch):
    def writes(*_: object) -> None:
        place.own.name = "改了"
        with transaction.atomic():
            place.own.save()

    monkeypatch.setattr("miaoce.api.v1.kindergarten.own_kindergarten", writes)
    problem_of(place.registrar.get("/kindergarten"), 500, "API-12")
    place.own.refresh_from_db()
    assert place.own.name != "改了"


def test_answers_are_private_and_unchanged_ones_are_not_sent_again(place: Place):
    first = place.registrar.get("/codes/sex")
    assert first["Cache-Control"] == "private, no-store"
    assert "Authorization" in first["Vary"]
    again = place.registrar.get("/codes/sex", headers={"If-None-Match": f'W/{first["ETag"]}, "other"'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert place.registrar.get("/codes/sex", headers={"If-None-Match": '"other"'}).status_code == 200


def test_codes_and_regions_are_for_every_token(place: Place):
    for program in (place.registrar, place.principal, place.county):
        assert program.get("/codes/ethnicity").json()["codes"][0]["name"] == "汉族"
        below = program.get("/regions", under="990100").json()["regions"]
        assert [region["name"] for region in below] == ["青禾区", "柳溪县", "临江县"]
    problem_of(place.registrar.get("/codes/secrets"), 404, "API-03")
    problem_of(place.registrar.get("/regions", under="999999"), 404, "API-03")


def test_a_kindergarten_reads_its_classes_and_its_licence(place: Place):
    found = place.registrar.get("/kindergarten").json()
    assert found["code"] == place.own.code
    assert found["licence"]["is_valid"] is True
    assert [group["name"] for group in found["groups"]][:2] == ["托一班", "小一班"]
    year = found["school_year"]
    assert date.fromisoformat(year["starts_on"]) <= timezone.localdate() <= date.fromisoformat(year["ends_on"])


def test_a_person_with_two_places_gets_a_token_for_the_one_that_is_named(place: Place):
    staff = Staff.objects.get(pk=place.registrar.officer.staff_id)
    make_officer("registrar", place.foreign, staff=staff)
    for unit in (place.own, place.foreign):
        with journal.process("token.create", actor=the_system(), at=timezone.now()) as process:
            _, secret = access.create_token(
                username=staff.username, role="", scopes=[], days=1, label="", process=process, unit=unit.code
            )
        assert Program(secret, place.registrar.officer).get("/kindergarten").json()["code"] == unit.code
