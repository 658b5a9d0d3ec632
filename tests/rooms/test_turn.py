"""The turn of the school year: the plan by the rules, a person's changes, making it true, undoing it until somebody moves on."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from miaoce.registry.access.officers import Denied, the_system
from miaoce.registry.approvals import claims
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import leaving, moving, rules, turning
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.enrolments.models import Enrolment, YearPlan
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from tests.factories import children as factory
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
AUGUST, SEPTEMBER = datetime(2026, 8, 20, 1, 0, tzinfo=UTC), datetime(2026, 9, 2, 1, 0, tzinfo=UTC)
FIRST = date(2026, 9, 1)


@pytest.fixture
def garden():
    place = places.make_kindergarten(classes=False)
    places.make_groups(place, on=date(2026, 7, 1))
    return place


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


def sits(garden, group, born, entered="2025-09-01", **values):
    at = datetime(2026, 7, 1, tzinfo=UTC)
    row = {"birth_date": born, "entry_date": entered, **values}
    return factory.make_child(garden, group=garden.groups.get(name=group), at=at, **row)


def draw(garden, actor, at=AUGUST):
    with journal.process("year_plan.draw", actor=actor, at=at) as process:
        return turning.draw(kindergarten_id=garden.pk, process=process)


def change(plan, moves, actor):
    with journal.process("year_plan.change", actor=actor, at=AUGUST) as process:
        return turning.change(plan=plan, version=plan.version, moves=moves, process=process)


def run(plan, actor, at=SEPTEMBER):
    with journal.process("child.turn", actor=actor, at=at) as process:
        return turning.run(plans=[plan], process=process)


def undo(plan, actor, at=SEPTEMBER):
    with journal.process("child.turn_back", actor=actor, at=at) as process:
        return turning.undo(plan=YearPlan.objects.select_related("school_year").get(pk=plan.pk), process=process)


def now_in(child):
    stay = Enrolment.objects.select_related("group__school_year").get(child_id=child.pk, ended_on=None)
    return stay.group.name, stay.group.school_year.starts_on, stay.started_on


@pytest.mark.parametrize(
    ("group", "born", "deferred", "goes_to"),
    [
        ("小一班", "2022-05-01", None, "中一班"),
        ("小二班", "2022-05-01", None, "中二班"),
        ("中一班", "2021-05-01", None, "大一班"),
        ("托一班", "2023-08-31", None, "小一班"),
        ("托一班", "2023-09-01", None, "托一班"),
        ("混龄一班", "2020-09-01", None, "混龄一班"),
        ("混龄一班", "2020-08-31", None, ""),
        ("大一班", "2020-08-31", None, ""),
        ("大一班", "2020-09-01", None, "大一班"),
        ("大一班", "2020-05-01", date(2027, 9, 1), "大一班"),
        ("大一班", "2020-05-01", FIRST, ""),
    ],
)
def test_small_goes_to_middle_and_large_mixed_and_nursery_by_birth(
    garden, registrar, *, group, born, deferred, goes_to
):
    child = sits(garden, group, born)
    Child.objects.filter(pk=child.pk).update(deferred_until_on=deferred)
    assert draw(garden, registrar).moves == {child.pk.hex: goes_to}


def test_the_plan_names_classes_with_their_norms_and_changes_nothing_yet(garden, registrar):
    sits(garden, "小一班", "2022-05-01")
    plan = draw(garden, registrar)
    norms = {group["name"]: group["size_norm"] for group in plan.groups}
    assert norms == {"托一班": 20, "小一班": 25, "小二班": 25, "中一班": 30, "中二班": 30, "大一班": 35, "混龄一班": 30}
    assert not Group.objects.filter(school_year__starts_on=FIRST).exists()
    assert draw(garden, registrar).pk == plan.pk, "drawn again it is the same plan"


def test_it_happens_on_the_first_day_and_makes_the_classes(garden, registrar):
    child, late = sits(garden, "小一班", "2022-05-01"), sits(garden, "中一班", "2021-05-01", entered="2026-09-02")
    plan = draw(garden, registrar)
    with pytest.raises(rules.NotYetTurned):
        run(plan, registrar, at=AUGUST)
    assert sorted(run(plan, registrar).done) == sorted([child.pk, late.pk])
    assert now_in(child) == ("中一班", FIRST, FIRST)
    assert now_in(late) == ("大一班", FIRST, date(2026, 9, 2))
    before = Enrolment.objects.get(child_id=child.pk, state="moved")
    assert (before.group.name, before.ended_on) == ("小一班", FIRST)
    assert YearPlan.objects.get().state == YearPlan.DONE
    assert not rebuild.compare().tables


def test_a_person_changes_the_plan_and_leaves_children_out(garden, registrar):
    one, two = sits(garden, "小一班", "2022-05-01"), sits(garden, "小一班", "2022-05-02")
    plan = change(draw(garden, registrar), {one.pk: "中二班", two.pk: ""}, registrar)
    run(plan, registrar)
    assert now_in(one)[0] == "中二班"
    assert now_in(two)[0] == "小一班"
    with pytest.raises(rules.PlanChanged):
        change(plan, {one.pk: "中一班"}, registrar)


def test_a_class_or_a_child_that_is_not_of_the_plan_is_refused(garden, registrar):
    one = sits(garden, "小一班", "2022-05-01")
    plan = draw(garden, registrar)
    for moves in ({one.pk: "没有的班"}, {new_id(): "中一班"}):
        with pytest.raises(rules.GroupNotHere):
            change(plan, moves, registrar)


def test_who_left_since_stays_as_it_is_and_a_change_in_hand_holds_nobody_back(garden, registrar):
    gone, held = sits(garden, "小一班", "2022-05-01"), sits(garden, "小一班", "2022-05-02")
    plan = draw(garden, registrar)
    with journal.process("child.leave", actor=registrar, at=AUGUST) as process:
        how = Leaving(date(2026, 8, 20), "moved", "home")
        leaving.leave(chosen={gone.pk: gone.version}, leaving=how, process=process)
        claims.claim(cases={held.pk: new_id()}, kind="transfer", process=process)
    done = run(plan, registrar)
    assert done.done == [held.pk]
    assert {pk: refusal.code for pk, refusal in done.refused.items()} == {gone.pk: "ENR-02"}


def test_it_is_undone_as_if_nothing_had_happened(garden, registrar):
    child = sits(garden, "小一班", "2022-05-01")
    plan = draw(garden, registrar)
    run(plan, registrar)
    assert undo(plan, registrar).done == [child.pk]
    assert now_in(child) == ("小一班", date(2025, 9, 1), date(2025, 9, 1))
    assert Enrolment.objects.filter(child_id=child.pk, state="withdrawn").count() == 1
    assert not rebuild.compare().tables
    again = draw(garden, registrar, at=SEPTEMBER)
    assert again.pk != plan.pk
    assert run(again, registrar).done == [child.pk]
    assert Group.objects.filter(school_year__starts_on=FIRST, name="中一班").count() == 1


def test_the_first_later_change_of_a_child_ends_the_undoing(garden, registrar):
    child, _other = sits(garden, "小一班", "2022-05-01"), sits(garden, "小一班", "2022-05-02")
    plan = draw(garden, registrar)
    run(plan, registrar)
    group = Group.objects.select_related("school_year").get(school_year__starts_on=FIRST, name="中二班")
    with journal.process("child.regroup", actor=registrar, at=SEPTEMBER) as process:
        chosen = {child.pk: Child.objects.get(pk=child.pk).version}
        assert moving.regroup(chosen=chosen, group=group, on=date(2026, 9, 2), process=process).done
    with pytest.raises(rules.ChangedSinceTurn) as refused:
        undo(plan, registrar)
    assert "1 名" in str(refused.value)
    assert now_in(child)[0] == "中二班"


def test_only_the_kindergartens_own_registrar_plans(garden, registrar):
    sits(garden, "小一班", "2022-05-01")
    plan = draw(garden, registrar)
    stranger = places.make_officer("registrar", places.make_kindergarten())
    for actor in (stranger, places.make_officer("principal", garden)):
        with pytest.raises(Denied):
            draw(garden, actor)
        with pytest.raises(Denied):
            run(plan, actor)
    assert YearPlan.objects.get().state == YearPlan.DRAFT


def test_nobody_to_move_is_said(garden, registrar):
    with pytest.raises(rules.NothingToTurn):
        draw(garden, registrar)


def test_many_kindergartens_turn_together_in_as_many_statements_as_few():
    counts = []
    for size in (1, 3):
        gardens = []
        for _ in range(size):
            place = places.make_kindergarten(classes=False)
            places.make_groups(place, on=date(2026, 7, 1))
            rows = [{"birth_date": "2022-05-01", "entry_date": "2025-09-01"}] * 30
            factory.make_children(
                rows, place, group=place.groups.get(name="小一班"), at=datetime(2026, 7, 1, tzinfo=UTC)
            )
            gardens.append(place)
        plans = [draw(place, the_system()) for place in gardens]
        with (
            CaptureQueriesContext(connection) as seen,
            journal.process("child.turn", actor=the_system(), at=SEPTEMBER + timedelta(hours=1)) as process,
        ):
            done = turning.run(plans=plans, process=process)
        assert len(done.done) == 30 * size
        counts.append(len(seen) - 2 * size)  # each plan is marked as done, with its event
    assert counts[1] <= counts[0] + 4
