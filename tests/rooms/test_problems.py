"""Problem records: opened once, seen by both sides and nobody else, masked, counted, read as clusters."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.journal.models import Event
from miaoce.registry.problems import opening, quality, queries, states
from miaoce.registry.problems.models import ProblemRecord, ProblemSide
from miaoce.registry.problems.opening import Found
from miaoce.registry.problems.queries import Filters
from tests.factories.children import make_children
from tests.factories.problems import CODE, NOW, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()


@pytest.fixture
def desk():
    return Desk()


def test_a_pair_is_opened_once_whichever_is_named_first(desk):
    one, other = desk.child(desk.here), desk.child(desk.far)
    first = desk.open(Found(one.pk, other.pk, CODE, "same"))
    second = desk.open(Found(other.pk, one.pk, CODE, "same"), Found(one.pk, other.pk))
    assert (len(first.new), second.new, second.again) == (1, [], [])
    problem = ProblemRecord.objects.get()
    assert problem.child_ids == tuple(sorted((one.pk, other.pk)))
    assert (problem.kind, problem.state, problem.proposed) == (states.SAME_PERSON, states.OPEN, "same")
    assert not rebuild.compare().tables


@pytest.mark.parametrize(
    ("first", "second", "office"),
    [("here", "here", "county"), ("here", "beside", "county"), ("here", "next", "city"), ("here", "far", "province")],
)
def test_the_lowest_office_common_to_both_decides(desk, first, second, office):
    problem, *_ = desk.pair(getattr(desk, first), getattr(desk, second))
    assert problem.office_id == getattr(desk.tree, office).pk


def test_each_side_gets_a_clock_and_an_event_of_its_own(desk):
    problem, one, other = desk.pair(desk.here, desk.far)
    clocks = Clock.objects.filter(case_id=problem.pk, stopped_at=None)
    assert {(c.owner_id, c.child_id, c.step) for c in clocks} == {
        (desk.here.pk, one.pk, "side"),
        (desk.far.pk, other.pk, "side"),
    }
    assert Event.objects.filter(verb="problem_side.asked", child_id=other.pk).exists()


def test_a_record_that_is_gone_or_void_opens_nothing(desk):
    one, other = desk.child(desk.here), desk.child(desk.far)
    Child.objects.filter(pk=other.pk).update(standing="void")
    assert desk.open(Found(one.pk, other.pk)).new == []
    assert desk.open_documents({other.pk: states.NOT_KNOWN}).new == []


def test_a_document_has_one_problem_in_hand_of_a_kind_and_its_county_decides(desk):
    child = desk.child(desk.here)
    desk.open_documents({child.pk: states.CHECK_DIGIT})
    desk.open_documents({child.pk: states.CHECK_DIGIT})
    desk.open_documents({child.pk: states.NAME_DIFFERS})
    found = list(ProblemRecord.objects.order_by("kind"))
    assert [p.kind for p in found] == [states.CHECK_DIGIT, states.NAME_DIFFERS]
    assert {p.office_id for p in found} == {desk.tree.county.pk}
    assert ProblemSide.objects.count() == 2


def test_only_both_sides_and_who_decides_see_a_problem(desk):
    problem, *_ = desk.pair(desk.here, desk.next)
    tree = desk.tree
    sees = {
        (role, unit.name)
        for role, unit in [
            ("registrar", desk.here), ("principal", desk.next), ("registrar", desk.beside), ("registrar", desk.far),
            ("health_worker", desk.here), ("county_reviewer", tree.county), ("county_reviewer", tree.other_county),
            ("county_reviewer", tree.far_county), ("arbiter", tree.city), ("arbiter", tree.far_city),
            ("arbiter", tree.province), ("analyst", tree.city), ("auditor", tree.city),
        ]
        if ProblemRecord.objects.visible_to(desk.officer(role, unit)).filter(pk=problem.pk).exists()
    }  # fmt: skip
    assert sees == {
        ("registrar", desk.here.name), ("principal", desk.next.name), ("county_reviewer", tree.county.name),
        ("county_reviewer", tree.other_county.name), ("arbiter", tree.city.name),
    }  # fmt: skip


def test_a_foreign_problem_is_as_if_there_were_none(desk):
    problem, *_ = desk.pair(desk.here, desk.next)
    stranger = desk.officer("registrar", desk.far)
    assert queries.detail(stranger, problem.pk, on=TODAY) is None
    assert queries.cluster_of(stranger, problem.pk, on=TODAY) is None
    assert queries.page_of(stranger, Filters()).problems == []


def test_the_other_side_is_shown_by_the_least_that_decides(desk):
    one = desk.child(desk.here, name="陈子墨", guardian1_name="陈立国", guardian1_phone="13811112222")
    other = desk.child(desk.far, name="程子默", guardian1_name="欧阳小芳", guardian1_phone="13933334444")
    problem = desk.problem(one, other)
    detail = queries.detail(desk.officer("registrar", desk.here), problem.pk, on=TODAY)
    told = repr(detail.lines) + repr([(s.name, s.words) for s in detail.sides])
    assert "程子默" not in told
    assert "小芳" not in told
    assert "3933" not in told
    assert "程*默" in told
    lines = {line.key: line for line in detail.lines}
    mine = [s.side.child_id for s in detail.sides].index(one.pk)
    assert lines["name"].cells[mine] == "陈子墨"
    assert lines["name"].differs
    assert lines["phones"].cells[1 - mine] == "已隐藏"
    assert (lines["sex"].words, lines["sex"].differs) == ("一致", False)
    assert detail.reasons


def test_an_office_that_decides_sees_both_names(desk):
    one, other = desk.child(desk.here, name="陈子墨"), desk.child(desk.far, name="程子默")
    problem = desk.problem(one, other)
    detail = queries.detail(desk.officer("arbiter", desk.tree.province), problem.pk, on=TODAY)
    assert {s.name for s in detail.sides} == {"陈子墨", "程子默"}
    assert "13800005678" not in repr(detail.lines)


def test_a_name_that_both_have_is_no_secret(desk):
    problem, *_ = desk.pair(desk.here, desk.far)
    detail = queries.detail(desk.officer("registrar", desk.here), problem.pk, on=TODAY)
    assert [s.name for s in detail.sides] == ["陈子墨", "陈子墨"]


def test_lists_are_counted_by_turn_state_and_kind(desk):
    desk.pair(desk.here, desk.far)
    child = desk.child(desk.here)
    desk.open_documents({child.pk: states.NOT_KNOWN})
    counted = queries.counts(desk.officer("registrar", desk.here), Filters())
    assert {k: v for k, v in counted.items() if v} == {
        "": 2, queries.MINE: 2, states.OPEN: 2, states.SAME_PERSON: 1, states.NOT_KNOWN: 1,
    }  # fmt: skip
    county = queries.counts(desk.officer("county_reviewer", desk.tree.county), Filters())
    assert (county[queries.MINE], county[queries.OTHERS]) == (0, 2)


def test_pages_go_forward_and_back_with_a_fixed_number_of_statements(desk):
    children = make_children([{"name": f"陈子{c}"} for c in "甲乙丙丁戊己"], desk.here)
    first = children[0]
    desk.open(*[Found(first.pk, other.pk) for other in children[1:]])
    officer = desk.officer("registrar", desk.here)
    with CaptureQueriesContext(
        connection,
    ) as few:
        page = queries.page_of(officer, Filters(), most=2)
    with CaptureQueriesContext(connection) as more:
        queries.page_of(officer, Filters(), most=5)
    assert len(few) == len(more)
    second = queries.page_of(officer, Filters(), after=page.following, most=2)
    third = queries.page_of(officer, Filters(), after=second.following, most=2)
    assert [len(p.problems) for p in (page, second, third)] == [2, 2, 1]
    assert third.following is None
    back = queries.page_of(officer, Filters(), before=third.previous, most=2)
    assert [s.problem.pk for s in back.problems] == [s.problem.pk for s in second.problems]


def test_a_cluster_is_what_pairs_in_hand_connect(desk):
    one, two, three = desk.child(desk.here), desk.child(desk.beside), desk.child(desk.far)
    first, second = desk.problem(one, two), desk.problem(two, three)
    lonely, *_ = desk.pair(desk.here, desk.beside)
    cluster = queries.cluster_of(desk.officer("registrar", desk.here), first.pk, on=TODAY)
    assert set(cluster.child_ids) == {one.pk, two.pk}
    assert cluster.hidden == 1
    middle = queries.cluster_of(desk.officer("registrar", desk.beside), second.pk, on=TODAY)
    assert set(middle.child_ids) == {one.pk, two.pk, three.pk}
    assert {s.problem.pk for s in middle.problems} == {first.pk, second.pk}
    assert lonely.pk not in {s.problem.pk for s in middle.problems}


def test_figures_of_quality_begin_with_nothing(desk):
    told = quality.figures(desk.officer("county_reviewer", desk.tree.county))
    assert (told.merged_upheld.known, told.different_reopened.known) == (0, 0)
    with pytest.raises(Denied):
        quality.figures(desk.officer("auditor", desk.tree.city))


def test_only_who_decides_opens(desk):
    with (
        pytest.raises(Denied),
        journal.process("problem.open", actor=desk.officer("registrar", desk.here), at=NOW) as p,
    ):
        opening.open_found(pairs=[], process=p)


@pytest.mark.parametrize(
    ("column", "value"),
    [("kind", "strange"), ("state", "strange"), ("state", states.MERGED), ("decided_at", NOW), ("other_id", None)],
)
def test_the_database_refuses_what_a_problem_cannot_be(desk, column, value):
    problem, *_ = desk.pair(desk.here, desk.far)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProblemRecord.objects.filter(pk=problem.pk).update(**{column: value})


def test_opening_many_takes_as_many_statements_as_opening_few(desk):
    children = make_children([{"name": f"陈子{c}"} for c in "甲乙丙丁戊己"], desk.here)
    few, many = children[:2], children[2:]
    with CaptureQueriesContext(connection) as first:
        desk.open(Found(few[0].pk, few[1].pk), at=NOW + timedelta(seconds=1))
    with CaptureQueriesContext(connection) as second:
        desk.open(Found(many[0].pk, many[1].pk), Found(many[2].pk, many[3].pk), at=NOW + timedelta(seconds=2))
    assert len(first) == len(second)
