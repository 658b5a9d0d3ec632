"""Splitting: the second child gets a record and a number of its own, and what was chosen goes; nothing is used twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import Denied
from miaoce.registry.children import numbers
from miaoce.registry.children.models import Child, ChildNumber, Guardian, NumberClaim
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.handover.feed import told
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.problems import rules, splitting, states
from miaoce.registry.problems.models import Joining, ProblemRecord, ProblemSide
from miaoce.registry.problems.opening import Found
from miaoce.registry.problems.splitting import Split
from miaoce.registry.vault import queries as vault
from tests.factories import changes
from tests.factories.children import document_number
from tests.factories.problems import CODE, NOW, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()
OTHER = {"name": "陈子木", "sex": "1", "birth_date": "2023-01-03", "id_type": "none", "nationality": "CHN"}


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def two_in_one(desk):
    """A record with a stay of each of two children and a guardian of each."""
    child = desk.child(desk.here, guardian2_name="赵敏", guardian2_relation="52", guardian2_phone="13800008888")
    own = Enrolment.objects.get(child_id=child.pk)
    began = own.started_on - timedelta(days=300)
    older = Enrolment(
        child_id=child.pk,
        kindergarten=desk.here,
        group=own.group,
        state=stays.LEFT,
        started_on=began,
        ended_on=own.started_on,
    )
    with journal.process("stay.open", actor=desk.officer("registrar", desk.here), at=NOW) as process:
        older.save()
        journal.note(process, [journal.made("enrolment.opened", older, child_id=child.pk, effective_on=began)])
    child.refresh_from_db()
    return child, own, older, Guardian.objects.get(child_id=child.pk, position=2)


def problem_of(desk, child):
    """Return a problem of the record's document that waits for its county."""
    standing = ProblemRecord.objects.filter(one_id=child.pk, state=states.ARBITRATION).first()
    if standing is not None:
        return standing
    problem = desk.open_documents({child.pk: states.NAME_DIFFERS}).new[0]
    desk.say(problem, child.kindergarten, words="户口簿上是两名幼儿")
    problem.refresh_from_db()
    return problem


def split(
    desk,
    child,
    *,
    stays_=(),
    guardians=(),
    values=OTHER,
    actor=None,
    words="两名幼儿用了一条学籍",
    version=None,
    problem=None,
):
    actor = actor or desk.officer("county_reviewer", desk.tree.county)
    problem = problem or problem_of(desk, child)
    seen = child.version if version is None else version
    one = Split(problem.pk, problem.version, child.pk, seen, values, tuple(stays_), tuple(guardians))
    with journal.process("problem.split", actor=actor, at=NOW) as process:
        return splitting.split(splits=[one], words=words, process=process)


def only(refused):
    return type(next(iter(refused.values())))


def test_the_second_child_gets_a_record_and_a_number_of_its_own(desk, two_in_one):
    child, own, older, guardian = two_in_one
    done = split(desk, child, stays_=[own.pk], guardians=[guardian.pk])
    assert not done.refused, done.refused
    new = Child.objects.get(pk=done.done[child.pk])
    child.refresh_from_db()
    assert (new.name, new.standing, new.number_kind) == ("陈子木", stays.ATTENDING, "L")
    assert child.standing == stays.LEFT
    assert Enrolment.objects.get(pk=own.pk).child_id == new.pk
    assert Enrolment.objects.get(pk=older.pk).child_id == child.pk
    safe = vault.open_safe([new.pk])
    moved = Guardian.objects.get(pk=guardian.pk)
    assert safe.open(new.pk, "guardian", "name", moved.pk, bytes(moved.name)) == "赵敏"
    assert dict(rebuild.compare().tables) == {}


def test_no_number_is_used_twice_and_the_old_one_stays(desk, two_in_one):
    child, own, _, _ = two_in_one
    number = vault.open_safe([child.pk]).open(child.pk, "child", "number", child.pk, bytes(child.number))
    new = split(desk, child, stays_=[own.pk]).done[child.pk]
    assert numbers.holder_of(number) == child.pk
    assert NumberClaim.objects.filter(child_id__in=[child.pk, new]).count() == 2
    assert ChildNumber.objects.filter(child_id=new, to_on=None).count() == 1


def test_each_record_keeps_a_stay_and_foreign_stays_are_not_taken(desk, two_in_one):
    child, own, older, _ = two_in_one
    foreign = Enrolment.objects.get(child_id=desk.child(desk.here).pk)
    for wrong in ([], [own.pk, older.pk], [foreign.pk]):
        assert only(split(desk, child, stays_=wrong).refused) is rules.NothingChosen
    assert not Joining.objects.exists()


def test_only_the_records_county_splits_what_it_saw_with_words(desk, two_in_one):
    child, own, _, _ = two_in_one
    with pytest.raises(Denied):
        split(desk, child, stays_=[own.pk], actor=desk.officer("registrar", desk.here))
    far = desk.officer("county_reviewer", desk.tree.far_county)
    assert only(split(desk, child, stays_=[own.pk], actor=far).refused) is states.StepNotAllowed
    assert only(split(desk, child, stays_=[own.pk], version=child.version + 1).refused) is states.ChangedSinceShown
    with pytest.raises(rules.WordsMissing):
        split(desk, child, stays_=[own.pk], words=" ")


