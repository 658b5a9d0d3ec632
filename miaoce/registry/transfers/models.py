"""The wish to transfer: what a kindergarten put aside because the child already has its record elsewhere."""

from django.db import models

from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten


class TransferWish(models.Model):
    """A receiving kindergarten's note that this child came to it. It moves nothing; the transfer itself is a case of its own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+")
    row_id = models.UUIDField()
    wished_at = models.DateTimeField()
    wished_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id", "kindergarten"], name="one_transfer_wish_per_child_and_place")
        ]

    class Privacy:
        keep = {"id", "child_id", "kindergarten", "row_id", "wished_at", "wished_by"}

    def __str__(self) -> str:
        return str(self.id)
