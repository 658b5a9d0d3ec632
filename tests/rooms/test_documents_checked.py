"""Documents asked of an outside register: queued, tried again while it is out of reach, answered once, made true."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child, ChildNumber
from miaoce.registry.corrections import documents
from miaoce.registry.identity import checks, registers
from miaoce.registry.identity.models import NAME_DIFFERS, NO, YES, DocumentCheck, DocumentProblem
from miaoce.registry.identity.registers import UNAVAILABLE, Question, StandIn
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.journal.models import Event
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from tests.factories import changes, children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now().replace(microsecond=0)


class Told:
    """A register that says what it is told to, and keeps what it was asked."""

    label = "人口信息"

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), list[Question]()

    def ask(self, questions):
        self.asked += questions
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0] for _ in questions]


@pytest.fixture
def register(monkeypatch):
    """Let the installation have a register that says yes until it is told otherwise."""
    told = Told(YES)
    monkeypatch.setattr(checks, "chosen", lambda: told)
    monkeypatch.setattr(documents, "chosen", lambda: told)
    return told


@pytest.fixture
def garden():
    return places.make_kindergarten()


@pytest.fixture
def clerk(garden):
    return places.make_officer("registrar", garden)


def run(at=NOW) -> int:
    return documents.check_due(actor=the_system("核验"), at=at)


def ask(child, at=NOW) -> int:
    with journal.process("document.ask", actor=the_system("核验"), at=at) as process:
        return checks.ask(child_ids=[child.pk], process=process)


def test_a_document_is_asked_about_when_it_is_submitted_and_answered_by_the_worker(register, garden):
    child = children.make_child(garden, state=states.SUBMITTED)
    assert DocumentCheck.objects.get(child_id=child.pk).answer == ""
    assert (run(), run()) == (1, 0)
    assert register.asked[0].name == "陈子墨" and register.asked[0].number.startswith("990101")
    check = DocumentCheck.objects.get(child_id=child.pk)
    assert (check.answer, check.answered_at, check.next_try_at, check.tries) == (YES, NOW, None, 1)
    assert Event.objects.get(verb="document.checked").after == {"answer": YES}
    assert checks.standing_of(child).passed is True
    assert rebuild.compare().tables == {}


def test_without_a_register_nothing_is_asked_and_nothing_said(garden):
    child = children.make_child(garden)
    assert settings.POPULATION_REGISTER == "" and registers.chosen() is None
    assert not DocumentCheck.objects.exists() and run() == 0 and checks.standing_of(child) is None


def test_a_child_without_a_resident_document_is_not_asked_about(register, garden):
    children.make_child(garden, id_type="passport", id_number="E12345678")
    children.make_child(garden, id_type="none", id_number="")
    assert not DocumentCheck.objects.exists()


def test_while_the_register_is_out_of_reach_it_is_asked_again_with_growing_pauses(register, garden):
    child, at, tries = children.make_child(garden), NOW, 0
    register.answers = [UNAVAILABLE]
    for pause in (*checks.PAUSES, checks.PAUSES[-1]):
        assert run(at) == 1
        assert run(at + pause - timedelta(seconds=1)) == 0, "not before its time"
        assert "暂时不可用" in checks.standing_of(child).words and checks.standing_of(child).passed is None
        at, tries = at + pause, tries + 1
        assert DocumentCheck.objects.get().tries == tries
    assert not DocumentProblem.objects.exists(), "an outage is no fault of the child's"
    register.answers = [YES]
    assert run(at) == 1 and checks.standing_of(child).passed is True


@pytest.mark.parametrize("answer", [NO, NAME_DIFFERS])
def test_an_answer_that_is_not_yes_marks_a_problem_until_it_is_put_right(answer, register, garden, clerk):
    child = children.make_child(garden, registrar=clerk, id_number=children.document_number("2023-01-03", serial=801))
    register.answers = [answer]
    run()
    problem = DocumentProblem.objects.get(child_id=child.pk)
    assert (problem.kind, problem.cleared_at) == (answer, None)
    assert checks.standing_of(child).passed is False
    register.answers = [YES]
    reviewer = places.make_officer("county_reviewer", garden.office)
    changes.correct(child, clerk, reviewer, NOW, id_number=children.document_number("2023-01-03", serial=803))
    assert run(NOW + timedelta(minutes=1)) == 1
    problem.refresh_from_db()
    assert problem.cleared_at == NOW + timedelta(minutes=1)
    assert rebuild.compare().tables == {}


def test_the_same_answer_again_is_the_same_problem(register, garden):
    child = children.make_child(garden)
    register.answers = [NO]
    run()
    ask(child)
    run()
    assert DocumentProblem.objects.count() == 1


def test_a_name_that_was_corrected_is_asked_about_again(register, garden, clerk):
    child = children.make_child(garden, registrar=clerk)
    run()
    changes.correct(child, clerk, places.make_officer("county_reviewer", garden.office), NOW, name="陈子默")
    assert run() == 1 and register.asked[-1].name == "陈子默"


def test_a_temporary_number_becomes_formal_when_the_register_says_yes(register, garden):
    """A document that came by another way than a correction: the answer alone makes the number formal."""
    child = children.make_child(garden, id_type="none", id_number="")
    assert child.number_kind == "L"
    fresh = children.document_number("2023-01-03", serial=807)
    sealed = vault.open_safe([child.pk]).seal(child.pk, "child", "document_number", child.pk, fresh)
    Child.objects.filter(pk=child.pk).update(
        document_kind="resident_id",
        document_number=sealed,
        document_digest=vault.digest(Purpose.DOCUMENT_CLAIM, f"resident_id|{fresh}"),
    )
    ask(child)
    run()
    child.refresh_from_db()
    assert child.number_kind == "G" and ChildNumber.objects.filter(child_id=child.pk).count() == 2


def test_a_question_that_a_dead_worker_held_comes_again(register, garden):
    children.make_child(garden)
    checks.asked_now(register=register, at=NOW)
    assert run(NOW + timedelta(minutes=1)) == 0, "somebody holds it"
    assert run(NOW + checks.LEASE) == 1


def test_a_question_about_a_document_that_is_gone_is_dropped(register, garden):
    child = children.make_child(garden)
    Child.objects.filter(pk=child.pk).update(document_digest="ab" * 32)
    assert run() == 0 and not DocumentCheck.objects.filter(child_id=child.pk, answer="").exists()


def test_the_stand_in_always_answers_alike_and_knows_nobody_real():
    numbers = [children.document_number("2023-01-03", serial=serial) for serial in range(999)]
    one, two = (StandIn().ask([Question("resident_id", n, "陈子墨", 2) for n in numbers]) for _ in range(2))
    assert one == two and {YES, NO, NAME_DIFFERS} == set(one) and one.count(YES) > 950
    assert StandIn().ask([Question("resident_id", "110105" + numbers[0][6:], "某人")]) == [UNAVAILABLE]
    assert "演示替身" in StandIn.label
