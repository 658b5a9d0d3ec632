"""Institutions as they were on a day: names, counties and licences of that day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from miaoce.registry.institutions.models import Kindergarten, KindergartenPast, Office, OfficePast


@dataclass(frozen=True)
class PlaceThen:
    """A kindergarten on a day: `office_name` as the office was called that day; `is_closed` says whether it was closed by then."""

    id: UUID
    code: str
    name: str
    office_id: UUID
    office_name: str
    ownership: str
    is_closed: bool


def places_of(kindergarten_ids: Iterable[UUID], *, on: date) -> dict[UUID, PlaceThen]:
    """Return kindergartens as they were on a day. Four statements however many."""
    wanted = list(kindergarten_ids)
    now = {place.pk: place for place in Kindergarten.objects.filter(pk__in=wanted)}
    then: dict[UUID, KindergartenPast] = {}
    for past in KindergartenPast.objects.filter(kindergarten_id__in=wanted, until_on__gt=on).order_by("-until_on"):
        then[past.kindergarten_id] = past  # the earliest that ends after the day wins
    rows = {pk: then.get(pk, place) for pk, place in now.items()}
    names = office_names({row.office_id for row in rows.values()}, on=on)
    return {
        pk: PlaceThen(
            pk, now[pk].code, row.name, row.office_id, names[row.office_id], row.ownership,
            row.closed_on is not None and row.closed_on <= on,
        )
        for pk, row in rows.items()
    }  # fmt: skip


def office_names(office_ids: Iterable[UUID], *, on: date) -> dict[UUID, str]:
    """Return what offices were called on a day. Two statements."""
    wanted = list(office_ids)
    names = dict(Office.objects.filter(pk__in=wanted).values_list("id", "name"))
    pasts = OfficePast.objects.filter(office_id__in=wanted, until_on__gt=on).order_by("-until_on")
    return names | dict(pasts.values_list("office_id", "name"))


def kindergartens_then(office_ids: Iterable[UUID], *, on: date) -> set[UUID]:
    """Return the kindergartens that stood under these offices on a day, wherever they stand now. Three statements."""
    offices = list(office_ids)
    here = set(Kindergarten.objects.filter(office_id__in=offices).values_list("id", flat=True))
    here |= set(
        KindergartenPast.objects.filter(office_id__in=offices, until_on__gt=on).values_list(
            "kindergarten_id", flat=True
        )
    )
    return {pk for pk, place in places_of(here, on=on).items() if place.office_id in set(offices)}
