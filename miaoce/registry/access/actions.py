"""Writing access: accounts, appointments, tokens of programs."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from miaoce.registry.access.models import ApiToken, Appointment, Staff
from miaoce.registry.access.permissions import ROLES, Permission, Scope
from miaoce.registry.institutions.models import Kindergarten, Office, School
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.queries import digest

PREFIX = "mc_"


def begin_session(*, staff: Staff, process: Process) -> str:
    """Name the session that begins now as the account's only one, and return its mark. Older sessions end at their next request."""
    mark = secrets.token_hex(16)
    Staff.objects.filter(pk=staff.pk).update(session_mark=mark)
    journal.note(process, [Change("session.begun", "staff", staff.pk)])
    return mark


class NobodyOfThatName(Refusal):
    """There is no active account with that name, or it holds no appointment with that role today."""

    code, message, http = "ACC-02", "没有这个账号，或它今天没有这个身份。", 404


class ScopeNotHeld(Refusal):
    """A token cannot do more than the person it acts for."""

    code, message, http = "ACC-03", "这个身份没有这项权限：{scope}。", 422


class UnitDoesNotFit(Refusal):
    """A role belongs to one kind of unit."""

    code, message, http = "ACC-04", "“{role}”不能放在这类单位。", 422


class EndsInThePast(Refusal):
    """An appointment is renewed until a day ahead."""

    code, message, http = "ACC-05", "续任要续到今天以后。请改日期；已经结束的任职要重新任命。", 422


@transaction.atomic
def appoint(
    *,
    staff: Staff,
    role: str,
    unit: Office | Kindergarten | School,
    from_on: date,
    process: Process,
    to_on: date | None = None,
) -> Appointment:
    """Give a person a role at a unit from a day on, with that day and until the last one where it has an end (trust.md S-17).

    Refuses ACC-04 when the role belongs to another kind of unit.
    """
    scope = ROLES[role].scope
    fits = {Scope.OFFICE: Office, Scope.KINDERGARTEN: Kindergarten, Scope.SCHOOL: School}[scope]
    if not isinstance(unit, fits):
        raise UnitDoesNotFit(role=ROLES[role].name)
    appointment = Appointment(staff=staff, role=role, from_on=from_on, to_on=to_on, **{scope.value: unit})
    appointment.save(force_insert=True)
    after = {"role": role, "unit": unit.code, "staff": staff.username}
    journal.note(
        process, [Change("appointment.made", "appointment", appointment.pk, after=after, effective_on=from_on)]
    )
    return appointment


@transaction.atomic
def renew(*, username: str, to_on: date, process: Process, role: str = "", unit: str = "") -> list[Appointment]:
    """Let the appointments of a person that hold today last until a day; `role` and `unit` (a code) say which of several.

    Refuses ACC-02 where there is none, ACC-05 a day that has passed: an appointment that ended is made anew, not renewed.
    """
    on = journal.day_of(process)
    if to_on < on:
        raise EndsInThePast
    held = list(_held(username, role, unit, on))
    if not held:
        raise NobodyOfThatName
    Appointment.objects.filter(pk__in=[one.pk for one in held]).update(to_on=to_on)
    journal.note(
        process,
        [
            Change(
                "appointment.renewed",
                "appointment",
                one.pk,
                before={"to_on": f"{one.to_on or ''}"},
                after={"to_on": f"{to_on}"},
            )
            for one in held
        ],
    )
    return held


def _held(username: str, role: str, unit: str, on: date) -> QuerySet[Appointment]:
    """Return the appointments of a person that hold on a day, of a role and a unit where they are named."""
    held = Appointment.objects.in_force(on).filter(staff__username=username, staff__is_active=True).order_by("id")
    held = held.filter(role=role) if role else held
    if unit:
        held = held.filter(Q(office__code=unit) | Q(kindergarten__code=unit) | Q(school__code=unit))
    return held


@transaction.atomic
def create_token(
    *,
    username: str,
    role: str,
    scopes: Sequence[str],
    days: int,
    label: str,
    process: Process,
    unit: str = "",
) -> tuple[ApiToken, str]:
    """Make a token for one appointment of a person and return it with its secret, which is not kept.

    The oldest appointment is taken unless `role` or `unit` (the code of an office, kindergarten or school) says which.
    `scopes` are permissions the role holds (ACC-03 otherwise; none given: all of the role), `days` how long it lasts.
    """
    on = journal.day_of(process)
    appointment = _held(username, role, unit, on).first()
    if appointment is None:
        raise NobodyOfThatName
    allowed = ROLES[appointment.role].permissions
    for scope in scopes:
        if scope not in {str(permission) for permission in allowed}:
            raise ScopeNotHeld(scope=scope)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        digest=token_digest(secret),
        appointment=appointment,
        label=label,
        scopes=sorted(scopes) or sorted(str(Permission(p)) for p in allowed),
        created_at=process.at,
        expires_at=process.at + timedelta(days=days),
    )
    token.save(force_insert=True)
    journal.note(process, [Change("token.created", "api_token", token.pk, after={"scopes": token.scopes})])
    return token, secret


@transaction.atomic
def revoke_token(*, token_id: UUID, process: Process) -> None:
    """End a token at once. Revoking twice is the same as once."""
    if ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=process.at):
        journal.note(process, [Change("token.revoked", "api_token", token_id, after={})])


def token_digest(secret: str) -> str:
    """Return what the database keeps of a token."""
    return digest(Purpose.TOKEN, secret)
