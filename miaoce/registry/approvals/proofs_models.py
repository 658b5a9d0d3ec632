"""The proof file: what shows that a change of a child's record is right. Its bytes lie beside the database (proofs_files)."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from miaoce.registry.approvals.models import Case
from miaoce.registry.ids import new_id

if TYPE_CHECKING:
    from miaoce.registry.access.officers import Officer


class ProofFileQuerySet(models.QuerySet["ProofFile"]):
    """Reads of proof files."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep what the officer's unit brought in, and what is filed with a case that it is a party to."""
        if actor.unit_id is None:
            return self.none()
        return self.filter(Q(unit_id=actor.unit_id) | Q(case_id__in=Case.objects.visible_to(actor).values("pk")))

    def free(self) -> Self:
        """Keep those that no case has taken yet and that are still kept."""
        return self.filter(case_id__isnull=True, erased_at__isnull=True)


class ProofFile(models.Model):
    """A proof for a change of a child's record: pages drawn anew, sealed under the child's key beside the database.

    `kind` is a code of the list `proof`, `came_as` what the file was (jpeg, pdf …). The bytes lie under `digest`, a keyed digest
    of what was drawn. `case_id` is the case or transfer that took it; `erased_at` is empty while its bytes are kept.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    kind = models.CharField(max_length=30)
    came_as = models.CharField(max_length=10)
    pages = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    attached_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    objects = ProofFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child_id", "digest"],
                condition=Q(case_id__isnull=True, erased_at__isnull=True),
                name="free_proof_once_per_child",
            ),
            models.CheckConstraint(
                condition=Q(case_id__isnull=True, attached_at__isnull=True)
                | Q(case_id__isnull=False, attached_at__isnull=False),
                name="proof_of_a_case_says_since_when",
            ),
            models.CheckConstraint(condition=Q(pages__gte=1), name="proof_has_a_page"),
        ]
        indexes = [
            models.Index(fields=["child_id", "id"], name="proof_by_child"),
            models.Index(fields=["case_id"], name="proof_by_case"),
            models.Index(fields=["digest"], name="proof_by_digest"),
            models.Index(
                fields=["uploaded_at"],
                name="proof_left_free",
                condition=Q(case_id__isnull=True, erased_at__isnull=True),
            ),
        ]

    class Privacy:
        scrub = {"digest": ""}
        keep = {
            "id", "child_id", "kind", "came_as", "pages", "size", "uploaded_at", "uploaded_by", "unit_id", "case_id",
            "attached_at", "erased_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
