"""The child process that opens a file nobody has seen yet. It knows no Django, no database, no network.

Called as `python -I reader_child.py PATH NAME LIMITS`; writes one JSON object to standard output. Its own limits of
memory, time and files are set before the first byte of the file is read; what goes beyond them ends this process only.
"""

import hashlib
import json
import resource
import sys
from dataclasses import asdict, replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from miaoce.registry.intake.html_tables import looks_like_html, read_html
from miaoce.registry.intake.sheets import FileRefusal, FileRefused, Limits, RawRow, Reading
from miaoce.registry.intake.text_files import decode, read_text_sheet
from miaoce.registry.intake.wording import file_message
from miaoce.registry.intake.workbooks import OLE, ZIP, read_workbook
from miaoce.registry.intake.xml_sheets import looks_like_xml_sheet, read_xml_sheets

_OTHER_KINDS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"{\\rtf",
    b"II*\0",
    b"MM\0*",
    b"RIFF",
)

FELL_APART, OUT_OF_MEMORY = 1, 3
"""Exit statuses: an error nobody foresaw (Python's own status, also for a panic in a library), memory at its limit."""


def open_file(path: Path, name: str, limits: Limits) -> Reading:
    """Read a file by what it is, whatever it is called."""
    size = path.stat().st_size
    if size > limits.file_bytes:
        return Reading(
            name, refused=FileRefusal("TOO_LARGE", file_message("large", megabytes=-(-size // (1024 * 1024))))
        )
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    try:
        if not data.strip(b"\0 \t\r\n"):
            raise FileRefused("EMPTY", file_message("no_bytes"))
        reading = _by_kind(path, data, Reading(name, sha256=digest), limits)
        _must_have_short_cells(reading, limits)
        return _without_nul(reading)
    except FileRefused as error:
        return Reading(name, sha256=digest, refused=error.refusal)


def _must_have_short_cells(reading: Reading, limits: Limits) -> None:
    """Refuse (BOMB) a text that no sheet can hold in one cell, whatever kind of file it came in."""
    if any(len(cell) > limits.cell_characters for sheet in reading.sheets for row in sheet.rows for cell in row.cells):
        raise FileRefused("BOMB", file_message("long_cell"))


def _without_nul(reading: Reading) -> Reading:
    """Take out NUL, which old workbooks and HTML can hold, no name has, and PostgreSQL takes in no text."""
    return replace(
        reading,
        sheets=tuple(
            replace(
                sheet,
                name=sheet.name.replace("\0", ""),
                rows=tuple(
                    RawRow(row.number, tuple(cell.replace("\0", "") for cell in row.cells)) for row in sheet.rows
                ),
            )
            for sheet in reading.sheets
        ),
    )


def _by_kind(path: Path, data: bytes, reading: Reading, limits: Limits) -> Reading:
    head = data[:4096]
    if head.startswith((ZIP, OLE)):
        return Reading(reading.name, read_workbook(path, head, limits), None, reading.sha256)
    if head.startswith(_OTHER_KINDS):
        raise FileRefused("NOT_A_TABLE", file_message("not_a_table"))
    if looks_like_xml_sheet(head):
        return Reading(reading.name, read_xml_sheets(data, limits), "xml", reading.sha256)
    if looks_like_html(head):
        sheet, encoding = read_html(data, limits)
        return Reading(reading.name, (sheet,), encoding, reading.sha256)
    text, encoding = decode(data)
    return Reading(reading.name, (read_text_sheet(text, limits),), encoding, reading.sha256)


def _confine(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def main(arguments: list[str]) -> int:
    """Read the file named in the arguments and write its Reading as JSON."""
    path, name, bounds = arguments
    limits = Limits(**json.loads(bounds))
    _confine(limits)
    try:
        answer = json.dumps(open_file(Path(path), name, limits).to_json(), ensure_ascii=True)
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.write(answer)
    sys.stdout.flush()
    return 0


def command(path: Path, name: str, limits: Limits) -> list[str]:
    """Return the arguments that start this child."""
    return [sys.executable, "-I", "-B", str(Path(__file__).resolve()), str(path), name, json.dumps(asdict(limits))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
