"""Finds the row or rows of headings of a sheet, wherever they stand, and the field of each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from miaoce.registry.intake.headings import MARK, PROBLEMS, Layout, arrange, is_heading_like, understand
from miaoce.registry.intake.sheets import RawRow, RawSheet, is_blank

_SEARCHED = 60
_MOST_ROWS = 3
_DIGITS_OF_A_NUMBER = 11
NO_ROW = 0
"""The number of the header row of a sheet without headings: all of its rows are children."""


@dataclass(frozen=True, slots=True)
class Header:
    """Headings of a sheet: the first and last of their rows (as people number them) and what the columns mean."""

    first_row: int
    last_row: int
    rows: int
    layout: Layout

    @property
    def score(self) -> tuple[int, int]:
        """How many fields were recognised, and in how many columns."""
        return len(self.layout.fields), len(self.layout.columns)


def find_header(sheet: RawSheet, memory: Mapping[str, str]) -> Header | None:
    """Return the best header of the first rows, or None. Of equally good ones the one of fewest rows, then the earliest."""
    best: Header | None = None
    rows = sheet.rows[:_SEARCHED]
    for start in range(len(rows)):
        for size in range(1, _MOST_ROWS + 1):
            block = rows[start : start + size]
            if len(block) < size or block[-1].number - block[0].number >= size + 1:
                break
            header = _try(sheet, block, memory)
            if header is None:
                if size == 1 and not _could_be_group_row(block[0]):
                    break
                continue
            if best is None or (*header.score, -size) > (*best.score, -best.rows):
                best = header
    return best


def header_at(sheet: RawSheet, row_number: int, memory: Mapping[str, str]) -> Header | None:
    """Return the header that a person pointed at (0: there is none), with the meanings they chose in `memory`."""
    if row_number == NO_ROW:
        width = max((len(row.cells) for row in sheet.rows), default=0)
        return Header(NO_ROW, NO_ROW, 1, arrange([(nameless(index), "") for index in range(width)], memory))
    block = [r for r in sheet.rows if r.number == row_number]
    if not block:
        return None
    headings = [("".join(c.split()), "") for c in block[0].cells]
    return Header(row_number, row_number, 1, arrange(headings, memory))


def nameless(index: int) -> str:
    """Return what a column of a sheet without headings is called."""
    return f"第{index + 1}列"


def looks_like_a_child(cells: Sequence[str]) -> bool:
    """Tell whether a row holds a document or a telephone number: that is a child and no row of headings."""
    return any(sum(c.isdigit() for c in cell) >= _DIGITS_OF_A_NUMBER for cell in cells)


def _could_be_group_row(row: RawRow) -> bool:
    return sum(not is_blank(c) for c in row.cells) >= 1


def _try(sheet: RawSheet, block: Sequence[RawRow], memory: Mapping[str, str]) -> Header | None:
    if len(block) > 1 and not _all_headings(block):
        return None
    layout = arrange(_combined(sheet, block), memory)
    if not enough(layout):
        return None
    return Header(block[0].number, block[-1].number, len(block), layout)


def _all_headings(block: Sequence[RawRow]) -> bool:
    """Tell whether the lower rows of a block of headings hold headings, not a child."""
    for row in block[1:]:
        filled = [c for c in row.cells if not is_blank(c)]
        understood = sum(is_heading_like(c) for c in filled)
        if len(filled) < 2 or understood * 2 < len(filled) or any(_is_data(c) for c in filled):
            return False
    return True


def _is_data(text: str) -> bool:
    return sum(c.isdigit() for c in text) >= 6


def enough(layout: Layout) -> bool:
    """A header names the child and at least two more things, or the child and a document in a narrow sheet."""
    fields = layout.fields
    if "name" in fields:
        return len(fields) >= 3 or (len(fields) == 2 and len(layout.columns) + len(layout.unmapped) <= 3)
    return "id_number" in fields and len(fields) >= 4


def _combined(sheet: RawSheet, block: Sequence[RawRow]) -> list[tuple[str, str]]:
    """Return (heading, group above it) for each column of a block of heading rows."""
    width = max(len(r.cells) for r in block)
    out = []
    levels = [_spread(sheet, row, width, last=row is block[-1]) for row in block]
    for column in range(width):
        texts = [level[column] for level in levels]
        own = next((t for t in reversed(texts) if t), "")
        if own in (PROBLEMS, MARK):
            out.append((own, ""))
            continue
        depth = max((i for i, t in enumerate(texts) if t), default=0)
        above = "".join(dict.fromkeys(t for t in texts[:depth] if t and t != own))
        if above and own and understand(own, above) is None and understand(above + own) is not None:
            own, above = above + own, ""
        out.append((own, above))
    return out


def _is_title(sheet: RawSheet, row: RawRow, width: int) -> bool:
    """Tell a title from a row of group headings: one text over everything, or alone at the left."""
    filled = [i for i, c in enumerate(row.cells) if not is_blank(c)]
    if len(filled) != 1:
        return not filled
    across = max((m[3] - m[1] + 1 for m in sheet.merged if m[0] == row.number and m[1] == filled[0]), default=1)
    return filled[0] == 0 or across * 2 > width


def _spread(sheet: RawSheet, row: RawRow, width: int, *, last: bool) -> list[str]:
    """Return a heading row's texts; a group heading holds for all columns it is merged over."""
    cells = ["".join(c.split()) if not is_blank(c) else "" for c in row.cells] + [""] * (width - len(row.cells))
    if last:
        return cells
    if _is_title(sheet, row, width):
        return [""] * width
    areas = [m for m in sheet.merged if m[0] <= row.number <= m[2]]
    for first_row, left, _, right in areas:
        if first_row == row.number and left < width:
            for column in range(left, min(right, width - 1) + 1):
                cells[column] = cells[left]
    if not sheet.merged:
        for column in range(1, width):
            cells[column] = cells[column] or cells[column - 1]
    return cells
