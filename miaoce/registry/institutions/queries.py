"""Reads of institutions: offices below an office, kindergartens of a county, the school year of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from miaoce.registry.institutions.models import Group, Kindergarten, Office, School, SchoolYear


@dataclass(frozen=True)
class Branch:
    """An office directly below another, with the ids of all offices under it, itself included."""

    office: Office
    office_ids: tuple[UUID, ...]


def offices_below(path: str) -> list[Office]:
    """Return the office of a path and all below it, by code; one statement."""
    return list(Office.objects.filter(path__startswith=path).order_by("path"))


def branches_of(path: str) -> tuple[Office | None, list[Branch]]:
    """Return the office of a path and its branches, each with every office under it. One statement.

    Whatever hangs directly on the office itself (a county's own register) is in no branch.
    """
    offices = offices_below(path)
    top = next((office for office in offices if office.path == path), None)
    if top is None:
        return None, []
    below = [office for office in offices if office.parent_id == top.pk]
    return top, [
        Branch(branch, tuple(one.pk for one in offices if one.path.startswith(branch.path))) for branch in below
    ]


def units_below(path: str) -> Q:
    """Return the condition that `unit_id` is an office at or below a path, or one of its kindergartens or schools."""
    here = Q(office__path__startswith=path)
    return (
        Q(unit_id__in=Office.objects.filter(path__startswith=path).values("id"))
        | Q(unit_id__in=Kindergarten.objects.filter(here).values("id"))
        | Q(unit_id__in=School.objects.filter(here).values("id"))
    )


def path_within(path: str, code: str) -> str:
    """Return the path of an office by its code when it stands at or below `path`; `path` itself for any other code."""
    found = Office.objects.filter(code=code, path__startswith=path).values_list("path", flat=True).first()
    return found or path


def unit_within(path: str, code: str) -> Q:
    """Return the condition that `unit_id` is the kindergarten or school with a code, below a path; nothing otherwise."""
    here = Q(code=code, office__path__startswith=path)
    return Q(unit_id__in=Kindergarten.objects.filter(here).values("id")) | Q(
        unit_id__in=School.objects.filter(here).values("id")
    )


def office_within(path: str, code: str) -> Office:
    """Return an office by its code when it stands at or below a path; DoesNotExist otherwise."""
    return Office.objects.get(code=code, path__startswith=path)


def line_above(office: Office, top_path: str) -> list[Office]:
    """Return the offices from the one with `top_path` down to an office, both included. One statement."""
    codes = office.path.strip("/").split("/")
    line = Office.objects.filter(code__in=codes, path__startswith=top_path)
    return sorted(line, key=lambda one: len(one.path))


def kindergartens_of(office_id: UUID) -> Sequence[Kindergarten]:
    """Return the kindergartens of a county, by code."""
    return list(Kindergarten.objects.filter(office_id=office_id).order_by("code"))


def kindergarten_named(office_id: UUID, code: str) -> Kindergarten | None:
    """Return a county's kindergarten by its code, None when it has none of that code."""
    return Kindergarten.objects.filter(office_id=office_id, code=code).first() if code else None


def kindergarten_count(office_id: UUID) -> int:
    """Return how many kindergartens a county has."""
    return Kindergarten.objects.filter(office_id=office_id, closed_on=None).count()


def school_year_of(on: date) -> SchoolYear | None:
    """Return the school year that holds a day."""
    return SchoolYear.objects.filter(starts_on__lte=on, ends_on__gte=on).first()


def groups_of(kindergarten_id: UUID, *, on: date) -> list[Group]:
    """Return the groups of a kindergarten in the school year of a day, in their order."""
    return list(Group.objects.of_day(on).filter(kindergarten_id=kindergarten_id).order_by("sort", "name"))


def groups_by_id(group_ids: Iterable[UUID]) -> dict[UUID, Group]:
    """Return groups by their ids."""
    return Group.objects.in_bulk(list(group_ids))
