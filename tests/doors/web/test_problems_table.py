"""The table of outcomes as pages: read in words, changed with a reason, tried out, put in force by another, taken back."""

import pytest
from django.urls import reverse

from miaoce.registry.matching import revising
from miaoce.registry.matching.models import DRAFT, IN_FORCE, WITHDRAWN, MatchTable
from tests.factories import places
from tests.factories.places import make_office_tree, make_officer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TABLE = reverse("match-table")


@pytest.fixture
def province():
    return make_office_tree().province


@pytest.fixture
def maker(province):
    return places.signed_in(make_officer("arbiter", province))


@pytest.fixture
def other(province):
    return places.signed_in(make_officer("arbiter", province))


def code() -> str:
    return revising.lines(None, verdict="review")[0].code


def drafted(maker) -> MatchTable:
    sent = {"code": code(), "verdict": "different", "reason": "这一类看了 20 对都不是同一名"}
    assert maker.post(TABLE, sent).status_code == 302
    return MatchTable.objects.latest("number")


def page(client, table, **act) -> tuple[int, str]:
    where = reverse("match-version", args=[table.pk])
    answer = client.post(where, act, follow=True) if act else client.get(where)
    return answer.status_code, answer.content.decode()


def test_rows_stand_in_words_with_their_verdicts(maker):
    shown = maker.get(TABLE).content.decode()
    assert "随程序带的一版" in shown and "同姓" in shown and "双胞胎" in shown
    assert "存成草稿" in maker.get(f"{TABLE}?verdict=review&code={code()}").content.decode()
    assert "start=50" in shown and "start=0" in maker.get(f"{TABLE}?start=50").content.decode()


def test_a_county_reads_and_changes_nothing(province):
    reviewer = places.signed_in(make_officer("county_reviewer", make_office_tree().county))
    assert "存成草稿" not in reviewer.get(TABLE).content.decode()
    assert reviewer.post(TABLE, {"code": code(), "verdict": "same", "reason": "试"}).status_code == 403
    city = places.signed_in(make_officer("arbiter", make_office_tree().city))
    assert city.post(TABLE, {"code": code(), "verdict": "same", "reason": "试"}).status_code == 403


def test_a_change_needs_a_reason_and_a_known_code(maker):
    assert "请写明为什么要改" in maker.post(TABLE, {"code": code(), "verdict": "same"}).content.decode()
    wrong = maker.post(TABLE, {"code": "99", "verdict": "same", "reason": "试"})
    assert wrong.status_code == 422 and "不在对照代码或结论里" in wrong.content.decode()


def test_tried_out_put_in_force_by_another_and_taken_back(maker, other):
    table = drafted(maker)
    assert table.state == DRAFT
    status, shown = page(maker, table)
    assert status == 200 and "这一版是您自己改的" in shown and "看了 20 对" in shown
    _, tried = page(maker, table, act="try")
    assert "试算的结果" in tried and "没有一对会改判" in tried
    assert page(maker, table, act="force")[0] == 409
    assert "已启用" in page(other, table, act="force")[1]
    assert MatchTable.objects.get(pk=table.pk).state == IN_FORCE
    assert "在用：第 1 版" in maker.get(TABLE).content.decode()
    assert page(other, table, act="withdraw")[0] == 422
    assert "已停用" in page(other, table, act="withdraw", reason="误伤双胞胎")[1]
    assert MatchTable.objects.get(pk=table.pk).state == WITHDRAWN


def test_a_version_that_is_none_is_not_found(maker, province):
    assert maker.get(reverse("match-version", args=[province.pk])).status_code == 404
