"""The read log: written before the answer leaves, and on the disk before that.

On SQLite each commit waits for the disk and for every other writer, so requests that wait at the same moment share one: the
first of them writes for all (docs/performance.md).
"""

import threading
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from miaoce.registry import rows
from miaoce.registry.ids import new_id
from miaoce.registry.journal.models import Reading, ReadingOf

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


def log_reading(*, actor: Actor, at: datetime, what: str, child_ids: Sequence[UUID], reason: str = "") -> UUID:
    """Write that `actor` is about to be shown `what` of these children; called before the answer leaves.

    One child is spread at once, a list later by the worker (spread_readings), so that a page costs one insert. Returns when
    the entry is durable, or raises what the database said; inside a transaction the entry is part of it.
    """
    return log_readings([Shown(what, child_ids, reason)], actor=actor, at=at)[0]


class Shown(NamedTuple):
    """One thing that is about to be shown, of which children, and why."""

    what: str
    child_ids: Sequence[UUID]
    reason: str = ""


def log_readings(shown: Sequence[Shown], *, actor: Actor, at: datetime) -> list[UUID]:
    """Write one reading for each thing that `actor` is about to be shown on one page, all in one commit; else as log_reading."""
    entries = [_entry(one, actor, at) for one in shown]
    if connection.in_atomic_block:
        _write(entries)
    elif entries:
        _together.write(_Order(entries))
    return [entry.reading.pk for entry in entries]


def _entry(shown: Shown, actor: Actor, at: datetime) -> "_Entry":
    """Return what is written for one thing that is shown."""
    reading = Reading(
        id=new_id(),
        at=at,
        actor_id=actor.staff_id,
        actor_name=actor.name,
        role=actor.role_code,
        unit_id=actor.unit_id,
        unit_name=actor.unit_name,
        what=shown.what,
        reason=shown.reason,
        child_ids=",".join(child.hex for child in shown.child_ids),
        is_spread=len(shown.child_ids) <= 1,
    )
    of = ReadingOf(child_id=shown.child_ids[0], reading_id=reading.pk, at=at) if len(shown.child_ids) == 1 else None
    return _Entry(reading, of)


class _Entry(NamedTuple):
    """One reading, and its child where there is just one."""

    reading: Reading
    of: ReadingOf | None


@dataclass(eq=False)
class _Order:
    """What one request has to write. `is_taken`: somebody tried to write it together with others."""

    entries: Sequence[_Entry]
    is_taken: bool = False
    is_written: bool = False


class _Together:
    """Lets entries that wait at the same moment share one commit: whoever comes to the front writes for all behind it."""

    def __init__(self) -> None:
        self._front, self._guard = threading.Lock(), threading.Lock()
        self._waiting: list[_Order] = []

    def write(self, order: _Order) -> None:
        """Return when the entries are durable, whoever wrote them; what cannot be written with others is tried by itself."""
        with self._guard:
            self._waiting.append(order)
        with self._front:
            if not order.is_taken:
                self._write_for_all()
        if not order.is_written:
            _write(order.entries)

    def _write_for_all(self) -> None:
        """Write what waits now, this thread's entries among it."""
        with self._guard:
            orders, self._waiting = self._waiting, []
        for order in orders:
            order.is_taken = True
        try:
            _write([entry for order in orders for entry in order.entries])
        except DatabaseError:
            if len(orders) == 1:
                raise
            return  # each of them learns by itself what is wrong with its own
        for order in orders:
            order.is_written = True


_together = _Together()


def _write(entries: Sequence[_Entry]) -> None:
    """Write entries in one transaction; one that is a single row needs none, and holds SQLite's lock least."""
    allowed = log_may_write.set(True)
    try:
        if len(entries) == 1 and entries[0].of is None:
            entries[0].reading.save(force_insert=True)
            return
        with transaction.atomic():
            rows.insert([entry.reading for entry in entries])
            rows.insert([entry.of for entry in entries if entry.of is not None])
    finally:
        log_may_write.reset(allowed)


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
