"""Tables of intake: a batch (one file, paste or form), its rows, and headings remembered per kindergarten."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import states
from miaoce.registry.intake.wording import where
from miaoce.registry.vault.fields import SealedField

if TYPE_CHECKING:
    from miaoce.registry.access.officers import Officer


class BatchQuerySet(models.QuerySet["Batch"]):
    """Reads of batches."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep the batches of the officer's own kindergarten."""
        return self.filter(kindergarten_id=actor.unit_id) if actor.is_kindergarten else self.none()


class Batch(models.Model):
    """What came in at once. Its bytes lie sealed under the batch's own key in the uploads folder, named by its id.

    `source` is upload, paste, form or api. `layout` holds what was understood of the file: sheets, header row, columns,
    unmapped columns, encoding, mapping by hand. `progress` says how far the
    reading or sending is. `claimed_by` names the process that works on it, `claimed_at` is its last sign of life
    (claiming.py). `order` is who asked for the submission that the worker carries out, and how far that is (ordering.py).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=10)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default=states.UPLOADED)
    refusal_code = models.CharField(max_length=30, blank=True)
    refusal_words = models.TextField(blank=True)
    layout = models.JSONField(default=dict)
    rows_read = models.PositiveIntegerField(default=0)
    progress = models.JSONField(default=dict)
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=160, blank=True, default="", db_default="")
    order = models.JSONField(default=dict, db_default={})
    created_at = models.DateTimeField()
    created_by = models.UUIDField(null=True)
    creator_name = models.CharField(max_length=60)
    expires_on = models.DateField()
    version = models.PositiveIntegerField(default=1)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "sha256"],
                condition=Q(state__in=states.LIVE),
                name="same_file_once_per_kindergarten",
            ),
            models.CheckConstraint(condition=Q(state__in=sorted(states.BATCH_LABELS)), name="batch_state_is_known"),
        ]
        indexes = [models.Index(fields=["kindergarten", "-created_at"], name="batch_of_kindergarten")]

    class Privacy:
        scrub = {"file_name": "表.xlsx", "creator_name": "某人", "refusal_words": "", "layout": {}}
        keep = {
            "id", "kindergarten", "source", "sha256", "size", "state", "refusal_code", "rows_read", "progress", "claimed_at",
            "claimed_by", "order",
            "created_at", "created_by", "expires_on", "version",
        }  # fmt: skip

    def __str__(self) -> str:
        return str(self.id)

    def where(self, row: "Row") -> str:
        """Return how people find one of its rows: by the number, and by the sheet where several were read."""
        return where(row.number, row.sheet if len(self.layout.get("sheets", ())) > 1 else "")


class Row(models.Model):
    """One row of a batch: a child to be, or a line that is none.

    `content` is sealed JSON under the batch's key: raw values, normalised values, tidied, findings, verbatim fields, decisions.
    `codes` repeats the finding codes without personal data, so that counts and filters need no key. `becomes_id` is the
    child this row became or will become; it is given when the row is made, so that sending twice makes one child.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows", db_index=False)
    becomes_id = models.UUIDField(default=new_id)
    sheet = models.CharField(max_length=60, blank=True)
    number = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10)
    codes = models.JSONField(default=list)
    content = SealedField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="row_position_once_in_a_batch"),
            models.UniqueConstraint(fields=["becomes_id"], name="one_row_per_child_to_be"),
            models.CheckConstraint(condition=Q(state__in=sorted(states.ROW_LABELS)), name="row_state_is_known"),
        ]

    class Privacy:
        scrub = {"content": b"", "sheet": ""}
        keep = {"id", "batch", "becomes_id", "number", "position", "state", "codes", "version"}

    def __str__(self) -> str:
        return f"{self.state} {self.id}"


class HeadingMemory(models.Model):
    """A heading that a kindergarten's staff explained once: which field it means."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.CASCADE, related_name="+")
    heading = models.CharField(max_length=120)
    field = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kindergarten", "heading"], name="heading_remembered_once_per_kindergarten")
        ]

    class Privacy:
        keep = {"id", "kindergarten", "heading", "field"}

    def __str__(self) -> str:
        return self.heading
