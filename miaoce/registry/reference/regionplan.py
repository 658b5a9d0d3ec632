"""What the ministry's list of regions would change, as data to read before it happens (pure).

The list names what is in force in one year: `code,name`, with `level` and `parent` where the code does not tell them.
Headings may be Chinese (行政区划代码, 单位名称). Functional zones, nameless rows such as 市辖区, codes used only on
papers and the demonstration province are not in such lists and are left alone.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from miaoce.registry.reference.rows import NAMELESS, RegionEntry, has_own_office
from miaoce.registry.refusals import Refusal

_HEADINGS = {
    "code": ("code", "行政区划代码", "区划代码", "代码"),
    "name": ("name", "单位名称", "行政区划名称", "名称"),
    "level": ("level", "级别"),
    "parent": ("parent", "上级代码", "上级"),
}
LEVELS = ("province", "city", "county", "zone")
NATION = "000000"
_OWN_SOURCES = ("2023 list", "demonstration place")  # rows that no list of GB/T 2260 holds
_PAPER_ONLY = ("830000",)
_MOST_CLOSED = 0.1  # a complete list that would close more than a tenth is not complete


class RegionListUnreadable(Refusal):
    """The text has no heading line with a code and a name."""

    code = "REF-01"
    message = "没有找到表头。第 1 行要有“行政区划代码”和“单位名称”两列。"
    http = 422


class RegionCodeMalformed(Refusal):
    """A line's code is not six digits, or its level is none of the register's."""

    code = "REF-02"
    message = "第 {line} 行的代码“{text}”不对。代码是 6 位数字，级别是 province、city、county 或 zone。"
    http = 422


class RegionCodeTwice(Refusal):
    """One code stands on two lines."""

    code = "REF-03"
    message = "代码 {region} 在第 {first} 行和第 {line} 行各出现一次。请留下一行。"
    http = 422


class RegionNameMissing(Refusal):
    """A line has a code and no name, or a name too long to be one."""

    code = "REF-04"
    message = "第 {line} 行代码 {region} 的名称是空的，或超过 40 个字。请补上名称。"
    http = 422


class RegionParentMissing(Refusal):
    """A region would lie in one that neither the list nor the register knows."""

    code = "REF-05"
    message = "{name}（{region}）的上级 {parent} 不在名单里，也不在系统里。请先补上级。"
    http = 422


class RegionListIncomplete(Refusal):
    """The list calls itself complete and would close too much."""

    code = "REF-06"
    message = "这份名单会停用 {closed} 个区划，占现有的一成以上，多半不完整。请换成全国名单，或按“只含变化”导入。"
    http = 422


class RegionPlanStale(Refusal):
    """The register's regions changed after the plan was made."""

    code = "REF-07"
    message = "看过之后区划又变了。请重新查看要改的内容，再确认。"


@dataclass(frozen=True)
class RegionChange:
    """One region after the change, and what it was before (empty where it was nothing)."""

    code: str
    name: str
    level: str
    parent: str
    was_code: str = ""
    was_name: str = ""
    was_parent: str = ""


@dataclass(frozen=True)
class RegionPlan:
    """What a list would change in one year. `edition` is the state of the register that the plan was made from."""

    year: int
    source: str
    digest: str = ""
    edition: str = ""
    added: tuple[RegionChange, ...] = ()
    renamed: tuple[RegionChange, ...] = ()
    moved: tuple[RegionChange, ...] = ()  # the same name under another code or another parent
    closed: tuple[RegionChange, ...] = ()
    reopened: tuple[RegionChange, ...] = ()
    unchanged: int = 0

    @property
    def changes_nothing(self) -> bool:
        """Whether the register already says what the list says."""
        return not (self.added or self.renamed or self.moved or self.closed or self.reopened)

    def lines(self) -> list[str]:
        """The plan in Chinese, one line for each region that would change, then the sum."""
        told = [f"改名 {c.code} {c.was_name} → {c.name}" for c in self.renamed]
        told += [f"调整 {c.was_code} → {c.code} {c.name}（上级 {c.was_parent} → {c.parent}）" for c in self.moved]
        told += [f"新增 {c.code} {c.name}" for c in self.added]
        told += [f"恢复 {c.code} {c.name}" for c in self.reopened]
        told += [f"停用 {c.code} {c.name}" for c in self.closed]
        sums = (
            ("改名", len(self.renamed)),
            ("调整", len(self.moved)),
            ("新增", len(self.added)),
            ("恢复", len(self.reopened)),
            ("停用", len(self.closed)),
            ("不变", self.unchanged),
        )
        return [*told, f"{self.year} 年：" + "，".join(f"{word} {n} 个" for word, n in sums) + "。"]

    def counts(self) -> dict[str, int]:
        """How many of each, for people and for the edition."""
        kinds = ("added", "renamed", "moved", "closed", "reopened")
        return {kind: len(getattr(self, kind)) for kind in kinds} | {"unchanged": self.unchanged}


@dataclass
class _Draft:
    """The plan while it grows."""

    added: list[RegionChange] = field(default_factory=list)
    renamed: list[RegionChange] = field(default_factory=list)
    moved: list[RegionChange] = field(default_factory=list)
    closed: list[RegionChange] = field(default_factory=list)
    reopened: list[RegionChange] = field(default_factory=list)
    unchanged: int = 0


