"""Tables of institutions: offices, kindergartens, primary schools, school years, groups (classes), and what they were before."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from miaoce.registry.ids import new_id


class Office(models.Model):
    """An education office. A development zone without a region code of its own has `region_code` empty and a code of its own.

    `path` is the codes from the nation down, each followed by "/", so that "all below" is one prefix.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=60)
    level = models.CharField(max_length=10)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    region_code = models.CharField(max_length=6, blank=True)
    path = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=["nation", "province", "city", "county"]), name="office_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=False) | Q(level="nation"), name="office_below_the_nation_has_a_parent"
            ),
        ]

    class Privacy:
        keep = {"id", "code", "name", "level", "parent", "region_code", "path"}

    def __str__(self) -> str:
        return self.name


class Kindergarten(models.Model):
    """A kindergarten by its 10-digit code (学校(机构)标识码), which never changes and is never used again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=80)
    uscc = models.CharField(max_length=18, blank=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="kindergartens")
    region_code = models.CharField(max_length=6)
    ownership = models.CharField(max_length=20)
    urban_rural = models.CharField(max_length=3, blank=True)
    licence_number = models.CharField(max_length=40, blank=True)
    licence_from = models.DateField(null=True)
    licence_to = models.DateField(null=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(licence_to__isnull=True) | Q(licence_from__isnull=False), name="licence_end_needs_a_start"
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{10}$"), name="kindergarten_code_has_ten_digits"),
        ]

    class Privacy:
        keep = {
            "id", "code", "name", "uscc", "office", "region_code", "ownership", "urban_rural",
            "licence_number", "licence_from", "licence_to", "opened_on", "closed_on",
        }  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def is_licensed(self, on: date) -> bool:
        """Say whether the licence is valid on a day (学前教育法 art. 30: lawfully run)."""
        began = self.licence_from is not None and self.licence_from <= on
        return (
            began
            and (self.licence_to is None or on <= self.licence_to)
            and (self.closed_on is None or on < self.closed_on)
        )


class KindergartenPast(models.Model):
    """How a kindergarten was until a day (that day excluded). What no past covers is as the kindergarten's own row says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="pasts", db_index=False)
    until_on = models.DateField()
    name = models.CharField(max_length=80)
    uscc = models.CharField(max_length=18, blank=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=6)
    ownership = models.CharField(max_length=20)
    urban_rural = models.CharField(max_length=3, blank=True)
    licence_number = models.CharField(max_length=40, blank=True)
    licence_from = models.DateField(null=True)
    licence_to = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    process_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kindergarten", "until_on"], name="one_past_of_a_kindergarten_per_day")
        ]

    class Privacy:
        keep = {
            "id", "kindergarten", "until_on", "name", "uscc", "office", "region_code", "ownership", "urban_rural",
            "licence_number", "licence_from", "licence_to", "closed_on", "process_id",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} until {self.until_on}"


class OfficePast(models.Model):
    """What an office was called until a day (that day excluded)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="pasts", db_index=False)
    until_on = models.DateField()
    name = models.CharField(max_length=60)
    process_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "until_on"], name="one_past_of_an_office_per_day")]

    class Privacy:
        keep = {"id", "office", "until_on", "name", "process_id"}

    def __str__(self) -> str:
        return f"{self.name} until {self.until_on}"


class Succession(models.Model):
    """That one kindergarten took over from another on a day: by merger, split or closure (学前教育法 art. 31)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    former = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    day = models.DateField()
    process_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["former", "successor", "day"], name="one_succession_of_two_per_day"),
            models.CheckConstraint(condition=~Q(former=models.F("successor")), name="nobody_succeeds_itself"),
            models.CheckConstraint(condition=Q(kind__in=["merge", "split", "close"]), name="succession_kind_is_known"),
        ]

    class Privacy:
        keep = {"id", "former", "successor", "kind", "day", "process_id"}

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class School(models.Model):
    """A primary school, as far as the handover of first-graders needs it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=80)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="schools")

    class Privacy:
        keep = {"id", "code", "name", "office"}

    def __str__(self) -> str:
        return self.name


class SchoolYear(models.Model):
    """A school year: 1 September to 31 August."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=20, unique=True)
    starts_on = models.DateField(unique=True)
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=models.F("starts_on")), name="school_year_ends_after_its_start"
            )
        ]

    class Privacy:
        keep = {"id", "name", "starts_on", "ends_on"}

    def __str__(self) -> str:
        return self.name


class GroupQuerySet(models.QuerySet["Group"]):
    """Reads of groups."""

    def of_day(self, on: date) -> Self:
        """Keep the groups of the school year that holds a day."""
        return self.filter(school_year__starts_on__lte=on, school_year__ends_on__gte=on)


class Group(models.Model):
    """A class of one kindergarten in one school year (托 / 小 / 中 / 大 / 混龄); sizes by 幼儿园工作规程 art. 11."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kindergarten = models.ForeignKey(Kindergarten, on_delete=models.PROTECT, related_name="groups")
    school_year = models.ForeignKey(SchoolYear, on_delete=models.PROTECT, related_name="groups")
    name = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    size_norm = models.PositiveSmallIntegerField()
    sort = models.PositiveSmallIntegerField(default=0)

    objects = GroupQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kindergarten", "school_year", "name"], name="group_name_once_a_year"),
            models.CheckConstraint(
                condition=Q(kind__in=["nursery", "junior", "middle", "senior", "mixed"]), name="group_kind_is_known"
            ),
        ]

    class Privacy:
        keep = {"id", "kindergarten", "school_year", "name", "kind", "size_norm", "sort"}

    def __str__(self) -> str:
        return self.name
