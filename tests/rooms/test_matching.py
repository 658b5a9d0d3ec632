"""Who in the register could be the child that is about to be recorded."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments.actions import Admission
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.matching.queries import Candidate, find_alike
from miaoce.registry.transfers import actions as transfers
from miaoce.registry.transfers.models import TransferWish
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.rolls import document_number

pytestmark = pytest.mark.django_db


def recorded(place: Kindergarten, name: str = "赵子轩", serial: int = 1, born: str = "20230312") -> Child:
    """Record a child at a kindergarten by the way every child comes in."""
    values = {
        "name": name, "sex": "1" if serial % 2 else "2", "birth_date": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "id_type": "resident_id", "id_number": document_number(born, serial), "ethnicity": "01",
    }  # fmt: skip
    group = Group.objects.filter(kindergarten=place).first()
    admission = Admission(new_id(), values, group)
    with journal.process("intake.submit", actor=make_officer("registrar", place), at=timezone.now()) as process:
        enrolments.submit(admissions=[admission], kindergarten=place, process=process)
    return Child.objects.get(pk=admission.child_id)


def asked(name: str = "赵子轩", serial: int = 1, born: str = "20230312", **more) -> Candidate:
    return Candidate(
        key=uuid4(), name=name, sex="1" if serial % 2 else "2", born_on=date(int(born[:4]), int(born[4:6]), int(born[6:])),
        document_kind="resident_id", document_number=document_number(born, serial), **more,
    )  # fmt: skip


def test_the_same_document_is_found_whatever_the_name() -> None:
    child = recorded(make_kindergarten(name="柳溪镇中心幼儿园"))
    candidate = asked(name="钱子轩")
    (match,) = find_alike([candidate])[candidate.key]
    assert (match.child_id, match.by, match.kindergarten_name) == (child.pk, "document", "柳溪镇中心幼儿园")


def test_the_same_name_sex_and_birth_date_is_found_with_another_document() -> None:
    child = recorded(make_kindergarten())
    candidate = asked(serial=3)
    (match,) = find_alike([candidate])[candidate.key]
    assert (match.child_id, match.by) == (child.pk, "person")


@pytest.mark.parametrize("other", [{"name": "赵子轮"}, {"serial": 2}, {"born": "20230313"}])
def test_anything_else_is_somebody_else(other) -> None:
    recorded(make_kindergarten())
    assert find_alike([asked(**{"serial": 3, **other})]) == {}


def test_a_child_is_no_match_of_itself() -> None:
    child = recorded(make_kindergarten())
    assert find_alike([asked(own_id=child.pk)]) == {}


def test_a_withdrawn_registration_does_not_count() -> None:
    place = make_kindergarten()
    child = recorded(place)
    with journal.process("intake.withdraw", actor=make_officer("registrar", place), at=timezone.now()) as process:
        enrolments.withdraw(child_ids=[child.pk], process=process)
    assert find_alike([asked(), asked(serial=3)]) == {}


def test_three_statements_for_two_thousand() -> None:
    recorded(make_kindergarten())
    many = [asked(serial=n % 900 + 1, name=f"赵{n}") for n in range(2_000)]
    with CaptureQueriesContext(connection) as seen:
        assert len(find_alike(many)) > 0
    assert len(seen) == 3


def test_a_wish_to_transfer_is_noted_once() -> None:
    child, place = recorded(make_kindergarten()), make_kindergarten()
    row = new_id()
    for _ in range(2):
        with journal.process("intake.decide", actor=make_officer("registrar", place), at=timezone.now()) as process:
            wish = transfers.wish(child_id=child.pk, kindergarten_id=place.pk, row_id=row, process=process)
    assert TransferWish.objects.get() == wish
    with journal.process("intake.decide", actor=make_officer("registrar", place), at=timezone.now()) as process:
        assert transfers.unwish(row_id=row, process=process) == 1
    assert not TransferWish.objects.exists()
