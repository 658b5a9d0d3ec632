"""One work desk for each role: what waits, until when, one button each; and a block that fails alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.intake import actions as intake
from miaoce.registry.journal import actions as journal
from miaoce.web.desk import kindergarten as desk
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()


@pytest.fixture
def garden():
    return places.make_kindergarten(code="1199000001", name="青禾中心幼儿园")


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden, name="王敏")


@pytest.fixture
def reviewer(garden):
    return places.make_officer("county_reviewer", garden.office, name="李建华")


def page(officer):
    answer = places.signed_in(officer).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_new_kindergarten_has_nothing_to_do_and_sees_the_ways_in(registrar):
    words = page(registrar)
    assert "没有要办的事" in words
    for way in ("上传 Excel", "从 Excel 粘贴", "逐个填写", "下载模板"):
        assert way in words
    assert "小一班" in words
    assert "0 / 25" in words


def test_attending_means_the_same_on_the_desk_and_on_the_papers(garden, registrar):
    children.make_child(garden)
    children.make_child(garden, state=states.SUBMITTED)
    assert "在园 1 名，另有 1 名待建籍" in page(registrar)
    assert "在园 1 名" in places.signed_in(registrar).get("/papers/").content.decode()


def test_a_batch_with_rows_to_mend_comes_with_one_button(garden, registrar):
    values = children.child_values(name="周一诺") | {"class": "小一班", "ethnicity": "汗族"}
    with journal.process("intake.receive", actor=registrar, at=timezone.now()) as process:
        batch = intake.receive_rows(
            kindergarten=garden, source=intake.API, rows=[values], name="2026秋小班.xlsx", process=process
        )
    intake.read_batch(batch_id=batch.pk, actor=registrar, at=timezone.now())
    words = page(registrar)
    assert "导入「2026秋小班.xlsx」" in words
    assert f'href="/intake/{batch.pk}/"' in words
    assert 'data-key="1"' in words


def test_returned_children_stand_with_the_countys_words_and_the_days_left(garden, registrar, reviewer):
    children.make_children(
        [{}, {"name": "王小满"}], garden, state=states.RETURNED, registrar=registrar, reviewer=reviewer,
        words="请写到“青禾区”。",
    )  # fmt: skip
    words = page(registrar)
    assert "县里退回 2 名幼儿" in words
    assert "户籍地址不全，请写到区县；请写到“青禾区”。" in words
    assert "个工作日" in words


@pytest.mark.parametrize(("days", "said"), [(39, None), (40, "1 名入园快两个月"), (60, "1 名已满两个月")])
def test_the_two_month_clock_warns_both_ends(garden, registrar, reviewer, days, said):
    entered = (TODAY - timedelta(days=days)).isoformat()
    children.make_child(garden, state=states.SUBMITTED, registrar=registrar, entry_date=entered)
    for words in (page(registrar), page(reviewer)):
        assert ("快两个月" in words) == (said is not None)
        if said:
            assert said in words


def test_a_returned_child_whose_clock_runs_out_is_the_kindergartens_to_do(garden, registrar, reviewer):
    entered = (TODAY - timedelta(days=61)).isoformat()
    children.make_child(garden, state=states.RETURNED, registrar=registrar, reviewer=reviewer, entry_date=entered)
    rows = desk.todos(registrar, on=TODAY)
    assert [row.tone for row in rows] == ["fix", "fix"]
    assert {row.urgency for row in rows} == {"late"} or {row.urgency for row in rows} == {"due"}
    assert any("还没建学籍" in row.title for row in rows)


def test_new_numbers_are_told_for_some_days(garden, registrar, reviewer):
    children.make_children(
        [{}, {"name": "王小满"}], garden, state=states.NUMBERED, registrar=registrar, reviewer=reviewer
    )
    Proposal.objects.filter(child_id=Proposal.objects.values("child_id")[:1]).update(
        decided_at=timezone.now() - timedelta(days=5)
    )
    words = page(registrar)
    assert "1 名已有学籍号" in words
    assert "打印学籍卡" in words


def test_what_others_do_is_said_with_its_day(garden, registrar):
    children.make_children([{}, {"name": "王小满"}], garden, state=states.SUBMITTED, registrar=registrar)
    words = page(registrar)
    assert "等别人处理" in words
    assert "2 名新建学籍" in words
    assert "已提交 2 名，共 2 名" in words


def test_the_principal_sees_the_same_but_cannot_bring_in_children(garden):
    words = page(places.make_officer("principal", garden))
    assert "登记新生" not in words
    assert "小一班" in words


def test_one_failing_block_says_so_and_the_others_live(registrar, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise RuntimeError("the table is away")

    monkeypatch.setattr(desk, "todos", broken)
    words = page(registrar)
    assert "这一块暂时看不到" in words
    assert "小一班" in words
    assert "a block of the desk failed" in caplog.text


def test_the_countys_desk_says_what_waits_where(garden, reviewer):
    children.make_children([{}, {"name": "王小满"}, {"name": "李星辰"}], garden, state=states.SUBMITTED)
    Proposal.objects.filter(pk=Proposal.objects.first().pk).update(risk=3, flags=["SAME_CHILD_ELSEWHERE"])
    words = page(reviewer)
    assert "3 名待审批" in words
    assert "1 名要细看" in words
    assert "其中 2 名无异常" in words
    assert "/approvals/?kindergarten=1199000001" in words


def test_more_to_look_at_than_is_counted_makes_no_clean_ones(garden, registrar, reviewer, monkeypatch):
    children.make_children(
        [{"name": f"王小{n}"} for n in "甲乙丙丁"], garden, state=states.SUBMITTED, registrar=registrar
    )
    Proposal.objects.exclude(pk=Proposal.objects.values("pk")[:1]).update(risk=1)
    monkeypatch.setattr("miaoce.registry.approvals.queries.MOST", 1)
    words = page(reviewer)
    assert "4 名待审批" in words
    assert "其中 1 名无异常" in words


def test_the_countys_desk_when_all_is_done(reviewer):
    assert "都批完了" in page(reviewer)


@pytest.mark.parametrize("role", ["registrar", "county_reviewer"])
def test_the_desk_costs_the_same_statements_however_much_waits(garden, role):
    officer = places.make_officer(role, garden if role == "registrar" else garden.office)
    client = places.signed_in(officer)
    states_here = (states.SUBMITTED, states.RETURNED)
    for state in states_here:
        children.make_child(garden, state=state, birth_date="2023-05-05", entry_date=str(TODAY - timedelta(days=50)))
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    for state in states_here:
        rows = [
            {"name": f"陈{chr(0x4E00 + index)}", "entry_date": str(TODAY - timedelta(days=50))} for index in range(20)
        ]
        children.make_children(rows, garden, state=state)
    with CaptureQueriesContext(connection) as many:
        client.get("/")
    assert len(few) == len(many) <= 40


def test_the_analysts_desk_hides_small_cells(garden):
    children.make_children([{}, {"name": "王小满"}], garden, state=states.SUBMITTED)
    words = page(places.make_officer("analyst", places.make_office_tree().province))
    assert "少于5" in words
    assert "青江市教育局" in words


def test_the_school_desk_speaks_plainly_and_has_nothing_dead():
    words = page(places.make_officer("school_registrar", places.make_school()))
    assert "查名单、认领" in words
    assert "没有学前学籍不影响入学" in words


def test_the_auditors_desk_leads_to_the_records(garden, reviewer):
    children.make_child(garden, state=states.SUBMITTED, name="赵一鸣")
    places.signed_in(reviewer).get("/approvals/")
    words = page(places.make_officer("auditor", places.make_office_tree().province))
    assert 'href="/audit/"' in words
    assert "在审批名单里看到" in words
    assert "赵一鸣" not in words


def test_every_role_has_a_desk():
    from miaoce.registry.access.permissions import ROLES
    from miaoce.web.desk.pages import DESKS

    assert set(DESKS) == set(ROLES)
