"""The rows that a code book is made of, and the shipped files that hold them (pure: no models, no database)."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

# The lists the register knows, in the order an operator reads them. A list is data/<name>.csv and rows of `Code`.
LISTS = (
    "sex",
    "ethnicity",
    "country",
    "document",
    "relation",
    "health",
    "hukou_kind",
    "hmt",
    "boarding",
    "yes_no",
    "left_behind",
    "disability",
    "ownership",
    "urban_rural",
    "group_kind",
    "entry_kind",
    "refusal_reason",
    "reveal_reason",
    "office_level",
    "clock",
    "leave_reason",
    "destination",
    "season",
    "case_reason",
    "transfer_refusal",
    "proof",
    "correction_reason",
)
REGION_FILES = ("regions.csv", "regions-more.csv", "regions-demo.csv")
COLUMNS = ("code", "name", "aliases", "slips", "legacy", "valid_from", "valid_to", "source")
NOTHING: Mapping[str, str] = {}

# Rows that only group counties for the code's sake: they have no name of their own, no office and no place in a path.
NAMELESS = frozenset(
    {"市辖区", "县", "林区", "省直辖县级行政单位", "省直辖行政单位", "自治区直辖县级行政单位", "自治区直辖县级行政区划"}
)
# 620201 is the statistics list's stand-in for a city without counties; the others have no office of this register.
WITHOUT_OFFICE = frozenset({"620201", "710000", "810000", "820000", "830000"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated row of a code list.

    `aliases` mean the same; `slips` are known wrong spellings, offered but never taken; `legacy` are codes of older
    systems; `extra` holds the columns that only this list has. In force on `valid_from` ≤ day < `valid_to`; None is
    open at that end.
    """

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()
    legacy: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    sort: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""

    def in_force(self, on: date) -> bool:
        """Whether this row counts on the given day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True, slots=True)
class RegionEntry:
    """One dated row of the region table (GB/T 2260), in force in `valid_from` ≤ year < `valid_to`; None is open.

    `own_office`: an education office belongs to this code (not to 市辖区 and the like: their counties answer above).
    """

    code: str
    name: str
    level: str
    parent: str
    valid_from: int | None = None
    valid_to: int | None = None
    source: str = ""
    own_office: bool = True

    def in_force(self, year: int) -> bool:
        """Whether this row counts in the given year."""
        return (self.valid_from is None or self.valid_from <= year) and (self.valid_to is None or year < self.valid_to)


def split(text: str) -> tuple[str, ...]:
    """Split a cell of words parted by `|`."""
    return tuple(word for word in text.split("|") if word)


def _year(text: str) -> int | None:
    return int(text) if text else None


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def entry_from(row: Mapping[str, str], sort: int) -> Entry:
    """Make an Entry from one line of a shipped file."""
    return Entry(
        code=row["code"],
        name=row["name"],
        aliases=split(row["aliases"]),
        slips=split(row["slips"]),
        legacy=split(row["legacy"]),
        extra={key: value for key, value in row.items() if key not in COLUMNS},
        sort=sort,
        valid_from=_date(row["valid_from"]),
        valid_to=_date(row["valid_to"]),
        source=row["source"],
    )


def region_from(row: Mapping[str, str]) -> RegionEntry:
    """Make a RegionEntry from one line of a region file."""
    return RegionEntry(
        code=row["code"],
        name=row["name"],
        level=row["level"],
        parent=row["parent"],
        valid_from=_year(row["valid_from"]),
        valid_to=_year(row["valid_to"]),
        source=row["source"],
        own_office=has_own_office(row["code"], row["name"]),
    )


def has_own_office(code: str, name: str) -> bool:
    """Whether a place has an education office, as far as its code and name tell; an operator may know better."""
    return name not in NAMELESS and code not in WITHOUT_OFFICE


def _lines(name: str) -> Iterable[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def shipped_codes() -> Mapping[str, tuple[Entry, ...]]:
    """Every code list as shipped, in the order of its file."""
    return {name: tuple(entry_from(row, i) for i, row in enumerate(_lines(f"{name}.csv"))) for name in LISTS}


@cache
def shipped_regions() -> tuple[RegionEntry, ...]:
    """Every region row as shipped: the national table, codes used only on papers, and the demonstration province."""
    return tuple(region_from(row) for name in REGION_FILES for row in _lines(name))
