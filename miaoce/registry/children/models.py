"""The child, guardians, claims on documents and numbers, numbers as dated aliases, notices and consents."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.fields import ByteOrderedField
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.vault.fields import SealedField

if TYPE_CHECKING:
    from miaoce.registry.access.officers import Officer


MERGED = "merged"  # where a record stands that leads to another (enrolments.states)


class ChildQuerySet(models.QuerySet["Child"]):
    """Reads of children. Pages and API start from visible_to."""

    def visible_to(self, actor: "Officer") -> Self:
        """Keep the children of the officer's own kindergarten or county; everybody else sees no single child.

        A record that was merged into another is none any more: whoever asks for it is led on (children.following).
        """
        if not actor.may(Permission.CHILD_VIEW):
            return self.none()
        if actor.is_kindergarten:
            return self.filter(kindergarten_id=actor.unit_id).exclude(standing=MERGED)
        if actor.is_county:
            return self.filter(office_id=actor.unit_id).exclude(standing=MERGED)
        return self.none()


class Child(models.Model):
    """A child of the register, for life. `id` is the immutable key; the number is a dated alias (ChildNumber).

    `kindergarten` and `office` say who answers for the record now; `state` is the state of its registration case and
    `standing` where the child stands since (enrolments.states.STANDINGS; empty before the number). `deferred_until_on` is the
    1 September to which entering primary school was put off.
    Document number, address and number are sealed under the child's own key; `*_digest` find them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = ByteOrderedField(max_length=50)
    former_name = models.CharField(max_length=50, blank=True)
    pinyin = ByteOrderedField(max_length=200, blank=True)
    initials = ByteOrderedField(max_length=50, blank=True)
    sex = models.CharField(max_length=1)
    born_on = models.DateField()
    document_kind = models.CharField(max_length=30)
    document_number = SealedField(null=True)
    document_digest = models.CharField(max_length=64, blank=True)
    document_last4 = models.CharField(max_length=64, blank=True)
    nationality = models.CharField(max_length=3, default="CHN")
    ethnicity = models.CharField(max_length=2, blank=True)
    hukou_region = models.CharField(max_length=6, blank=True)
    hukou_kind = models.CharField(max_length=2, blank=True)
    birth_region = models.CharField(max_length=6, blank=True)
    address = SealedField(null=True)
    health = models.CharField(max_length=4, blank=True)
    disability = models.CharField(max_length=4, blank=True)
    only_child = models.CharField(max_length=1, blank=True)
    left_behind = models.CharField(max_length=1, blank=True)
    migrant = models.CharField(max_length=1, blank=True)
    orphan = models.CharField(max_length=1, blank=True)
    remark = SealedField(null=True)
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10)
    standing = models.CharField(max_length=10, blank=True, default="", db_default="")
    deferred_until_on = models.DateField(null=True)
    number = SealedField(null=True)
    number_kind = models.CharField(max_length=1, blank=True)
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = ChildQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["1", "2"]), name="child_sex_is_known"),
            models.CheckConstraint(
                condition=Q(number__isnull=True, number_kind="")
                | Q(number__isnull=False, number_kind__in=["G", "L", "J"]),
                name="child_number_and_kind_together",
            ),
        ]
        indexes = [
            models.Index(fields=["kindergarten", "pinyin", "id"], name="child_of_kindergarten"),
            models.Index(fields=["kindergarten", "initials"], name="child_of_kg_by_initials"),
            models.Index(fields=["office", "pinyin", "id"], name="child_of_county"),
            models.Index(fields=["office", "initials"], name="child_of_county_by_initials"),
            models.Index(fields=["office", "name"], name="child_of_county_by_name"),
            models.Index(fields=["name", "born_on", "sex"], name="child_by_name_and_birth"),
            models.Index(fields=["office", "document_last4"], name="child_of_county_by_last_four"),
        ]

    class Privacy:
        scrub = {
            "name": "某某", "former_name": "", "pinyin": "", "initials": "", "document_number": None,
            "document_digest": "", "document_last4": "", "address": None, "remark": None, "number": None,
            "health": "", "disability": "",
        }  # fmt: skip
        keep = {
            "id", "sex", "born_on", "document_kind", "nationality", "ethnicity", "hukou_region", "hukou_kind",
            "birth_region", "only_child", "left_behind", "migrant", "orphan", "kindergarten", "office", "state", "standing",
            "deferred_until_on",
            "number_kind", "recorded_at", "changed_at", "version",
        }  # fmt: skip

    def __str__(self) -> str:
        return str(self.id)

    @property
    def stands(self) -> str:
        """Where the record stands for a reader: its registration until the number is there, from then on the child's standing."""
        return self.standing or self.state


