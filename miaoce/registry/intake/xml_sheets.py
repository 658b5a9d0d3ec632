"""Reads “XML Spreadsheet 2003”: one XML file that Excel and some web systems save under the ending .xls."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from miaoce.registry.intake.sheets import FileRefused, Limits, Merge, RawRow, RawSheet, is_blank
from miaoce.registry.intake.wording import file_message

_NAMESPACE = "{urn:schemas-microsoft-com:office:spreadsheet}"
_STARTS = re.compile(rb"\s*(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<\?xml\b", re.IGNORECASE)
_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})T00:00:00(\.0+)?")


def looks_like_xml_sheet(head: bytes) -> bool:
    """Tell an XML Spreadsheet by its first bytes."""
    plain = head.replace(b"\0", b"")
    return _STARTS.match(plain) is not None and b"office:spreadsheet" in plain


def read_xml_sheets(data: bytes, limits: Limits) -> tuple[RawSheet, ...]:
    """Return the sheets, or raise FileRefused. Declarations of types and entities are refused."""
    try:
        book = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FileRefused("BOMB", file_message("declaration")) from error
    except (ParseError, ValueError) as error:
        raise FileRefused("CORRUPT", file_message("corrupt")) from error
    sheets = tuple(_sheet(s, limits) for s in book.iter(f"{_NAMESPACE}Worksheet"))
    if not any(s.rows for s in sheets):
        raise FileRefused("EMPTY", file_message("empty"))
    return sheets


def _sheet(sheet: Element, limits: Limits) -> RawSheet:
    rows: list[RawRow] = []
    merged: list[Merge] = []
    number = 0
    for row in sheet.iter(f"{_NAMESPACE}Row"):
        number = _whole(row, "Index", number + 1)
        cells = dict(_cells(row, number, merged, limits))
        filled = [c for c, text in cells.items() if not is_blank(text)]
        if filled:
            rows.append(RawRow(number, tuple(cells.get(i, "") for i in range(max(filled) + 1))))
        if len(rows) > limits.rows:
            raise FileRefused("TOO_LARGE", file_message("many_rows", rows=limits.rows))
    return RawSheet(sheet.get(f"{_NAMESPACE}Name", ""), tuple(rows), tuple(merged))


def _cells(row: Element, number: int, merged: list[Merge], limits: Limits) -> Iterator[tuple[int, str]]:
    column = -1
    for cell in row.iter(f"{_NAMESPACE}Cell"):
        column = _whole(cell, "Index", column + 2) - 1
        if column >= limits.columns:
            raise FileRefused("TOO_LARGE", file_message("many_columns", columns=limits.columns))
        down, across = _whole(cell, "MergeDown", 0), _whole(cell, "MergeAcross", 0)
        if down or across:
            merged.append((number, column, number + down, column + across))
        content = cell.find(f"{_NAMESPACE}Data")
        yield column, "" if content is None else _text(content)
        column += across


def _text(content: Element) -> str:
    text = "".join(content.itertext())
    match = _MIDNIGHT.fullmatch(text)
    return match[1] if match else text


def _whole(element: Element, attribute: str, otherwise: int) -> int:
    text = element.get(f"{_NAMESPACE}{attribute}", "")
    return min(int(text[:8]), 1_048_576) if text.isascii() and text.isdigit() else otherwise
