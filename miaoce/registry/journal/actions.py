"""Writing the journal: open a process, note its events; the verbs of readings are imported here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models, transaction
from django.utils.timezone import localdate

from miaoce.registry import rows
from miaoce.registry.ids import ids_after
from miaoce.registry.journal.facts import ALSO, Beside, facts_of, plain, subject_of
from miaoce.registry.journal.models import Event, Process
from miaoce.registry.journal.readings import Actor, Shown, log_reading, log_readings, spread_readings

__all__ = [
    "Actor", "Change", "Shown", "changed", "day_of", "log_reading", "log_readings", "made", "note", "process",
    "spread_readings",
]  # fmt: skip
EVENT_COLUMNS = (
    "id", "process_id", "child_id", "subject", "subject_id", "verb", "before", "after", "effective_on", "recorded_at",
)  # fmt: skip


class Change(NamedTuple):
    """One fact to note: `subject` is the noun ("child", "enrolment"), `verb` the past ("child.recorded").

    `also` are columns of other rows of the same child that changed by the same fact (`facts.beside`).
    """

    verb: str
    subject: str
    subject_id: UUID
    child_id: UUID | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    effective_on: date | None = None
    also: Sequence[Beside] = ()


def made(
    verb: str,
    row: models.Model,
    *,
    child_id: UUID | None = None,
    effective_on: date | None = None,
    also: Sequence[Beside] = (),
) -> Change:
    """Return the change that a new row is: all its columns stand in `after`, so that the row can be rebuilt from its events."""
    return Change(verb, subject_of(row), row.pk, child_id, None, facts_of(row), effective_on, also)


def changed(
    verb: str,
    row: models.Model,
    *,
    new: Mapping[str, Any],
    child_id: UUID | None = None,
    effective_on: date | None = None,
    also: Sequence[Beside] = (),
) -> Change:
    """Return the change of a row's columns from what `row` holds to `new` (by attribute: group_id), for the rebuild too."""
    before = {name: plain(getattr(row, name)) for name in new}
    after = {name: plain(value) for name, value in new.items()}
    return Change(verb, subject_of(row), row.pk, child_id, before, after, effective_on, also)


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
    """Note the events of a process, however many, and return their count. A change that changes nothing is not written.

    Call it after the rows were written: an event's id then sorts behind those of whoever wrote the same rows before, on
    whatever machine, so that the order of ids is the order of what happened (journal.rebuild) even where clocks differ.
    """
    day = day_of(process)
    told = [change for change in changes if change.before is None or change.before != change.after or change.also]
    if not told:
        return 0
    ids = ids_after(Event.objects.order_by("-id").values_list("id", flat=True).first())
    events = [
        (
            next(ids), process.pk, change.child_id, change.subject, change.subject_id, change.verb,
            change.before or {}, _after(change), change.effective_on or day, process.at,
        )
        for change in told
    ]  # fmt: skip
    rows.insert_values(Event, EVENT_COLUMNS, events)
    return len(events)


def _after(change: Change) -> dict[str, Any]:
    """Return what a change left, with the other rows that it touched."""
    after = change.after or {}
    return {**after, ALSO: change.also} if change.also else after
