"""Reads workbooks (xlsx, xlsm, xlsb, xls, ods) with calamine: stored values only, no macro, no link."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import python_calamine as calamine

from miaoce.registry.intake import archives, cell_errors
from miaoce.registry.intake.sheets import FileRefused, Limits, Merge, RawRow, RawSheet, is_blank
from miaoce.registry.intake.wording import file_message

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK"
_WIDE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WIDE_WORKBOOK = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))


def read_workbook(path: Path, head: bytes, limits: Limits) -> tuple[RawSheet, ...]:
    """Return the sheets of a workbook, or raise FileRefused."""
    archive = archives.inspect(path, limits) if head.startswith(ZIP) else None
    if archive is None:
        _must_be_old_workbook(path)
    try:
        with calamine.CalamineWorkbook.from_path(str(path)) as book:
            errors = archive.errors_in_order() if archive else cell_errors.in_old_workbook(path)
            sheets = tuple(_sheets(book, errors, limits))
    except calamine.PasswordError as error:
        raise FileRefused("ENCRYPTED", file_message("encrypted")) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise FileRefused("CORRUPT", file_message("corrupt")) from error
    if not any(s.rows for s in sheets):
        raise _nothing_in(archive)
    return sheets


def _must_be_old_workbook(path: Path) -> None:
    data = path.read_bytes()
    if _WIDE_ENCRYPTED in data:
        raise FileRefused("ENCRYPTED", file_message("encrypted"))
    if not any(name in data for name in _WIDE_WORKBOOK):
        raise FileRefused("NOT_A_TABLE", file_message("office_other"))


def _nothing_in(archive: archives.Archive | None) -> FileRefused:
    if archive is not None and archive.has_macros:
        return FileRefused("MACROS_ONLY", file_message("macros_only"))
    if archive is not None and archive.pictures:
        return FileRefused("EMPTY", file_message("only_pictures"))
    return FileRefused("EMPTY", file_message("empty"))


def _sheets(book: calamine.CalamineWorkbook, errors: Sequence[cell_errors.Errors], limits: Limits) -> list[RawSheet]:
    out = []
    rows = characters = 0
    for index, about in enumerate(book.sheets_metadata):
        if about.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        hidden = about.visible != calamine.SheetVisibleEnum.Visible
        wrong = errors[index] if index < len(errors) else {}
        sheet = _sheet(book.get_sheet_by_index(index), hidden, wrong, limits)
        rows += len(sheet.rows)
        characters += sum(len(c) for r in sheet.rows for c in r.cells)
        if rows > limits.rows:
            raise FileRefused("TOO_LARGE", file_message("many_rows", rows=limits.rows))
        if characters > limits.characters:
            raise FileRefused("BOMB", file_message("bomb"))
        out.append(sheet)
    return out


def _sheet(sheet: calamine.CalamineSheet, hidden: bool, errors: cell_errors.Errors, limits: Limits) -> RawSheet:
    if sheet.start is None:
        return RawSheet(sheet.name, (), (), hidden)
    top, left = sheet.start
    if sheet.height * sheet.width > limits.grid_cells or top + sheet.height > limits.last_row:
        raise FileRefused("BOMB", file_message("far_cell", row=top + sheet.height))
    rows = []  # iter_rows begins with the first row of the sheet, but with the first column that holds something
    before = ("",) * min(left, limits.columns)
    wrong = defaultdict[int, dict[int, str]](dict)
    for (row, column), text in errors.items():
        wrong[row][column] = text
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = tuple(map(as_text, cells))
        if number in wrong:
            texts = tuple(text or wrong[number].get(column, "") for column, text in enumerate(texts, left))
        if all(map(is_blank, texts)):
            continue
        rows.append(RawRow(number, _trimmed(before + texts, left, limits)))
        if len(rows) > limits.rows:
            raise FileRefused("TOO_LARGE", file_message("many_rows", rows=limits.rows))
    return RawSheet(sheet.name, tuple(rows), _merges(sheet), hidden)


def _trimmed(texts: tuple[str, ...], left: int, limits: Limits) -> tuple[str, ...]:
    last = max(i for i, t in enumerate(texts) if not is_blank(t))
    if max(left, last) >= limits.columns:
        raise FileRefused("TOO_LARGE", file_message("many_columns", columns=limits.columns))
    return texts[: last + 1]


def _merges(sheet: calamine.CalamineSheet) -> tuple[Merge, ...]:
    areas = sheet.merged_cell_ranges or []
    return tuple((a[0] + 1, a[1], b[0] + 1, b[1]) for a, b in areas)


def as_text(value: object) -> str:
    """Write a cell's stored value as text: dates as ISO, whole numbers without a point.

    A number of more than 15 digits is written as Excel shows it (9.90101202301036E+17): its last digits are lost.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d") if value.time() == dt.time() else value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return "" if value is None else str(value)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if abs(value) >= 1e15:
        return f"{value:.14E}"
    return str(int(value)) if value == int(value) else f"{value:.15g}"
