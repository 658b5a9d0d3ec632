"""What the register knew of one child: its rows as they were true on a day, as they were known on a day.

Each event says that from its `effective_on` on a row had these columns; it was learned at `recorded_at`. For a day, the last
word of those that are true by then counts, in the order in which they were learned; for what was known, only those learned by
then. With every day and everything known this is what the tables hold (journal.rebuild).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils.timezone import make_aware

from miaoce.registry.journal.facts import Facts
from miaoce.registry.journal.models import Event
from miaoce.registry.journal.rebuild import Key, parts, take


class Told(NamedTuple):
    """What an event says of one row: from which day on it had these columns, None where it is gone."""

    key: Key
    columns: Facts | None
    effective_on: date


@dataclass(frozen=True)
class Known:
    """What was told of one child by a time, in the order in which it was learned."""

    told: Sequence[Told]

    def first_on(self, key: Key) -> date | None:
        """Return the day from which a row is told of; None where it is not."""
        return min((one.effective_on for one in self.told if one.key == key), default=None)

    def rows(self, *, on: date | None = None) -> dict[Key, Facts]:
        """Return the rows as they were true on a day, or as the last word of each has it.

        What made a row is true from the first day that it is told of, though it was learned to have begun earlier only later.
        """
        rows: dict[Key, Facts] = {}
        begun = {one.key for one in self.told if on is None or one.effective_on <= on}
        for key, columns, effective_on in self.told:
            if key not in begun or (key in rows and on is not None and effective_on > on):
                continue
            take(rows, key, columns)
        return rows


def known_of(child_id: UUID, *, known_on: date | None = None) -> Known:
    """Return what is known of a child, or what was known at the end of a day. One statement."""
    return known_of_many([child_id], known_on=known_on)[child_id]


def known_of_many(child_ids: Collection[UUID], *, known_on: date | None = None) -> dict[UUID, Known]:
    """Return what is known of children, or what was known at the end of a day. One statement."""
    events = Event.objects.filter(child_id__in=list(child_ids))
    if known_on is not None:
        events = events.filter(recorded_at__lt=make_aware(datetime.combine(known_on + timedelta(days=1), time.min)))
    found: dict[UUID, list[Told]] = {child_id: [] for child_id in child_ids}
    columns = events.order_by("id").values_list("child_id", "subject", "subject_id", "after", "effective_on")
    for child_id, subject, subject_id, after, day in columns:
        if child_id is not None:
            found[child_id] += [Told(key, row, day) for key, row in parts(subject, subject_id, after)]
    return {child_id: Known(told) for child_id, told in found.items()}
