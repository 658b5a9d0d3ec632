"""The stay of one child in one group, a dated interval; and the plan by which a school year turns."""

from django.db import models
from django.db.models import F, Q

from miaoce.registry.enrolments import states
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group, Kindergarten, SchoolYear
from miaoce.registry.vault.fields import SealedField


class Enrolment(models.Model):
    """A stay, true on started_on <= day < ended_on. Open while `ended_on` is empty; a child has at most one open stay.

    A stay that ended by leaving says why and whereto (codes of leave_reason and destination; words are sealed).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+", db_index=False)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=12, default=states.APPLIED)
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    entry_kind = models.CharField(max_length=4, blank=True)
    boarding = models.CharField(max_length=10, blank=True)
    leave_reason = models.CharField(max_length=20, blank=True, default="", db_default="")
    destination = models.CharField(max_length=20, blank=True, default="", db_default="")
    destination_words = SealedField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child_id"], condition=Q(ended_on__isnull=True), name="one_open_enrolment_per_child"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="enrolment_ends_after_its_start",
            ),
            models.CheckConstraint(condition=Q(state__in=sorted(states.LABELS)), name="enrolment_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=states.LEFT) | Q(leave_reason="", destination="", destination_words__isnull=True),
                name="enrolment_says_whereto_only_when_left",
            ),
        ]
        indexes = [
            models.Index(fields=["group", "state"], name="enrolment_by_group"),
            models.Index(fields=["kindergarten", "state"], name="enrolment_by_kindergarten"),
            models.Index(fields=["child_id"], name="enrolment_by_child"),
        ]

    class Privacy:
        scrub: dict[str, object] = {"destination_words": None}
        keep = {
            "id", "child_id", "kindergarten", "group", "state", "started_on", "ended_on", "entry_kind", "boarding", "leave_reason",
            "destination",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.state} {self.id}"


class YearPlan(models.Model):
    """A plan for the turn of the school year of one kindergarten: data that a person reads and changes before it happens.

    `groups` are next year's classes ({"name", "kind", "size_norm"}), `moves` lead from a child's id to the name of one, or to
    "" for who is left out. `process_id` is the process that made it true; a plan that was undone stays as a record.
    """

    DRAFT, DONE, UNDONE = "draft", "done", "undone"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default=DRAFT)
    version = models.PositiveIntegerField(default=1)
    groups = models.JSONField(default=list)
    moves = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    process_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kindergarten", "school_year"],
                condition=Q(state__in=["draft", "done"]),
                name="one_standing_plan_per_kindergarten_and_year",
            ),
            models.CheckConstraint(condition=Q(state__in=["draft", "done", "undone"]), name="year_plan_state_is_known"),
        ]

    class Privacy:
        keep = {
            "id", "kindergarten", "school_year", "state", "version", "groups", "moves", "made_at", "process_id",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.state} {self.id}"