def test_a_change_in_hand_or_a_document_of_another_refuses_and_writes_nothing(desk, two_in_one):
    child, own, _, _ = two_in_one
    number = document_number(serial=779)
    desk.child(desk.far, id_number=number)
    taken = OTHER | {"id_type": "resident_id", "id_number": number}
    count = Child.objects.count()
    assert only(split(desk, child, stays_=[own.pk], values=taken).refused) is DocumentTaken
    changes.file(child, desk.officer("registrar", desk.here), NOW, name="陈子默")
    assert only(split(desk, child, stays_=[own.pk]).refused) is rules.ChangeInHand
    assert Child.objects.count() == count
    assert dict(rebuild.compare().tables) == {}


def test_a_split_that_was_wrong_is_mended_by_a_merge(desk, two_in_one):
    child, own, _, _ = two_in_one
    new = Child.objects.get(pk=split(desk, child, stays_=[own.pk]).done[child.pk])
    problem = desk.open(Found(child.pk, new.pk, CODE, "same")).new[0]
    moved = desk.merge(desk.arbitrated(problem), Child.objects.get(pk=child.pk))
    assert not moved.refused, moved.refused
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).pk == own.pk
    assert dict(rebuild.compare().tables) == {}


def test_subscribers_are_told_of_both(desk, two_in_one):
    child, own, _, _ = two_in_one
    new = split(desk, child, stays_=[own.pk]).done[child.pk]
    mine = told(unit_id=desk.here.pk, scope="kindergarten", after=None, limit=500)
    parted = next(one for one in mine if one.verb == "child.split")
    assert parted.as_cloud_event()["data"]["into"] == str(new)


def test_it_is_decided_on_a_problem_that_then_says_so(desk, two_in_one):
    child, own, _, _ = two_in_one
    problem = problem_of(desk, child)
    new = split(desk, child, stays_=[own.pk], problem=problem).done[child.pk]
    problem.refresh_from_db()
    assert problem.state == states.CORRECTED
    made = Joining.objects.get(kind=Joining.SPLIT)
    assert (made.problem_id, made.kept_id, made.gone_id) == (problem.pk, child.pk, new)
    child.refresh_from_db()
    again = split(desk, child, stays_=[own.pk], problem=problem)
    assert only(again.refused) is states.StepNotAllowed


def test_a_problem_that_waits_for_its_kindergarten_or_is_of_another_record_decides_nothing(desk, two_in_one):
    child, own, _, _ = two_in_one
    waiting = desk.open_documents({child.pk: states.NOT_KNOWN}).new[0]
    foreign = problem_of(desk, desk.child(desk.here))
    for problem in (waiting, foreign):
        assert only(split(desk, child, stays_=[own.pk], problem=problem).refused) is states.StepNotAllowed
    assert not Joining.objects.exists()


def test_who_filed_a_sides_word_does_not_split(desk, two_in_one):
    child, own, _, _ = two_in_one
    problem, reviewer = problem_of(desk, child), desk.officer("county_reviewer", desk.tree.county)
    ProblemSide.objects.filter(problem_id=problem.pk).update(said_by=reviewer.staff_id)
    assert only(split(desk, child, stays_=[own.pk], problem=problem).refused) is states.SameHands
    assert Child.objects.filter(name="陈子木").count() == 0


def test_a_merge_that_cannot_be_undone_is_split_and_keeps_its_decision(desk):
    problem, kept, gone = desk.pair(desk.here, desk.beside)
    desk.merge(desk.arbitrated(problem), kept)
    problem.refresh_from_db()
    kept.refresh_from_db()
    stay = Enrolment.objects.get(child_id=kept.pk, ended_on=None)
    done = split(desk, kept, stays_=[stay.pk], problem=problem)
    assert not done.refused, done.refused
    problem.refresh_from_db()
    assert (problem.state, problem.kept_id) == (states.MERGED, kept.pk)
    told = vault.open_safe([problem.one_id]).open(
        problem.one_id, "problem_record", "words", problem.pk, bytes(problem.words)
    )
    assert told == "同一本户口簿\n拆分：两名幼儿用了一条学籍"
    assert Child.objects.get(pk=gone.pk).standing == stays.MERGED, "its old number leads to the kept record"
    assert dict(rebuild.compare().tables) == {}


def test_the_preview_names_every_row_that_then_moves_and_writes_nothing(desk, two_in_one):
    child, own, _, guardian = two_in_one
    problem, actor = problem_of(desk, child), desk.officer("county_reviewer", desk.tree.county)
    one = Split(problem.pk, problem.version, child.pk, child.version, OTHER, (own.pk,), (guardian.pk,))
    shown = splitting.preview(actor, one, at=NOW)
    assert {row.key for row in shown if row.model in {Enrolment, Guardian}} == {own.pk, guardian.pk}
    assert Enrolment.objects.get(pk=own.pk).child_id == child.pk
    new = split(desk, child, stays_=[own.pk], guardians=[guardian.pk], problem=problem).done[child.pk]
    for row in shown:
        if row.model is not Child:
            assert row.model.objects.get(pk=row.key).child_id == new
    child.refresh_from_db()
    with pytest.raises(rules.NothingChosen):
        splitting.preview(actor, Split(problem.pk, 0, child.pk, child.version, OTHER, ()), at=NOW)
