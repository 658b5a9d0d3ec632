"""Feeds one parser with bytes that a fuzzer thinks up (atheris): python -m tests.fire.fuzz PARSER -max_total_time=600.

A parser may refuse what it gets; anything else that it raises is a find.
"""

import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["miaoce.registry.intake", "miaoce.registry.identity"]):
    from miaoce.registry.intake import rolls
    from miaoce.registry.intake.groups import GroupSpec, Place
    from miaoce.registry.intake.html_tables import read_html
    from miaoce.registry.intake.sheets import FileRefused, Limits, RawRow, RawSheet, Reading
    from miaoce.registry.intake.text_files import decode, read_text_sheet
    from miaoce.registry.intake.workbooks import read_workbook
    from miaoce.registry.intake.xml_sheets import read_xml_sheets
    from miaoce.registry.reference.codebook import Codebook

LIMITS = Limits(unpacked_bytes=20 << 20)
TODAY = date(2026, 9, 10)
PLACE = Place("1199000001", "青禾中心幼儿园", "990101", TODAY, date(2026, 9, 1), (GroupSpec("小一班", "小", 25),))
BOOK = Codebook.from_files(TODAY)
KEYS = (
    "name",
    "sex",
    "birth_date",
    "id_number",
    "ethnicity",
    "class",
    "guardian1_name",
    "guardian1_phone",
    "entry_date",
    "address",
)
FILE = Path(tempfile.mkdtemp(prefix="miaoce-fuzz-")) / "file"


def text(data: bytes) -> None:
    """Any bytes as a text file."""
    found, _ = decode(data)
    read_text_sheet(found, LIMITS)


def html(data: bytes) -> None:
    """Any bytes as HTML saved as .xls."""
    read_html(data, LIMITS)


def xml(data: bytes) -> None:
    """Any bytes as an XML Spreadsheet."""
    read_xml_sheets(data, LIMITS)


def workbook(data: bytes) -> None:
    """Any bytes as a zipped or old workbook."""
    head = (b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")[len(data) % 2]
    FILE.write_bytes(head + data)
    read_workbook(FILE, head, LIMITS)


def row(data: bytes) -> None:
    """Any texts as the fields of a child."""
    texts = data.decode("utf-8", "replace").split("\n")
    rolls.check_row(dict(zip(KEYS, texts, strict=False)), place=PLACE, codebook=BOOK)


def roll(data: bytes) -> None:
    """Any cells as a sheet: header, columns, rows; none may be lost."""
    lines = data.decode("utf-8", "replace").split("\n")[:60]
    rows = tuple(RawRow(n, tuple(line.split("\t")[:20])) for n, line in enumerate(lines, 1) if line.strip())
    found = rolls.check(Reading("f", (RawSheet("S", rows),)), place=PLACE, codebook=BOOK)
    below = [r for layout in found.layouts for r in rows if r.number > layout.header_row]
    if found.refused is None and len(found.rows) < len(below):
        raise AssertionError("a row was lost")


PARSERS: dict[str, Callable[[bytes], None]] = {
    "text": text, "html": html, "xml": xml, "workbook": workbook, "row": row, "roll": roll,
}  # fmt: skip


def main() -> None:
    """Fuzz the parser named first; the rest is for libFuzzer."""
    parse = PARSERS[sys.argv.pop(1)]

    def one(data: bytes) -> None:
        try:
            parse(data)
        except FileRefused:
            return

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
