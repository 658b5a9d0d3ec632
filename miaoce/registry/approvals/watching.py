"""Watching the clocks: reminders, escalation, what waits for whom, what has lain for half a year. A clock never decides.

Reminded the working day before (T-1); the owner's county is told the working day after (T+1), the province on the third
(T+3); days by the official calendar. Being told is a mark on the clock: the pages and the daily digest are made of them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from miaoce.registry import rows
from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import states
from miaoce.registry.approvals.clocks import OVERALL
from miaoce.registry.approvals.models import Clock
from miaoce.registry.institutions.models import Kindergarten, Office, School
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference

REMIND_BEFORE, COUNTY_AFTER, PROVINCE_AFTER = 1, 1, 3
DECIDED = frozenset(states.CASE_KINDS)  # kinds that a county decides, and returns
HALF_A_YEAR = timedelta(days=183)
MARKS = {
    "reminded_at": "clock.reminded",
    "county_told_at": "clock.county_told",
    "province_told_at": "clock.province_told",
}


def is_due(*, on: date) -> bool:
    """Say whether a clock waits to be marked on a day. One statement."""
    return _unmarked(on).exists()


def _unmarked(on: date) -> QuerySet[Clock]:
    """Return the clocks that should carry a mark on a day and do not."""
    calendar = reference.calendar()
    soon = calendar.add(on, REMIND_BEFORE)
    first, third = _worked_back(on, COUNTY_AFTER), _worked_back(on, PROVINCE_AFTER)
    return Clock.objects.filter(stopped_at=None).filter(
        Q(reminded_at=None, due_on__lte=soon)
        | Q(county_told_at=None, due_on__lte=first)
        | Q(province_told_at=None, due_on__lte=third)
    )


def _worked_back(on: date, days: int) -> date:
    """Return the last due day that `days` working days have passed since, on a day."""
    calendar, day = reference.calendar(), on
    while calendar.between(day, on) < days:
        day -= timedelta(days=1)
    return day


@transaction.atomic
def mark(*, process: Process, limit: int = 5_000) -> int:
    """Set the marks that are due on the day of the process, and return how many clocks got one. Safe to repeat."""
    on = journal.day_of(process)
    soon = reference.calendar().add(on, REMIND_BEFORE)
    first, third = _worked_back(on, COUNTY_AFTER), _worked_back(on, PROVINCE_AFTER)
    found = list(_unmarked(on).order_by("due_on", "id")[:limit])
    wanted = {"reminded_at": soon, "county_told_at": first, "province_told_at": third}
    changes = []
    for column, last_due in wanted.items():
        some = [clock for clock in found if getattr(clock, column) is None and clock.due_on <= last_due]
        Clock.objects.filter(pk__in=[clock.pk for clock in some], stopped_at=None, **{column: None}).update(
            **{column: process.at}
        )
        changes += [
            journal.changed(MARKS[column], clock, new={column: process.at}, child_id=clock.child_id) for clock in some
        ]
    journal.note(process, changes)
    return len(found)


def shifted() -> list[tuple[Clock, date]]:
    """Return the open clocks whose due day is another by the calendar as it is now, with that day."""
    calendar = reference.calendar()
    running = Clock.objects.filter(stopped_at=None).iterator(chunk_size=rows.CHUNK)
    counted = ((clock, calendar.add(clock.started_on, clock.working_days)) for clock in running)
    return [(clock, due_on) for clock, due_on in counted if due_on != clock.due_on]


@transaction.atomic
def recompute(*, process: Process) -> int:
    """Count the open clocks' due days anew by the calendar as it is now, and return how many moved."""
    found = shifted()
    changes = []
    for clock, due_on in found:
        changes.append(journal.changed("clock.recomputed", clock, new={"due_on": due_on}, child_id=clock.child_id))
        clock.due_on = due_on
    rows.rewrite([clock for clock, _ in found], ("due_on",))
    journal.note(process, changes)
    return len(found)


@dataclass(frozen=True)
class Waiting:
    """An open clock as a to-do: who has to act (a unit, never a person), what, until when; `left` working days, negative when late."""

    clock: Clock
    owner: str
    left: int


