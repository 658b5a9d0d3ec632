"""From what was read to a roll: header, columns, every row with its values, findings and state. No row is ever lost."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from miaoce.registry.intake import cascade, families, shapes, states
from miaoce.registry.intake.checks import check as check_texts
from miaoce.registry.intake.checks import ground
from miaoce.registry.intake.crosschecks import CLASS_SIZE, SAME_CHILD, class_sizes, cross_check
from miaoce.registry.intake.fields import FIELD
from miaoce.registry.intake.findings import Finding, Tidying, state_of
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.headers import Header, enough, find_header, header_at, looks_like_a_child
from miaoce.registry.intake.headings import Column, arrange
from miaoce.registry.intake.layouts import Again, SheetLayout
from miaoce.registry.intake.lines import Line, explain
from miaoce.registry.intake.rowwork import CheckedRow, Ground
from miaoce.registry.intake.sheets import FileRefusal, RawRow, RawSheet, Reading, is_blank
from miaoce.registry.intake.wording import file_message, say, where
from miaoce.registry.reference.codebook import Codebook

_HELP_SHEETS = (
    "填表说明",
    "填写说明",
    "说明",
    "示例",
    "样例",
    "字典",
    "代码表",
    "数据字典",
    "选项",
    "下拉",
    "数据源",
    "参数",
)


@dataclass
class RollRow:
    """One row of a roll. `position` counts the file's rows from 0; `row` is the number at the left of its sheet.

    `mark` is what a problem sheet wrote beside the row before it came back.
    """

    position: int
    sheet: str
    row: int
    raw: dict[str, str]
    mark: str = ""
    values: dict[str, str] = field(default_factory=dict)
    tidied: list[Tidying] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    state: str = states.READY


@dataclass
class Roll:
    """A whole file, checked. `refused` is None, or there are no rows."""

    reading: Reading
    layouts: tuple[SheetLayout, ...] = ()
    rows: list[RollRow] = field(default_factory=list)
    skipped_sheets: tuple[str, ...] = ()
    refused: FileRefusal | None = None
    is_misshapen: bool = False
    """The file is refused because of how it lies: explaining its columns would not help."""

    @property
    def header_row(self) -> int | None:
        """The row number of the first sheet's header."""
        return self.layouts[0].header_row if self.layouts else None

    @property
    def columns(self) -> dict[str, str]:
        """Heading → field, of all sheets."""
        columns = [column for layout in self.layouts for column in layout.all_columns]
        return {column.heading: column.field for column in reversed(columns)}

    @property
    def unmapped_columns(self) -> list[str]:
        """Headings that no field was found for."""
        return list(dict.fromkeys(heading for layout in self.layouts for heading in layout.all_unmapped))

    @property
    def counts(self) -> dict[str, int]:
        """Rows by state, in the contract's order."""
        out = dict.fromkeys((states.READY, states.KNOWN, states.FIX, states.DUPLICATE, states.IGNORED), 0)
        for row in self.rows:
            out[row.state] += 1
        return out


@dataclass(frozen=True)
class PointedHeader:
    """A header that a person pointed at: which sheet (None: the first), which row."""

    row: int
    sheet: str | None = None


TELL_EVERY = 100
_A_LIST = 4  # four children cannot all differ in sex


def _tell_nobody(done: int, of: int) -> None:
    """Nobody waits for this check."""


def check(
    reading: Reading,
    *,
    place: Place,
    codebook: Codebook,
    memory: Mapping[str, str] | None = None,
    header: PointedHeader | None = None,
    tell: Callable[[int, int], None] = _tell_nobody,
) -> Roll:
    """Understand and check a whole reading.

    `memory` maps headings (without spaces) to fields, "" to leave a column out; `header` overrides the search for it;
    `tell` hears every hundred rows how many of how many are checked. A file without a header comes back refused.
    """
    if reading.refused is not None:
        return Roll(reading, refused=reading.refused)
    found = _headers(reading.sheets, memory or {}, header)
    refused = shapes.refusal(reading.sheets, found) if header is None or not found else None
    if refused is not None:
        return Roll(reading, refused=refused, is_misshapen=refused.message != file_message("no_header"))
    on = ground(place, codebook)
    rows: list[RollRow] = []
    of = sum(len(sheet.rows) for sheet, _ in found)
    sheets = [_Sheet(sheet, head, on, reading.name, memory or {}) for sheet, head in found]
    for one in sheets:
        for row in _sheet_rows(one, len(rows)):
            rows.append(row)
            if len(rows) % TELL_EVERY == 0:
                tell(len(rows), of)
    if not rows:
        return Roll(reading, refused=FileRefusal("EMPTY", file_message("no_rows")))
    _compare(rows)
    measure(rows, place)
    layouts = tuple(one.layout() for one in sheets)
    read = {s.name for s, _ in found}
    skipped = tuple(s.name for s in reading.sheets if s.rows and s.name not in read and not _goes_without_saying(s))
    return Roll(reading, layouts, rows, skipped)


