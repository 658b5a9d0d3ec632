"""Reads of access: whose appointments hold, and the officer that an appointment makes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils.timezone import localdate

from miaoce.registry.access.models import ApiToken, Appointment, Staff
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import ROLES
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose

WARN = timedelta(days=14)  # how long before an appointment ends its person and the operator are told


def appointments_of(staff_id: UUID | str, *, on: date) -> Sequence[Appointment]:
    """Return the appointments of a person that hold on a day, the oldest first, with their units, in one statement."""
    return list(
        Appointment.objects.in_force(on)
        .filter(staff_id=staff_id, staff__is_active=True)
        .select_related("staff", "office", "kindergarten__office", "school__office")
        .order_by("id")
    )


def ending(*, on: date, within: timedelta = WARN) -> Sequence[Appointment]:
    """Return the appointments that end within some days and were not renewed, the first to end at the head. One statement."""
    soon = Appointment.objects.in_force(on).filter(to_on__lte=on + within, staff__is_active=True)
    return list(soon.select_related("staff", "office", "kindergarten", "school").order_by("to_on", "id"))


def days_left(appointment: Appointment, *, on: date) -> int | None:
    """Return how many days an appointment still lasts, None where that is longer than people are warned of."""
    if appointment.to_on is None or appointment.to_on > on + WARN:
        return None
    return (appointment.to_on - on).days


def officer_on(appointment_id: UUID, *, on: date) -> Officer | None:
    """Return the officer of an appointment that holds on a day; None when it or its person's account ended. One statement."""
    units = ("staff", "office", "kindergarten__office", "school__office")
    held = Appointment.objects.in_force(on).filter(pk=appointment_id, staff__is_active=True)
    found = held.select_related(*units).first()
    return None if found is None else officer_of(found)


def staff_id_of(username: str) -> UUID | None:
    """Return the id of an account by its name, None for an unknown one."""
    return Staff.objects.filter(username=username).values_list("id", flat=True).first()


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


@dataclass(frozen=True)
class Bearer:
    """Who a program's token speaks for: the officer of its appointment, with no more permissions than the token has."""

    token_id: UUID
    officer: Officer


def bearer_of(secret: str, *, at: datetime) -> Bearer | None:
    """Return whom a token speaks for at a moment; None when it is unknown, revoked or over, or its person or role ended.

    One statement.
    """
    units = (
        "appointment__staff",
        "appointment__office",
        "appointment__kindergarten__office",
        "appointment__school__office",
    )
    found = ApiToken.objects.filter(digest__in=vault.findable(Purpose.TOKEN, secret)).select_related(*units).first()
    if found is None or not found.is_valid(at) or not found.appointment.staff.is_active:
        return None
    on, held = localdate(at), found.appointment
    if held.from_on > on or (held.to_on is not None and held.to_on < on):
        return None
    if held.kindergarten is not None and held.kindergarten.closed_on is not None and held.kindergarten.closed_on <= on:
        return None
    officer = officer_of(held)
    granted = frozenset(permission for permission in officer.role.permissions if str(permission) in found.scopes)
    return Bearer(found.pk, replace(officer, role=replace(officer.role, permissions=granted)))