def _open() -> QuerySet[Clock]:
    """Return the clocks that run, without those that run over a whole case beside its steps."""
    return Clock.objects.filter(stopped_at=None).exclude(step=OVERALL)


def mine(actor: Officer) -> QuerySet[Clock]:
    """Return what waits for the officer's unit."""
    return _open().filter(owner_id=actor.unit_id) if actor.unit_id else Clock.objects.none()


def others(actor: Officer) -> QuerySet[Clock]:
    """Return what waits for others: for a county what its kindergartens have to do; for a kindergarten what others do for its cases."""
    if actor.unit_id is None:
        return Clock.objects.none()
    if actor.is_county:
        return _open().filter(office_id=actor.unit_id).exclude(owner_id=actor.unit_id)
    if actor.is_kindergarten:
        had = Clock.objects.filter(owner_id=actor.unit_id).values("case_id")
        return _open().filter(case_id__in=had).exclude(owner_id=actor.unit_id)
    return Clock.objects.none()


def stale(actor: Officer, *, on: date) -> QuerySet[Clock]:
    """Return the steps at which half-year-old cases stand in the officer's county or kindergarten, to be cleaned up by people.

    A case is as old as its first clock: one that goes back and forth does not grow young by it.
    """
    if actor.unit_id is None:
        return Clock.objects.none()
    here = Q(office_id=actor.unit_id) if actor.is_county else Q(owner_id=actor.unit_id)
    began = Clock.objects.filter(case_id=OuterRef("case_id"), started_on__lte=on - HALF_A_YEAR)
    return _open().filter(here).filter(Exists(began))


def lines(clocks: QuerySet[Clock], *, on: date, most: int = 100) -> list[Waiting]:
    """Return clocks as to-dos, the nearest due day first. Four statements."""
    found = list(clocks.order_by("due_on", "id")[:most])
    names, calendar = unit_names({clock.owner_id for clock in found}), reference.calendar()
    return [Waiting(clock, names.get(clock.owner_id, ""), calendar.between(on, clock.due_on)) for clock in found]


def unit_names(unit_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """Return the names of units, whichever kind they are."""
    wanted, found = list(unit_ids), dict[UUID, str]()
    for table in (Kindergarten, Office, School):
        found.update(table._default_manager.filter(pk__in=wanted).values_list("pk", "name"))
    return found


@dataclass(frozen=True)
class Ageing:
    """How a place stands with its clocks: running, late, late for three days and more; the oldest due day."""

    name: str
    running: int
    late: int
    very_late: int
    oldest: date | None


def ageing(actor: Officer, *, on: date) -> Sequence[Ageing]:
    """Return how clocks stand: a county by the unit that has to act, an office above by county. Late places first."""
    if actor.is_county and actor.unit_id:
        found, by = _open().filter(office_id=actor.unit_id), "owner_id"
    else:
        found, by = _open().filter(office__path__startswith=actor.unit_path), "office_id"
    third = _worked_back(on, PROVINCE_AFTER)
    counted = (
        found.order_by()
        .values_list(by)
        .annotate(
            running=Count("id"),
            late=Count("id", filter=Q(due_on__lt=on)),
            very_late=Count("id", filter=Q(due_on__lte=third)),
            oldest=Min("due_on"),
        )
    )
    tally = list(counted)
    names = unit_names(row[0] for row in tally)
    made = [Ageing(names.get(unit, ""), *figures) for unit, *figures in tally]
    return sorted(made, key=lambda one: (-one.very_late, -one.late, -one.running, one.name))


@dataclass(frozen=True)
class Digest:
    """A unit's day in four counts: nothing personal, so that it may be posted anywhere."""

    waiting: int
    due_today: int
    late: int
    told: int


def digest_of(actor: Officer, *, on: date) -> Digest:
    """Return the unit's digest of a working day: what waits, what is due, what is late, what the county was told of below it."""
    counts: Counter[str] = Counter()
    for due_on in mine(actor).values_list("due_on", flat=True):
        counts["waiting"] += 1
        counts["today"] += due_on == on
        counts["late"] += due_on < on
    told = others(actor).filter(county_told_at__isnull=False).count() if actor.is_county else 0
    return Digest(counts["waiting"], counts["today"], counts["late"], told)
