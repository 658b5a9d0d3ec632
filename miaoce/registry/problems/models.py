"""Tables of problem records: the problem, its sides, and what a merge or a split did to which row."""

from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from miaoce.registry.access.permissions import Permission
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.problems import states
from miaoce.registry.vault.fields import SealedField

if TYPE_CHECKING:
    from miaoce.registry.access.officers import Officer


class ProblemRecordQuerySet(models.QuerySet["ProblemRecord"]):
    """Reads of problem records."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep those of which the officer's kindergarten or county is a side, and those that its office decides."""
        if actor.unit_id is None or not actor.may(Permission.PROBLEM_VIEW):
            return self.none()
        sides = ProblemSide.objects.all()
        if actor.is_kindergarten:
            return self.filter(pk__in=sides.filter(kindergarten_id=actor.unit_id).values("problem_id"))
        decided = Q(office_id=actor.unit_id)
        if actor.is_county:
            decided |= Q(pk__in=sides.filter(office_id=actor.unit_id).values("problem_id"))
        return self.filter(decided)


class ProblemRecord(models.Model):
    """A problem (问题学籍): two records that may be one child, or one record whose document is wrong (states.KINDS).

    `one_id` and `other_id` are children, in the order of their ids; a document's problem has no other. `office` decides: the
    lowest one common to all sides. `code` and `proposed` are what matching said. `rested_on` is a keyed digest of the data
    that the decision “different” rested on. `words` of the decision are sealed under the key of `one_id`. A pair has one
    problem for ever, which is opened again where need be.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=12, default=states.OPEN)
    version = models.PositiveIntegerField(default=1)
    one_id = models.UUIDField()
    other_id = models.UUIDField(null=True)
    code = models.CharField(max_length=20, blank=True)
    proposed = models.CharField(max_length=10, blank=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    rounds = models.PositiveSmallIntegerField(default=1)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    process_id = models.UUIDField(null=True)
    kept_id = models.UUIDField(null=True)
    rested_on = models.CharField(max_length=64, blank=True)
    words = SealedField(null=True)

    objects = ProblemRecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=sorted(states.KINDS)), name="problem_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=sorted(states.LABELS)), name="problem_state_is_known"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(states.PAIRS), other_id__isnull=False, other_id__gt=F("one_id"))
                | (~Q(kind__in=sorted(states.PAIRS)) & Q(other_id__isnull=True)),
                name="problem_names_two_children_in_order_or_one",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(states.IN_HAND), decided_at__isnull=True)
                | (~Q(state__in=sorted(states.IN_HAND)) & Q(decided_at__isnull=False)),
                name="problem_decided_when_its_state_says_so",
            ),
            models.CheckConstraint(
                condition=Q(state=states.MERGED, kept_id__isnull=False)
                | (~Q(state=states.MERGED) & Q(kept_id__isnull=True)),
                name="problem_says_who_was_kept_when_merged",
            ),
            models.UniqueConstraint(
                fields=["one_id", "other_id"], condition=Q(other_id__isnull=False), name="one_problem_per_pair"
            ),
            models.UniqueConstraint(
                fields=["one_id", "kind"],
                condition=Q(other_id__isnull=True, state__in=sorted(states.IN_HAND)),
                name="one_problem_in_hand_per_document_and_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "state", "opened_at"], name="problem_of_its_office"),
            models.Index(fields=["other_id"], name="problem_by_other_child"),
            models.Index(fields=["state", "decided_at"], name="problem_by_state"),
        ]

    class Privacy:
        scrub: dict[str, object] = {"words": None, "rested_on": "", "code": ""}
        keep = {
            "id", "kind", "state", "version", "one_id", "other_id", "proposed", "office", "opened_at", "rounds", "decided_at",
            "decided_by", "process_id", "kept_id",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.id}"

    @property
    def is_pair(self) -> bool:
        """Say whether the problem is about two records."""
        return self.other_id is not None

    @property
    def child_ids(self) -> tuple[UUID, ...]:
        """The children that the problem names."""
        return (self.one_id,) if self.other_id is None else (self.one_id, self.other_id)


class ProblemSide(models.Model):
    """One record of a problem and what its kindergarten says: `said` of a pair, `answer` what it does about it.

    `words` are sealed under the child's key, `proofs` are ids of proof files. `case_id` is the correction or cancellation that
    the answer led to. Kindergarten and county are those that answer for the record now.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    problem_id = models.UUIDField()
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    said = models.CharField(max_length=10, blank=True)
    answer = models.CharField(max_length=10, blank=True)
    words = SealedField(null=True)
    proofs = models.JSONField(default=list)
    case_id = models.UUIDField(null=True)
    said_at = models.DateTimeField(null=True)
    said_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id", "problem_id"], name="one_side_per_child_and_problem"),
            models.CheckConstraint(condition=Q(said__in=["", *sorted(states.SAYINGS)]), name="problem_saying_is_known"),
            models.CheckConstraint(
                condition=Q(answer__in=["", *sorted(states.ANSWERS)]), name="problem_answer_is_known"
            ),
            models.CheckConstraint(
                condition=Q(said_at__isnull=True, answer="", said="") | (Q(said_at__isnull=False) & ~Q(answer="")),
                name="problem_side_says_since_when",
            ),
        ]
        indexes = [
            models.Index(fields=["problem_id"], name="problem_side_by_problem"),
            models.Index(fields=["kindergarten", "problem_id"], name="problem_side_of_kindergarten"),
            models.Index(fields=["office", "problem_id"], name="problem_side_of_county"),
        ]

    class Privacy:
        scrub: dict[str, object] = {"words": None}
        keep = {
            "id", "child_id", "problem_id", "kindergarten", "office", "said", "answer", "proofs", "case_id", "said_at",
            "said_by",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.said} {self.id}"


