"""Lists of problem records: what is in hand by its due day, what was decided the newest first; found by a child's name or number."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import DateField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child
from miaoce.registry.children.search import narrowed as found_children
from miaoce.registry.problems import queries, states
from miaoce.registry.problems.models import ProblemRecord, ProblemRecordQuerySet, ProblemSide
from miaoce.registry.problems.opening import CLOCK
from miaoce.registry.problems.queries import PAGE, Filters, Page

Placed = QuerySet[Any]
"""Problems with their place in a list (`place`)."""

NOBODY = UUID(int=0)
FAR = date(9999, 12, 31)  # stands for no clock, so that every row has a place


def listed(
    actor: Officer, filters: Filters, *, among: Collection[str] = (), words: str = "", on: date
) -> ProblemRecordQuerySet:
    """Return the problems of the officer's unit that fit; `among` are states, `words` find children that the officer may see."""
    found = queries.narrowed(actor, filters)
    if among:
        found = found.filter(state__in=list(among))
    if words:
        mine = found_children(Child.objects.visible_to(actor), words, in_county=actor.is_county, on=on)
        sides = ProblemSide.objects.filter(child_id__in=mine.values("pk"))
        found = found.filter(pk__in=sides.values("problem_id"))
    return found


def page_of(
    actor: Officer,
    found: ProblemRecordQuerySet,
    *,
    is_decided: bool = False,
    after: UUID | None = None,
    before: UUID | None = None,
    most: int = PAGE,
) -> Page:
    """Return up to `most` problems, the nearest due day first, or the newest decision; the caller logs the reading.

    The cursor is the id of a problem that the officer may see. A clock of the officer's own unit goes before others'.
    """
    cursor, backwards = after or before, before is not None and after is None
    ordered = _decided(found) if is_decided else _by_due(found, actor)
    if cursor is not None:
        every = ProblemRecord.objects.visible_to(actor)
        anchor = (_decided(every) if is_decided else _by_due(every, actor)).filter(pk=cursor).values_list("place", "pk")
        ordered = _beyond(ordered, anchor.first(), falling=is_decided != backwards)
    signs = "-" if is_decided != backwards else ""
    taken = list(ordered.order_by(f"{signs}place", f"{signs}pk")[: most + 1])
    more, taken = len(taken) > most, taken[:most]
    if backwards:
        taken.reverse()
    has_previous = more if backwards else after is not None
    has_following = before is not None if backwards else more
    first, last = (taken[0].pk, taken[-1].pk) if taken else (None, None)
    return Page(queries.shown_of(taken, actor), first if has_previous else None, last if has_following else None)


def following(actor: Officer, found: ProblemRecordQuerySet, *, after: UUID) -> UUID | None:
    """Return the id of the problem that comes after one in the order of due days, else the first; None where no other is."""
    ordered = _by_due(found.exclude(pk=after), actor).order_by("place", "pk").values_list("pk", flat=True)
    anchor = _by_due(ProblemRecord.objects.visible_to(actor), actor).filter(pk=after).values_list("place", "pk").first()
    found_id: UUID | None = _beyond(ordered, anchor, falling=False).first() or ordered.first()
    return found_id


def _decided(found: ProblemRecordQuerySet) -> Placed:
    """Give decided problems their place: when they were decided."""
    return found.filter(decided_at__isnull=False).annotate(place=F("decided_at"))


def _by_due(found: ProblemRecordQuerySet, actor: Officer) -> Placed:
    """Give problems in hand their place: the due day of the officer's own clock, else of the nearest other one."""
    running = Clock.objects.filter(case_id=OuterRef("pk"), case_kind=CLOCK, stopped_at=None).order_by("due_on")
    mine = Subquery(running.filter(owner_id=actor.unit_id or NOBODY).values("due_on")[:1])
    others = Subquery(running.values("due_on")[:1])
    return found.filter(state__in=states.IN_HAND).annotate(place=Coalesce(mine, others, Value(FAR, DateField())))


def _beyond(found: Placed, anchor: tuple[object, UUID] | None, *, falling: bool) -> Placed:
    """Keep what comes behind a place."""
    if anchor is None:
        return found
    side = "lt" if falling else "gt"
    place, pk = anchor
    return found.filter(Q(**{f"place__{side}": place}) | Q(place=place, **{f"pk__{side}": pk}))
