"""The wrapped data keys: one per subject, and a subject is a child or an intake batch."""

from django.db import models

from miaoce.registry.vault.suites import Suite


class DataKey(models.Model):
    """The key of one subject's values, itself sealed by a key that is not in the database.

    Deleting the row erases the subject's values everywhere, backups included. No foreign key leads here or away:
    the subject's table belongs to a higher room, and the row outlives nothing.
    """

    subject_id = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()
    key_version = models.PositiveIntegerField()
    suite = models.PositiveSmallIntegerField(choices=[(int(s), s.name.lower()) for s in Suite])
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(key_version__gte=1), name="data_key_version_is_positive"),
            models.CheckConstraint(
                condition=models.Q(suite__in=[int(s) for s in Suite]), name="data_key_suite_is_known"
            ),
        ]

    class Privacy:
        scrub = {"wrapped": b""}
        keep = {"subject_id", "key_version", "suite", "created_at"}

    def __str__(self) -> str:
        return f"{self.subject_id} · {self.key_version}"
