"""Tables of the handover to primary schools: who took which record over, what was sent, what came back, who is told."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from miaoce.registry.handover import states
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten, School
from miaoce.registry.vault.fields import SealedField

if TYPE_CHECKING:
    from miaoce.registry.access.officers import Officer


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Reads of handovers."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep what the officer's unit is a party to: the school that claimed, the kindergarten or the county it came from."""
        if actor.role.scope == "school":
            return self.filter(school_id=actor.unit_id)
        if actor.is_kindergarten:
            return self.filter(kindergarten_id=actor.unit_id)
        if actor.is_county:
            return self.filter(kindergarten__office_id=actor.unit_id)
        return self.none()


class Handover(models.Model):
    """That a primary school took a child's record over (小学调取) from the kindergarten that answered for it last."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="handovers", db_index=False)
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+", db_index=False)
    found_by = models.CharField(max_length=10)
    claimed_at = models.DateTimeField()
    claimed_by = models.UUIDField(null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id"], name="one_handover_per_child"),
            models.CheckConstraint(
                condition=Q(found_by__in=["number", "document", "person"]), name="found_by_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "id"], name="handover_of_school"),
            models.Index(fields=["kindergarten", "id"], name="handover_of_kindergarten"),
        ]

    class Privacy:
        keep = {"id", "child_id", "school", "kindergarten", "found_by", "claimed_at", "claimed_by"}

    def __str__(self) -> str:
        return str(self.id)


class SentBackQuerySet(models.QuerySet["SentBack"]):
    """Reads of corrections that schools sent back."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep those of the school that sent them, and of the kindergarten or county that they go to."""
        if actor.role.scope == "school":
            return self.filter(school_id=actor.unit_id)
        if actor.is_kindergarten:
            return self.filter(kindergarten_id=actor.unit_id)
        if actor.is_county:
            return self.filter(kindergarten__office_id=actor.unit_id)
        return self.none()


class SentBack(models.Model):
    """A correction that the school sends back to the kindergarten the record came from; `wanted` and words are sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+", db_index=False)
    field = models.CharField(max_length=30)
    wanted = SealedField()
    words = SealedField(null=True)
    answer_words = SealedField(null=True)
    state = models.CharField(max_length=10, default=states.OPEN)
    version = models.PositiveIntegerField(default=1)
    sent_at = models.DateTimeField()
    sent_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)

    objects = SentBackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=sorted(states.LABELS)), name="sent_back_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=states.OPEN, answered_at__isnull=True)
                | (~Q(state=states.OPEN) & Q(answered_at__isnull=False)),
                name="sent_back_answered_when_its_state_says_so",
            ),
        ]
        indexes = [
            models.Index(fields=["child_id", "id"], name="sent_back_by_child"),
            models.Index(fields=["kindergarten", "state", "sent_at"], name="sent_back_to_kindergarten"),
            models.Index(fields=["school", "sent_at"], name="sent_back_by_school"),
        ]

    class Privacy:
        scrub: dict[str, object] = {"wanted": b"", "words": None, "answer_words": None}
        keep = {
            "id", "child_id", "school", "kindergarten", "field", "state", "version", "sent_at", "sent_by", "answered_at",
            "answered_by",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.state} {self.id}"


class PackageLine(models.Model):
    """The numbered line of packages to one school: the next number is taken by conditional update, never by counting."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    last = models.PositiveBigIntegerField(default=0)
    last_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school"], name="one_line_of_packages_per_school")]

    class Privacy:
        keep = {"id", "school", "last", "last_digest"}

    def __str__(self) -> str:
        return f"{self.school_id} {self.last}"


class Package(models.Model):
    """A signed package that a school was given: its place in the line and its digest. The content can be made again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveBigIntegerField()
    made_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    content = SealedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id", "school"], name="one_package_per_child_and_school"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="package_line_begins_with_one"),
        ]

    class Privacy:
        scrub: dict[str, object] = {"content": b""}
        keep = {"id", "child_id", "school", "sequence", "made_at", "digest", "previous_digest"}

    def __str__(self) -> str:
        return f"{self.school_id} {self.sequence}"


class Subscription(models.Model):
    """Where a unit wants to be told of changes: an address and the secret that signs what is sent there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField()
    scope = models.CharField(max_length=12)
    url = models.CharField(max_length=300)
    secret = SealedField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_event_id = models.UUIDField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    try_after_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=["kindergarten", "office", "school"]), name="subscription_scope_is_known"
            ),
            models.UniqueConstraint(
                fields=["unit_id", "url"], condition=Q(ended_at__isnull=True), name="one_subscription_per_address"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("made_at")),
                name="subscription_ends_after_it_began",
            ),
        ]

    class Privacy:
        scrub: dict[str, object] = {"secret": b"", "url": ""}
        keep = {
            "id", "unit_id", "scope", "made_at", "ended_at", "last_event_id", "tries", "try_after_at", "failed_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return str(self.id)
