"""Gives a kindergarten its own sheet back: every row and column it sent, in their places, and a column 问题.

The sheet can be mended and brought back. The added columns are read over; the hidden 行标记 tells each row's place.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from miaoce.registry.intake.fields import label
from miaoce.registry.intake.headers import NO_ROW, nameless
from miaoce.registry.intake.headings import MARK, PROBLEMS
from miaoce.registry.intake.layouts import SheetLayout
from miaoce.registry.intake.rolls import Roll
from miaoce.registry.intake.sheets import RawSheet, Reading

MARKED = "-"
"""Stands in a mark between the row and the version in which it went out."""
_FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """What is to be written beside one row.

    `mark` tells the row again when it comes back; `problems` are sentences; `edited` holds texts by field that were
    changed since the file came in, they stand in the place of what was sent.
    """

    sheet: str
    row: int
    mark: str
    problems: Sequence[str] = ()
    edited: Mapping[str, str] = field(default_factory=dict)


def build(reading: Reading, layouts: Sequence[SheetLayout], rows: Iterable[ProblemRow]) -> bytes:
    """Return the sheet as xlsx. All cells are written as text, so that nothing in them can be a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True, "strings_to_formulas": False})
    text = book.add_format({"num_format": "@"})
    wrong = book.add_format({"num_format": "@", "bg_color": "#FFF4CE", "text_wrap": True})
    by_place = {(r.sheet, r.row): r for r in rows}
    of_sheet = {layout.sheet: layout for layout in layouts}
    for number, sheet in enumerate(reading.sheets, 1):
        page = book.add_worksheet((sheet.name or f"Sheet{number}").translate(_FORBIDDEN_IN_NAMES)[:31])
        if sheet.hidden:
            page.hide()
        _Page(page, sheet, of_sheet.get(sheet.name), by_place).write(text, wrong)
    book.close()
    return out.getvalue()


def build_from(roll: Roll) -> bytes:
    """Return the problem sheet of a roll that was just checked; rows are marked by their position."""
    rows = (
        ProblemRow(r.sheet, r.row, str(r.position), [f.message for f in r.findings if not f.remark]) for r in roll.rows
    )
    return build(roll.reading, roll.layouts, rows)


class _Page:
    """One sheet on its way back."""

    def __init__(
        self, page: Worksheet, sheet: RawSheet, layout: SheetLayout | None, rows: Mapping[tuple[str, int], ProblemRow]
    ) -> None:
        self.page, self.sheet, self.layout, self.rows = page, sheet, layout, rows
        self.width = max((len(r.cells) for r in sheet.rows), default=0)
        edited = dict.fromkeys(k for r in rows.values() if r.sheet == sheet.name for k in r.edited)
        heads = [] if layout is None else [layout.columns, *(again.columns for again in layout.again)]
        self.heads = [] if layout is None else [layout.header_row, *(again.row for again in layout.again)]
        known = [{column.field for column in head} for head in heads]
        self.added = [k for k in edited if not all(k in fields for fields in known)]
        self.down = _covered(sheet)
        self.shift = int(
            layout is not None and layout.header_row == NO_ROW
        )  # a sheet without headings gets a row of them

    def write(self, text: Format, wrong: Format) -> None:
        """Write all rows where they stood."""
        end = self.width + len(self.added)
        self.page.set_column(0, max(end - 1, 0), 14, text)
        if self.layout is not None:
            self.page.set_column(end, end, 60, wrong)
            self.page.set_column(end + 1, end + 1, 4, text, {"hidden": True})
        if self.shift:
            named = {c.index: label(c.field) for c in self.layout.columns} if self.layout is not None else {}
            heading = [named.get(i, nameless(i)) for i in range(self.width)] + [label(k) for k in self.added]
            self._row(NO_ROW, heading, text, wrong)
        for row in self.sheet.rows:
            self._row(row.number, self._cells(row.number, row.cells), text, wrong)

    def _cells(self, number: int, cells: Sequence[str]) -> list[str]:
        out = list(cells) + [""] * (self.width - len(cells)) + [""] * len(self.added)
        if self.layout is None:
            return out
        places = self._places(number)
        if number in self.heads:
            out[self.width :] = [label(k) if k not in places else "" for k in self.added]
        elif number > self.layout.header_row:
            for column in range(self.width):
                out[column] = out[column] or self.down.get((number, column), "")
        known = self.rows.get((self.sheet.name, number))
        for column, key in enumerate(self.added, self.width) if known else ():
            if known and key not in places:
                out[column] = known.edited.get(key, out[column])
        for key, columns in places.items() if known else ():
            if known and key in known.edited:
                for column in columns:  # what stands in several columns goes into the first of them
                    out[column] = known.edited[key] if column == columns[0] else ""
        return out

    def _places(self, number: int) -> dict[str, list[int]]:
        """Return the columns of each field in a row."""
        out: dict[str, list[int]] = {}
        for column in self.layout.columns_at(number) if self.layout is not None else ():
            out.setdefault(column.field, []).append(column.index)
        return out

    def _row(self, number: int, cells: Sequence[str], text: Format, wrong: Format) -> None:
        place = number - 1 + self.shift
        for column, cell in enumerate(cells):
            if cell:
                self.page.write_string(place, column, cell[:32_767], text)
        if self.layout is None:
            return
        known = self.rows.get((self.sheet.name, number))
        if number == self.layout.header_row:
            self.page.write_string(place, len(cells), PROBLEMS, wrong)
            self.page.write_string(place, len(cells) + 1, MARK, text)
        elif known is not None:
            self.page.write_string(place, len(cells), "\n".join(known.problems), wrong)
            self.page.write_string(place, len(cells) + 1, known.mark, text)


def _covered(sheet: RawSheet) -> dict[tuple[int, int], str]:
    """Return the text for each cell that a cell merged downwards covers: the sheet goes back without merged cells."""
    by_number = {r.number: r for r in sheet.rows}
    out = {}
    for first, left, last, _ in sheet.merged:
        top = by_number.get(first)
        if top is None or left >= len(top.cells):
            continue
        for number in range(first + 1, min(last, first + len(by_number)) + 1):
            if number in by_number:
                out[number, left] = top.cells[left]
    return out
