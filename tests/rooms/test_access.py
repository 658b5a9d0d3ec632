"""Appointments, officers, tokens."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from miaoce.registry.access import actions as access
from miaoce.registry.access import queries
from miaoce.registry.access.models import ApiToken, Appointment, Staff
from miaoce.registry.access.officers import Denied, require, the_system
from miaoce.registry.access.permissions import ROLES, Permission, Scope
from miaoce.registry.journal import actions as journal
from tests.factories.places import make_kindergarten, make_office_tree, make_officer, make_school

pytestmark = pytest.mark.django_db


def process():
    return journal.process("test.access", actor=the_system(), at=timezone.now())


def test_an_officer_carries_its_unit_and_its_office():
    place = make_kindergarten()
    officer = make_officer("registrar", place)
    assert (officer.unit_id, officer.unit_code) == (place.pk, place.code)
    assert officer.unit_path == place.office.path
    assert officer.is_kindergarten and not officer.is_county


def test_a_county_reviewer_sits_at_a_county():
    tree = make_office_tree()
    assert make_officer("county_reviewer", tree.county).is_county
    assert not make_officer("analyst", tree.province).is_county


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_fits_one_kind_of_unit_only(role: str):
    units = {
        Scope.OFFICE: make_office_tree().county,
        Scope.KINDERGARTEN: make_kindergarten(),
        Scope.SCHOOL: make_school(),
    }
    staff = Staff.objects.create(username=f"u-{role}", name="某")
    for scope, unit in units.items():
        with process() as doing:
            if ROLES[role].scope is scope:
                made = access.appoint(staff=staff, role=role, unit=unit, from_on=date(2026, 1, 1), process=doing)
                assert made.pk
            else:
                with pytest.raises(access.UnitDoesNotFit):
                    access.appoint(staff=staff, role=role, unit=unit, from_on=date(2026, 1, 1), process=doing)


def test_an_appointment_holds_from_its_first_to_its_last_day():
    officer = make_officer("registrar", make_kindergarten())
    Appointment.objects.filter(pk=officer.appointment_id).update(from_on=date(2026, 9, 1), to_on=date(2026, 9, 30))
    for day, holds in ((date(2026, 8, 31), 0), (date(2026, 9, 1), 1), (date(2026, 9, 30), 1), (date(2026, 10, 1), 0)):
        assert len(queries.appointments_of(officer.staff_id, on=day)) == holds


def test_an_appointment_without_or_with_two_units_is_refused_by_the_database():
    officer = make_officer("registrar", make_kindergarten())
    office = make_office_tree().county.pk.hex
    for change in ("kindergarten_id = NULL", f"office_id = '{office}'"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE registry_appointment SET {change}")
    assert Appointment.objects.get(pk=officer.appointment_id).kindergarten_id == officer.unit_id


def test_a_permission_that_the_role_lacks_is_refused():
    registrar = make_officer("registrar", make_kindergarten())
    require(registrar, Permission.INTAKE_SUBMIT)
    with pytest.raises(Denied):
        require(registrar, Permission.APPROVAL_DECIDE)


def test_a_token_is_kept_as_a_digest_and_does_no_more_than_its_person():
    make_officer("registrar", make_kindergarten(), username="prog")
    with process() as doing:
        token, secret = access.create_token(
            username="prog", role="", scopes=["child:view"], days=30, label="园务软件", process=doing
        )
        with pytest.raises(access.ScopeNotHeld):
            access.create_token(username="prog", role="", scopes=["approval:decide"], days=30, label="", process=doing)
        with pytest.raises(access.NobodyOfThatName):
            access.create_token(username="nobody", role="", scopes=[], days=30, label="", process=doing)
    stored = ApiToken.objects.get()
    assert stored.digest == access.token_digest(secret) != secret
    assert stored.scopes == ["child:view"]
    assert stored.is_valid(timezone.now()) and not stored.is_valid(timezone.now() + timedelta(days=31))
    with process() as doing:
        access.revoke_token(token_id=token.pk, process=doing)
        access.revoke_token(token_id=token.pk, process=doing)
    stored.refresh_from_db()
    assert not stored.is_valid(timezone.now())
