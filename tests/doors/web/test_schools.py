"""A primary school on its pages: list, claim, record, package, corrections back; the kindergarten's answer."""

import json
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from xlsxwriter import Workbook

from miaoce.registry.handover import rules
from miaoce.registry.handover.models import Handover, SentBack
from miaoce.registry.journal.models import Event, Process, Reading
from miaoce.registry.vault import queries as vault
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def school():
    return places.make_school()


@pytest.fixture
def client(school):
    return places.signed_in(places.make_officer("school_registrar", school))


def number_of(child):
    return vault.open_safe([child.pk]).open(child.pk, "child", "number", child.pk, bytes(child.number))


def looked(client, text):
    return client.post(reverse("schools"), {"text": text})


def passes(answer):
    return [one.claim_pass for one, *_ in answer.context["rows"] if one.claim_pass]


def claimed(client, child):
    found = looked(client, f"姓名\t学籍号\n{child.name}\t{number_of(child)}")
    client.post(reverse("school-claim"), {"pass": passes(found)})
    return Handover.objects.get(child_id=child.pk)


def test_a_pasted_list_is_answered_line_by_line_and_kept_nowhere(client):
    child = children.make_child(name="周禾禾", guardian1_name="周大山")
    events, processes = Event.objects.count(), Process.objects.count()
    text = (
        f"姓名\t学籍号\t出生日期\t家长\n周禾禾\t{number_of(child)}\n没学籍的\t\t2020-01-01\t某某\n\t\t2020-01-01\t某某"
    )
    words = looked(client, text).content.decode()
    assert "找到 1 名" in words
    assert "没有 1 名" in words
    assert "看不懂 1 名" in words
    assert rules.NEVER_HINDERS in words
    assert (Event.objects.count(), Process.objects.count()) == (events, processes)
    assert Reading.objects.get(what="school.lookup").child_ids == child.pk.hex


def test_a_sheet_is_read_like_a_paste(client):
    child = children.make_child(name="周禾禾")
    file = BytesIO()
    with Workbook(file) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([["2026年新生名单"], ["学生姓名", "学籍号"], ["周禾禾", number_of(child)]]):
            sheet.write_row(row, 0, cells)
    answer = client.post(reverse("schools"), {"file": SimpleUploadedFile("名单.xlsx", file.getvalue())})
    assert len(passes(answer)) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": "  "}, "还没有名单"),
        ({"text": "\n".join(["某某\tL1"] * 2_001)}, "一次最多查 2000 名"),
    ],
)
def test_what_cannot_be_looked_up_says_why(client, given, words):
    answer = client.post(reverse("schools"), given)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_file_that_is_no_sheet_says_why(client):
    answer = client.post(reverse("schools"), {"file": SimpleUploadedFile("名单.xlsx", b"\x00\x01 no sheet")})
    assert answer.status_code == 422


def test_found_ones_are_claimed_in_one_press_and_a_second_press_changes_nothing(client):
    place = places.make_kindergarten()
    made = children.make_children([{"name": f"周禾{sign}"} for sign in "甲乙丙"], place)
    found = looked(client, "\n".join(f"{child.name}\t{number_of(child)}" for child in made))
    given = {"pass": passes(found)}
    assert "已认领 3 名" in client.post(reverse("school-claim"), given, follow=True).content.decode()
    assert "3 名没有认领" in client.post(reverse("school-claim"), given, follow=True).content.decode()
    assert Handover.objects.count() == 3
    clerk = places.signed_in(places.make_officer("registrar", place))
    assert "小学调取学籍" in clerk.get(reverse("child", args=[made[0].pk])).content.decode()


def test_nothing_ticked_changes_nothing(client):
    assert "什么也没改" in client.post(reverse("school-claim"), follow=True).content.decode()


def test_a_pass_of_another_school_opens_nothing(client):
    child = children.make_child(name="周禾禾")
    found = looked(client, f"周禾禾\t{number_of(child)}")
    other = places.signed_in(places.make_officer("school_registrar", places.make_school(name="临江路小学")))
    answer = other.post(reverse("school-claim"), {"pass": passes(found)})
    assert answer.status_code == 409
    assert not Handover.objects.exists()


def test_a_record_shows_no_number_in_full_and_its_package_does(client):
    child = children.make_child(name="周禾禾")
    one = claimed(client, child)
    page = client.get(reverse("school-record", args=[one.pk])).content.decode()
    assert "周禾禾" in page
    assert number_of(child) not in page
    answer = client.post(reverse("school-package", args=[one.pk]))
    assert json.loads(answer.content)["algorithm"] == "Ed25519"
    assert "attachment" in answer["Content-Disposition"]
    assert Reading.objects.filter(what="school.package", child_ids=child.pk.hex).exists()


def test_a_correction_goes_to_the_kindergarten_and_its_answer_comes_back(client):
    child = children.make_child(name="周禾禾")
    one = claimed(client, child)
    client.post(reverse("school-send-back", args=[one.pk]), {"column": "name", "wanted": "周禾和", "words": "照户口簿"})
    clerk = places.signed_in(places.make_officer("registrar", child.kindergarten))
    assert "周禾禾" in clerk.get(reverse("sent-back")).content.decode()
    sent = SentBack.objects.get()
    where = reverse("sent-back-answer", args=[sent.pk])
    assert "姓名应为“周禾和”" in clerk.get(where).content.decode()
    assert clerk.post(where, {"verb": "decline", "words": "", "version": "1"}).status_code == 422
    clerk.post(where, {"verb": "decline", "words": "户口簿就是这样", "version": "1"})
    assert "户口簿就是这样" in client.get(reverse("school-record", args=[one.pk])).content.decode()
    assert clerk.post(where, {"verb": "correct", "words": "", "version": "2"}).status_code == 409


def test_what_is_empty_says_what_to_do(client):
    assert "还没有认领过学生" in client.get(reverse("school-children")).content.decode()
    clerk = places.signed_in(places.make_officer("registrar", places.make_kindergarten()))
    assert "没有小学发回的更正" in clerk.get(reverse("sent-back")).content.decode()


def test_claimed_children_are_listed_by_cursor(client, monkeypatch):
    monkeypatch.setattr("miaoce.web.schools.pages.PAGE", 2)
    for child in children.make_children([{"name": f"周禾{sign}"} for sign in "甲乙丙"]):
        claimed(client, child)
    first = client.get(reverse("school-children"))
    second = client.get(reverse("school-children") + first.context["following"])
    names = [child.name for page in (first, second) for _, child, _ in page.context["rows"]]
    assert sorted(names) == ["周禾丙", "周禾乙", "周禾甲"] or len(set(names)) == 3
    assert client.get(reverse("school-children"), {"before": "garbage"}).status_code == 200
