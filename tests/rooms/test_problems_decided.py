"""The word of each side and the decision between them: four eyes, the lowest common office, remembered, followed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import Denied, the_system
from miaoce.registry.approvals import cases
from miaoce.registry.approvals.models import Case, Clock
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.children.models import Child
from miaoce.registry.corrections import actions as corrections
from miaoce.registry.enrolments import casework
from miaoce.registry.identity.models import NO, DocumentProblem
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.matching.models import MatchPair
from miaoce.registry.problems import deciding, evidence, finding, queries, rules, states
from miaoce.registry.problems.models import ProblemRecord, ProblemSide
from miaoce.registry.problems.opening import Found
from tests.factories.changes import make_proof
from tests.factories.children import document_number
from tests.factories.problems import CODE, NOW, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WHY = "两家户口簿上是两个孩子"


@pytest.fixture
def desk():
    return Desk()


def state_of(problem):
    return ProblemRecord.objects.get(pk=problem.pk).state


def only(refused):
    return type(next(iter(refused.values())))


def test_when_both_sides_have_said_their_word_the_common_office_has_the_problem(desk):
    problem, *_ = desk.pair(desk.here, desk.far)
    desk.say(problem, desk.here, states.SAME)
    assert state_of(problem) == states.OPEN
    desk.say(problem, desk.far, states.OTHER)
    assert state_of(problem) == states.ARBITRATION
    clock = Clock.objects.get(case_id=problem.pk, stopped_at=None)
    assert (clock.owner_id, clock.step) == (desk.tree.province.pk, "arbitration")
    assert not rebuild.compare().tables


def test_both_read_what_the_other_wrote(desk):
    problem, *_ = desk.pair(desk.here, desk.far)
    desk.say(problem, desk.far, states.UNSURE, words="家长说以前在青禾上过")
    detail = queries.detail(desk.officer("registrar", desk.here), problem.pk, on=timezone.localdate())
    assert [(s.saying, s.words) for s in detail.sides if not s.is_mine] == [("拿不准", "家长说以前在青禾上过")]


def test_a_word_needs_a_saying_and_something_it_rests_on(desk):
    problem, *_ = desk.pair(desk.here, desk.far)
    assert only(desk.say(problem, desk.here, "").refused) is rules.SayingMissing
    assert only(desk.say(problem, desk.here, states.SAME, words=" ").refused) is rules.EvidenceMissing
    assert desk.say(problem, desk.here, states.UNSURE, words="").done


def test_a_stranger_says_nothing(desk):
    problem, *_ = desk.pair(desk.here, desk.far)
    assert only(desk.say(problem, desk.beside, states.SAME).refused) is states.StepNotAllowed
    with pytest.raises(Denied):
        desk.say(problem, desk.here, states.SAME, actor=desk.officer("county_reviewer", desk.tree.county))


def test_inside_one_kindergarten_different_is_its_own_to_decide_and_is_remembered(desk):
    problem, one, other = desk.pair(desk.here, desk.here)
    assert desk.decide("settle", problem, desk.officer("registrar", desk.here)).done
    assert state_of(problem) == states.DIFFERENT
    assert MatchPair.objects.get().decided == "different"
    again = desk.open(Found(other.pk, one.pk, CODE, "same"))
    assert (again.new, again.again) == ([], [])
    Child.objects.filter(pk=one.pk).update(name="陈子默")
    assert [p.pk for p in desk.open(Found(one.pk, other.pk)).again] == [problem.pk]
    assert state_of(problem) == states.OPEN
    assert Clock.objects.filter(case_id=problem.pk, stopped_at=None).count() == 2
    assert not rebuild.compare().tables.get("problem_side")


def test_across_kindergartens_nobody_settles_alone(desk):
    problem, *_ = desk.pair(desk.here, desk.beside)
    refused = desk.decide("settle", problem, desk.officer("registrar", desk.here)).refused
    assert only(refused) is states.StepNotAllowed


def test_the_same_inside_one_kindergarten_goes_to_the_county(desk):
    problem, *_ = desk.pair(desk.here, desk.here)
    desk.say(problem, desk.here, states.SAME)
    assert state_of(problem) == states.ARBITRATION


def test_the_common_office_decides_with_words_that_all_read(desk):
    problem, *_ = desk.pair(desk.here, desk.next)
    desk.say(problem, desk.here, states.OTHER)
    desk.say(problem, desk.next, states.OTHER)
    arbiter = desk.officer("arbiter", desk.tree.city)
    with pytest.raises(rules.WordsMissing):
        desk.decide("part", problem, arbiter, words=" ")
    county = desk.officer("county_reviewer", desk.tree.county)
    assert only(desk.decide("part", problem, county, words=WHY).refused) is states.StepNotAllowed
    assert desk.decide("part", problem, arbiter, words=WHY).done
    detail = queries.detail(desk.officer("registrar", desk.next), problem.pk, on=timezone.localdate())
    assert (detail.problem.state, detail.decided_words) == (states.DIFFERENT, WHY)
    assert not Clock.objects.filter(case_id=problem.pk, stopped_at=None).exists()


def test_who_said_a_sides_word_does_not_decide(desk):
    problem, *_ = desk.pair(desk.here, desk.beside)
    county = desk.officer("county_reviewer", desk.tree.county)
    desk.say(problem, desk.here, states.OTHER)
    desk.say(problem, desk.beside, states.OTHER)
    ProblemSide.objects.filter(problem_id=problem.pk, kindergarten=desk.here).update(said_by=county.staff_id)
    assert only(desk.decide("part", problem, county, words=WHY).refused) is states.SameHands


def test_what_was_seen_before_somebody_else_acted_does_not_count(desk):
    problem, *_ = desk.pair(desk.here, desk.far)
    seen = problem.version
    desk.say(problem, desk.far, states.SAME)
    actor = desk.officer("registrar", desk.here)
    with journal.process("problem.say", actor=actor, at=NOW) as process:
        moved = deciding.say(words_of=[deciding.Said(problem.pk, seen, states.SAME, words="看过")], process=process)
    assert only(moved.refused) is states.ChangedSinceShown


def test_sent_back_the_sides_are_asked_again_and_a_silent_one_is_waited_for(desk):
    problem, *_ = desk.pair(desk.here, desk.beside)
    county = desk.officer("county_reviewer", desk.tree.county)
    assert only(desk.decide("take_up", problem, county).refused) is rules.NotOverdue
    desk.say(problem, desk.here, states.SAME)
    desk.say(problem, desk.beside, states.OTHER)
    desk.decide("send_back", problem, county, words="请附出生医学证明")
    assert state_of(problem) == states.OPEN
    assert Clock.objects.filter(case_id=problem.pk, stopped_at=None).count() == 2
    late = desk.decide("take_up", problem, county, at=NOW + timedelta(days=60))
    assert late.done
    assert state_of(problem) == states.ARBITRATION


def test_proofs_are_shown_to_their_side_and_to_who_decides(desk):
    problem, one, _ = desk.pair(desk.here, desk.next)
    proof = make_proof(one, desk.officer("registrar", desk.here), NOW)
    desk.say(problem, desk.here, states.SAME, proofs={one.pk: (proof.pk,)}, words="")
    sees = {
        name: len(evidence.proofs_of(desk.officer(role, unit), problem.pk))
        for name, role, unit in [
            ("mine", "registrar", desk.here), ("other", "registrar", desk.next), ("city", "arbiter", desk.tree.city),
            ("county", "county_reviewer", desk.tree.county), ("stranger", "registrar", desk.far),
        ]
    }  # fmt: skip
    assert sees == {"mine": 1, "other": 0, "city": 1, "county": 1, "stranger": 0}
    assert ProofFile.objects.get(pk=proof.pk).attached_at is not None
    assert evidence.proof(desk.officer("registrar", desk.next), problem.pk, proof.pk) is None


def test_accepted_evidence_ends_a_documents_problem(desk):
    child = desk.child(desk.here)
    problem = desk.open_documents({child.pk: states.NAME_DIFFERS}).new[0]
    county = desk.officer("county_reviewer", desk.tree.county)
    desk.say(problem, desk.here, words="派出所证明姓名无误")
    assert desk.decide("accept", problem, county, words="派出所证明属实").done
    assert state_of(problem) == states.EVIDENCED


def test_a_correction_filed_at_the_desk_ends_the_problem_when_it_is_agreed_to(desk):
    child = desk.child(desk.here)
    problem = desk.open_documents({child.pk: states.CHECK_DIGIT}).new[0]
    proof = make_proof(child, desk.officer("registrar", desk.here), NOW)
    moved = desk.say(
        problem,
        desk.here,
        answer=states.CHANGE,
        texts={"id_number": document_number(serial=777)},
        proofs={child.pk: (proof.pk,)},
    )
    assert not moved.refused, moved.refused
    case = Case.objects.get(child_id=child.pk)
    assert ProblemSide.objects.get().case_id == case.pk
    assert (state_of(problem), desk.follow()) == (states.OPEN, 0)
    with journal.process(
        "correction.agree", actor=desk.officer("county_reviewer", desk.tree.county), at=NOW
    ) as process:
        corrections.agree(chosen={case.pk: case.version}, process=process)
    assert desk.follow() == 1
    assert state_of(problem) == states.CORRECTED
    assert not rebuild.compare().tables


def test_what_refuses_a_correction_refuses_the_word_and_writes_nothing(desk):
    child = desk.child(desk.here)
    problem = desk.open_documents({child.pk: states.CHECK_DIGIT}).new[0]
    refused = desk.say(problem, desk.here, answer=states.CHANGE, texts={"id_number": "1"}).refused
    assert only(refused).code.startswith("COR")
    assert ProblemSide.objects.get().said_at is None


def test_a_record_made_by_mistake_is_voided_by_a_case_of_its_county(desk):
    problem, one, _ = desk.pair(desk.here, desk.far)
    moved = desk.say(problem, desk.here, states.SAME, answer=states.VOID, words="重复登记，孩子从未来过")
    assert not moved.refused, moved.refused
    case = Case.objects.get(child_id=one.pk)
    with journal.process("case.agree", actor=desk.officer("county_reviewer", desk.tree.county), at=NOW) as process:
        casework.agree(chosen={case.pk: case.version}, process=process)
    assert desk.follow() == 1
    assert state_of(problem) == states.VOIDED


def test_a_case_that_came_to_nothing_asks_the_side_anew(desk):
    problem, one, _ = desk.pair(desk.here, desk.far)
    desk.say(problem, desk.here, states.SAME, answer=states.VOID, words="重复登记")
    case = Case.objects.get(child_id=one.pk)
    with journal.process("case.take_back", actor=desk.officer("registrar", desk.here), at=NOW) as process:
        cases.take_back(chosen={case.pk: case.version}, process=process)
    assert desk.follow() == 1
    side = ProblemSide.objects.get(child_id=one.pk)
    assert (side.said, side.case_id, state_of(problem)) == ("", None, states.OPEN)
    assert Clock.objects.filter(case_id=problem.pk, owner_id=desk.here.pk, stopped_at=None).count() == 1


def test_a_child_that_moved_takes_its_side_along(desk):
    problem, one, _ = desk.pair(desk.here, desk.far)
    Child.objects.filter(pk=one.pk).update(kindergarten=desk.beside)
    assert desk.follow() == 1
    assert queries.detail(desk.officer("registrar", desk.beside), problem.pk, on=timezone.localdate()) is not None
    assert queries.detail(desk.officer("registrar", desk.here), problem.pk, on=timezone.localdate()) is None
    assert Clock.objects.filter(case_id=problem.pk, owner_id=desk.beside.pk, stopped_at=None).count() == 1
    assert desk.follow() == 0


def test_the_night_lays_open_pairs_and_unknown_documents_before_people_once(desk):
    one, other, third = desk.child(desk.here), desk.child(desk.far), desk.child(desk.here)
    pair = sorted((one.pk, other.pk))
    MatchPair.objects.create(
        one_id=pair[0], other_id=pair[1], code="1103000000000", verdict="same", basis="x", found_at=NOW, judged_at=NOW
    )
    DocumentProblem.objects.create(child_id=third.pk, kind=NO, found_at=NOW - timedelta(minutes=1))
    assert finding.is_due()
    with journal.process("problem.open", actor=the_system("查重"), at=NOW) as process:
        assert finding.open_due(process=process) == 2
        assert finding.open_due(process=process) == 0
    assert not finding.is_due()
    assert {(p.kind, p.proposed) for p in ProblemRecord.objects.all()} >= {(states.NOT_KNOWN, "")}
    DocumentProblem.objects.update(cleared_at=NOW)
    assert desk.follow() == 1
    assert ProblemRecord.objects.get(kind=states.NOT_KNOWN).state == states.CORRECTED
