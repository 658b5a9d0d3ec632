"""What matching keeps in the register: a record of digests for each child, the pairs found, the tables of outcomes, the runs."""

from django.db import models
from django.db.models import F, Q

from miaoce.registry.ids import new_id

SAME, REVIEW, TWIN, DIFFERENT = "same", "review", "twin", "different"
VERDICTS = {SAME: "同一幼儿", REVIEW: "待核", TWIN: "双胞胎", DIFFERENT: "不是同一幼儿"}
"""What the table of outcomes says of a pair. No row is kept of two who are different, unless a person decided about them."""

UNDECIDED, UNSURE = "", "unsure"
DECIDED = {UNDECIDED: "未定", SAME: "同一幼儿", DIFFERENT: "不同幼儿", UNSURE: "暂不能确定"}
"""What a person decided about a pair."""

DRAFT, IN_FORCE, WITHDRAWN = "draft", "in_force", "withdrawn"
TABLE_STATES = {DRAFT: "草稿", IN_FORCE: "在用", WITHDRAWN: "已停用"}

GONE = frozenset({"void", "merged"})
"""Where a child stands (Child.standing) whose record is nobody's any more: nobody is compared with it."""

KEYS = (
    "document", "document_region", "document_order", "phone1", "phone2", "guardian_document1", "guardian_document2",
    "guardian1", "guardian2", "guardian_month1", "guardian_month2", "guardians", "name", "name_month", "name_birthday",
    "birth_given", "birth_surname", "address",
)  # fmt: skip
"""The columns by which others are found (`asking.py` says what each is): one number a column, 0 and NULL find nobody."""


class MatchRecord(models.Model):
    """What is compared of a child, as keyed digests made inside the vault: no document, phone, address or name of a guardian.

    Name, sex, birth date, region and stay stand in the child's own rows and are read there. `child_version` is the version of
    the child that this was made from, `form` how it was made (`features.form`): what differs is made anew. `digest` is that of
    everything compared, so that a verdict knows whether it still rests on the same data.
    """

    child_id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    child_version = models.PositiveIntegerField()
    form = models.BigIntegerField()
    features = models.BinaryField()
    digest = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    document = models.BigIntegerField(null=True)
    document_region = models.BigIntegerField(null=True)
    document_order = models.BigIntegerField(null=True)
    phone1 = models.BigIntegerField(null=True)
    phone2 = models.BigIntegerField(null=True)
    guardian_document1 = models.BigIntegerField(null=True)
    guardian_document2 = models.BigIntegerField(null=True)
    guardian1 = models.BigIntegerField(null=True)
    guardian2 = models.BigIntegerField(null=True)
    guardian_month1 = models.BigIntegerField(null=True)
    guardian_month2 = models.BigIntegerField(null=True)
    guardians = models.BigIntegerField(null=True)
    name = models.BigIntegerField(null=True)
    name_month = models.BigIntegerField(null=True)
    name_birthday = models.BigIntegerField(null=True)
    birth_given = models.BigIntegerField(null=True)
    birth_surname = models.BigIntegerField(null=True)
    address = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=[key], name=f"match_by_{key}", condition=Q(**{f"{key}__isnull": False})) for key in KEYS
        ]

    class Privacy:
        scrub: dict[str, object] = {"features": b"", "digest": "", **dict.fromkeys(KEYS)}
        keep = {"child_id", "child_version", "form", "made_at"}

    def __str__(self) -> str:
        return str(self.child_id)


