"""Merging: one record is kept, everything goes along, old numbers lead on; undoing puts every byte back or refuses."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miaoce.registry.approvals import cases
from miaoce.registry.approvals.cases import Filing
from miaoce.registry.approvals.models import Case, ChangeClaim
from miaoce.registry.approvals.states import CORRECTION, ChangeInHand
from miaoce.registry.children import notices, numbers, queries, search
from miaoce.registry.children.following import gone_into, kept_of
from miaoce.registry.children.models import (
    Child,
    ChildMerge,
    ChildNumber,
    DocumentClaim,
    Guardian,
    NoticeServed,
    NoticeText,
    NumberClaim,
)
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.handover.feed import told
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.problems import merging, rules, states, undoing
from miaoce.registry.problems.merging import Merge
from miaoce.registry.problems.models import Joining, MovedRow, ProblemRecord
from miaoce.registry.problems.opening import Found
from miaoce.registry.vault import queries as vault
from tests.factories import changes
from tests.factories.dumps import dump
from tests.factories.problems import CODE, NOW, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def merged(desk):
    """A pair of two counties' kindergartens in one city, merged into the first."""
    kept = desk.child(
        desk.here, guardian1_name="陈立", guardian2_name="王芳", guardian2_relation="52", guardian2_phone="13800009999"
    )
    gone = desk.child(
        desk.next, guardian1_name="陈立", guardian2_name="赵敏", guardian2_relation="52", guardian2_phone="13800008888"
    )
    before = number_of(gone)
    problem = desk.arbitrated(desk.problem(kept, gone))
    was = dump([kept.pk, gone.pk])
    moved = desk.merge(problem, kept)
    assert not moved.refused, moved.refused
    return problem, kept, gone, before, was


def number_of(child):
    child.refresh_from_db()
    return vault.open_safe([child.pk]).open(child.pk, "child", "number", child.pk, bytes(child.number))


def only(refused):
    return type(next(iter(refused.values())))


def test_one_is_kept_and_the_other_leads_to_it(merged):
    problem, kept, gone, _, _ = merged
    assert Child.objects.get(pk=gone.pk).standing == stays.MERGED
    assert kept_of([gone.pk, kept.pk]) == {gone.pk: kept.pk, kept.pk: kept.pk}
    assert gone_into([kept.pk]) == {kept.pk: {kept.pk, gone.pk}}
    found = ProblemRecord.objects.get(pk=problem.pk)
    assert (found.state, found.kept_id) == (states.MERGED, kept.pk)


def test_the_journal_gives_every_row_again(merged):
    assert dict(rebuild.compare().tables) == {}


def test_old_numbers_lead_to_the_kept_child_and_are_never_issued_again(merged, desk):
    _, kept, gone, number, _ = merged
    assert numbers.holder_of(number) == kept.pk
    found = search.find(actor=desk.officer("registrar", desk.here), text=number, on=TODAY)
    assert [child.pk for child in found.children] == [kept.pk]
    assert NumberClaim.objects.filter(child_id=gone.pk).exists()
    rows = ChildNumber.objects.filter(child_id=kept.pk)
    assert (rows.count(), rows.filter(to_on=None).count()) == (2, 1)


def test_the_merged_record_is_nobodys_any_more(merged, desk):
    _, _, gone, _, _ = merged
    for role, unit in [("registrar", desk.next), ("county_reviewer", desk.tree.other_county)]:
        assert not Child.objects.visible_to(desk.officer(role, unit)).filter(pk=gone.pk).exists()


def test_sealed_values_open_under_the_kept_childs_key(merged):
    _, kept, _, number, _ = merged
    safe = vault.open_safe([kept.pk])
    names = [
        safe.open(kept.pk, "guardian", "name", one.pk, bytes(one.name))
        for one in Guardian.objects.filter(child_id=kept.pk).order_by("position")
    ]
    assert names == ["陈立", "王芳", "赵敏"]
    opened = {
        safe.open(kept.pk, "child_number", "number", n.pk, bytes(n.number))
        for n in ChildNumber.objects.filter(child_id=kept.pk)
    }
    assert number in opened


def test_of_two_open_stays_the_chosen_one_goes_on(desk):
    kept, gone = desk.child(desk.here), desk.child(desk.beside)
    problem = desk.arbitrated(desk.problem(kept, gone))
    desk.merge(problem, kept, stay_of=gone)
    open_one = Enrolment.objects.get(child_id=kept.pk, ended_on=None)
    assert open_one.kindergarten_id == desk.beside.pk
    assert Enrolment.objects.filter(child_id=kept.pk, state=stays.TRANSFERRED).count() == 1
    kept.refresh_from_db()
    assert (kept.kindergarten_id, kept.standing) == (desk.beside.pk, stays.ATTENDING)
    assert dict(rebuild.compare().tables) == {}
    was = desk.undo(problem)
    assert not was.refused
    assert dict(rebuild.compare().tables) == {}


