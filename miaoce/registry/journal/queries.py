"""Reads of the journal for auditors: who was shown what and who did what, below an office. Ids only, no child's name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from miaoce.registry.journal.models import Event, Process, Reading, ReadingOf

PAGE = 50
Row = TypeVar("Row", Reading, Process)


@dataclass(frozen=True)
class Asked:
    """What an auditor looks for: `units` is a condition on unit_id; between two moments, by one person, one child."""

    units: Q
    since: datetime
    until: datetime
    actor_id: UUID | None = None
    child_id: UUID | None = None


def readings(asked: Asked, *, before: UUID | None = None, most: int = PAGE) -> tuple[list[Reading], UUID | None]:
    """Return readings, the newest first, and the id behind which the next page begins. One statement, two for a child."""
    found = Reading.objects.filter(asked.units, _when(asked))
    if asked.child_id is not None:
        spread = ReadingOf.objects.filter(child_id=asked.child_id).values("reading_id")
        waiting = Q(is_spread=False, child_ids__contains=asked.child_id.hex)
        found = found.filter(Q(pk__in=spread) | waiting)
    return _page(found, before, most)


def processes(asked: Asked, *, before: UUID | None = None, most: int = PAGE) -> tuple[list[Process], UUID | None]:
    """Return what was done, the newest first, and the id behind which the next page begins."""
    found = Process.objects.filter(asked.units, _when(asked))
    if asked.child_id is not None:
        found = found.filter(pk__in=Event.objects.filter(child_id=asked.child_id).values("process_id"))
    return _page(found, before, most)


def _when(asked: Asked) -> Q:
    """Return the condition on moment and person."""
    when = Q(at__gte=asked.since, at__lt=asked.until)
    return when & Q(actor_id=asked.actor_id) if asked.actor_id else when


def _page(found: QuerySet[Row], before: UUID | None, most: int) -> tuple[list[Row], UUID | None]:
    """Return a page in the order of moments. The cursor is an id; the moment it stands for is read with it."""
    if before is not None:
        moment = found.filter(pk=before).values_list("at", flat=True).first()
        if moment is not None:
            found = found.filter(Q(at__lt=moment) | Q(at=moment, id__lt=before))
    rows = list(found.order_by("-at", "-id")[: most + 1])
    return rows[:most], rows[most - 1].pk if len(rows) > most else None


def event_counts(process_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many facts each process changed; one statement."""
    counted = Event.objects.filter(process_id__in=list(process_ids)).order_by().values_list("process_id")
    return dict(counted.annotate(Count("id")))


def last_looks(child_id: UUID, *, since: datetime, what: str) -> Sequence[Reading]:
    """Return who was shown `what` of one child since a moment, the newest first; two statements."""
    ids = (
        ReadingOf.objects.filter(child_id=child_id, at__gte=since).order_by("-at").values_list("reading_id", flat=True)
    )
    return list(Reading.objects.filter(pk__in=list(ids[:20]), what=what).order_by("-at"))
