"""An admitted list as a school pastes or uploads it, turned into lines (pure). Columns by heading, otherwise by what they hold."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from miaoce.registry.children.rules import DOCUMENT, NUMBER
from miaoce.registry.handover.rules import Line
from miaoce.registry.intake.dates import read_date

HEADINGS: Mapping[str, re.Pattern[str]] = {
    "number": re.compile(r"学籍(?:辅)?号|学籍编号"),
    "document": re.compile(r"身份证|证件号|证号|公民身份"),
    "born_on": re.compile(r"出生|生日"),
    "guardian": re.compile(r"监护人|家长|父亲?|母亲?|爸|妈"),
    "name": re.compile(r"^(?:学生|幼儿|儿童|孩子|新生)?姓名$|^名字$"),
}
NOT_A_NAME = re.compile(r"电话|手机|关系|证|号|单位|地址")
PERSON = re.compile(r"[\u2e80-\u9fff\U00020000-\U000323af·]{2,25}")


def lines_of(rows: Iterable[tuple[int, Sequence[str]]]) -> list[Line]:
    """Return the lines of a table (row number, cells), the heading row left out wherever it stands among the first ten."""
    table = [(number, [_plain(cell) for cell in cells]) for number, cells in rows]
    columns: dict[str, int] = {}
    for place, (_, cells) in enumerate(table[:10]):
        columns = _columns(cells)
        if len(columns) >= 2 and "name" in columns:
            return [_by_heading(number, cells, columns) for number, cells in table[place + 1 :] if any(cells)]
    return [_by_content(number, cells) for number, cells in table if any(cells)]


def _plain(cell: str) -> str:
    """Return a cell without what cannot be seen and in half width; a name keeps its characters."""
    text = unicodedata.normalize("NFKC", cell) if cell.isascii() or re.search(r"[０-９Ａ-Ｚａ-ｚ]", cell) else cell
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").split()).strip("'’")


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """Return which field each heading means; the first column of a field counts."""
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        heading = re.sub(r"[\s*★（）()]", "", cell)
        for field, pattern in HEADINGS.items():
            if not pattern.search(heading) or field in found or (field == "guardian" and NOT_A_NAME.search(heading)):
                continue
            if field == "document" and "guardian" in found and HEADINGS["guardian"].search(heading):
                continue
            found[field] = index
            break
    return found


def _by_heading(number: int, cells: Sequence[str], columns: Mapping[str, int]) -> Line:
    """Return a line whose columns are known."""
    given = {field: cells[index] if index < len(cells) else "" for field, index in columns.items()}
    return Line(
        number,
        given.get("name", "").replace(" ", ""),
        _code(given.get("number", "")),
        _code(given.get("document", "")),
        _day(given.get("born_on", "")),
        given.get("guardian", "").replace(" ", ""),
    )


def _by_content(number: int, cells: Sequence[str]) -> Line:
    """Return a line without a heading: numbers and days say what they are; the first name is the child's, the next the guardian's."""
    given: dict[str, str] = {}
    names: list[str] = []
    for cell in cells:
        code = _code(cell)
        if NUMBER.fullmatch(code):
            given.setdefault("number", code)
        elif _day(cell):
            given.setdefault("born_on", cell)
        elif DOCUMENT.fullmatch(code) and not re.fullmatch(r"1\d{10}", code):
            given.setdefault("document", code)
        elif PERSON.fullmatch(cell.replace(" ", "")):
            names.append(cell.replace(" ", ""))
    return Line(
        number,
        names[0] if names else "",
        given.get("number", ""),
        given.get("document", ""),
        _day(given.get("born_on", "")),
        names[1] if len(names) > 1 else "",
    )


def _code(text: str) -> str:
    """Return a number in its one form."""
    return re.sub(r"[\s-]", "", text).upper()


def _day(text: str) -> date | None:
    """Return a birth date, None for what is none."""
    if not text or re.fullmatch(r"[\dXx]{9,}", text):
        return None
    found = read_date(text)
    return found.day if found.day and 2000 < found.day.year < 2100 else None