class MatchPair(models.Model):
    """Two children that could be one, each pair once (`one_id` < `other_id`); no key leads from it to either.

    `code` says what agrees, `verdict` what the table made of it, `basis` on what data of both that rests (MatchRecord.digest).
    `decided` is what a person said, `decided_basis` on what data: “different” and “same” hold until those change. `table_id` is
    the version of the table that judged, empty for the one that comes with the program.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    one_id = models.UUIDField()
    other_id = models.UUIDField()
    code = models.CharField(max_length=20)
    verdict = models.CharField(max_length=10)
    table_id = models.UUIDField(null=True)
    basis = models.CharField(max_length=64)
    found_at = models.DateTimeField()
    judged_at = models.DateTimeField()
    decided = models.CharField(max_length=10, blank=True, default=UNDECIDED)
    decided_basis = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    process_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one_id", "other_id"], name="match_pair_once"),
            models.CheckConstraint(condition=Q(one_id__lt=F("other_id")), name="match_pair_in_order"),
            models.CheckConstraint(condition=Q(verdict__in=sorted(VERDICTS)), name="match_verdict_is_known"),
            models.CheckConstraint(
                condition=Q(decided="", decided_at__isnull=True, process_id__isnull=True)
                | Q(decided__in=[SAME, DIFFERENT, UNSURE], decided_at__isnull=False, process_id__isnull=False),
                name="match_pair_decided_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["other_id"], name="match_pair_by_other"),
            models.Index(
                fields=["found_at", "id"],
                name="match_pair_open",
                condition=Q(decided="", verdict__in=[SAME, REVIEW]),
            ),
        ]

    class Privacy:
        scrub: dict[str, object] = {"code": "", "basis": "", "decided_basis": ""}
        keep = {
            "id", "one_id", "other_id", "verdict", "table_id", "found_at", "judged_at", "decided", "decided_at", "process_id",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.verdict} {self.id}"


class MatchTable(models.Model):
    """A version of the table of outcomes: what differs from the file that comes with the program, who made it and why.

    `outcomes` are verdicts by code, `bounds` those of the points (outcomes.Bounds) that are not the file's. Another person than
    its maker puts it in force; at most one version is, and with none the file decides alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, default=DRAFT)
    outcomes = models.JSONField(default=dict)
    bounds = models.JSONField(default=dict)
    reason = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField()
    made_by_name = models.CharField(max_length=60)
    from_at = models.DateTimeField(null=True)
    put_by = models.UUIDField(null=True)
    put_by_name = models.CharField(max_length=60, blank=True)
    to_at = models.DateTimeField(null=True)
    withdrawn_for = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number"], name="match_table_number_once"),
            models.UniqueConstraint(fields=["state"], condition=Q(state=IN_FORCE), name="one_match_table_in_force"),
            models.CheckConstraint(condition=Q(state__in=sorted(TABLE_STATES)), name="match_table_state_is_known"),
            models.CheckConstraint(
                condition=Q(put_by__isnull=True) | ~Q(put_by=F("made_by")), name="match_table_put_by_another"
            ),
            models.CheckConstraint(
                condition=Q(from_at__isnull=True, put_by__isnull=True) | Q(from_at__isnull=False, put_by__isnull=False),
                name="match_table_put_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=IN_FORCE) | Q(from_at__isnull=False, to_at__isnull=True),
                name="match_table_in_force_says_since_when",
            ),
        ]

    class Privacy:
        scrub = {"made_by_name": "某人", "put_by_name": "某人", "reason": "", "withdrawn_for": ""}
        keep = {
            "id", "number", "state", "outcomes", "bounds", "made_at", "made_by", "from_at", "put_by", "to_at", "version",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.state}"


class MatchRun(models.Model):
    """A run over the register: which night it is for (empty where somebody asked), how far it came, what it found.

    `since_at` is the moment from which changed children were looked at, empty for a run over all; `after_id` the last child done,
    so that whoever takes it up goes on there. A night has one run, and a run one worker (`claimed_by`) while it is touched.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    night_on = models.DateField(null=True)
    since_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=60, blank=True)
    after_id = models.UUIDField(null=True)
    records = models.PositiveIntegerField(default=0)
    pairs = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["night_on"], condition=Q(night_on__isnull=False), name="match_run_once_a_night"
            ),
        ]
        indexes = [models.Index(fields=["started_at"], name="match_run_by_start")]

    class Privacy:
        keep = {
            "id", "night_on", "since_at", "started_at", "touched_at", "ended_at", "claimed_by", "after_id", "records", "pairs", "found",
        }  # fmt: skip

    def __str__(self) -> str:
        return str(self.id)


class MatchHold(models.Model):
    """That somebody is recording a child of this name and birth date, or with this phone, now: whoever else is waits for the end.

    `id` is a keyed digest of what is held, so that a row says nothing; the row's lock is what holds, and old rows are swept away.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    held_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["held_at"], name="match_hold_by_time")]

    class Privacy:
        keep = {"id", "held_at"}

    def __str__(self) -> str:
        return str(self.id)