def test_a_document_of_either_makes_no_new_child(merged):
    _, kept, gone, _, _ = merged
    assert DocumentClaim.objects.filter(child_id=kept.pk).count() == 2
    assert not DocumentClaim.objects.filter(child_id=gone.pk).exists()


def test_what_guardians_were_told_follows_to_who_is_the_same(desk):
    kept, gone = desk.child(desk.here), desk.child(desk.beside)
    notices.load_texts()
    text = NoticeText.objects.first()
    guardian = Guardian.objects.get(child_id=gone.pk)
    NoticeServed.objects.create(
        child_id=gone.pk,
        guardian_id=guardian.pk,
        text=text,
        answer="served",
        channel="paper",
        at=NOW,
        process_id=gone.pk,
    )
    desk.merge(desk.arbitrated(desk.problem(kept, gone)), kept)
    served = NoticeServed.objects.get(guardian_id__in=Guardian.objects.filter(child_id=kept.pk).values("pk"))
    assert served.child_id == kept.pk
    assert Guardian.objects.filter(child_id=kept.pk).count() == 1


def test_who_looked_and_what_happened_is_read_from_both(merged, desk):
    _, kept, gone, _, _ = merged
    journal.log_reading(actor=desk.officer("registrar", desk.next), at=NOW, what="child.view", child_ids=[gone.pk])
    assert [look.what for look in queries.looks_at(kept.pk)][:1] == ["child.view"]
    happened, _ = queries.story_of(kept.pk, verbs={"number.issued"}, limit=50)
    assert {one.event.child_id for one in happened} == {kept.pk, gone.pk}


def test_a_preview_shows_every_row_and_writes_nothing(desk):
    kept, gone = desk.child(desk.here), desk.child(desk.beside)
    problem = desk.arbitrated(desk.problem(kept, gone))
    was = dump([kept.pk, gone.pk])
    plan = merging.preview(desk.decider(problem), Merge(problem.pk, problem.version, kept.pk), at=NOW)
    assert dump([kept.pk, gone.pk]) == was
    told_rows = {(row.noun, str(row.key)) for row in plan.rows}
    desk.merge(problem, kept)
    done = {(row.noun, row.row_key) for row in MovedRow.objects.all()}
    assert {(noun, key.replace("-", "")) for noun, key in told_rows} == done
    assert plan.counts()["就读"] == 1
    assert all(row.does for row in plan.rows)
    stranger = desk.officer("registrar", desk.far)
    assert merging.preview(stranger, Merge(problem.pk, 0, kept.pk), at=NOW) is None


def test_a_change_in_hand_refuses_and_says_the_way_out(desk):
    kept, gone = desk.child(desk.here), desk.child(desk.beside)
    problem = desk.arbitrated(desk.problem(kept, gone))
    changes.file(gone, desk.officer("registrar", desk.beside), NOW, name="陈子默")
    moved = desk.merge(problem, kept)
    assert only(moved.refused) is rules.ChangeInHand
    assert "关键信息变更" in str(next(iter(moved.refused.values())))
    assert ProblemRecord.objects.get(pk=problem.pk).state == states.ARBITRATION
    assert not Joining.objects.exists()


def test_a_merged_record_takes_no_change(merged, desk):
    _, _, gone, _, _ = merged
    registrar = desk.officer("registrar", desk.next)
    filing = Filing(gone.pk, CORRECTION, desk.next.pk, desk.next.office_id, TODAY, words="改名")
    with journal.process("case.file", actor=registrar, at=NOW) as process:
        assert only(cases.file(filings=[filing], process=process).refused) is ChangeInHand
    assert ChangeClaim.objects.get().child_id == gone.pk


def test_who_is_not_one_of_the_two_is_not_kept_and_no_record_void_or_handed_over_goes(desk):
    kept, gone, other = desk.child(desk.here), desk.child(desk.beside), desk.child(desk.here)
    problem = desk.arbitrated(desk.problem(kept, gone))
    assert only(desk.merge(problem, other).refused) is rules.KeptUnknown
    Child.objects.filter(pk=gone.pk).update(standing="cancelled")
    assert only(desk.merge(problem, kept).refused) is rules.CannotBeMerged


def test_undoing_puts_every_byte_back(merged, desk):
    problem, kept, gone, number, was = merged
    moved = desk.undo(problem)
    assert not moved.refused, moved.refused
    assert dump([kept.pk, gone.pk]) == was
    assert dict(rebuild.compare().tables) == {}
    assert numbers.holder_of(number) == gone.pk
    assert ProblemRecord.objects.get(pk=problem.pk).state == states.OPEN
    assert not ChangeClaim.objects.exists()


def test_a_merge_that_was_undone_may_be_made_again_the_other_way(merged, desk):
    problem, _, gone, number, _ = merged
    desk.undo(problem)
    problem.refresh_from_db()
    again = desk.merge(desk.arbitrated(problem), gone, at=NOW + timedelta(minutes=9))
    assert not again.refused, again.refused
    assert numbers.holder_of(number) == gone.pk
    assert ChildMerge.objects.filter(undone_at=None).get().kept_id == gone.pk
    assert dict(rebuild.compare().tables) == {}


