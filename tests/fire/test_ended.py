"""S-17: who left, and whose kindergarten closed, reads nothing from that moment on."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access import actions as access
from miaoce.registry.access.models import Appointment, Staff
from miaoce.registry.access.officers import the_system
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Reading
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TRIES = 50


@pytest.fixture
def place():
    return places.make_kindergarten()


@pytest.fixture
def child(place):
    return children.make_child(place, name="周禾禾")


@pytest.fixture
def doors(place, child):
    """A session and a token of the same person, and what each opens."""
    officer = places.make_officer("registrar", place)
    page = places.signed_in(officer)
    username = Staff.objects.get(pk=officer.staff_id).username
    with journal.process("token.create", actor=the_system("测试"), at=timezone.now()) as process:
        _, secret = access.create_token(
            username=username, role="registrar", scopes=["child:view"], days=30, label="测试", process=process
        )
    program = Client(headers={"authorization": f"Bearer {secret}"})
    where = reverse("child", args=[child.pk])
    assert page.get(where).status_code == 200
    assert program.get(f"/api/v1/children/{child.pk}").status_code == 200
    return officer, lambda: (page.get(where), program.get(f"/api/v1/children/{child.pk}"))


def nothing_is_answered(ask):
    before = Reading.objects.count()
    for _ in range(TRIES):
        page, program = ask()
        assert (page.status_code, program.status_code) == (302, 401)
        assert "周禾禾" not in page.content.decode() + program.content.decode()
    assert Reading.objects.count() == before


def test_an_appointment_that_ended_opens_nothing(doors):
    officer, ask = doors
    Appointment.objects.filter(pk=officer.appointment_id).update(to_on=timezone.localdate() - timedelta(days=1))
    nothing_is_answered(ask)


def test_an_account_that_was_closed_opens_nothing(doors):
    officer, ask = doors
    Staff.objects.filter(pk=officer.staff_id).update(is_active=False)
    nothing_is_answered(ask)


def test_a_kindergarten_that_was_closed_reads_nothing(doors, place):
    _, ask = doors
    Kindergarten.objects.filter(pk=place.pk).update(closed_on=timezone.localdate())
    nothing_is_answered(ask)


def test_a_kindergarten_that_closes_tomorrow_works_today(doors, place):
    _, ask = doors
    Kindergarten.objects.filter(pk=place.pk).update(closed_on=timezone.localdate() + timedelta(days=1))
    assert [answer.status_code for answer in ask()] == [200, 200]