class Joining(models.Model):
    """A merge (合并) of two records, or a split (拆分) of one: what was done by which process, and whether it was undone.

    `kept_id` keeps its record; `gone_id` was merged into it, or is the new record that a split made.
    """

    MERGE, SPLIT = "merge", "split"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=5)
    kept_id = models.UUIDField()
    gone_id = models.UUIDField()
    problem_id = models.UUIDField(null=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    process_id = models.UUIDField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.UUIDField(null=True)
    undone_process_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["merge", "split"]), name="joining_kind_is_known"),
            models.CheckConstraint(condition=~Q(kept_id=F("gone_id")), name="joining_is_of_two_records"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_process_id__isnull=True)
                | Q(undone_at__isnull=False, undone_process_id__isnull=False),
                name="joining_undone_is_whole",
            ),
            models.UniqueConstraint(
                fields=["gone_id"],
                condition=Q(undone_at__isnull=True, kind="merge"),
                name="one_standing_joining_per_gone_record",
            ),
        ]
        indexes = [
            models.Index(fields=["kept_id"], name="joining_by_kept"),
            models.Index(fields=["office", "made_at"], name="joining_of_its_office"),
        ]

    class Privacy:
        keep = {
            "id", "kind", "kept_id", "gone_id", "problem_id", "office", "process_id", "made_at", "made_by", "undone_at",
            "undone_by", "undone_process_id",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class MovedRow(models.Model):
    """One row that a merge or split moved, changed or dropped: how it stood before, sealed, so that undoing restores every byte.

    `child_id` is whose key `before` is sealed under, and whose the row was (is, for a row that the act made: `before` empty).
    `left_as` is a keyed digest of the row as the act left it, empty where it left none: undoing asks whether it still stands so.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    joining_id = models.UUIDField()
    noun = models.CharField(max_length=40)
    row_key = models.CharField(max_length=64)
    before = SealedField(null=True)
    left_as = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child_id", "joining_id", "noun", "row_key"], name="moved_row_once_per_joining"
            )
        ]
        indexes = [models.Index(fields=["joining_id"], name="moved_row_by_joining")]

    class Privacy:
        scrub: dict[str, object] = {"before": None, "left_as": ""}
        keep = {"id", "child_id", "joining_id", "noun", "row_key"}

    def __str__(self) -> str:
        return f"{self.noun} {self.id}"