def check_row(
    values: Mapping[str, str], *, place: Place, codebook: Codebook, verbatim: frozenset[str] = frozenset()
) -> CheckedRow:
    """Check one row of raw texts by field: the single form, a cell that was mended in place."""
    return check_texts(ground(place, codebook), values, verbatim)


def measure(rows: Sequence[RollRow], place: Place) -> None:
    """Remark anew which rows make a class too large: rows that are known, repeated or no children add nobody to it."""
    for row in rows:
        row.findings = [f for f in row.findings if f.code != CLASS_SIZE]
    adding = [r for r in rows if r.state not in (states.IGNORED, states.KNOWN) and not _is_repeated(r)]
    for row, found in zip(adding, class_sizes(adding, place.classes), strict=True):
        row.findings.extend(found)


def _is_repeated(row: RollRow) -> bool:
    return any(f.code == SAME_CHILD and not f.remark for f in row.findings)


def _headers(
    sheets: Sequence[RawSheet], memory: Mapping[str, str], pointed: PointedHeader | None
) -> list[tuple[RawSheet, Header]]:
    if pointed is not None:
        for sheet in sheets:
            head = header_at(sheet, pointed.row, memory) if pointed.sheet in (None, sheet.name) else None
            if head is not None:
                return [(sheet, head)]
        return []
    found = [(s, h) for s in sheets if (h := find_header(s, memory)) is not None]
    for unwanted in (_is_hidden, _is_help, _offers_choices):
        wanted = [pair for pair in found if not unwanted(*pair)]
        found = wanted or found
    return found


def _is_hidden(sheet: RawSheet, _head: Header) -> bool:
    return sheet.hidden


def _is_help(sheet: RawSheet, _head: Header) -> bool:
    return sheet.name.strip().endswith(_HELP_SHEETS)


def _goes_without_saying(sheet: RawSheet) -> bool:
    """Tell a sheet that nobody misses: hidden or named as an explanation, and without a child's number or telephone."""
    is_aside = sheet.hidden or sheet.name.strip().endswith(_HELP_SHEETS)
    return is_aside and not any(looks_like_a_child(row.cells) for row in sheet.rows)


def _offers_choices(sheet: RawSheet, head: Header) -> bool:
    """Tell a sheet of lists to choose from: every column filled from the top with words of its own, each list its length.

    No row of it holds a long number, a date or a telephone; a roll that lacks all of them fills its columns to the end.
    """
    rows = [row.cells for row in sheet.rows if row.number > head.last_row]
    columns = [[row[c.index].strip() if c.index < len(row) else "" for row in rows] for c in head.layout.columns]
    lengths = {len([text for text in column if text]) for column in columns} - {0}
    coded = any(c.field in FIELD and FIELD[c.field].code_list for c in head.layout.columns)
    return coded and len(lengths) > 1 and max(lengths) >= _A_LIST and all(map(_is_list, columns))


def _is_list(column: Sequence[str]) -> bool:
    words = [text for text in column if text]
    one_each = len(set(words)) == len(words) and not any(column[len(words) :])
    return one_each and not any(sum(c.isdigit() for c in word) >= 6 for word in words)


class _Sheet:
    """One sheet with its header and what the sheet says about all its rows."""

    def __init__(self, sheet: RawSheet, head: Header, on: Ground, file_name: str, memory: Mapping[str, str]) -> None:
        self.sheet, self.head, self.on, self.memory = sheet, head, on, memory
        self.again: list[Again] = []
        self.columns = head.layout.columns
        self.down = _merged_down(sheet, head)
        self.across = {m[0] for m in sheet.merged if m[3] - m[1] >= 2}
        self.headings = frozenset(c.heading for c in self.columns) | {h for _, h in head.layout.unmapped}
        self.relations = _relations(self.columns)
        self.tells_class = "class" not in head.layout.fields
        self.group = _group_of_sheet(sheet, head, on, file_name) if self.tells_class else None

    def mark(self, row: RawRow) -> str:
        """Return the row's mark, if the sheet is a problem sheet that came back."""
        column = self.head.layout.mark
        return row.cells[column].strip() if column is not None and column < len(row.cells) else ""

    def explain(self, row: RawRow, raw: Mapping[str, str]) -> Finding | None:
        """Return why a row is no child, or None. A class title between the rows holds for those below it."""
        added = self.head.layout.added
        cells = tuple(c for i, c in enumerate(row.cells) if i not in added) if added else row.cells
        line = Line(cells, raw, self.headings, row.number in self.across)
        why = explain(line, self.on.groups)
        if why is not None and why.code == "CLASS_LINE" and self.tells_class:
            self.group = why.suggestion
        if why is not None and why.code == "HEADING_AGAIN" and self.head.rows == 1:
            self._head_again(row)
        return why

    def _head_again(self, row: RawRow) -> None:
        """Take other headings, or the same in another order, for the rows below them; a list in the same order goes on."""
        added = self.head.layout.added
        texts = ["".join(c.split()) if i not in added and not is_blank(c) else "" for i, c in enumerate(row.cells)]
        layout = arrange([(text, "") for text in texts], self.memory)
        if not enough(layout) or layout.columns == self.columns:
            return
        self.again.append(Again(row.number, layout.columns, layout.unmapped))
        self.columns, self.relations = layout.columns, _relations(layout.columns)
        self.headings |= frozenset(texts) - {""}
        self.tells_class = "class" not in layout.fields

    def layout(self) -> SheetLayout:
        """Return what was understood of the sheet, once all of its rows were read."""
        head = self.head
        return SheetLayout(self.sheet.name, head.last_row, head.layout.columns, head.layout.unmapped, tuple(self.again))


