"""Change of group, alone and in bulk: one stay ends and another begins on the same day, and the database holds it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import claims
from miaoce.registry.approvals.states import ChangeInHand
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import moving, rules, states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from tests.factories import children as factory
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
BEGAN = TODAY - timedelta(days=40)


@pytest.fixture
def garden():
    return places.make_kindergarten()


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


def attending(garden, count=1):
    rows = [{"name": f"陈小{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "entry_date": BEGAN.isoformat()} for n in range(count)]
    return factory.make_children(rows, garden)


def group_named(garden, name):
    return garden.groups.select_related("school_year").get(name=name)


def regroup(children, group, actor, *, on=TODAY, at=NOW, versions=None):
    chosen = versions if versions is not None else {child.pk: child.version for child in children}
    with journal.process("child.regroup", actor=actor, at=at) as process:
        return moving.regroup(chosen=chosen, group=group, on=on, process=process)


def stays(child):
    found = Enrolment.objects.filter(child_id=child.pk).order_by("started_on", "id")
    return [(stay.group.name, stay.state, stay.started_on, stay.ended_on) for stay in found]


def test_one_stay_ends_and_another_begins_on_the_same_day(garden, registrar):
    (child,) = attending(garden)
    done = regroup([child], group_named(garden, "中一班"), registrar, on=TODAY - timedelta(days=3))
    assert (done.done, done.refused) == ([child.pk], {})
    day = TODAY - timedelta(days=3)
    assert stays(child) == [("小一班", states.MOVED, BEGAN, day), ("中一班", states.ATTENDING, day, None)]
    now = Child.objects.get(pk=child.pk)
    assert (now.version, now.standing, now.changed_at) == (child.version + 1, states.ATTENDING, NOW)


def test_what_happened_stands_in_the_journal_with_the_day_from_which_it_is_true(garden, registrar):
    (child,) = attending(garden)
    before = Event.objects.filter(child_id=child.pk).count()
    regroup([child], group_named(garden, "中一班"), registrar, on=TODAY - timedelta(days=3))
    events = list(Event.objects.filter(child_id=child.pk).order_by("id"))[before:]
    assert [event.verb for event in events] == ["child.regrouped", "enrolment.moved", "enrolment.opened"]
    assert {event.effective_on for event in events} == {TODAY - timedelta(days=3)}
    moved, opened = events[1:]
    assert moved.before == {"state": states.ATTENDING, "ended_on": None}
    assert opened.after["group_id"] == group_named(garden, "中一班").pk.hex


def test_many_move_together_and_each_that_cannot_says_why(garden, registrar):
    first, second, third = attending(garden, 3)
    regroup([second], group_named(garden, "小二班"), registrar)
    second.refresh_from_db()
    elsewhere = factory.make_child(places.make_kindergarten())
    waiting = factory.make_child(garden, state="submitted")
    versions = {child.pk: child.version for child in (first, second, elsewhere, waiting)} | {
        third.pk: third.version + 1
    }
    done = regroup([], group_named(garden, "小二班"), registrar, versions=versions)
    assert done.done == [first.pk]
    codes = {child: refusal.code for child, refusal in done.refused.items()}
    assert codes == {second.pk: "ENR-06", third.pk: "ENR-03", elsewhere.pk: "ENR-02", waiting.pk: "ENR-02"}


def test_foreign_and_unknown_children_are_refused_alike_and_leave_no_trace(garden, registrar):
    foreign, unknown = factory.make_child(places.make_kindergarten()).pk, new_id()
    before = Event.objects.filter(child_id=foreign).count()
    done = regroup([], group_named(garden, "中一班"), registrar, versions={foreign: 1, unknown: 1})
    assert len({(refusal.code, str(refusal)) for refusal in done.refused.values()}) == 1
    assert Event.objects.filter(child_id=foreign).count() == before


@pytest.mark.parametrize(("days", "code"), [(-41, "ENR-04"), (-40, None), (0, None), (1, "ENR-04")])
def test_the_day_lies_between_the_beginning_of_the_stay_and_today(garden, registrar, days, code):
    (child,) = attending(garden)
    done = regroup([child], group_named(garden, "中一班"), registrar, on=TODAY + timedelta(days=days))
    assert [refusal.code for refusal in done.refused.values()] == ([code] if code else [])


def test_a_group_of_another_kindergarten_or_year_is_refused(garden, registrar):
    (child,) = attending(garden)
    foreign = group_named(places.make_kindergarten(), "中一班")
    next_year = next(g for g in places.make_groups(garden, on=date(TODAY.year + 2, 10, 1)) if g.name == "中一班")
    for group in (foreign, next_year):
        done = regroup([child], group, registrar)
        assert isinstance(done.refused[child.pk], rules.GroupNotHere)
    assert len(stays(child)) == 1


def test_moved_twice_on_one_day_leaves_no_day_counted_twice(garden, registrar):
    (child,) = attending(garden)
    regroup([child], group_named(garden, "中一班"), registrar)
    child.refresh_from_db()
    regroup([child], group_named(garden, "大一班"), registrar)
    assert [(name, began, ended) for name, _, began, ended in stays(child)] == [
        ("小一班", BEGAN, TODAY), ("中一班", TODAY, TODAY), ("大一班", TODAY, None),
    ]  # fmt: skip


def test_a_child_with_another_change_in_hand_stays_where_it_is(garden, registrar):
    (child,) = attending(garden)
    with journal.process("case.file", actor=registrar, at=NOW) as process:
        claims.claim(cases={child.pk: new_id()}, kind="transfer", process=process)
    done = regroup([child], group_named(garden, "中一班"), registrar)
    assert isinstance(done.refused[child.pk], ChangeInHand)
    assert "转园" in str(done.refused[child.pk])


def test_only_a_registrar_moves_children(garden):
    (child,) = attending(garden)
    for role, unit in (("principal", garden), ("county_reviewer", garden.office)):
        with pytest.raises(Denied):
            regroup([child], group_named(garden, "中一班"), places.make_officer(role, unit))
    assert len(stays(child)) == 1


def test_who_was_changed_while_the_others_moved_is_refused_alone(garden, registrar, monkeypatch):
    """Somebody else commits between the reading and the writing: the conditional update finds one row less."""
    first, second = attending(garden, 2)
    moved = moving.steps._moved

    def faster(*args):
        Child.objects.filter(pk=second.pk).update(version=second.version + 1)
        monkeypatch.setattr(moving.steps, "_moved", moved)
        return moved(*args)

    monkeypatch.setattr(moving.steps, "_moved", faster)
    done = regroup([first, second], group_named(garden, "中一班"), registrar)
    assert done.done == [first.pk]
    assert isinstance(done.refused[second.pk], rules.ChangedSinceShown)
    assert len(stays(second)) == 1


def test_the_number_of_statements_does_not_grow_with_the_batch(garden, registrar):
    few, many = attending(garden, 2), attending(garden, 40)
    group = group_named(garden, "中一班")
    with CaptureQueriesContext(connection) as one:
        regroup(few, group, registrar)
    with CaptureQueriesContext(connection) as two:
        regroup(many, group, registrar)
    # From twenty rows on PostgreSQL takes a list by COPY, which is no other number of statements.
    assert len(two) <= len(one)
