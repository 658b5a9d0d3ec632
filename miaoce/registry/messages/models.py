"""Messages to guardians and reminders to officers: what waits to be sent, and what was."""

from django.db import models
from django.db.models import Q

from miaoce.registry.access.models import Staff
from miaoce.registry.ids import new_id
from miaoce.registry.vault.fields import SealedField

WAITING, SENT, GIVEN_UP = "waiting", "sent", "given_up"


class Message(models.Model):
    """One message to one guardian. It names nobody; because it may hold a code, its text is sealed and goes once it was sent.

    The phone is read when the message is sent, and stands only with the guardian. `about` says of what kind and which case.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    guardian_id = models.UUIDField()
    kind = models.CharField(max_length=30)
    case_id = models.UUIDField()
    text = SealedField(null=True)
    state = models.CharField(max_length=10, default=WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    not_before_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[WAITING, SENT, GIVEN_UP]), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=SENT, sent_at__isnull=False) | (~Q(state=SENT) & Q(sent_at__isnull=True)),
                name="message_sent_when_its_state_says_so",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before_at", "id"], name="message_to_send", condition=Q(state=WAITING)),
            models.Index(fields=["case_id", "id"], name="message_by_case"),
        ]

    class Privacy:
        scrub = {"text": None}
        keep = {
            "id", "child_id", "guardian_id", "kind", "case_id", "state", "tries", "made_at", "not_before_at", "sent_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.id}"


class ReminderDay(models.Model):
    """A day whose digest was made. Who inserts it makes the digest; so it is made once, whoever starts again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField(unique=True)
    made_at = models.DateTimeField()

    class Privacy:
        keep = {"id", "day", "made_at"}

    def __str__(self) -> str:
        return f"{self.day}"


class Reminder(models.Model):
    """The daily digest for one person at one unit: how much waits, is due today, is late. Counts and nothing else."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit_id = models.UUIDField()
    day = models.DateField()
    waiting = models.PositiveIntegerField()
    due_today = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default=WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    not_before_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "unit_id", "day"], name="one_reminder_a_day"),
            models.CheckConstraint(condition=Q(state__in=[WAITING, SENT, GIVEN_UP]), name="reminder_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=SENT, sent_at__isnull=False) | (~Q(state=SENT) & Q(sent_at__isnull=True)),
                name="reminder_sent_when_its_state_says_so",
            ),
        ]
        indexes = [models.Index(fields=["not_before_at", "id"], name="reminder_to_send", condition=Q(state=WAITING))]

    class Privacy:
        keep = {
            "id", "staff", "unit_id", "day", "waiting", "due_today", "late", "state", "tries", "made_at", "not_before_at",
            "sent_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.day} {self.state} {self.id}"
