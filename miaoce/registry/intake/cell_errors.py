"""Cells that hold an error (#N/A, #REF!): calamine gives nothing for them, and what a person sees must not turn to nothing.

Read beside calamine: from the parts of a zipped workbook as they are inflated, from the records of an old one.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

import olefile
from defusedxml.ElementTree import fromstring

Place = tuple[int, int]
"""Row as people number it, column from 0."""
Errors = Mapping[Place, str]

MOST = 100_000
_CELL = re.compile(
    rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(?:(?!</c>).)*?<v>([^<]{1,30})</v>', re.DOTALL
)
_NAMED = re.compile(rb"<sheet\b[^>]*>")
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb'\b(?:r:)?(id|Id|Target)="([^"]*)"')
_OPEN_ERROR = b'value-type="error"'
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_BOF, _EOF, _BOUNDSHEET, _BOOLERR, _FORMULA = 0x0809, 0x000A, 0x0085, 0x0205, 0x0006
_CODES = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


def in_piece(piece: bytes) -> Iterator[tuple[Place, str]]:
    """Yield the errors in a piece of a worksheet's XML; a cell cut off at the end comes with the next piece."""
    for cell in _CELL.finditer(piece):
        yield (int(cell[2]), column_of(cell[1])), cell[3].decode("utf-8", "replace")


def column_of(letters: bytes) -> int:
    """Return the column of its letters, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def parts_in_order(workbook: bytes, relations: bytes) -> list[str]:
    """Return the part of each sheet in the order of the workbook; empty where one is not named."""
    targets = {}
    for relation in _RELATION.findall(relations):
        about = dict(_ATTRIBUTE.findall(relation))
        targets[about.get(b"Id", b"")] = about.get(b"Target", b"").decode("utf-8", "replace")
    found = []
    for sheet in _NAMED.findall(workbook):
        target = targets.get(dict(_ATTRIBUTE.findall(sheet)).get(b"id", b""), "")
        found.append(target.removeprefix("/") if target.startswith("/") else f"xl/{target}" if target else "")
    return found


def in_open_document(content: bytes) -> list[Errors]:
    """Return the errors of each sheet of an ods; its cells and rows may stand for many alike."""
    if _OPEN_ERROR not in content:
        return []
    tables = fromstring(content, forbid_dtd=True).iter(f"{_TABLE}table")
    return [dict(_of_table(table)) for table in tables]


def _of_table(table: Element) -> Iterator[tuple[Place, str]]:
    number = 0
    for row in table.iter(f"{_TABLE}table-row"):
        number += int(row.get(f"{_TABLE}number-rows-repeated", "1"))
        column = 0
        for cell in row:
            if cell.get(f"{_CALC}value-type") == "error":
                yield (number, column), "".join(cell.itertext()).strip() or "#N/A"
            column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))


def in_old_workbook(path: Path) -> list[Errors]:
    """Return the errors of each sheet of an xls in its order; nothing where its records cannot be followed."""
    try:
        with olefile.OleFileIO(str(path)) as container:
            name = next((n for n in ("Workbook", "Book") if container.exists(n)), "")
            data = container.openstream(name).read() if name else b""
    except (OSError, ValueError, struct.error):
        return []
    starts = [
        struct.unpack_from("<I", data, at)[0]
        for kind, at, size in _records(data, 0)
        if kind == _BOUNDSHEET and size > 4
    ]
    return [dict(_of_sheet(data, start)) for start in starts]


def _of_sheet(data: bytes, start: int) -> Iterator[tuple[Place, str]]:
    for kind, at, size in _records(data, start):
        if kind == _BOOLERR and size >= 8:
            row, column, _, code, is_error = struct.unpack_from("<HHHBB", data, at)
        elif kind == _FORMULA and size >= 14:
            row, column, _, result, _, code, mark = struct.unpack_from("<HHHBBBxxxH", data, at)
            is_error = result == 2 and mark == 0xFFFF
        else:
            continue
        if is_error:
            yield (row + 1, column), _CODES.get(code, "#N/A")


def _records(data: bytes, start: int) -> Iterator[tuple[int, int, int]]:
    """Yield (kind, where its content begins, size) from a BOF to its end, those of charts inside passed over."""
    at, depth = start, 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        at += 4
        if at + size > len(data):
            return
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, at, size
        at += size
