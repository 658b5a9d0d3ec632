"""Submitting and taking back: one path, in batches, each refusal alone."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import actions as approvals
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child, DocumentClaim, Guardian
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments import rules, states
from miaoce.registry.enrolments.actions import Admission
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.vault import queries as vault
from tests.factories import children as factory
from tests.factories.places import make_kindergarten, make_officer

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def admission(kindergarten: Kindergarten, child_id: UUID | None = None, **values: str) -> Admission:
    group = kindergarten.groups.order_by("sort")[1]
    return Admission(child_id or new_id(), factory.child_values(**values), group)


def submit(kindergarten: Kindergarten, *admissions: Admission, actor=None):
    actor = actor or make_officer("registrar", kindergarten)
    return factory.submit(admissions, kindergarten, actor=actor, at=NOW)


def withdraw(*child_ids: UUID, actor):
    with journal.process("intake.withdraw", actor=actor, at=NOW) as process:
        return enrolments.withdraw(child_ids=child_ids, process=process)


def test_a_submission_records_the_child_its_case_and_its_stay():
    place = make_kindergarten()
    one = admission(place, name="曾小禾", entry_date="2026-09-01")
    assert submit(place, one).sent == [one.child_id]
    child = Child.objects.get(pk=one.child_id)
    assert (child.state, child.number, child.pinyin, child.initials) == (cases.SUBMITTED, None, "zengxiaohe", "zxh")
    assert (child.kindergarten_id, child.office_id) == (place.pk, place.office_id)
    case = Proposal.objects.get(child_id=child.pk)
    assert (case.state, case.entered_on, case.due_on) == (cases.SUBMITTED, date(2026, 9, 1), date(2026, 11, 1))
    stay = Enrolment.objects.get(child_id=child.pk)
    assert (stay.state, stay.started_on, stay.ended_on) == (states.APPLIED, date(2026, 9, 1), None)
    verbs = list(Event.objects.filter(child_id=child.pk).order_by("id").values_list("verb", flat=True))
    assert verbs == ["child.recorded", "proposal.submitted", "enrolment.applied"]


def test_what_names_or_reaches_people_is_sealed():
    place = make_kindergarten()
    one = admission(place, address="云川省青江市青禾区禾苗路1号")
    submit(place, one)
    child, guardian = Child.objects.get(pk=one.child_id), Guardian.objects.filter(child_id=one.child_id).first()
    assert guardian is not None
    safe = vault.open_safe([child.pk])
    for row, table, columns in (
        (child, "child", {"document_number": "id_number", "address": "address"}),
        (guardian, "guardian", {"name": "guardian1_name", "phone": "guardian1_phone"}),
    ):
        for column, key in columns.items():
            sealed = getattr(row, column)
            assert one.values[key].encode() not in bytes(sealed)
            assert safe.open(child.pk, table, column, row.pk, sealed) == one.values[key]


def test_only_a_licensed_kindergarten_submits():
    place = make_kindergarten(licensed=False)
    with pytest.raises(rules.NotLicensed):
        submit(place, admission(place))
    assert not Child.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize(
    ("licence_from", "licence_to", "closed_on", "licensed"),
    [
        (None, None, None, False), (date(2026, 9, 1), None, None, True), (date(2026, 9, 2), None, None, False),
        (date(2020, 1, 1), date(2026, 9, 1), None, True), (date(2020, 1, 1), date(2026, 8, 31), None, False),
        (date(2020, 1, 1), None, date(2026, 9, 1), False), (date(2020, 1, 1), None, date(2026, 9, 2), True),
    ],
)  # fmt: skip
def test_a_licence_is_valid_from_its_first_to_its_last_day(licence_from, licence_to, closed_on, licensed):
    place = Kindergarten(licence_from=licence_from, licence_to=licence_to, closed_on=closed_on)
    assert place.is_licensed(date(2026, 9, 1)) is licensed


def test_a_reviewer_may_not_submit():
    place = make_kindergarten()
    with pytest.raises(Denied):
        submit(place, admission(place), actor=make_officer("county_reviewer", place.office))
    assert not Child.objects.exists()


def test_a_document_that_another_child_holds_is_refused_alone():
    place, other = make_kindergarten(), make_kindergarten()
    number = factory.document_number()
    first = admission(other, id_number=number)
    submit(other, first)
    double, sound = admission(place, id_number=number.lower()), admission(place)
    done = submit(place, double, sound)
    assert done.sent == [sound.child_id]
    assert isinstance(done.refused[double.child_id], DocumentTaken)
    assert not Child.objects.filter(pk=double.child_id).exists()
    assert DocumentClaim.objects.filter(child_id=first.child_id).count() == 1


def test_two_rows_of_one_batch_with_one_document_give_one_child():
    place, number = make_kindergarten(), factory.document_number()
    pair = [admission(place, id_number=number), admission(place, id_number=number)]
    done = submit(place, *pair)
    assert len(done.sent) == 1 and len(done.refused) == 1
    assert Child.objects.count() == 1


def test_submitting_again_while_the_case_stands_changes_nothing():
    place = make_kindergarten()
    one = admission(place)
    submit(place, one)
    events = Event.objects.count()
    done = submit(place, one)
    assert isinstance(done.refused[one.child_id], cases.StepNotAllowed)
    assert (Child.objects.count(), Event.objects.count()) == (1, events)


def test_what_was_submitted_is_taken_back_until_the_county_opens_it():
    place = make_kindergarten()
    registrar, reviewer = make_officer("registrar", place), make_officer("county_reviewer", place.office)
    early, late = admission(place), admission(place)
    submit(place, early, late, actor=registrar)
    with journal.process("approval.open", actor=reviewer, at=NOW) as process:
        approvals.open_cases(cases=Proposal.objects.filter(child_id=late.child_id), process=process)
    outcome = withdraw(early.child_id, late.child_id, actor=registrar)
    assert [case.child_id for case in outcome.done] == [early.child_id]
    assert isinstance(outcome.refused[late.child_id], cases.AlreadyOpened)
    assert not DocumentClaim.objects.filter(child_id=early.child_id).exists(), "the document is free again"
    assert Child.objects.get(pk=early.child_id).state == cases.WITHDRAWN
    assert Enrolment.objects.get(child_id=early.child_id).state == states.WITHDRAWN


def test_a_foreign_kindergarten_takes_nothing_back():
    place, other = make_kindergarten(), make_kindergarten()
    one = admission(place)
    submit(place, one)
    outcome = withdraw(one.child_id, actor=make_officer("registrar", other))
    assert not outcome.done and not outcome.refused
    assert Proposal.objects.get(child_id=one.child_id).state == cases.SUBMITTED


def test_a_withdrawn_child_comes_again_as_the_same_child():
    place = make_kindergarten()
    registrar = make_officer("registrar", place)
    one = admission(place, name="陈小苗")
    submit(place, one, actor=registrar)
    withdraw(one.child_id, actor=registrar)
    again = admission(place, one.child_id, name="陈晓苗", id_number=one.values["id_number"])
    assert submit(place, again, actor=registrar).sent == [one.child_id]
    child = Child.objects.get()
    assert (child.name, child.version, child.state) == ("陈晓苗", 2, cases.SUBMITTED)
    assert Enrolment.objects.filter(child_id=child.pk, ended_on=None).count() == 1
    assert Guardian.objects.filter(child_id=child.pk, position=1).count() == 1
    recorded = Event.objects.filter(child_id=child.pk, verb="child.recorded").order_by("id")
    assert [event.after["name"] for event in recorded] == ["陈小苗", "陈晓苗"]
    assert recorded[1].before["name"] == "陈小苗"


def test_a_returned_child_mended_with_another_document_lets_go_of_the_old_one():
    place = make_kindergarten()
    registrar, reviewer = make_officer("registrar", place), make_officer("county_reviewer", place.office)
    old, new = factory.document_number(), factory.document_number()
    one = admission(place, id_number=old)
    submit(place, one, actor=registrar)
    factory.return_([one.child_id], actor=reviewer, at=NOW, words="证件号再核对一下")
    submit(place, admission(place, one.child_id, id_number=new), actor=registrar)
    case = Proposal.objects.get(child_id=one.child_id)
    assert (case.state, case.return_words, case.opened_at, case.decided_at) == (cases.SUBMITTED, "", None, None)
    assert submit(place, admission(place, id_number=old), actor=registrar).sent, "the old document is free"


@pytest.mark.parametrize("size", [1, 40])
def test_the_number_of_statements_does_not_grow_with_the_batch(size: int, django_assert_max_num_queries):
    place = make_kindergarten()
    actor = make_officer("registrar", place)
    batch = [admission(place) for _ in range(size)]
    with django_assert_max_num_queries(30):
        assert len(submit(place, *batch, actor=actor).sent) == size


class TestTheDatabaseRefuses:
    """Raw SQL cannot break what the constraints hold."""

    def run(self, statement: str, *values: object) -> None:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)

    def test_two_open_stays_of_one_child(self):
        child = factory.make_child()
        stay = Enrolment.objects.get(child_id=child.pk)
        copy = Enrolment(
            child_id=child.pk, kindergarten_id=stay.kindergarten_id, group_id=stay.group_id, started_on=NOW.date()
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save(force_insert=True)
        assert Enrolment.objects.filter(child_id=child.pk).count() == 1

    def test_a_stay_that_ends_before_it_starts(self):
        child = factory.make_child()
        self.run("UPDATE registry_enrolment SET ended_on = %s", NOW.date() - timedelta(days=4000))
        assert Enrolment.objects.get(child_id=child.pk).ended_on is None

    def test_states_that_nobody_knows(self):
        factory.make_child()
        self.run("UPDATE registry_enrolment SET state = 'lost'")
        self.run("UPDATE registry_proposal SET state = 'lost'")
        assert not Proposal.objects.filter(state="lost").exists()

    def test_a_second_child_with_the_same_document(self):
        child = factory.make_child()
        claim = DocumentClaim.objects.get(child_id=child.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            DocumentClaim(digest=claim.digest, child_id=new_id(), claimed_at=NOW).save(force_insert=True)
        assert DocumentClaim.objects.count() == 1
