"""Tables of the reference room: code lists, regions, working days, and the editions that brought their rows."""

from django.db import models
from django.db.models import F, Q

from miaoce.registry.ids import new_id


def no_words() -> list[str]:
    """The default of a column of words (inside `Code`, the name `list` is a field)."""
    return []


class Edition(models.Model):
    """One load of reference rows: what changed and where it came from. A new one tells readers to read again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10)  # shipped, regions or workdays
    source = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)  # SHA-256 of what was loaded; the same again changes nothing
    effective_on = models.DateField()
    changes = models.JSONField(default=dict)  # counts and, for regions, the codes concerned

    class Privacy:
        scrub: dict[str, str | None] = {}
        keep = {"id", "kind", "source", "digest", "effective_on", "changes"}

    def __str__(self) -> str:
        return f"{self.kind} {self.effective_on}"


class Code(models.Model):
    """One dated row of a code list, in force on `valid_from` ≤ day < `valid_to`; empty is open at that end."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    list = models.CharField(max_length=20)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    aliases = models.JSONField(default=no_words)
    slips = models.JSONField(default=no_words)
    legacy = models.JSONField(default=no_words)
    extra = models.JSONField(default=dict)
    sort = models.PositiveIntegerField(default=0)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["list", "code"], condition=Q(valid_to__isnull=True), name="one_open_row_per_code"
            ),
            models.UniqueConstraint(
                fields=["list", "code", "valid_from"],
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="one_row_per_code_and_start",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="code_ends_after_its_start",
            ),
        ]

    class Privacy:
        scrub: dict[str, str | None] = {}
        keep = {
            "id", "list", "code", "name", "aliases", "slips", "legacy", "extra", "sort", "valid_from", "valid_to",
            "source",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.list} {self.code} {self.name}"


class Region(models.Model):
    """One dated row of the region table, in force in `valid_from` ≤ year < `valid_to`; empty is open.

    `own_office`: an education office of its own belongs to the code. Rows such as 市辖区 have none, so a county run by
    its province answers to the province; zones and cities without counties have one and lead their kindergartens.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=6)
    name = models.CharField(max_length=40)
    level = models.CharField(max_length=10)
    parent_code = models.CharField(max_length=6, blank=True)
    valid_from = models.PositiveSmallIntegerField(null=True)
    valid_to = models.PositiveSmallIntegerField(null=True)
    source = models.CharField(max_length=120, blank=True)
    own_office = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(valid_to__isnull=True), name="one_open_row_per_region"
            ),
            # A code can have been given to two places one after the other within a year.
            models.UniqueConstraint(
                fields=["code", "valid_from", "name"],
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="one_row_per_region_start_and_name",
            ),
            models.CheckConstraint(
                condition=Q(level__in=["nation", "province", "city", "county", "zone"]), name="region_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="region_ends_after_its_start",
            ),
        ]

    class Privacy:
        scrub: dict[str, str | None] = {}
        keep = {
            "id", "code", "name", "level", "parent_code", "valid_from", "valid_to", "source", "own_office",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Workday(models.Model):
    """A day that is not what its weekday says, or a named holiday: the yearly notice, correctable."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField(unique=True)
    is_working = models.BooleanField()
    name = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=120, blank=True)

    class Privacy:
        scrub: dict[str, str | None] = {}
        keep = {"id", "day", "is_working", "name", "source"}

    def __str__(self) -> str:
        return f"{self.day} {'班' if self.is_working else '休'}"
