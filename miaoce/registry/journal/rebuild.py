"""Rebuilding rows from their events, and comparing them with the tables.

The events of a child, in the order of their ids, give the columns of every row of that child; a check reads both and tells
where they differ. It reads a window of children at a time, so that its memory does not grow with the register.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from miaoce.registry.journal.facts import ALSO, GONE, Facts, columns_of, facts_of, noun_of
from miaoce.registry.journal.models import Event, ReadingOf

Key = tuple[str, str]
"""The noun of a row and its id as hex."""

AT_ONCE = 500
LOOKS = 3  # what differs may be a child that somebody is writing just now; it is read again before it counts
EXAMPLES = 5
LEFT_OUT = {
    "data_key": "the key itself, which no event may hold",
    "document_check": "a queue of questions to a register; each answer is told by an event of its own",
    "document_claim": "a reading of the children's documents, tested by the database",
    "number_claim": "a reading of the numbers, tested by the database",
    "change_claim": "a reading of the open cases, tested by the database",
    "match_record": "digests of the child's data, made anew from it at any time",
    "transfer_code": "a key that a guardian holds, with its tries; what it opened is told by the transfer",
    "moved_row": "how rows stood before a merge or split, sealed; their events tell the same",
    "message": "what was sent about an event, a box to be emptied",
    noun_of(Event): "the events themselves",
    noun_of(ReadingOf): "who looked, which is a journal of its own",
}


def tables() -> list[type[models.Model]]:
    """Return the tables whose rows belong to one child each and are told by events."""
    found = apps.get_app_config("registry").get_models()
    return [model for model in found if _owner(model) and noun_of(model) not in LEFT_OUT]


def fold(events: Iterable[tuple[str, UUID, Facts]]) -> dict[Key, Facts]:
    """Return the rows that events leave: (subject, subject id, after) in the order of their ids."""
    rows: dict[Key, Facts] = {}
    for event in events:
        for key, columns in parts(*event):
            take(rows, key, columns)
    return rows


def parts(subject: str, subject_id: UUID, after: Facts) -> Iterator[tuple[Key, Facts | None]]:
    """Yield what one event says of its own row and of each row beside it; None of one that is gone."""
    yield (subject, subject_id.hex), None if after.get(GONE) else after
    for noun, key, columns in after.get(ALSO, ()):
        yield (noun, key), columns


def take(rows: dict[Key, Facts], key: Key, columns: Facts | None) -> None:
    """Let a row have the columns that an event tells."""
    if columns is None:
        rows.pop(key, None)
    else:
        rows.setdefault(key, {}).update(columns)


@dataclass
class Difference:
    """How the rows of one table differ from their events: counts by column, and rows that only one side knows."""

    columns: Counter[str] = field(default_factory=Counter)
    only_in_table: int = 0
    only_in_events: int = 0
    children: set[UUID] = field(default_factory=set)


@dataclass
class Compared:
    """What a comparison found: how many children and rows it read, and the differences by table."""

    children: int = 0
    rows: int = 0
    tables: dict[str, Difference] = field(default_factory=lambda: defaultdict(Difference))


@dataclass(frozen=True)
class Differing:
    """A row that differs: what the table holds and what the events say; None on the side that does not know it."""

    model: type[models.Model]
    key: UUID
    child_id: UUID
    held: Facts | None
    told: Facts | None


def compare(*, at_once: int = AT_ONCE, watch: Callable[[int], None] = lambda _: None) -> Compared:
    """Compare every table of children with what the events give, `at_once` children at a time. Writes nothing.

    `watch` hears how many children are done.
    """
    found = Compared()
    for window in windows(at_once):
        children, rows, differing = _differing(window)
        for _ in range(LOOKS - 1):
            if not differing:
                break
            differing = [d for child in {d.child_id for d in differing} for d in _differing((child, child))[2]]
        found.children += children
        found.rows += rows
        for one in differing:
            _count(found.tables[noun_of(one.model)], one)
        watch(found.children)
    return found


def differing_rows(*, at_once: int = AT_ONCE) -> Iterator[list[Differing]]:
    """Yield the rows that differ, a window of children at a time, for whoever writes down how they stand."""
    for window in windows(at_once):
        yield _differing(window)[2]


Window = tuple[UUID | None, UUID | None]
"""From which child to which, both with it; None is the end."""


def windows(at_once: int) -> Iterator[Window]:
    """Yield windows that hold at most `at_once` children of any table, together all."""
    after: UUID | None = None
    every: list[type[models.Model]] = [*tables(), Event]
    while True:
        ends = []
        for model in every:
            owner = _owner(model)
            known = model._default_manager.exclude(**{owner: None})
            known = known.filter(**{f"{owner}__gt": after}) if after else known
            ids = list(known.order_by(owner).values_list(owner, flat=True).distinct()[:at_once])
            if len(ids) == at_once:
                ends.append(ids[-1])
        first = None if after is None else UUID(int=after.int + 1)
        after = min(ends, default=None)
        yield first, after
        if after is None:
            return


def _differing(window: Window) -> tuple[int, int, list[Differing]]:
    """Return how many children and rows a window holds, and the rows that differ."""
    events = _within(Event, window).order_by("child_id", "id").values_list("child_id", "subject", "subject_id", "after")
    told: dict[Key, Facts] = {}
    of: dict[Key, UUID] = {}
    for child, mine in _by_child(events):
        rows = fold(mine)
        told |= rows
        of |= dict.fromkeys(rows, child)
    count, found, children = 0, list[Differing](), set(of.values())
    for model in tables():
        noun, columns, owner = noun_of(model), columns_of(model), _owner(model)
        for row in _within(model, window).iterator():
            count += 1
            key = (noun, row.pk.hex)
            children.add(getattr(row, owner))
            of.pop(key, None)
            one = Differing(model, row.pk, getattr(row, owner), facts_of(row), _known(told.get(key), columns, row))
            if one.held != one.told:
                found.append(one)
        gone = [key for key in of if key[0] == noun]
        found += [Differing(model, UUID(hex=key[1]), of[key], None, told[key]) for key in gone]
    return len(children), count, found


def _by_child(events: Iterable[tuple[UUID, str, UUID, Facts]]) -> Iterator[tuple[UUID, list[tuple[str, UUID, Facts]]]]:
    """Yield the events of each child."""
    for child, mine in groupby(events, key=itemgetter(0)):
        yield child, [(subject, key, after) for _, subject, key, after in mine]


def _within(model: type[models.Model], window: Window) -> Any:
    """Return the rows of a window of children."""
    owner, (first, last) = _owner(model), window
    bounds = {f"{owner}__gte": first, f"{owner}__lte": last}
    return model._default_manager.exclude(**{owner: None}).filter(**{k: v for k, v in bounds.items() if v is not None})


def _known(told: Facts | None, columns: Sequence[str], row: models.Model) -> Facts | None:
    """Return what the events say of a row's columns, as `facts_of` gives a row: empty ones left out."""
    if told is None:
        return None
    if "child_id" in columns and "child_id" not in told:
        told = {
            "child_id": row.__dict__["child_id"].hex,
            **told,
        }  # rows beside an event's own name their child once, in it
    return {name: told[name] for name in columns if told.get(name) is not None and told[name] != ""}


def _owner(model: type[models.Model]) -> str:
    """Return the column that names the child of a row, empty where a table belongs to no child."""
    if noun_of(model) == "child":
        return "id"
    return "child_id" if any(field.attname == "child_id" for field in model._meta.concrete_fields) else ""


def _count(difference: Difference, one: Differing) -> None:
    """Count a row that differs."""
    if len(difference.children) < EXAMPLES:
        difference.children.add(one.child_id)
    if one.told is None:
        difference.only_in_table += 1
    elif one.held is None:
        difference.only_in_events += 1
    else:
        held, told = one.held, one.told
        difference.columns.update(name for name in {**held, **told} if held.get(name) != told.get(name))
