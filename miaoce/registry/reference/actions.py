"""Writes of the reference room: the shipped rows, the ministry's list of regions, the yearly calendar.

Every load leaves an Edition behind, which tells readers to read again. Nothing is overwritten in silence: a changed
row is closed and a new one opened, a correction of a row's dates is named in the edition.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date

from django.db import transaction
from django.db.models import Q

from miaoce.registry.reference.gazetteer import Gazetteer
from miaoce.registry.reference.models import Code, Edition, Region, Workday
from miaoce.registry.reference.queries import edition_marker, entry_of, region_entries
from miaoce.registry.reference.regionplan import RegionChange, RegionPlan, RegionPlanStale, compare, read_list
from miaoce.registry.reference.rows import (
    Entry,
    RegionEntry,
    has_own_office,
    shipped_codes,
    shipped_regions,
)
from miaoce.registry.reference.workdays import published, published_years

_BATCH = 500  # SQLite takes some thousand values in one statement
_CALENDAR_SOURCE = "chinesecalendar"


@transaction.atomic
def load_shipped(*, on: date) -> Edition | None:
    """Bring the shipped code lists, regions and calendar into the tables; None when they were there already.

    `on` is the day from which a changed code counts. Regions that an imported list has touched are left alone.
    """
    load_workdays(years=published_years(), on=on)
    codes, regions = shipped_codes(), shipped_regions()
    digest = _digest([{name: [asdict(entry) for entry in entries] for name, entries in codes.items()}, regions])
    latest = Edition.objects.filter(kind="shipped").order_by("-id").first()
    if latest is not None and latest.digest == digest:
        return None
    changes: dict[str, object] = {name: _load_list(name, entries, on) for name, entries in codes.items()}
    changes["regions"] = _load_regions(regions)
    return Edition.objects.create(kind="shipped", source="shipped", digest=digest, effective_on=on, changes=changes)


def _digest(what: object) -> str:
    text = json.dumps(what, default=lambda thing: asdict(thing) if isinstance(thing, RegionEntry) else str(thing))
    return hashlib.sha256(text.encode()).hexdigest()


def _load_list(name: str, entries: Sequence[Entry], on: date) -> dict[str, int]:
    """Open what is new, close what is gone, close and open what changed. Entries that have ended are only kept."""
    rows = list(Code.objects.filter(list=name))
    open_rows = {row.code: row for row in rows if row.valid_to is None}
    starts = {(row.code, row.valid_from) for row in rows}
    live = {entry.code: entry for entry in entries if entry.valid_to is None}
    ended = [entry for entry in entries if entry.valid_to and (entry.code, entry.valid_from) not in starts]
    changed = [code for code, row in open_rows.items() if code in live and not _same(entry_of(row), live[code])]
    gone = [code for code in open_rows if code not in live]
    Code.objects.filter(list=name, code__in=[*changed, *gone], valid_to=None).update(valid_to=on)
    opened = [entry for code, entry in live.items() if code not in open_rows]
    opened += [replace(live[code], valid_from=on) for code in changed]
    Code.objects.bulk_create((_code_row(name, entry) for entry in [*ended, *opened]), batch_size=_BATCH)
    return {"opened": len(opened), "closed": len(gone) + len(changed), "ended": len(ended)}


def _same(held: Entry, shipped: Entry) -> bool:
    """Whether two entries say the same; when the row began is the table's own business."""
    return held == replace(shipped, valid_from=held.valid_from, extra=dict(shipped.extra))


def _code_row(name: str, entry: Entry) -> Code:
    return Code(
        list=name,
        code=entry.code,
        name=entry.name,
        aliases=list(entry.aliases),
        slips=list(entry.slips),
        legacy=list(entry.legacy),
        extra=dict(entry.extra),
        sort=entry.sort,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        source=entry.source,
    )


def _load_regions(entries: Sequence[RegionEntry]) -> dict[str, object]:
    """Add rows the table lacks and mend rows that the files date or place otherwise. Nothing is reopened."""
    sources = {entry.source for entry in entries}
    rows = list(Region.objects.all())
    imported = {row.code for row in rows if row.source not in sources}
    held = {(row.code, row.valid_from, row.name): row for row in rows}
    new: list[Region] = []
    mended: list[Region] = []
    for entry in entries:
        row = held.get((entry.code, entry.valid_from, entry.name))
        if entry.code in imported:
            continue
        if row is None:
            new.append(_region_row(entry))
        elif _mend(row, entry):
            mended.append(row)
    Region.objects.bulk_update(mended, ["level", "parent_code", "valid_to"], batch_size=_BATCH)
    Region.objects.bulk_create(new, batch_size=_BATCH)
    return {"opened": len(new), "mended": [row.code for row in mended]}


