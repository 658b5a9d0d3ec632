"""The events of a child give its rows again: every column of every table, whatever happened, and a check says where not."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from miaoce.registry import ids
from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import actions as approvals
from miaoce.registry.approvals import cases
from miaoce.registry.approvals import states as case_states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children import notices
from miaoce.registry.children.models import Child, ChildNumber, Guardian
from miaoce.registry.children.rules import NoNumberLeft
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments import numbering
from miaoce.registry.enrolments.actions import Admission
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import ids_after, new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import adopting, rebuild
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Event
from miaoce.registry.reference import actions as reference
from miaoce.registry.transfers import actions as transfers
from tests.factories import children as factory
from tests.factories.children import make_child, make_children
from tests.factories.places import make_kindergarten, make_officer

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def differences(at_once: int = rebuild.AT_ONCE) -> dict[str, dict[str, int]]:
    """Return what differs, by table and column."""
    found = rebuild.compare(at_once=at_once)
    return {
        table: {**difference.columns, "in table": difference.only_in_table, "in events": difference.only_in_events}
        for table, difference in found.tables.items()
    }


def real_behind(real: Callable, milliseconds: int) -> UUID:
    """Return an identifier as a clock draws it that is set back."""
    return UUID(int=real().int - (milliseconds << 80))


class Place:
    """A kindergarten, who works there and who decides, and the steps of a registration."""

    def __init__(self) -> None:
        self.place = make_kindergarten()
        self.registrar = make_officer("registrar", self.place)
        self.reviewer = make_officer("county_reviewer", self.place.office)
        self.at = NOW - timedelta(days=3)

    def later(self) -> None:
        self.at += timedelta(minutes=5)

    def submit(self, child_id: UUID | None = None, group: int = 1, **values: str) -> UUID:
        self.later()
        child_id = child_id or new_id()
        chosen = self.place.groups.order_by("sort")[group]
        admission = Admission(child_id, factory.child_values(**values), chosen, flags=("AGE",), facts={"size": 31})
        sent = factory.submit([admission], self.place, actor=self.registrar, at=self.at)
        assert sent.sent == [child_id]
        return child_id

    def withdraw(self, child: UUID) -> None:
        self.later()
        with journal.process("intake.withdraw", actor=self.registrar, at=self.at) as process:
            assert enrolments.withdraw(child_ids=[child], process=process).done

    def open(self) -> None:
        self.later()
        with journal.process("approval.open", actor=self.reviewer, at=self.at) as process:
            approvals.open_cases(cases=Proposal.objects.visible_to(self.reviewer), process=process)

    def approve(self, child: UUID) -> UUID:
        self.later()
        factory.approve([child], actor=self.reviewer, at=self.at)
        decided = Proposal.objects.get(child_id=child).decision_id
        assert decided is not None
        return decided

    def return_(self, child: UUID) -> None:
        self.later()
        factory.return_([child], actor=self.reviewer, at=self.at, words="地址请写全")

    def recall(self, decision: UUID) -> None:
        self.later()
        with journal.process("approval.recall", actor=self.reviewer, at=self.at) as process:
            enrolments.recall(decision_id=decision, process=process, recall_minutes=10)

    def number(self) -> int:
        self.at += timedelta(days=1)
        return factory.issue_numbers(self.at)


SECOND = {"guardian2_name": "林晓", "guardian2_relation": "52", "guardian2_phone": "13800001234"}


def test_a_registration_is_told_whole():
    place = Place()
    child = place.submit(**SECOND)
    assert differences() == {}
    place.open()
    place.approve(child)
    assert differences() == {}
    assert place.number() == 1
    assert differences() == {}
    assert Event.objects.filter(child_id=child).count() == 7


def test_a_return_a_recall_and_a_second_submission_are_told_whole():
    """Columns that were emptied, a guardian who is no longer one, a stay in another group."""
    place = Place()
    child = place.submit(**SECOND, remark="爱吃面", former_name="陈石头")
    place.open()
    place.return_(child)
    assert differences() == {}
    place.submit(child, group=2, address="", guardian1_phone="13900000000", ethnicity="02", entry_date="2026-09-08")
    assert (Guardian.objects.count(), Child.objects.get().address) == (1, None)
    assert differences() == {}
    place.recall(place.approve(child))
    assert differences() == {}
    place.approve(child)
    place.number()
    assert differences() == {}
    assert Enrolment.objects.count() == 1


def test_a_submission_taken_back_and_made_again_is_told_whole():
    place = Place()
    child = place.submit()
    stay = Enrolment.objects.get()
    place.withdraw(child)
    assert differences() == {}
    place.submit(child, group=3, boarding="day")
    assert Enrolment.objects.get().pk == stay.pk
    assert differences() == {}
    assert Enrolment.objects.get().ended_on is None


def test_a_number_that_could_not_be_drawn_is_told_whole(monkeypatch: pytest.MonkeyPatch):
    place = Place()
    child = place.submit()
    place.approve(child)
    monkeypatch.setattr(numbering, "TRIES", 0)
    assert place.number() == 0
    assert Event.objects.filter(child_id=child, verb="number.exhausted", after__code=NoNumberLeft.code).exists()
    assert differences() == {}
    monkeypatch.undo()
    assert place.number() == 1
    assert differences() == {}


def test_what_guardians_were_told_and_where_a_child_is_wished_for_is_told_whole():
    notices.load_texts()
    child = make_child()
    registrar = make_officer("registrar", child.kindergarten)
    guardian = Guardian.objects.get(child_id=child.pk)
    with journal.process("notice.serve", actor=registrar, at=NOW) as process:
        text = next(text for text in notices.texts_of(date(2026, 10, 1)) if text.kind == notices.NOTICE)
        notices.serve(child=child, guardian_id=guardian.pk, text=text, channel="paper", process=process)
    other = make_kindergarten()
    row = new_id()
    with journal.process("transfer.wish", actor=make_officer("registrar", other), at=NOW) as process:
        transfers.wish(child_id=child.pk, kindergarten_id=other.pk, row_id=row, process=process)
        assert differences() == {}
        assert transfers.unwish(row_id=row, process=process) == 1
    assert differences() == {}


def test_a_case_and_its_clocks_are_told_whole():
    reference.load_shipped(on=timezone.localdate())
    child = make_child()
    registrar = make_officer("registrar", child.kindergarten)
    reviewer = make_officer("county_reviewer", child.office)
    filing = cases.Filing(
        child.pk, case_states.CORRECTION, child.kindergarten_id, child.office_id, timezone.localdate(),
        facts={"field": "name"}, wanted={"name": "陈小苗"}, words="户口簿已改",
    )  # fmt: skip
    with journal.process("case.file", actor=registrar, at=NOW) as process:
        (case,) = cases.file(filings=[filing], process=process).done
    assert differences() == {}
    with journal.process("case.send_back", actor=reviewer, at=NOW) as process:
        moved = cases.send_back(chosen={case.pk: 1}, reasons=[], words="看不清", process=process)
    assert moved.done and differences() == {}
    with journal.process("case.refile", actor=registrar, at=NOW) as process:
        cases.refile(chosen={case.pk: 2}, process=process)
    with journal.process("case.agree", actor=reviewer, at=NOW) as process:
        assert cases.agree(chosen={case.pk: 3}, process=process).done
    assert differences() == {}


@pytest.mark.parametrize("at_once", [1, 3, 500])
def test_windows_of_any_size_hold_every_child_once(at_once: int):
    make_children([{} for _ in range(7)])
    found = rebuild.compare(at_once=at_once)
    assert (found.children, found.rows, found.tables) == (7, 7 * 5, {})


def test_a_change_behind_the_journal_s_back_is_found_by_table_column_and_count():
    made = make_children([{"name": f"陈{letter}"} for letter in "甲乙丙"])
    Child.objects.filter(pk=made[0].pk).update(name="某某", sex="2")
    Child.objects.filter(pk=made[1].pk).update(name="某某")
    Guardian.objects.filter(child_id=made[2].pk).delete()
    extra = Enrolment.objects.get(child_id=made[2].pk)
    extra.pk, extra.ended_on, extra.state = new_id(), extra.started_on, "moved"
    extra.save(force_insert=True)
    assert differences(at_once=2) == {
        "child": {"name": 2, "sex": 1, "in table": 0, "in events": 0},
        "guardian": {"in table": 0, "in events": 1},
        "enrolment": {"in table": 1, "in events": 0},
    }
    assert rebuild.compare().tables["guardian"].children == {made[2].pk}


def test_a_child_without_any_event_and_events_without_a_child_are_found():
    one, two = make_children([{}, {}])
    lost = new_id()
    Child.objects.filter(pk=one.pk).update(id=lost)
    assert differences()["child"] == {"in table": 1, "in events": 1}
    assert rebuild.compare().children == 3
    assert two.pk not in rebuild.compare().tables["child"].children


def test_a_child_that_is_being_written_just_now_is_read_again(monkeypatch: pytest.MonkeyPatch):
    child = make_child()
    looks = []

    def half_written(window: rebuild.Window, read: Callable = rebuild._differing):
        if not looks:
            Child.objects.filter(pk=child.pk).update(sex="2")
            answer = read(window)
            Child.objects.filter(pk=child.pk).update(sex="1")
        else:
            answer = read(window)
        looks.append(window)
        return answer

    monkeypatch.setattr(rebuild, "_differing", half_written)
    assert rebuild.compare().tables == {}
    assert len(looks) == 2


def test_rows_of_an_older_register_are_adopted_as_they_stand():
    """Their first events knew fewer columns, and none of what became of a child later."""
    place = Place()
    child = place.submit(**SECOND)
    place.approve(child)
    place.number()
    older = [(e.process_id, e.subject, e.subject_id, e.verb, e.effective_on) for e in Event.objects.order_by("id")]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER registry_event_no_delete")
        cursor.execute("DELETE FROM registry_event")
    with journal.process("test.older", actor=the_system(), at=place.at) as process:
        for _, subject, key, verb, day in older:
            journal.note(process, [Change(verb, subject, key, child, after={"state": "submitted"}, effective_on=day)])
    assert set(differences()) == {"child", "guardian", "child_number", "enrolment", "proposal"}
    rows = [row for part in rebuild.differing_rows() for row in part]
    with journal.process("journal.adopt", actor=the_system(), at=NOW) as process:
        assert adopting.adopt(rows=rows, process=process) == 6
    assert differences() == {}
    adopted = Event.objects.filter(verb="child.adopted").get()
    assert (adopted.effective_on, adopted.before["state"]) == (date(2026, 9, 1), "submitted")
    assert [row for part in rebuild.differing_rows() for row in part] == []


def test_a_row_that_only_events_know_is_adopted_as_gone():
    child = make_child()
    Guardian.objects.filter(child_id=child.pk).delete()
    rows = [row for part in rebuild.differing_rows() for row in part]
    with journal.process("journal.adopt", actor=the_system(), at=NOW) as process:
        assert adopting.adopt(rows=rows, process=process) == 1
    assert differences() == {}


def test_events_keep_their_order_when_a_clock_is_set_back(monkeypatch: pytest.MonkeyPatch):
    """R-11: an hour back between two changes of one child; the second one still counts as the later one."""
    place = Place()
    child = place.submit()
    real = ids.uuid7
    monkeypatch.setattr(ids, "uuid7", lambda: real_behind(real, 60 * 60 * 1000))
    place.at -= timedelta(hours=1)
    place.approve(child)
    place.number()
    verbs = list(Event.objects.filter(child_id=child).order_by("id").values_list("verb", flat=True))
    assert verbs[-3:] == ["proposal.approved", "number.issued", "enrolment.opened"]
    assert ChildNumber.objects.filter(child_id=child).exists()
    assert differences() == {}


def test_new_identifiers_follow_the_last_one_and_stay_in_order(monkeypatch: pytest.MonkeyPatch):
    real = ids.uuid7
    last = new_id()
    monkeypatch.setattr(ids, "uuid7", lambda: real_behind(real, 60_000))
    source = ids_after(last)
    made = [next(source) for _ in range(5_000)]
    assert made == sorted(made) and made[0] > last and len(set(made)) == 5_000
    assert {(one.version, one.variant) for one in made} == {(7, last.variant)}


def test_a_clock_that_is_days_behind_is_not_followed(monkeypatch: pytest.MonkeyPatch):
    """Somebody's clock stood in next year for a moment: identifiers do not stay there."""
    ahead = UUID(int=new_id().int + (400 * ids.DAY << 80))
    assert next(ids_after(ahead)) < ahead


@pytest.mark.parametrize("model", rebuild.tables(), ids=lambda model: model.__name__)
def test_the_rows_of_a_child_are_found_without_reading_the_whole_table(model):
    owner = "id" if model is Child else "child_id"
    names = [field.name for field in model._meta.fields if field.primary_key or field.unique]
    led = [list(index.fields)[:1] for index in model._meta.indexes if index.condition is None]
    led += [list(c.fields)[:1] for c in model._meta.constraints if getattr(c, "fields", ()) and c.condition is None]
    assert owner in names or [owner] in led
