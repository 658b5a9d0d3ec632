"""Questions to an outside register about documents, and what became a problem by their answers (domain.md §3.5)."""

from django.db import models
from django.db.models import Q

from miaoce.registry.ids import new_id

YES, NO, NAME_DIFFERS = "yes", "no", "name_differs"
ANSWERS = {YES: "一致", NO: "没有这个号码", NAME_DIFFERS: "号码与姓名不匹配"}
PROBLEMS = {NO: "身份证号错误：没有这个号码", NAME_DIFFERS: "号码与姓名不匹配"}
"""Kinds of a documents problem that a register finds, by its answer."""


class DocumentCheck(models.Model):
    """The question about one document of a child: waits, is tried again while the register is unavailable, is answered."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    answer = models.CharField(max_length=12, blank=True)
    tries = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id", "digest"], name="document_asked_once_per_child"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, next_try_at__isnull=False)
                | Q(answer__in=sorted(ANSWERS), answered_at__isnull=False, next_try_at__isnull=True),
                name="document_check_waits_or_is_answered",
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], name="document_check_due", condition=Q(answer=""))]

    class Privacy:
        scrub = {"digest": ""}
        keep = {"id", "child_id", "answer", "tries", "asked_at", "next_try_at", "answered_at"}

    def __str__(self) -> str:
        return f"{self.answer} {self.id}"


class DocumentProblem(models.Model):
    """That a register knows no such number, or knows another name to it. Open until a later answer is yes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    found_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child_id", "kind"], condition=Q(cleared_at__isnull=True), name="open_problem_once_per_kind"
            ),
            models.CheckConstraint(condition=Q(kind__in=sorted(PROBLEMS)), name="document_problem_kind_is_known"),
        ]
        indexes = [
            models.Index(fields=["child_id", "id"], name="document_problem_by_child"),
            models.Index(
                fields=["kind", "found_at"], name="document_problem_open", condition=Q(cleared_at__isnull=True)
            ),
        ]

    class Privacy:
        keep = {"id", "child_id", "kind", "found_at", "cleared_at"}

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
