"""Tables of access: staff, their appointments, tokens of programs, and repeated requests."""

from datetime import date, datetime
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from miaoce.registry.access.permissions import ROLES
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten, Office, School
from miaoce.registry.vault.fields import SealedField


class StaffManager(BaseUserManager["Staff"]):
    """Makes staff accounts."""

    def create(self, *, username: str, name: str, password: str | None = None) -> "Staff":  # type: ignore[override]  # an account is never made without these
        """Make an account; without a password it cannot sign in."""
        staff = Staff(username=username, name=name)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser):
    """A person who works with the register: one person, one account, one session.

    `session_mark` names the session that was begun last; every older one ends at its next request (trust.md S-12).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    session_mark = models.CharField(max_length=32, blank=True, default="", db_default="")

    USERNAME_FIELD = "username"
    objects: ClassVar[StaffManager] = StaffManager()

    class Privacy:
        scrub = {"name": "某人", "password": "!", "session_mark": ""}
        keep = {"id", "username", "is_active", "last_login"}

    def __str__(self) -> str:
        return self.username


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Reads of appointments."""

    def in_force(self, on: date) -> Self:
        """Keep those that hold on a day: begun, not ended, and not at a kindergarten that was closed by then (trust.md S-17)."""
        is_open = (
            Q(kindergarten__isnull=True) | Q(kindergarten__closed_on__isnull=True) | Q(kindergarten__closed_on__gt=on)
        )
        return self.filter(is_open, Q(to_on__isnull=True) | Q(to_on__gte=on), from_on__lte=on)


class Appointment(models.Model):
    """A role of one person at one unit, for a time. A person may hold several and switches between them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=40)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="appointments")
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, null=True, related_name="appointments")
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="appointments")
    from_on = models.DateField()
    to_on = models.DateField(null=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=sorted(ROLES)), name="appointment_role_is_known"),
            models.CheckConstraint(
                condition=Q(office__isnull=False, kindergarten__isnull=True, school__isnull=True)
                | Q(office__isnull=True, kindergarten__isnull=False, school__isnull=True)
                | Q(office__isnull=True, kindergarten__isnull=True, school__isnull=False),
                name="appointment_at_exactly_one_unit",
            ),
        ]

    class Privacy:
        keep = {"id", "staff", "role", "office", "kindergarten", "school", "from_on", "to_on"}

    def __str__(self) -> str:
        return f"{self.role} {self.id}"


class ApiToken(models.Model):
    """A program's key to the API, bound to one appointment. Only its keyed digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=60)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Privacy:
        scrub = {"digest": "", "label": ""}
        keep = {"id", "appointment", "scopes", "created_at", "expires_at", "revoked_at"}

    def __str__(self) -> str:
        return str(self.id)

    def is_valid(self, at: datetime) -> bool:
        """Say whether the token opens the door at a moment."""
        return self.revoked_at is None and at < self.expires_at


class RepeatedRequest(models.Model):
    """What a request with an idempotency key answered, so that a repeat gets the same answer and does nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    operation = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    subject_id = models.UUIDField(null=True)
    answer = SealedField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "operation", "key"], name="one_answer_per_idempotency_key")
        ]

    class Privacy:
        scrub = {"answer": None}
        keep = {"id", "owner_id", "operation", "key", "body_digest", "status", "subject_id", "created_at"}

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"
