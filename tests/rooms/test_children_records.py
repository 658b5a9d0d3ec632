"""What stays true of a child's record when it is submitted again: guardians, claims, numbers."""

import pytest
from django.utils import timezone

from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child, DocumentClaim, Guardian
from miaoce.registry.enrolments.actions import Admission
from tests.factories.children import child_values, document_number, make_child, submit
from tests.factories.places import make_kindergarten, make_office_tree, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_kindergarten()


def again(child: Child, place, **values: str) -> None:
    """Submit a returned child again with today's values."""
    group = place.groups.order_by("sort")[1]
    admission = Admission(child.pk, child_values(**values), group)
    sent = submit([admission], place, actor=make_officer("registrar", place), at=timezone.now())
    assert sent.sent == [child.pk]


def test_a_guardian_who_stays_keeps_the_id_and_a_new_one_gets_another(place):
    child = make_child(place, state=states.RETURNED, guardian2_name="林月", guardian2_relation="52")
    father, mother = Guardian.objects.filter(child_id=child.pk).order_by("position")
    again(child, place, guardian1_name="林月", guardian1_relation="52", guardian2_name="陈国", guardian2_relation="61")
    first, second = Guardian.objects.filter(child_id=child.pk).order_by("position")
    assert first.pk == mother.pk
    assert second.pk not in {father.pk, mother.pk}


def test_two_guardians_of_one_name_are_two(place):
    child = make_child(place, state=states.RETURNED)
    again(child, place, guardian2_name="陈立", guardian2_relation="61")
    assert Guardian.objects.filter(child_id=child.pk).count() == 2


def test_a_child_that_comes_with_another_document_lets_go_of_the_first(place):
    child = make_child(place, state=states.RETURNED, id_number=document_number(serial=1))
    first = DocumentClaim.objects.get(child_id=child.pk).digest
    again(child, place, id_number=document_number(serial=2))
    assert DocumentClaim.objects.get(child_id=child.pk).digest != first
    assert make_child(place, id_number=document_number(serial=1), state=states.SUBMITTED).state == states.SUBMITTED


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_a_role_that_sees_counts_only_sees_no_child_even_at_the_county(place, role):
    make_child(place)
    assert not Child.objects.visible_to(make_officer(role, place.office)).exists()
    assert not Child.objects.visible_to(make_officer(role, make_office_tree().province)).exists()
