"""Reads of the reference room: the code book of a day and working days, kept until an edition changes them."""

from collections import defaultdict
from datetime import date
from functools import lru_cache

from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.reference.models import Code, Edition, Region, Workday
from miaoce.registry.reference.rows import LISTS, Entry, RegionEntry
from miaoce.registry.reference.workdays import Calendar, published, published_years


def edition_marker() -> str:
    """What the reference tables hold, as a short text that changes with every load; empty before the first one."""
    ids = list(Edition.objects.order_by("id").values_list("id", flat=True))
    return f"{len(ids)}:{ids[-1]}" if ids else ""


def codebook(on: date) -> Codebook:
    """The code book of that day from the tables. One statement when it is known; before the first load, as shipped."""
    marker = edition_marker()
    return _book(marker, on) if marker else Codebook.from_files(on)


@lru_cache(maxsize=8)
def _book(marker: str, on: date) -> Codebook:  # noqa: ARG001  the marker is the key under which the tables are remembered
    lists: dict[str, list[Entry]] = defaultdict(list, {name: [] for name in LISTS})
    for row in Code.objects.all():
        lists[row.list].append(entry_of(row))
    return Codebook.from_rows(lists, region_entries(), on)


def entry_of(row: Code) -> Entry:
    """The row as the pure code book knows it."""
    return Entry(
        code=row.code,
        name=row.name,
        aliases=tuple(row.aliases),
        slips=tuple(row.slips),
        legacy=tuple(row.legacy),
        extra=row.extra,
        sort=row.sort,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
    )


def region_entries() -> list[RegionEntry]:
    """Every region row of the table, repealed ones too."""
    columns = ("code", "name", "level", "parent_code", "valid_from", "valid_to", "source", "own_office")
    return [RegionEntry(*row) for row in Region.objects.order_by("code", "valid_from").values_list(*columns)]


def calendar() -> Calendar:
    """The working days from the table. One statement when it is known; before the first load, as the notices say."""
    marker = edition_marker()
    return _calendar(marker) if marker else _published_calendar()


@lru_cache(maxsize=2)
def _calendar(marker: str) -> Calendar:  # noqa: ARG001  the marker is the key under which the table is remembered
    return Calendar(dict(Workday.objects.values_list("day", "is_working")))


@lru_cache(maxsize=1)
def _published_calendar() -> Calendar:
    return Calendar({special.day: special.is_working for special in published(published_years())})


def is_working(day: date) -> bool:
    """Whether offices work on that day, make-up days and holidays told by the yearly notice."""
    return calendar().is_working(day)


def add_working_days(day: date, n: int) -> date:
    """The n-th working day after `day`, which itself does not count."""
    return calendar().add(day, n)


def working_days_between(first: date, last: date) -> int:
    """Working days after `first` up to and with `last` (what is left until a deadline); negative once it has passed."""
    return calendar().between(first, last)


def years_without_calendar(today: date) -> list[int]:
    """Years whose notice is due and not in the table: this year, and from November on the coming one."""
    return calendar().years_missing(today)