def _relations(columns: Sequence[Column]) -> dict[str, str]:
    """Return the relations that headings alone tell, by guardian."""
    return {c.field[:9]: c.relation for c in columns if c.relation}


def _sheet_rows(sheet: _Sheet, start: int) -> Iterator[RollRow]:
    below = [r for r in sheet.sheet.rows if r.number > sheet.head.last_row]
    above: RollRow | None = None
    for position, raw_row in enumerate(below, start):
        raw = _texts(raw_row, sheet.columns, {})
        why = sheet.explain(raw_row, raw)
        if why is not None:
            above = None
        elif above is not None:
            why = _second_guardian(sheet, above, raw)
        if why is None and sheet.down:
            raw = _texts(raw_row, sheet.columns, sheet.down)
        row = RollRow(position, sheet.sheet.name, raw_row.number, raw, sheet.mark(raw_row))
        if why is not None:
            row.findings, row.state = [replace(why, suggestion=None)], states.IGNORED
        else:
            _imply(raw, sheet.group, sheet.relations)
            _check(sheet.on, row, raw)
            above = row
        yield row


def _check(on: Ground, row: RollRow, raw: Mapping[str, str]) -> None:
    checked = check_texts(on, raw)
    row.raw, row.values, row.tidied = checked.raw, checked.values, checked.tidied
    row.findings, row.state = checked.findings, checked.state


def _second_guardian(sheet: _Sheet, above: RollRow, raw: Mapping[str, str]) -> Finding | None:
    """Give a child the guardian who stands alone in the row below; return why that row is no child, or None."""
    other = families.another(raw)
    if not other:
        return None
    there = where(above.row)
    if any(key.startswith("guardian2_") for key in above.raw):
        return Finding(None, "GUARDIAN_LINE", say("guardian_third", where=there))
    _check(sheet.on, above, above.raw | other)
    return Finding(None, "GUARDIAN_LINE", say("guardian_line", where=there))


def _texts(row: RawRow, columns: Sequence[Column], down: Mapping[tuple[int, int], str]) -> dict[str, str]:
    cells = row.cells
    out: dict[str, str] = {}
    width = len(cells)
    for column in columns:
        text = cells[column.index] if column.index < width else ""
        if down and not text:
            text = down.get((row.number, column.index), "")
        if text and not is_blank(text):
            before = out.get(column.field)  # only the parts of a place or a name share a field
            out[column.field] = text if before is None else _joined(column.field, before, text)
    return out


def _joined(field: str, before: str, text: str) -> str:
    """Put two parts together: a place from the province down, a surname and the rest of the name."""
    if field != "name":
        return cascade.joined((before, text)) or text
    surname, rest = before.strip(), text.strip()
    if rest.startswith(surname) and len(rest) > len(surname) + 1:
        return rest  # the whole name stands in the second column
    return f"{surname} {rest}" if f"{surname}{rest}".isascii() else f"{surname}{rest}"


def _imply(raw: dict[str, str], group: str | None, relations: Mapping[str, str]) -> None:
    """Add what the sheet says without a cell: the class by the sheet's name, the relation by the heading 父亲姓名."""
    if group and "class" not in raw:
        raw["class"] = group
    for key, relation in relations.items():
        if f"{key}_relation" not in raw and (raw.get(f"{key}_name") or raw.get(f"{key}_phone")):
            raw[f"{key}_relation"] = relation


def _merged_down(sheet: RawSheet, head: Header) -> dict[tuple[int, int], str]:
    """Return the text for every cell below the header that a cell merged downwards covers."""
    if not sheet.merged:
        return {}
    by_number = {r.number: r for r in sheet.rows}
    out = {}
    for first, left, last, _ in sheet.merged:
        top = by_number.get(first)
        if first <= head.last_row or last == first or top is None or left >= len(top.cells):
            continue
        for number in range(first + 1, min(last, sheet.rows[-1].number) + 1):
            out[number, left] = top.cells[left]
    return out


def _group_of_sheet(sheet: RawSheet, head: Header, on: Ground, file_name: str) -> str | None:
    """Tell the class of a sheet without a class column: by its name, the lines above the header, the file's name."""
    above = [c for r in sheet.rows if r.number < head.first_row for c in r.cells if not is_blank(c)]
    for text in (sheet.name, *above, file_name.rsplit(".", 1)[0]):
        group = on.groups.within(text)
        if group:
            return group
    return None


def _compare(rows: Sequence[RollRow]) -> None:
    live = [r for r in rows if r.state != states.IGNORED]
    for row, found in zip(live, cross_check(live), strict=True):
        if found:
            row.findings.extend(found)
            row.state = state_of(row.findings)
