"""Tables of the journal: processes, their events, and who read what. All append-only (see guards.py), none points at live rows."""

from typing import Any

from django.db import models

from miaoce.registry.ids import new_id


class Process(models.Model):
    """What a person or a machine set out to do: who, for which unit, when, why, on what papers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=60)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=60)
    role = models.CharField(max_length=40)
    unit_id = models.UUIDField(null=True)
    unit_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)

    actor: Any  # the officer who acts, carried by journal.process for the permission checks; not stored

    class Meta:
        indexes = [models.Index(fields=["unit_id", "at"], name="process_by_unit")]

    class Privacy:
        scrub = {"actor_name": "某人", "reason": ""}
        keep = {"id", "kind", "actor_id", "role", "unit_id", "unit_name", "at", "facts"}

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Event(models.Model):
    """A fact that changed. `effective_on`: when it is true of the child; `recorded_at`: when the register learned it.

    Values of sealed columns stand in `before` and `after` only as the ciphertext that the row itself holds.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    process_id = models.UUIDField()
    child_id = models.UUIDField(null=True)
    subject = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    verb = models.CharField(max_length=60)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["child_id", "id"], name="event_by_child"),
            models.Index(fields=["process_id"], name="event_by_process"),
        ]

    class Privacy:
        scrub: dict[str, object] = {"before": {}, "after": {}}
        keep = {"id", "process_id", "child_id", "subject", "subject_id", "verb", "effective_on", "recorded_at"}

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_id}"


class Reading(models.Model):
    """Somebody was shown something about children. Written before the answer leaves; if it cannot be, nothing is shown.

    A list shows many children at once: their ids stand in `child_ids` and the worker spreads them into ReadingOf.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=60)
    role = models.CharField(max_length=40)
    unit_id = models.UUIDField(null=True)
    unit_name = models.CharField(max_length=120)
    what = models.CharField(max_length=60)
    reason = models.CharField(max_length=200, blank=True)
    child_ids = models.TextField(blank=True)
    is_spread = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="reading_by_moment"),
            models.Index(fields=["id"], name="reading_to_spread", condition=models.Q(is_spread=False)),
        ]

    class Privacy:
        scrub = {"actor_name": "某人", "reason": ""}
        keep = {"id", "at", "actor_id", "role", "unit_id", "unit_name", "what", "child_ids", "is_spread"}

    def __str__(self) -> str:
        return f"{self.what} {self.id}"


class ReadingOf(models.Model):
    """One child that a reading showed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    reading_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id", "reading_id"], name="child_once_in_a_reading"),
        ]

    class Privacy:
        keep = {"id", "child_id", "reading_id", "at"}

    def __str__(self) -> str:
        return f"{self.reading_id} {self.child_id}"
