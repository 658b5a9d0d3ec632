"""The table of outcomes in force: the file that comes with the program, and over it what a version in the register changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import numpy as np
from django.db.models import Q

from miaoce.registry.matching import tables
from miaoce.registry.matching.models import IN_FORCE, MatchTable
from miaoce.registry.matching.outcomes import Outcomes, Verdict


@dataclass(frozen=True, slots=True)
class Current:
    """The table that decides now, and the version it is; None for the file alone."""

    table_id: UUID | None
    outcomes: Outcomes


def current() -> Current:
    """Return the table in force, by one statement."""
    table = MatchTable.objects.filter(state=IN_FORCE).first()
    return Current(None, tables.shipped().outcomes) if table is None else Current(table.pk, outcomes_of(table))


def changed_since(moment: datetime) -> bool:
    """Say whether a version came into force or went out of it since a moment."""
    return MatchTable.objects.filter(Q(from_at__gte=moment) | Q(to_at__gte=moment)).exists()


def outcomes_of(table: MatchTable) -> Outcomes:
    """Return the table that a version makes of the file."""
    return _laid_over(tuple(sorted(table.outcomes.items())), tuple(sorted(table.bounds.items())))


@lru_cache(maxsize=8)
def _laid_over(rows: tuple[tuple[str, str], ...], bounds: tuple[tuple[str, float], ...]) -> Outcomes:
    """Return the file's table with other rows and bounds; a code without a row gets one."""
    return changed(tables.shipped().outcomes, rows=dict(rows), bounds=dict(bounds))


def changed(outcomes: Outcomes, *, rows: Mapping[str, str], bounds: Mapping[str, float]) -> Outcomes:
    """Return a table with some rows (verdict by code) and bounds in the place of its own."""
    if not rows:
        return replace(outcomes, bounds=replace(outcomes.bounds, **bounds))
    held = dict(zip(outcomes.codes.tolist(), outcomes.verdicts.tolist(), strict=True))
    held.update({int(code): int(Verdict[verdict.upper()]) for code, verdict in rows.items()})
    codes = np.array(sorted(held), np.int64)
    verdicts = np.array([held[code] for code in codes.tolist()], np.uint8)
    return replace(outcomes, codes=codes, verdicts=verdicts, bounds=replace(outcomes.bounds, **bounds))
