"""The proposal: what a kindergarten asks its county to approve, its clock and the decision by another person."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from miaoce.registry.approvals import states
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.vault.fields import SealedField

if TYPE_CHECKING:
    from miaoce.registry.access.officers import Officer


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Reads of proposals."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep what the officer's unit is a party to: its kindergarten's, or its county's. Offices above see counts only."""
        if actor.is_kindergarten:
            return self.filter(kindergarten_id=actor.unit_id)
        if actor.is_county:
            return self.filter(office_id=actor.unit_id)
        return self.none()


FROM_SUBMISSION = "submission"
"""What a case's facts say under `counted_from` where no day of entry was given."""


class Proposal(models.Model):
    """A registration case (建籍). `version` rises with every change, so that a decision on an old view is refused.

    `flags` are codes of what a reviewer should look at; `risk` orders them (0 nothing, 1 remark, 2 look, 3 duplicate).
    `due_on` is two months after entry (办法 ch. 2; secondary source, see domain.md §1.2).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    group_id = models.UUIDField()
    state = models.CharField(max_length=10, default=states.SUBMITTED)
    version = models.PositiveIntegerField(default=1)
    risk = models.PositiveSmallIntegerField(default=0)
    flags = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    entered_on = models.DateField()
    due_on = models.DateField()
    submitted_at = models.DateTimeField()
    submitted_by = models.UUIDField(null=True)
    opened_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decision_id = models.UUIDField(null=True)
    return_reasons = models.JSONField(default=list)
    return_words = models.TextField(blank=True)
    number_after = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id"], name="one_registration_case_per_child"),
            models.CheckConstraint(condition=Q(state__in=sorted(states.LABELS)), name="proposal_state_is_known"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(submitted_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
                name="proposal_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decision_id__isnull=True)
                | Q(decided_at__isnull=False, decision_id__isnull=False),
                name="proposal_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[states.APPROVED, states.NUMBERED, states.RETURNED], decided_at__isnull=False)
                | Q(state__in=[states.SUBMITTED, states.WITHDRAWN], decided_at__isnull=True),
                name="proposal_decided_when_its_state_says_so",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "state", "-risk", "submitted_at", "id"], name="proposal_at_the_county"),
            models.Index(fields=["kindergarten", "state", "submitted_at"], name="proposal_of_the_kindergarten"),
            models.Index(fields=["number_after"], name="proposal_to_number", condition=Q(state=states.APPROVED)),
            models.Index(fields=["decision_id"], name="proposal_by_decision"),
        ]

    class Privacy:
        scrub = {"return_words": "", "facts": {}}
        keep = {
            "id", "child_id", "kindergarten", "office", "group_id", "state", "version", "risk", "flags", "entered_on",
            "due_on", "submitted_at", "submitted_by", "opened_at", "decided_at", "decided_by", "decision_id",
            "return_reasons", "number_after",
        }  # fmt: skip

    @property
    def counts_from_submission(self) -> bool:
        """Say whether the two months count from the submission, because no day of entry was given."""
        return bool(self.facts.get("counted_from") == FROM_SUBMISSION)

    def __str__(self) -> str:
        return f"{self.state} {self.id}"


class Selection(models.Model):
    """What a reviewer chose and was shown before a bulk decision: case ids with the versions seen, and the spot check.

    Kept on the server, used once; a case whose version moved on since is refused, and only that one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office_id = models.UUIDField()
    staff_id = models.UUIDField(null=True)
    items = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    seen = models.JSONField(default=list)
    made_at = models.DateTimeField()
    used_by = models.UUIDField(null=True)

    class Privacy:
        keep = {"id", "office_id", "staff_id", "items", "sample", "seen", "made_at", "used_by"}

    def __str__(self) -> str:
        return str(self.id)


