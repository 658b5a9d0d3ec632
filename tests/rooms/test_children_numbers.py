"""Numbers (学籍号): one for life, never issued again, whoever asks and however often."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child, ChildNumber, NumberClaim
from miaoce.registry.enrolments import numbering
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import actions as journal
from miaoce.registry.vault import queries as vault
from tests.factories.children import document_number, issue_numbers, make_child, make_children
from tests.factories.places import make_kindergarten

pytestmark = pytest.mark.django_db


def number_of(child: Child) -> str:
    child.refresh_from_db()
    assert child.number is not None
    return vault.open_safe([child.pk]).open(child.pk, "child", "number", child.pk, bytes(child.number))


def test_a_child_with_an_id_number_gets_the_formal_number_and_its_stay_opens():
    document = document_number()
    child = make_child(id_number=document)
    assert number_of(child) == f"G{document}"
    assert (child.number_kind, child.state) == ("G", states.NUMBERED)
    assert Enrolment.objects.get(child_id=child.pk).state == "attending"
    assert Proposal.objects.get(child_id=child.pk).state == states.NUMBERED


def test_a_child_without_a_document_gets_a_temporary_number_of_its_county_and_birth_date():
    number = number_of(make_child(id_type="none", id_number="", birth_date="2023-02-05"))
    assert number.startswith("L99010120230205")
    assert len(number) == 19


@pytest.mark.parametrize(("sex", "parity"), [("1", 1), ("2", 0)])
def test_a_child_with_a_passport_gets_a_number_by_the_pattern_of_the_id_number(sex, parity):
    number = number_of(make_child(id_type="passport", id_number=f"E0000000{sex}", sex=sex))
    assert number.startswith("J99010120230103")
    assert len(number) == 19
    assert int(number[17]) % 2 == parity


def test_asking_again_gives_the_same_number_and_no_second_alias():
    child = make_child(id_type="none", id_number="")
    number = number_of(child)
    with journal.process("number.issue", actor=the_system(), at=timezone.now()) as process:
        numbering.issue(child_ids=[child.pk], process=process)
    assert issue_numbers(timezone.now()) == 0
    assert number_of(child) == number
    assert ChildNumber.objects.filter(child_id=child.pk).count() == 1


@pytest.mark.parametrize(("document", "kind"), [("none", "L"), ("passport", "J")])
def test_a_draw_that_another_child_holds_is_drawn_again(monkeypatch, document, kind):
    draws = iter([7, 7, 7, 8])
    monkeypatch.setattr(numbering.secrets, "randbelow", lambda _: next(draws))
    place = make_kindergarten()
    first = make_child(place, id_type=document, id_number="E00000001" if kind == "J" else "")
    second = make_child(place, id_type=document, id_number="E00000002" if kind == "J" else "")
    assert number_of(first) != number_of(second)
    assert NumberClaim.objects.count() == 2


def test_two_children_of_one_batch_that_draw_alike_get_two_numbers(monkeypatch):
    draws = iter([7, 7, 7, 9])
    monkeypatch.setattr(numbering.secrets, "randbelow", lambda _: next(draws))
    one, two = make_children([{"id_type": "none", "id_number": ""}] * 2)
    assert {number_of(one)[-4:], number_of(two)[-4:]} == {"0007", "0009"}


def test_a_formal_number_that_was_issued_before_is_not_issued_to_another_child():
    document = document_number()
    first = make_child(id_number=document)
    Child.objects.filter(pk=first.pk).update(document_digest="")
    from miaoce.registry.children.actions import release_documents

    release_documents(child_ids=[first.pk])
    second = make_child(id_number=document)
    assert number_of(second).startswith("L990101")
    assert number_of(first) == f"G{document}"


def test_who_gets_no_number_stays_approved_and_the_others_get_theirs(monkeypatch):
    place = make_kindergarten()
    make_child(place, id_type="none", id_number="")
    ending = int(number_of(Child.objects.get())[-4:])
    monkeypatch.setattr(numbering.secrets, "randbelow", lambda _: ending)
    unlucky, lucky = make_children([{"id_type": "none", "id_number": ""}, {}], place)
    assert (lucky.state, unlucky.state) == (states.NUMBERED, states.APPROVED)
    case = Proposal.objects.get(child_id=unlucky.pk)
    assert case.state == states.APPROVED
    monkeypatch.setattr(numbering.secrets, "randbelow", lambda _: ending + 1)
    assert issue_numbers(timezone.now() + timedelta(days=2)) == 1
    assert number_of(unlucky).endswith(f"{ending + 1:04d}")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_that_issue_at_once_give_each_child_one_number():
    place = make_kindergarten()
    children = make_children([{"id_type": "none", "id_number": ""}] * 60, place, state=states.APPROVED)
    later = timezone.now() + timedelta(hours=1)
    gate, failures = threading.Barrier(4), []

    def work() -> None:
        gate.wait()
        try:
            for _ in range(20):
                try:
                    with journal.process("number.issue", actor=the_system(), at=later) as process:
                        if not numbering.issue_due(process=process, limit=7):
                            break
                except numbering.AnotherWorker:
                    continue
        except Exception as error:  # noqa: BLE001  the test's own thread: whatever it was is shown below
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert failures == []
    issue_numbers(later)
    assert ChildNumber.objects.count() == NumberClaim.objects.count() == len(children)
    assert Child.objects.filter(state=states.NUMBERED).count() == len(children)
    assert len({number_of(child) for child in children}) == len(children), connection.vendor
