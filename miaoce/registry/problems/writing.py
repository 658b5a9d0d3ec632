"""Writing a plan: rows of two records change owners, each exactly once, with its event and with the row of before kept sealed.

A row that goes to another child is deleted and written anew with the same id, because no row ever changes its child (tables are
spread by child). Merge, split and the undoing of either are plans that are written here.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models

from miaoce.registry import rows
from miaoce.registry.children.models import Child
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import INTO, Beside, facts_of, plain, whole
from miaoce.registry.journal.models import Process
from miaoce.registry.journal.rebuild import LEFT_OUT
from miaoce.registry.problems import states
from miaoce.registry.problems.models import MovedRow
from miaoce.registry.problems.planning import Planned, owner_of
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe

SCOPE = "moved row"
BEGINS = ("started_on", "from_on")
"""Columns from which on a row that comes is true of the child."""


@dataclass(frozen=True)
class Verbs:
    """What the events of an act are called: of each child (by its id), of rows that come, of rows that are changed in place."""

    children: Mapping[UUID, str]
    comes: str
    changes: str
    into: Mapping[UUID, UUID]


def write(planned: Sequence[Planned], verbs: Verbs, process: Process) -> None:
    """Write a plan inside the caller's transaction: both children first, by version, then every other row, then the events.

    Refuses PRB-02 where somebody changed one of the children since the plan was made. A fixed number of statements a table.
    """
    for row in planned:
        if row.model is Child and row.before is not None and row.after is not None:
            _turn(row)
    stay, leave, come = _parted([row for row in planned if row.model is not Child])
    for model, some in leave.items():
        keys = [row.key for row in some]
        for start in range(0, len(keys), rows.CHUNK):
            model._default_manager.filter(pk__in=keys[start : start + rows.CHUNK]).delete()
    for model, some in stay.items():
        columns = sorted({name for row in some for name in row.columns})
        if columns:
            names = [model._meta.get_field(name).name for name in columns]
            rows.rewrite([row.after for row in some], names)
    for some in come.values():
        rows.insert([row.after for row in some])
    journal.note(process, _told(planned, verbs))


def _turn(row: Planned) -> None:
    """Move a child by conditional update on the version and the standing that the plan was made from."""
    standing = Child.objects.filter(pk=row.key, version=row.before.version, standing=row.before.standing)
    new = {name: getattr(row.after, name) for name in row.columns}
    if not standing.update(**new):
        raise states.ChangedSinceShown


ByModel = dict[type[models.Model], list[Planned]]


def _parted(planned: Iterable[Planned]) -> tuple[ByModel, ByModel, ByModel]:
    """Return the rows that stay with their child, those that leave it, those that come to one."""
    stay, leave, come = defaultdict[type[models.Model], list[Planned]](list), defaultdict(list), defaultdict(list)
    for row in planned:
        if row.before is not None and row.after is not None and owner_of(row.before) == owner_of(row.after):
            stay[row.model].append(row)
            continue
        if row.before is not None:
            leave[row.model].append(row)
        if row.after is not None:
            come[row.model].append(row)
    return stay, leave, come


def _told(planned: Sequence[Planned], verbs: Verbs) -> list[Change]:
    """Return the events: one of each child with the rows that left it, one of each row that came or changed."""
    told = [row for row in planned if row.noun not in LEFT_OUT]
    left: dict[UUID, list[Beside]] = defaultdict(list)
    changes = list[Change]()
    for row in told:
        if row.model is Child:
            continue
        is_here = row.before is not None and row.after is not None and owner_of(row.before) == owner_of(row.after)
        if is_here:
            new = {name: getattr(row.after, name) for name in row.columns}
            verb = f"{row.noun}.{verbs.changes}"
            changes.append(journal.changed(verb, row.before, new=new, child_id=owner_of(row.after)))
            continue
        if row.before is not None:
            left[owner_of(row.before)].append((row.noun, row.key.hex, None))
        if row.after is not None:
            changes.append(_comes(row, verbs))
    return [*_of_children(told, verbs, left), *changes]


def _comes(row: Planned, verbs: Verbs) -> Change:
    """Return the event of a row that comes to a child."""
    begins = next((getattr(row.after, name) for name in BEGINS if getattr(row.after, name, None)), None)
    on: date | None = begins
    return Change(f"{row.noun}.{verbs.comes}", row.noun, row.key, owner_of(row.after), None, facts_of(row.after), on)


def _of_children(told: Sequence[Planned], verbs: Verbs, left: Mapping[UUID, Sequence[Beside]]) -> Iterable[Change]:
    """Return the events of the children themselves, each with the rows that left it."""
    for row in told:
        if row.model is not Child:
            continue
        verb = verbs.children[row.key]
        into = {INTO: verbs.into[row.key].hex} if row.key in verbs.into else {}
        if row.before is None:
            yield Change(verb, "child", row.key, row.key, None, {**facts_of(row.after), **into})
            continue
        before = {name: plain(getattr(row.before, name)) for name in row.columns}
        after: dict[str, Any] = {name: plain(getattr(row.after, name)) for name in row.columns}
        yield Change(verb, "child", row.key, row.key, before, {**after, **into}, None, tuple(left.get(row.key, ())))


def keep_before(planned: Sequence[Planned], *, joining_id: UUID, safe: Safe) -> None:
    """Keep how every row stood, sealed under its child's key, and a keyed digest of how it was left."""
    marks = _marks([row.after for row in planned])
    kept = []
    for row, mark in zip(planned, marks, strict=True):
        one = MovedRow(
            id=new_id(), child_id=row.owner, joining_id=joining_id, noun=row.noun, row_key=key_of(row.key), left_as=mark
        )
        if row.before is not None:
            one.before = safe.seal_json(row.owner, "moved_row", "before", one.pk, whole(row.before))
        kept.append(one)
    rows.insert(kept)


def key_of(key: Any) -> str:
    """Return a primary key as text."""
    return key.hex if isinstance(key, UUID) else str(key)


def _marks(found: Sequence[Any]) -> list[str]:
    """Return a keyed digest of each row as it stands, empty for none."""
    texts = ["" if row is None else json.dumps(whole(row), sort_keys=True) for row in found]
    marks = vault.digests(Purpose.PROBLEM, texts, SCOPE)
    return [mark if text else "" for mark, text in zip(marks, texts, strict=True)]


def still_stand(found: Sequence[Any], marks: Sequence[str]) -> list[bool]:
    """Say of each row (None where there is none) whether it stands as it was left."""
    return [now == then for now, then in zip(_marks(found), marks, strict=True)]