class Guardian(models.Model):
    """A guardian of one child. Everything that names or reaches the person is sealed under the child's key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    position = models.PositiveSmallIntegerField()
    name = SealedField()
    relation = models.CharField(max_length=4)
    document_kind = models.CharField(max_length=30, blank=True)
    document_number = SealedField(null=True)
    document_digest = models.CharField(max_length=64, blank=True)
    phone = SealedField(null=True)
    phone_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child_id", "position"], name="guardian_position_once_per_child"),
        ]
        indexes = [models.Index(fields=["phone_digest"], name="guardian_by_phone", condition=~Q(phone_digest=""))]

    class Privacy:
        scrub = {
            "name": b"", "document_number": None, "document_digest": "", "phone": None, "phone_digest": "",
        }  # fmt: skip
        keep = {"id", "child_id", "position", "relation", "document_kind"}

    def __str__(self) -> str:
        return str(self.id)


class DocumentClaim(models.Model):
    """One child per identity document: the keyed digest of kind and number. The only place where that is decided."""

    digest = models.CharField(max_length=64, primary_key=True)
    child_id = models.UUIDField()
    claimed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["child_id"], name="document_claim_by_child")]

    class Privacy:
        scrub = {"digest": ""}
        keep = {"child_id", "claimed_at"}

    def __str__(self) -> str:
        return str(self.child_id)


class NumberClaim(models.Model):
    """One child per number, for ever: rows are never deleted, so a number is never issued again."""

    digest = models.CharField(max_length=64, primary_key=True)
    child_id = models.UUIDField()
    claimed_at = models.DateTimeField()

    class Privacy:
        scrub = {"digest": ""}
        keep = {"child_id", "claimed_at"}

    def __str__(self) -> str:
        return str(self.child_id)


class ChildNumber(models.Model):
    """A number (学籍号) of a child as a dated alias: G formal, L temporary, J without a usable ID number (domain.md §3.4)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    kind = models.CharField(max_length=1)
    number = SealedField()
    digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    from_on = models.DateField()
    to_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child_id"], condition=Q(to_on__isnull=True), name="one_current_number_per_child"
            ),
            models.CheckConstraint(condition=Q(kind__in=["G", "L", "J"]), name="number_kind_is_known"),
        ]
        indexes = [models.Index(fields=["child_id"], name="number_by_child")]

    class Privacy:
        scrub = {"number": b"", "digest": ""}
        keep = {"id", "child_id", "kind", "issued_at", "from_on", "to_on"}

    def __str__(self) -> str:
        return str(self.id)


class ChildMerge(models.Model):
    """That a record was merged into another (合并): who asks for `gone_id` is led to `kept_id`, for ever unless it was undone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    gone_id = models.UUIDField()
    kept_id = models.UUIDField()
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["gone_id"], condition=Q(undone_at__isnull=True), name="one_way_on_from_a_merged_record"
            ),
            models.CheckConstraint(condition=~Q(gone_id=models.F("kept_id")), name="merged_into_another_record"),
        ]
        indexes = [models.Index(fields=["kept_id"], name="child_merge_by_kept")]

    class Privacy:
        keep = {"id", "gone_id", "kept_id", "merged_at", "undone_at"}

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"


class NoticeText(models.Model):
    """A version of a text that guardians are shown: the notice, or one optional item they may consent to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=30)
    version = models.CharField(max_length=20)
    title = models.CharField(max_length=80)
    body = models.TextField()
    digest = models.CharField(max_length=64)
    from_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="notice_text_version_once")]

    class Privacy:
        keep = {"id", "kind", "version", "title", "body", "digest", "from_on"}

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class NoticeServed(models.Model):
    """That a guardian was served a text, how, when and by whom; for optional items also whether consent was given.

    `answer`: "served" for the notice (个人信息保护法 art. 35), "given" or "refused" or "withdrawn" for consents (学前教育法 art. 21).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_id = models.UUIDField()
    guardian_id = models.UUIDField()
    text = models.ForeignKey(NoticeText, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=10)
    channel = models.CharField(max_length=20)
    at = models.DateTimeField()
    process_id = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__in=["served", "given", "refused", "withdrawn"]), name="notice_answer_is_known"
            ),
        ]
        indexes = [models.Index(fields=["child_id", "at"], name="notice_by_child")]

    class Privacy:
        keep = {"id", "child_id", "guardian_id", "text", "answer", "channel", "at", "process_id"}

    def __str__(self) -> str:
        return f"{self.answer} {self.id}"
