"""Tables of transfers: the case that all parties share, its notes, the codes of guardians, and the wish that precedes it."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from miaoce.registry.access.permissions import Permission
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.transfers import states
from miaoce.registry.vault.fields import SealedField

if TYPE_CHECKING:
    from miaoce.registry.access.officers import Officer


class TransferQuerySet(models.QuerySet["Transfer"]):
    """Reads of transfers."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep those that the officer's unit is a party to; offices above see what lies below them, masked."""
        if not actor.may(Permission.TRANSFER_VIEW):
            return self.none()
        if actor.is_kindergarten:
            return self.filter(Q(from_kindergarten_id=actor.unit_id) | Q(to_kindergarten_id=actor.unit_id))
        if actor.is_county:
            return self.filter(Q(from_office_id=actor.unit_id) | Q(to_office_id=actor.unit_id))
        if not actor.unit_path:
            return self.none()
        path = actor.unit_path
        return self.filter(Q(from_office__path__startswith=path) | Q(to_office__path__startswith=path))


class Transfer(models.Model):
    """One transfer of one child from where it attends to another kindergarten; the case that every party sees, masked.

    `is_invited`: begun by the guardian with a code that the old kindergarten handed over, otherwise by the receiving one.
    Offices are those of the day it began. `switch_at` is the end of the objection window; the worker switches after it.
    `reasons` are codes of the list transfer_refusal. What people wrote stands in TransferNote, sealed. `version` rises with
    every change. The three consents are columns, so that the database itself refuses a switch without one of them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    state = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    is_invited = models.BooleanField()
    from_kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_kindergarten = models.ForeignKey(
        Kindergarten, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    to_office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    group_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    guardian_id = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.UUIDField(null=True)
    is_released_by_county = models.BooleanField(default=False)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.UUIDField(null=True)
    out_decided_at = models.DateTimeField(null=True)
    out_decided_by = models.UUIDField(null=True)
    in_decided_at = models.DateTimeField(null=True)
    in_decided_by = models.UUIDField(null=True)
    switch_at = models.DateTimeField(null=True)
    switched_on = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list)

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=sorted(states.LABELS)), name="transfer_state_is_known"),
            models.CheckConstraint(
                condition=Q(to_kindergarten__isnull=True) | ~Q(to_kindergarten=F("from_kindergarten")),
                name="transfer_leads_elsewhere",
            ),
            models.CheckConstraint(
                condition=Q(to_kindergarten__isnull=True, to_office__isnull=True)
                | Q(to_kindergarten__isnull=False, to_office__isnull=False),
                name="transfer_receiver_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[states.WINDOW, states.STOPPED, states.SWITCHED])
                | Q(
                    guardian_id__isnull=False,
                    confirmed_at__isnull=False,
                    released_at__isnull=False,
                    accepted_at__isnull=False,
                    to_kindergarten__isnull=False,
                    group_id__isnull=False,
                    out_decided_at__isnull=False,
                    switch_at__isnull=False,
                ),
                name="transfer_decided_with_three_consents",
            ),
            models.CheckConstraint(
                condition=~Q(state=states.FORWARDED)
                | Q(
                    confirmed_at__isnull=False,
                    released_at__isnull=False,
                    accepted_at__isnull=False,
                    out_decided_at__isnull=False,
                ),
                name="transfer_forwarded_with_three_consents",
            ),
            models.CheckConstraint(
                condition=Q(state=states.SWITCHED, switched_on__isnull=False)
                | (~Q(state=states.SWITCHED) & Q(switched_on__isnull=True)),
                name="transfer_switched_when_its_state_says_so",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | Q(accepted_by__isnull=True) | ~Q(released_by=F("accepted_by")),
                name="transfer_released_and_taken_by_two",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{decider}__isnull": True})
                    | Q(**{f"{asker}__isnull": True})
                    | ~Q(**{decider: F(asker)}),
                    name=f"transfer_{decider}_not_{asker}",
                )
                for decider in ("out_decided_by", "in_decided_by")
                for asker in ("opened_by", "accepted_by")
            ),
        ]
        indexes = [
            models.Index(fields=["child_id", "id"], name="transfer_by_child"),
            models.Index(fields=["from_kindergarten", "state", "id"], name="transfer_from_kindergarten"),
            models.Index(fields=["to_kindergarten", "state", "id"], name="transfer_to_kindergarten"),
            models.Index(fields=["from_office", "state", "id"], name="transfer_from_county"),
            models.Index(fields=["to_office", "state", "id"], name="transfer_to_county"),
            models.Index(fields=["switch_at"], name="transfer_to_switch", condition=Q(state=states.WINDOW)),
        ]  # fmt: skip

    class Privacy:
        keep = {
            "id", "child_id", "state", "version", "is_invited", "from_kindergarten", "from_office", "to_kindergarten",
            "to_office", "group_id", "opened_at", "opened_by", "guardian_id", "confirmed_at", "released_at", "released_by",
            "is_released_by_county", "accepted_at", "accepted_by", "out_decided_at", "out_decided_by", "in_decided_at",
            "in_decided_by", "switch_at", "switched_on", "ended_at", "reasons",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.state} {self.id}"

    @property
    def is_within_a_county(self) -> bool:
        """Say whether one county answers for both kindergartens, so that it approves once."""
        return self.from_office_id == self.to_office_id


class TransferNote(models.Model):
    """What a party wrote to the others: a note, the words of a refusal, an objection or a decision. Sealed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    transfer_id = models.UUIDField()
    verb = models.CharField(max_length=20)
    party = models.CharField(max_length=12)
    unit_id = models.UUIDField(null=True)
    words = SealedField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["transfer_id", "id"], name="transfer_note_by_case"),
            models.Index(fields=["child_id"], name="transfer_note_by_child"),
        ]

    class Privacy:
        scrub = {"words": b""}
        keep = {"id", "child_id", "transfer_id", "verb", "party", "unit_id", "at"}

    def __str__(self) -> str:
        return f"{self.verb} {self.id}"


