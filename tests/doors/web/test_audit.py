"""What auditors read: who was shown what and who did what below their office, ids and no names of children."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.approvals import states
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import queries
from miaoce.registry.journal.models import Reading
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def tree():
    return places.make_office_tree()


@pytest.fixture
def auditor(client, tree):
    return places.sign_in(client, places.make_officer("auditor", tree.province, name="吴审"))


@pytest.fixture
def reviewer(tree):
    return places.make_officer("county_reviewer", tree.county, username="lijianhua", name="李建华")


def read(actor, at=None, what="child.page", child=None):
    child = child or children.make_child(places.make_kindergarten(), state=states.SUBMITTED, name="赵一鸣")
    journal.log_reading(actor=actor, at=at or timezone.now(), what=what, child_ids=[child.pk], reason="核对户口簿")
    return child


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_reading_stands_with_person_unit_reason_and_id_but_no_name(auditor, reviewer):
    child = read(reviewer)
    words = text(auditor.get("/audit/"))
    for part in ("李建华", "青禾区教育局", "县级审核员", "打开幼儿页", "核对户口簿", child.pk.hex):
        assert part in words
    assert "赵一鸣" not in words


def test_what_happened_beside_the_auditors_office_is_not_shown(client, tree, reviewer):
    read(reviewer)
    beside = places.signed_in(places.make_officer("auditor", tree.far_city))
    assert "没有符合的记录" in text(beside.get("/audit/"))
    above = places.signed_in(places.make_officer("auditor", tree.city))
    assert "李建华" in text(above.get("/audit/"))


def test_the_auditor_narrows_by_person_day_unit_and_child(auditor, tree, reviewer):
    now = timezone.now()
    colleague = places.make_officer("county_reviewer", tree.other_county, name="赵国强")
    child = read(reviewer, at=now - timedelta(days=3))
    read(colleague)
    day = timezone.localdate(now - timedelta(days=3)).isoformat()
    for query, name, other in (
        ("account=lijianhua", "李建华", "赵国强"),
        (f"day={day}", "李建华", "赵国强"),
        ("unit=990102", "赵国强", "李建华"),
        (f"child={child.pk}", "李建华", "赵国强"),
    ):
        words = text(auditor.get(f"/audit/?{query}"))
        assert name in words, query
        assert f'<td data-l="人员">{other}' not in words, query
    assert "没有符合的记录" in text(auditor.get("/audit/?unit=000000"))
    assert "没有符合的记录" in text(auditor.get("/audit/?account=nobody"))
    assert text(auditor.get("/audit/?day=nonsense&child=nonsense"))


def test_a_kindergartens_own_doings_are_found_by_its_code(auditor):
    garden = places.make_kindergarten(code="1199000001")
    children.make_child(garden, state=states.SUBMITTED)
    words = text(auditor.get("/audit/?what=processes&unit=1199000001"))
    assert "提交（" in words
    assert "项变动" in words


def test_a_list_that_was_not_spread_yet_is_found_by_child(auditor, reviewer):
    one = children.make_child(places.make_kindergarten(), state=states.SUBMITTED)
    two = children.make_child(places.make_kindergarten(), state=states.SUBMITTED, name="王小满")
    journal.log_reading(actor=reviewer, at=timezone.now(), what="child.list", child_ids=[one.pk, two.pk])
    assert "在名单里看到" in text(auditor.get(f"/audit/?child={one.pk}"))
    journal.spread_readings()
    assert "在名单里看到" in text(auditor.get(f"/audit/?child={two.pk}"))


def test_pages_go_back_in_time_without_counting(auditor, reviewer, monkeypatch):
    now = timezone.now()
    child = read(reviewer, at=now)
    for index in range(1, 60):
        journal.log_reading(actor=reviewer, at=now - timedelta(minutes=index // 3), what="search", child_ids=[child.pk])
    seen, address = [], "/audit/"
    while address:
        answer = auditor.get(address)
        seen += [line.id for line in answer.context["lines"]]
        address = f"/audit/{answer.context['following']}" if answer.context["following"] else ""
    assert len(seen) == len(set(seen)) == Reading.objects.count() == 60
    assert queries.PAGE == 50


def test_reading_the_records_is_for_auditors_only(tree):
    for role in ("county_reviewer", "analyst"):
        assert places.signed_in(places.make_officer(role, tree.county)).get("/audit/").status_code == 403