def _mend(row: Region, entry: RegionEntry) -> bool:
    before = (row.level, row.parent_code, row.valid_to)
    row.level, row.parent_code = entry.level, entry.parent
    row.valid_to = entry.valid_to if entry.valid_to is not None else row.valid_to
    return before != (row.level, row.parent_code, row.valid_to)


def _region_row(entry: RegionEntry) -> Region:
    return Region(
        code=entry.code,
        name=entry.name,
        level=entry.level,
        parent_code=entry.parent,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        source=entry.source,
        own_office=entry.own_office,
    )


def plan_regions(csv_text: str, *, year: int, source: str, complete: bool = True) -> RegionPlan:
    """What the ministry's list of that year would change; nothing is written. Refuses bad lists (REF-01 to REF-06).

    `complete`: the list names every region in force, so what it lacks is closed; otherwise it only adds and changes.
    """
    marker = edition_marker()
    entries = region_entries()
    now = Gazetteer(entries, year).in_force()
    plan = compare(read_list(csv_text), now, {entry.code for entry in entries}, complete=complete)
    digest = hashlib.sha256(csv_text.encode()).hexdigest()
    return replace(plan, year=year, source=source, digest=digest, edition=marker)


@transaction.atomic
def apply_regions(*, plan: RegionPlan) -> Edition | None:
    """Make a plan true: close and open rows as it says. None when it changes nothing; REF-07 when it is stale."""
    if plan.edition != edition_marker():
        raise RegionPlanStale
    if plan.changes_nothing:
        return None
    ended = [change.was_code for change in (*plan.closed, *plan.renamed, *plan.moved)]
    closed = Region.objects.filter(Q(valid_from=None) | Q(valid_from__lte=plan.year), code__in=ended, valid_to=None)
    if closed.update(valid_to=plan.year) != len(ended):
        raise RegionPlanStale
    begun = (*plan.added, *plan.reopened, *plan.renamed, *plan.moved)
    Region.objects.bulk_create((_opened(change, plan) for change in begun), batch_size=_BATCH)
    return Edition.objects.create(
        kind="regions",
        source=plan.source,
        digest=plan.digest,
        effective_on=date(plan.year, 1, 1),
        changes=plan.counts() | {"closed_codes": ended, "opened_codes": [change.code for change in begun]},
    )


def _opened(change: RegionChange, plan: RegionPlan) -> Region:
    return Region(
        code=change.code,
        name=change.name,
        level=change.level,
        parent_code=change.parent,
        valid_from=plan.year,
        source=plan.source,
        own_office=has_own_office(change.code, change.name),
    )


@transaction.atomic
def load_workdays(*, years: Iterable[int], on: date) -> int:
    """Add the published holidays and make-up days of those years; days already in the table stay. Returns how many."""
    held = set(Workday.objects.values_list("day", flat=True))
    new = [
        Workday(day=special.day, is_working=special.is_working, name=special.name, source=_CALENDAR_SOURCE)
        for special in published(years)
        if special.day not in held
    ]
    if new:
        Workday.objects.bulk_create(new, batch_size=_BATCH)
        _note_workdays([row.day for row in new], source=_CALENDAR_SOURCE, on=on)
    return len(new)


@transaction.atomic
def set_workday(*, day: date, is_working: bool, name: str, source: str, on: date) -> None:
    """Say by hand whether a day is worked (a notice that came late, a local order). The edition keeps what it was."""
    before = Workday.objects.filter(day=day).values("is_working", "name", "source").first()
    Workday.objects.update_or_create(day=day, defaults={"is_working": is_working, "name": name, "source": source})
    _note_workdays([day], source=source, on=on, before=before)


def _note_workdays(days: Sequence[date], *, source: str, on: date, before: object = None) -> None:
    text = [day.isoformat() for day in days]
    changes = {"days": len(text), "first": min(text), "last": max(text), "before": before}
    Edition.objects.create(kind="workdays", source=source, digest=_digest(text), effective_on=on, changes=changes)
