"""The place that rows are checked for, read from the institutions."""

from datetime import date

from django.db.models import Count, Q

from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Group, Kindergarten, SchoolYear
from miaoce.registry.intake.groups import GroupSpec, Place
from miaoce.registry.intake.models import HeadingMemory


def place_of(kindergarten: Kindergarten, *, on: date) -> Place:
    """Return a kindergarten with its classes of that day's school year and how many children each has, in three statements."""
    groups = list(Group.objects.of_day(on).filter(kindergarten=kindergarten).order_by("sort", "name"))
    held = Q(state__in=[stays.APPLIED, stays.ATTENDING], ended_on=None, group__in=[group.pk for group in groups])
    counts = dict(Enrolment.objects.filter(held).values_list("group").annotate(children=Count("id")))
    year = SchoolYear.objects.filter(starts_on__lte=on, ends_on__gte=on).first()
    return Place(
        kindergarten_code=kindergarten.code,
        name=kindergarten.name,
        region_code=kindergarten.region_code,
        today=on,
        school_year_start=year.starts_on if year else date(on.year if on.month >= 9 else on.year - 1, 9, 1),
        classes=tuple(GroupSpec(g.name, g.kind, g.size_norm, counts.get(g.pk, 0)) for g in groups),
    )


def memory_of(kindergarten: Kindergarten) -> dict[str, str]:
    """Return what this kindergarten's headings were said to mean: heading → field, "" for a column left out."""
    return dict(HeadingMemory.objects.filter(kindergarten=kindergarten).values_list("heading", "field"))