class CaseQuerySet(models.QuerySet["Case"]):
    """Reads of cases."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep what the officer's unit is a party to: filed by its kindergarten, or decided by its county."""
        if actor.is_kindergarten:
            return self.filter(kindergarten_id=actor.unit_id)
        if actor.is_county:
            return self.filter(office_id=actor.unit_id)
        return self.none()


class Case(models.Model):
    """A change of a child's record that a county decides on proof: correction, deferral, cancellation, restoration.

    `facts` hold codes only (reason, destination, what kind of proof); what names or describes a person stands in `wanted`
    and `words`, sealed under the child's key. `proofs` are ids of proof files. `version` rises with every change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, default=states.FILED)
    version = models.PositiveIntegerField(default=1)
    kindergarten = models.ForeignKey(
        Kindergarten, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    effective_on = models.DateField()
    facts = models.JSONField(default=dict)
    wanted = SealedField(null=True)
    words = SealedField(null=True)
    proofs = models.JSONField(default=list)
    filed_at = models.DateTimeField()
    filed_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decision_id = models.UUIDField(null=True)
    return_reasons = models.JSONField(default=list)
    return_words = models.TextField(blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=sorted(states.CASE_KINDS)), name="case_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=sorted(states.CASE_LABELS)), name="case_state_is_known"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(filed_by__isnull=True) | ~Q(decided_by=F("filed_by")),
                name="case_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decision_id__isnull=True)
                | Q(decided_at__isnull=False, decision_id__isnull=False),
                name="case_decision_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["child_id", "id"], name="case_by_child"),
            models.Index(fields=["office", "state", "filed_at"], name="case_at_the_county"),
            models.Index(fields=["kindergarten", "state", "filed_at"], name="case_of_the_kindergarten"),
        ]

    class Privacy:
        scrub: dict[str, object] = {"wanted": None, "words": None, "return_words": "", "facts": {}}
        keep = {
            "id", "child_id", "kind", "state", "version", "kindergarten", "office", "effective_on", "proofs", "filed_at",
            "filed_by", "decided_at", "decided_by", "decision_id", "return_reasons",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.id}"


class ChangeClaim(models.Model):
    """The one change of a child that is in hand: a case or a transfer. Made when it opens, gone when it ends."""

    child_id = models.UUIDField(primary_key=True)
    case_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    claimed_at = models.DateTimeField()

    class Privacy:
        keep = {"child_id", "case_id", "kind", "claimed_at"}

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"


class Clock(models.Model):
    """How long one unit has for one step of a case, in working days; `step` "overall" runs over the whole case.

    It reminds and escalates and never decides. `owner_id` is the kindergarten, office or school that has to act, `office`
    the county it answers to (itself, when it is one). Open while `stopped_at` is empty. An open clock is a to-do.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case_id = models.UUIDField()
    case_kind = models.CharField(max_length=20)
    child_id = models.UUIDField()
    step = models.CharField(max_length=20)
    owner_id = models.UUIDField()
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    started_on = models.DateField()
    working_days = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    stopped_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    county_told_at = models.DateTimeField(null=True)
    province_told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child_id", "case_id", "step"],
                condition=Q(stopped_at__isnull=True),
                name="one_open_clock_per_step",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("started_on")), name="clock_is_due_after_its_start"),
        ]
        indexes = [
            models.Index(
                fields=["owner_id", "due_on"], name="clock_of_its_owner", condition=Q(stopped_at__isnull=True)
            ),
            models.Index(fields=["office", "due_on"], name="clock_of_its_county", condition=Q(stopped_at__isnull=True)),
            models.Index(fields=["due_on"], name="clock_by_due_day", condition=Q(stopped_at__isnull=True)),
            models.Index(fields=["case_id"], name="clock_by_case"),
            models.Index(fields=["child_id"], name="clock_by_child"),
        ]

    class Privacy:
        keep = {
            "id", "case_id", "case_kind", "child_id", "step", "owner_id", "office", "started_on", "working_days",
            "due_on", "stopped_at", "reminded_at", "county_told_at", "province_told_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.step} {self.id}"