class TransferCode(models.Model):
    """A code that a guardian speaks with, bound to one transfer; only its keyed digest is kept.

    `purpose` confirm: consents or declines, once. `purpose` follow: looks, takes back, disputes until the transfer is over.
    `asks` names what the guardian has to know beside it: the end of the phone or document number on record.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    transfer_id = models.UUIDField()
    guardian_id = models.UUIDField()
    purpose = models.CharField(max_length=10)
    asks = models.CharField(max_length=10, blank=True)
    channel = models.CharField(max_length=10)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=["confirm", "follow"]), name="transfer_code_purpose_is_known"),
            models.CheckConstraint(
                condition=Q(channel__in=["paper", "message", "page"]), name="transfer_code_channel_is_known"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["digest"], name="transfer_code_by_digest"),
            models.Index(fields=["transfer_id", "id"], name="transfer_code_by_case"),
        ]

    class Privacy:
        scrub = {"digest": ""}
        keep = {
            "id", "child_id", "transfer_id", "guardian_id", "purpose", "asks", "channel", "made_at", "expires_at", "tries",
            "used_at", "voided_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"


class SeekingDay(models.Model):
    """How often a unit asked in vain for a child by number on one day, so that numbers cannot be tried out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField()
    day = models.DateField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit_id", "day"], name="one_count_of_tries_per_unit_and_day")]

    class Privacy:
        keep = {"id", "unit_id", "day", "tries"}

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day}"


class TransferWish(models.Model):
    """A receiving kindergarten's note that this child came to it. It moves nothing; `transfer_id` is the case it became."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+")
    row_id = models.UUIDField()
    wished_at = models.DateTimeField()
    wished_by = models.UUIDField(null=True)
    transfer_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id", "kindergarten"], name="one_transfer_wish_per_child_and_place")
        ]

    class Privacy:
        keep = {"id", "child_id", "kindergarten", "row_id", "wished_at", "wished_by", "transfer_id"}

    def __str__(self) -> str:
        return str(self.id)
