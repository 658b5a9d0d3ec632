"""Reads of access: whose appointments hold, and the officer that an appointment makes."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from miaoce.registry.access.models import Appointment
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import ROLES


def appointments_of(staff_id: UUID | str, *, on: date) -> Sequence[Appointment]:
    """Return the appointments of a person that hold on a day, the oldest first, with their units, in one statement."""
    return list(
        Appointment.objects.in_force(on)
        .filter(staff_id=staff_id, staff__is_active=True)
        .select_related("staff", "office", "kindergarten__office", "school__office")
        .order_by("id")
    )


def accounts_with_password(*, on: date) -> Sequence[Appointment]:
    """Return the appointments of everybody who can sign in by password on a day: the demonstration shows them."""
    return list(
        Appointment.objects.in_force(on)
        .filter(staff__is_active=True)
        .exclude(staff__password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .select_related("staff", "office", "kindergarten", "school")
        .order_by("id")
    )


def officer_of(appointment: Appointment) -> Officer:
    """Return the officer that an appointment makes of its person."""
    unit = appointment.kindergarten or appointment.school or appointment.office
    if unit is None:
        raise LookupError("an appointment always has a unit (appointment_at_exactly_one_unit)")
    office = appointment.office or unit.office  # type: ignore[union-attr]  # a unit that is no office has one
    return Officer(
        staff_id=appointment.staff_id,
        name=appointment.staff.name,
        role=ROLES[appointment.role],
        appointment_id=appointment.pk,
        unit_id=unit.pk,
        unit_code=unit.code,
        unit_name=unit.name,
        unit_path=office.path,
        unit_level=appointment.office.level if appointment.office else "",
    )
