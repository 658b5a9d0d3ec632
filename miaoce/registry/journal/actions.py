"""Writing the journal: open a process, note its events, log a reading."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db import models, transaction
from django.utils.timezone import localdate

from miaoce.registry import rows
from miaoce.registry.ids import new_id
from miaoce.registry.journal.facts import facts_of, plain, subject_of
from miaoce.registry.journal.models import Event, Process, Reading, ReadingOf

EVENT_COLUMNS = (
    "id", "process_id", "child_id", "subject", "subject_id", "verb", "before", "after", "effective_on", "recorded_at",
)  # fmt: skip
log_may_write: ContextVar[bool] = ContextVar("log_may_write", default=False)


class Actor(Protocol):
    """Who acts, as far as the journal wants to know (access.officers.Officer is one)."""

    @property
    def staff_id(self) -> UUID | None: ...
    @property
    def name(self) -> str: ...
    @property
    def role_code(self) -> str: ...
    @property
    def unit_id(self) -> UUID | None: ...
    @property
    def unit_name(self) -> str: ...


class Change(NamedTuple):
    """One fact to note: `subject` is the noun ("child", "enrolment"), `verb` the past ("child.recorded")."""

    verb: str
    subject: str
    subject_id: UUID
    child_id: UUID | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    effective_on: date | None = None


def made(verb: str, row: models.Model, *, child_id: UUID | None = None, effective_on: date | None = None) -> Change:
    """Return the change that a new row is: all its columns stand in `after`, so that the row can be rebuilt from its events."""
    return Change(verb, subject_of(row), row.pk, child_id, None, facts_of(row), effective_on)


def changed(
    verb: str,
    row: models.Model,
    *,
    new: Mapping[str, Any],
    child_id: UUID | None = None,
    effective_on: date | None = None,
) -> Change:
    """Return the change of a row's columns from what `row` holds to `new` (by attribute: group_id), for the rebuild too."""
    before = {name: plain(getattr(row, name)) for name in new}
    after = {name: plain(value) for name, value in new.items()}
    return Change(verb, subject_of(row), row.pk, child_id, before, after, effective_on)


@contextmanager
def process(
    kind: str, *, actor: Actor, at: datetime, reason: str = "", facts: dict[str, Any] | None = None
) -> Iterator[Process]:
    """Open a process and a transaction around it. `kind` is `noun.verb`; `at` is the moment, timezone-aware.

    Nothing is written when the body raises. A process in which nothing was noted stays: that somebody tried is a fact.
    """
    with transaction.atomic():
        doing = Process(
            kind=kind,
            actor_id=actor.staff_id,
            actor_name=actor.name,
            role=actor.role_code,
            unit_id=actor.unit_id,
            unit_name=actor.unit_name,
            at=at,
            reason=reason,
            facts=facts or {},
        )
        doing.actor = actor
        doing.save(force_insert=True)
        yield doing


def day_of(process: Process) -> date:
    """Return the local day of a process."""
    return localdate(process.at)


def note(process: Process, changes: Iterable[Change]) -> int:
    """Note the events of a process, however many, and return their count. A change that changes nothing is not written."""
    day = day_of(process)
    events = [
        (
            new_id(), process.pk, change.child_id, change.subject, change.subject_id, change.verb,
            change.before or {}, change.after or {}, change.effective_on or day, process.at,
        )
        for change in changes
        if not (change.before is not None and change.before == change.after)
    ]  # fmt: skip
    rows.insert_values(Event, EVENT_COLUMNS, events)
    return len(events)


def log_reading(*, actor: Actor, at: datetime, what: str, child_ids: Sequence[UUID], reason: str = "") -> UUID:
    """Write that `actor` is about to be shown `what` of these children; called before the answer leaves.

    One child is spread at once, a list later by the worker (spread_readings), so that a page costs one insert.
    """
    one = len(child_ids) == 1
    reading = Reading(
        id=new_id(),
        at=at,
        actor_id=actor.staff_id,
        actor_name=actor.name,
        role=actor.role_code,
        unit_id=actor.unit_id,
        unit_name=actor.unit_name,
        what=what,
        reason=reason,
        child_ids=",".join(child.hex for child in child_ids),
        is_spread=len(child_ids) <= 1,
    )
    allowed = log_may_write.set(True)
    try:
        with (
            transaction.atomic() if one else nullcontext()
        ):  # a single insert needs none, and holds SQLite's lock least
            reading.save(force_insert=True)
            if one:
                ReadingOf(child_id=child_ids[0], reading_id=reading.pk, at=at).save(force_insert=True)
    finally:
        log_may_write.reset(allowed)
    return reading.pk


def spread_readings(*, limit: int = 500) -> int:
    """Spread lists that were read into one row per child; return how many readings were spread. Safe to repeat."""
    waiting = list(Reading.objects.filter(is_spread=False).order_by("id")[:limit])
    with transaction.atomic():
        ReadingOf.objects.bulk_create(
            [
                ReadingOf(child_id=UUID(hex=child), reading_id=reading.pk, at=reading.at)
                for reading in waiting
                for child in dict.fromkeys(reading.child_ids.split(","))
                if child
            ],
            batch_size=rows.CHUNK,
            ignore_conflicts=True,
        )
        Reading.objects.filter(pk__in=[reading.pk for reading in waiting]).update(is_spread=True)
    return len(waiting)
