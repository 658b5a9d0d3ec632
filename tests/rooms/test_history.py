"""A child as of any day, as known on any day; the roll of a kindergarten as of any day."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.approvals import states as cases
from miaoce.registry.children import queries
from miaoce.registry.children.models import Child
from miaoce.registry.children.rules import DayToCome, NotKnownYet, NotRecordedYet
from miaoce.registry.enrolments import history, leaving, moving, states
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import asof
from miaoce.registry.journal.facts import facts_of, noun_of
from miaoce.registry.reference import actions as reference
from miaoce.registry.vault.masking import Viewer
from tests.factories import changes, children
from tests.factories.places import make_kindergarten, make_office_tree, make_officer
from tests.factories.transfers import Stage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
ENTERED = TODAY - timedelta(days=60)
RECORDED_AT = NOW - timedelta(days=50)
RECORDED = timezone.localdate(RECORDED_AT)


def days(count: int) -> date:
    """Return the day that many days ago."""
    return TODAY - timedelta(days=count)


class Life:
    """A child of a kindergarten from its entry on, and what happens to it, each at its moment."""

    def __init__(self) -> None:
        reference.load_shipped(on=TODAY)
        self.place = make_kindergarten()
        self.registrar = make_officer("registrar", self.place)
        self.reviewer = make_officer("county_reviewer", self.place.office)
        row = {"name": "陈子墨", "entry_date": ENTERED.isoformat()}
        (child,) = children.make_children(
            [row], self.place, registrar=self.registrar, reviewer=self.reviewer, at=RECORDED_AT
        )
        self.pk = child.pk

    @property
    def child(self) -> Child:
        return Child.objects.get(pk=self.pk)

    def group(self, name: str):
        return self.place.groups.select_related("school_year").get(name=name)

    def regroup(self, name: str, *, on: date, at: int) -> None:
        with journal.process("child.regroup", actor=self.registrar, at=NOW - timedelta(days=at)) as process:
            done = moving.regroup(chosen={self.pk: 0}, group=self.group(name), on=on, process=process)
        assert not done.refused

    def leave(self, *, on: date, at: int) -> None:
        with journal.process("child.leave", actor=self.registrar, at=NOW - timedelta(days=at)) as process:
            done = leaving.leave(chosen={self.pk: 0}, leaving=Leaving(on, "moved", "home"), process=process)
        assert not done.refused, done.refused

    def readmit(self, *, on: date, at: int) -> None:
        with journal.process("child.readmit", actor=self.registrar, at=NOW - timedelta(days=at)) as process:
            done = leaving.readmit(chosen={self.pk: 0}, group=self.group("中一班"), on=on, process=process)
        assert not done.refused

    def on(self, day: date, known_on: date | None = None) -> history.Then:
        return history.child_on(self.pk, on=day, today=TODAY, known_on=known_on)

    def where(self, day: date, known_on: date | None = None) -> tuple[str, str]:
        then = self.on(day, known_on)
        return then.standing, then.group.name if then.group else ""


@pytest.fixture
def life() -> Life:
    return Life()


def test_a_child_attends_from_the_day_it_entered_though_its_number_came_later(life):
    assert life.where(ENTERED) == (states.ATTENDING, "小一班")
    assert life.where(TODAY) == (states.ATTENDING, "小一班")
    assert life.on(ENTERED).child.number is None, "the number came with the county's approval"
    assert life.on(RECORDED).child.number is not None


def test_before_it_was_recorded_nothing_is_known(life):
    then = life.on(ENTERED, known_on=RECORDED)
    assert (then.standing, then.child.state) == (states.ATTENDING, cases.SUBMITTED), "approved days after it entered"
    with pytest.raises(NotKnownYet) as refused:
        life.on(ENTERED, known_on=RECORDED - timedelta(days=1))
    assert refused.value.facts["first"] == RECORDED


def test_a_day_before_the_record_and_a_day_to_come_are_refused_with_the_nearest_that_can_be_asked(life):
    with pytest.raises(NotRecordedYet) as early:
        life.on(ENTERED - timedelta(days=1))
    assert early.value.facts["first"] == ENTERED
    assert str(ENTERED) in str(early.value)
    for day, known in ((TODAY + timedelta(days=1), None), (TODAY, TODAY + timedelta(days=1))):
        with pytest.raises(DayToCome) as late:
            life.on(day, known)
        assert late.value.facts["last"] == TODAY


def test_each_stay_holds_from_its_first_day_to_the_day_before_the_next(life):
    life.regroup("小二班", on=days(30), at=30)
    life.leave(on=days(20), at=19)
    life.readmit(on=days(10), at=10)
    told = {30 + 1: "小一班", 30: "小二班", 20 + 1: "小二班", 20: "", 11: "", 10: "中一班", 0: "中一班"}
    assert {day: life.where(days(day))[1] for day in told} == told
    assert {day: life.where(days(day))[0] for day in (21, 20, 11, 10)} == {
        21: states.ATTENDING, 20: states.LEFT, 11: states.LEFT, 10: states.ATTENDING,
    }  # fmt: skip


def test_what_was_learned_later_is_not_known_before(life):
    """A leaving twenty days ago was told ten days ago: fifteen days ago the register still said that it attends."""
    life.leave(on=days(20), at=10)
    assert life.where(days(15)) == (states.LEFT, "")
    assert life.where(days(15), known_on=days(11)) == (states.ATTENDING, "小一班")
    assert life.where(days(15), known_on=days(10)) == (states.LEFT, "")


def test_corrected_data_are_true_from_the_day_they_say(life):
    at = NOW - timedelta(days=5)
    changes.correct(life.child, life.registrar, life.reviewer, at, name="陈小墨", reason="changed", since=days(15))
    assert [life.on(days(day)).child.name for day in (16, 15, 0)] == ["陈子墨", "陈小墨", "陈小墨"]
    assert life.on(days(15), known_on=days(6)).child.name == "陈子墨"


def test_sealed_values_and_guardians_of_then_can_be_opened(life):
    then = life.on(ENTERED)
    record = queries.record_of(then.child, viewer=Viewer.OWN, guardians=then.guardians)
    assert record.document.startswith("990101") and record.guardians[0].name == "陈立"


def test_today_as_known_today_is_what_the_tables_hold(life):
    life.regroup("小二班", on=days(30), at=29)
    life.leave(on=days(20), at=19)
    life.readmit(on=days(10), at=10)
    then = life.on(TODAY)
    assert facts_of(then.child) == facts_of(life.child)
    assert then.stay is not None
    assert facts_of(then.stay) == facts_of(Enrolment.objects.get(child_id=life.pk, ended_on=None))
    rows = asof.known_of(life.pk).rows()
    held = {(noun_of(Enrolment), stay.pk.hex) for stay in Enrolment.objects.filter(child_id=life.pk)}
    assert {key for key in rows if key[0] == "enrolment"} == held


def test_a_transferred_child_was_at_its_old_kindergarten_before(life):
    """Old and new place by the day of the switch, and before it was known nobody expected it."""
    stage = Stage(now=NOW - timedelta(days=20))
    (transfer,) = stage.bring_to("switched")
    child, switched = Child.objects.get(pk=transfer.child_id), transfer.switched_on
    assert switched is not None
    places = {
        day: history.child_on(child.pk, on=day, today=TODAY).place for day in (switched - timedelta(days=1), switched)
    }
    assert [place.id for place in places.values() if place] == [stage.old.pk, stage.new.pk]
    before = history.child_on(child.pk, on=switched, today=TODAY, known_on=switched - timedelta(days=1))
    assert before.place is not None and before.place.id == stage.old.pk
    assert [line.is_here for line in history.roll_on(stage.old.pk, on=switched - timedelta(days=1))] == [False]
    assert history.roll_on(stage.old.pk, on=switched) == []
    assert [line.is_here for line in history.roll_on(stage.new.pk, on=switched)] == [True]


def test_a_roll_holds_who_attended_that_day_and_says_who_went_on(life):
    other = children.make_child(life.place, name="林小满", entry_date=days(25).isoformat())
    life.leave(on=days(20), at=19)
    rolls = {
        day: [(line.then.name, line.is_here) for line in history.roll_on(life.place.pk, on=days(day))]
        for day in (61, 60, 25, 21, 20)
    }
    both = [("陈子墨", True), ("林小满", True)]
    assert rolls == {61: [], 60: both[:1], 25: both, 21: both, 20: both[1:]}
    Child.objects.filter(pk=other.pk).update(kindergarten=make_kindergarten(make_office_tree().far_county))
    assert history.roll_on(life.place.pk, on=days(20))[0].is_here is False


def test_a_roll_calls_children_as_they_were_called_that_day(life):
    at = NOW - timedelta(days=5)
    changes.correct(life.child, life.registrar, life.reviewer, at, name="陈小墨", reason="changed", since=days(15))
    names = {day: [line.then.name for line in history.roll_on(life.place.pk, on=days(day))] for day in (16, 15)}
    assert names == {16: ["陈子墨"], 15: ["陈小墨"]}


def test_children_that_only_applied_are_on_no_roll():
    place = make_kindergarten()
    children.make_child(place, state=cases.SUBMITTED, entry_date=ENTERED.isoformat())
    children.make_child(place, state=cases.WITHDRAWN, entry_date=ENTERED.isoformat())
    assert history.roll_on(place.pk, on=TODAY) == []


def test_the_number_of_statements_does_not_grow(life):
    def statements(act) -> int:
        with CaptureQueriesContext(connection) as asked:
            act()
        return len(asked)

    one = statements(lambda: life.on(TODAY)), statements(lambda: history.roll_on(life.place.pk, on=TODAY))
    life.regroup("小二班", on=days(30), at=29)
    life.leave(on=days(20), at=19)
    children.make_children(
        [{"name": f"林{sign}", "entry_date": ENTERED.isoformat()} for sign in "甲乙丙丁"], life.place
    )
    assert (statements(lambda: life.on(days(25))), statements(lambda: history.roll_on(life.place.pk, on=TODAY))) == one