def read_list(text: str) -> dict[str, RegionEntry]:
    """Read a list of regions; refuses what is not one (REF-01 to REF-04). Full-width and padded codes are tidied."""
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    columns = _columns(next(lines, []))
    found: dict[str, RegionEntry] = {}
    first_line: dict[str, int] = {}
    for number, line in enumerate(lines, start=2):
        cells = {key: line[i].strip() for key, i in columns.items() if i < len(line)}
        if not any(cells.values()):
            continue
        entry = _entry(cells, number)
        if entry.code in found:
            raise RegionCodeTwice(region=entry.code, first=first_line[entry.code], line=number)
        found[entry.code], first_line[entry.code] = entry, number
    if not found:
        raise RegionListUnreadable
    found.pop(NATION, None)
    return found


def _columns(heading: list[str]) -> dict[str, int]:
    cells = [cell.strip().lower() for cell in heading]
    columns = {
        key: next(cells.index(word) for word in words if word in cells)
        for key, words in _HEADINGS.items()
        if any(word in cells for word in words)
    }
    if not {"code", "name"} <= columns.keys():
        raise RegionListUnreadable
    return columns


def _entry(cells: Mapping[str, str], line: int) -> RegionEntry:
    code, name = cells.get("code", ""), cells.get("name", "")
    level = cells.get("level") or _level_of(code)
    if not (len(code) == 6 and code.isascii() and code.isdigit() and level in (*LEVELS, "nation")):
        raise RegionCodeMalformed(line=line, text=code[:20])
    if not name or len(name) > 40:
        raise RegionNameMissing(line=line, region=code)
    return RegionEntry(
        code=code, name=name, level=level, parent=cells.get("parent", ""), own_office=has_own_office(code, name)
    )


def _level_of(code: str) -> str:
    if code == NATION:
        return "nation"
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def compare(
    listed: Mapping[str, RegionEntry],
    now: Mapping[str, RegionEntry],
    ever: set[str],
    *,
    complete: bool,
) -> RegionPlan:
    """Compare a list with the rows in force. `ever` are all codes ever used; a complete list closes what it lacks."""
    draft = _Draft()
    for code, entry in listed.items():
        _place(draft, replace(entry, parent=entry.parent or _parent_of(code, listed, now)), listed, now, ever)
    if complete:
        draft.closed = [_closing(row) for code, row in now.items() if code not in listed and _may_close(row)]
        if len(draft.closed) > _MOST_CLOSED * len(now):
            raise RegionListIncomplete(closed=len(draft.closed))
    _pair_moves(draft)
    return RegionPlan(
        year=0,
        source="",
        added=tuple(draft.added),
        renamed=tuple(draft.renamed),
        moved=tuple(draft.moved),
        closed=tuple(draft.closed),
        reopened=tuple(draft.reopened),
        unchanged=draft.unchanged,
    )


def _place(
    draft: _Draft,
    entry: RegionEntry,
    listed: Mapping[str, RegionEntry],
    now: Mapping[str, RegionEntry],
    ever: set[str],
) -> None:
    if entry.parent != NATION and entry.parent not in listed and entry.parent not in now:
        raise RegionParentMissing(region=entry.code, name=entry.name, parent=entry.parent)
    was = now.get(entry.code)
    change = RegionChange(entry.code, entry.name, entry.level, entry.parent)
    if was is None:
        (draft.reopened if entry.code in ever else draft.added).append(change)
        return
    change = replace(change, level=was.level, was_code=was.code, was_name=was.name, was_parent=was.parent)
    if was.name != entry.name:
        draft.renamed.append(change)
    elif was.parent != entry.parent:
        draft.moved.append(change)
    else:
        draft.unchanged += 1


def _parent_of(code: str, listed: Mapping[str, RegionEntry], now: Mapping[str, RegionEntry]) -> str:
    """The parent that the register holds, else what the code says: city, else province."""
    if code in now:
        return now[code].parent
    if code.endswith("0000"):
        return NATION
    city = code[:4] + "00"
    if city != code and (city in listed or city in now):
        return city
    return code[:2] + "0000"


def _may_close(row: RegionEntry) -> bool:
    return (
        row.level in ("city", "county")
        and row.name not in NAMELESS
        and row.code not in _PAPER_ONLY
        and row.source not in _OWN_SOURCES
    )


def _closing(row: RegionEntry) -> RegionChange:
    return RegionChange(
        row.code, row.name, row.level, row.parent, was_code=row.code, was_name=row.name, was_parent=row.parent
    )


def _pair_moves(draft: _Draft) -> None:
    """A closed and an added region of one name in one province are one place under a new code."""
    closed = {(change.name, change.code[:2]): change for change in draft.closed}
    for change in [*draft.added]:
        was = closed.pop((change.name, change.code[:2]), None)
        if was is not None:
            draft.added.remove(change)
            draft.closed.remove(was)
            draft.moved.append(replace(change, was_code=was.code, was_name=was.name, was_parent=was.parent))