def test_what_was_changed_since_refuses_to_be_undone(merged, desk):
    problem, kept, _, _, _ = merged
    guardian = Guardian.objects.filter(child_id=kept.pk).order_by("position").last()
    Guardian.objects.filter(pk=guardian.pk).update(relation="61")
    refused = desk.undo(problem).refused
    assert only(refused) is rules.UsedSince
    assert "监护人" in str(next(iter(refused.values())))
    assert ProblemRecord.objects.get(pk=problem.pk).state == states.MERGED


def test_a_correction_since_refuses_to_be_undone_by_case_and_by_change(merged, desk):
    problem, kept, _, _, _ = merged
    registrar, county = desk.officer("registrar", desk.here), desk.officer("county_reviewer", desk.tree.county)
    kept.refresh_from_db()
    filed = changes.file(kept, registrar, NOW, name="陈子默")
    assert only(desk.undo(problem).refused) is rules.ChangeInHand
    changes.agree(filed.done[0], county, NOW)
    assert only(desk.undo(problem).refused) is rules.UsedSince


def test_only_the_office_that_merged_undoes_and_once(merged, desk):
    problem, *_ = merged
    joining = Joining.objects.get()
    with journal.process("problem.undo", actor=desk.officer("arbiter", desk.tree.far_city), at=LATER) as process:
        assert (
            only(undoing.undo(joining_ids=[joining.pk], words="错了", process=process).refused) is states.StepNotAllowed
        )
    desk.undo(problem)
    assert only(desk.undo(problem).refused) is rules.AlreadyUndone


def test_subscribers_are_told_where_the_record_went(merged, desk):
    _, kept, gone, _, _ = merged
    mine = told(unit_id=desk.next.pk, scope="kindergarten", after=None, limit=500)
    event = next(one for one in mine if one.verb == "child.merged")
    assert event.as_cloud_event()["data"]["into"] == str(kept.pk)
    assert event.as_cloud_event()["data"]["child"] == str(gone.pk)
    assert "also" not in event.changed


def test_a_cluster_goes_on_with_the_kept_child(desk):
    one, two, three = desk.child(desk.here), desk.child(desk.here), desk.child(desk.beside)
    first = desk.problem(one, two)
    desk.open(Found(two.pk, three.pk, CODE, "review"))
    moved = desk.merge(desk.arbitrated(first), one)
    assert not moved.refused, moved.refused
    desk.follow()
    in_hand = ProblemRecord.objects.filter(state__in=states.IN_HAND)
    assert [set(p.child_ids) for p in in_hand] == [{one.pk, three.pk}]


def test_cases_and_what_is_sealed_in_them_follow(desk):
    kept, gone = desk.child(desk.here), desk.child(desk.beside)
    county = desk.officer("county_reviewer", desk.tree.county)
    case = changes.correct(gone, desk.officer("registrar", desk.beside), county, NOW, name="陈子默", words="看过户口簿")
    desk.merge(desk.arbitrated(desk.problem(kept, gone)), kept)
    moved = Case.objects.get(pk=case.pk)
    assert moved.child_id == kept.pk
    safe = vault.open_safe([kept.pk])
    assert safe.open_json(kept.pk, "case", "wanted", case.pk, bytes(moved.wanted))


names = st.sampled_from(["陈立", "王芳", "赵敏", "李建国"])
phones = st.sampled_from(["13800005678", "13800009999", ""])


lives = st.fixed_dictionaries({
    "mine": st.tuples(names, phones), "theirs": st.tuples(names, phones), "has_second": st.booleans(),
    "keeps_first": st.booleans(), "stays_first": st.booleans(), "left": st.sampled_from(["", "left", "graduated"]),
    "is_same_place": st.booleans(),
})  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=lives)
def test_merge_and_undo_is_as_if_nothing_had_been(desk, life):
    one, other = two_of(desk, life)
    kept, stay_of = (one if life["keeps_first"] else other), (one if life["stays_first"] else other)
    problem = desk.arbitrated(desk.problem(one, other))
    was = dump([one.pk, other.pk])
    moved = desk.merge(problem, kept, stay_of=stay_of)
    assert not moved.refused, moved.refused
    assert Enrolment.objects.filter(child_id=kept.pk, ended_on=None).count() == 1
    assert dump([one.pk, other.pk]) != was
    assert not desk.undo(problem).refused
    assert dump([one.pk, other.pk]) == was


def two_of(desk, life):
    """Return two children as an example has them."""
    second = {"guardian2_name": "孙丽", "guardian2_relation": "52"} if life["has_second"] else {}
    place = desk.here if life["is_same_place"] else desk.far
    one = desk.child(desk.here, guardian1_name=life["mine"][0], guardian1_phone=life["mine"][1])
    other = desk.child(place, guardian1_name=life["theirs"][0], guardian1_phone=life["theirs"][1], **second)
    if life["left"]:
        Child.objects.filter(pk=other.pk).update(standing=life["left"])
        Enrolment.objects.filter(child_id=other.pk).update(state=life["left"], ended_on=TODAY)
    return one, other
