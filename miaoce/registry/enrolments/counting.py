"""Heads as of a day: who attended where, with the places as they were that day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q

from miaoce.registry.enrolments import states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions import asof
from miaoce.registry.institutions.asof import PlaceThen


@dataclass(frozen=True)
class Heads:
    """A kindergarten on a day and the children who attended it then."""

    place: PlaceThen
    count: int


def true_on(on: date) -> Q:
    """Return the condition that a stay was true on a day: begun, not ended, and approved at some time."""
    begun = Q(started_on__lte=on) & (Q(ended_on__isnull=True) | Q(ended_on__gt=on))
    return begun & ~Q(state__in=[states.APPLIED, states.WITHDRAWN])


def heads_of(office_ids: Iterable[UUID], *, on: date) -> Sequence[Heads]:
    """Return the kindergartens that stood under these offices on a day with their heads, by code. A fixed number of statements."""
    ids = asof.kindergartens_then(office_ids, on=on)
    places = asof.places_of(ids, on=on)
    stays = Enrolment.objects.filter(true_on(on), kindergarten_id__in=list(ids))
    counts = dict(stays.order_by().values_list("kindergarten_id").annotate(Count("child_id", distinct=True)))
    found = [Heads(place, counts.get(pk, 0)) for pk, place in places.items()]
    return sorted(found, key=lambda one: one.place.code)
