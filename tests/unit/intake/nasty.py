"""Builds sheets as kindergartens really send them; every file is made when the test runs."""

import datetime as dt
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import xlsxwriter
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from miaoce.registry.intake.rolls import Roll
from miaoce.registry.intake.sheets import is_blank

from .conftest import HEADINGS, cells, number

NAMES = ("周一诺", "李安", "王宁", "赵云飞", "钱多多")
FATHERS = ("周建国", "李强", "王大伟", "赵刚", "钱军")
READY, FIX, IGNORED = "ready", "fix", "ignored"
Told = tuple[int, str, str]
"""What is expected of a row: its number, its state, and the child's name or the code of the first finding."""


def kid(n: int, **changes: str) -> tuple[str, ...]:
    """Return the n-th child's row in the order of HEADINGS: a different child for each n, nothing wrong with any."""
    born = dt.date(2023, 1, 3 + n)
    texts = {
        "name": NAMES[n],
        "birth_date": born.isoformat(),
        "id_number": number(born.strftime("%Y%m%d"), f"{651 + 2 * n}"),
        "guardian1_name": FATHERS[n],
        "guardian1_phone": f"1380000494{n}",
    }
    return cells(**(texts | changes))


def without(texts: Sequence[str], *headings: str) -> list[str]:
    """Leave columns out of a row (or of the headings)."""
    return [text for text, heading in zip(texts, HEADINGS, strict=True) if heading not in headings]


def workbook(fill: Callable[[Workbook], None], **options: object) -> bytes:
    """Return an xlsx that `fill` wrote."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    fill(book)
    book.close()
    return out.getvalue()


def put(sheet: Worksheet, rows: Sequence[Sequence[str | float]], top: int = 0) -> None:
    """Write rows; texts as texts, numbers as numbers, nothing where nothing is."""
    for row, texts in enumerate(rows, top):
        for column, text in enumerate(texts):
            if isinstance(text, str):
                if text:
                    sheet.write_string(row, column, text)
            else:
                sheet.write_number(row, column, text)


def plain(*rows: Sequence[str | float], name: str = "Sheet1", **options: object) -> bytes:
    """Return an xlsx of one sheet."""
    return workbook(lambda book: put(book.add_worksheet(name), rows), **options)


def lines(*rows: Sequence[str], separator: str = ",", end: str = "\n") -> str:
    """Return rows as text."""
    return "".join(separator.join(row) + end for row in rows)


@dataclass(frozen=True)
class Case:
    """A file and what must come of it: `told` row by row, or the code of the refusal and a word of its sentence."""

    file: str
    data: bytes
    told: tuple[Told, ...] = ()
    refused: tuple[str, str] | None = None
    unmapped: tuple[str, ...] = ()


def told_of(roll: Roll) -> list[Told]:
    """Return what was told of each row."""
    return [
        (row.row, row.state, row.values.get("name", "") if row.state == READY else row.findings[0].code)
        for row in roll.rows
    ]


def rows_below(roll: Roll) -> int:
    """Count the rows of the read sheets that are not blank and stand below the headings."""
    tops = {layout.sheet: layout.header_row for layout in roll.layouts}
    return sum(
        row.number > tops[sheet.name] and not all(map(is_blank, row.cells))
        for sheet in roll.reading.sheets
        if sheet.name in tops
        for row in sheet.rows
    )
