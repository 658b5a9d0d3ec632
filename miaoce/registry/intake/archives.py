"""Looks into a zipped workbook before anything is read from it: entries, sizes, declarations, extent of each sheet.

Sizes that the archive declares are not believed; every part is inflated once, in pieces, and counted.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from miaoce.registry.intake import cell_errors
from miaoce.registry.intake.sheets import FileRefused, Limits
from miaoce.registry.intake.wording import file_message

_PIECE = 256 * 1024
_OVERLAP = 4096
_DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL = re.compile(rb'<c\b([^>]*?)\br="([A-Z]{1,3})(\d{1,7})"([^>]*?)>\s*<(?:v|is|f)\b')
_INDEX = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
_OPEN = "content.xml"


@dataclass
class Extent:
    """The corner cells of what a sheet holds, and how many cells that are not empty."""

    cells: int = 0
    first_row: int = 1 << 30
    last_row: int = 0
    first_column: int = 1 << 30
    last_column: int = 0

    def add(self, column: int, row: int) -> None:
        """Count one cell."""
        self.cells += 1
        self.first_row, self.last_row = min(self.first_row, row), max(self.last_row, row)
        self.first_column, self.last_column = min(self.first_column, column), max(self.last_column, column)

    @property
    def area(self) -> int:
        """Cells of the rectangle around everything."""
        if not self.cells:
            return 0
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)


@dataclass
class Archive:
    """What was found in a zipped workbook."""

    names: frozenset[str]
    has_macros: bool
    pictures: int
    unpacked: int = 0
    extents: dict[str, Extent] = field(default_factory=dict)
    errors: dict[str, dict[cell_errors.Place, str]] = field(default_factory=dict)
    index: dict[str, bytearray] = field(default_factory=dict)

    def errors_in_order(self) -> list[cell_errors.Errors]:
        """Return the cells that hold an error, sheet by sheet in the order of the workbook."""
        if _OPEN in self.index:
            return cell_errors.in_open_document(bytes(self.index[_OPEN]))
        workbook, relations = (bytes(self.index.get(name, b"")) for name in _INDEX)
        return [self.errors.get(part, {}) for part in cell_errors.parts_in_order(workbook, relations)]


def inspect(path: Path, limits: Limits) -> Archive:
    """Inflate and count every part of the archive, or raise FileRefused (CORRUPT, BOMB, NOT_A_TABLE)."""
    try:
        with zipfile.ZipFile(path) as whole:
            entries = whole.infolist()
            if len(entries) > limits.archive_entries:
                raise FileRefused("BOMB", file_message("bomb_entries", entries=len(entries)))
            names = frozenset(e.filename for e in entries)
            _must_be_workbook(names)
            found = Archive(names, any("vbaproject" in n.lower() for n in names), _pictures(names))
            for entry in entries:
                _inflate(whole, entry, found, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise FileRefused("CORRUPT", file_message("corrupt")) from error
    except RuntimeError as error:  # zipfile's way of saying that an entry needs a password
        raise FileRefused("ENCRYPTED", file_message("encrypted")) from error
    return found


def _must_be_workbook(names: frozenset[str]) -> None:
    if any(n.startswith("word/") for n in names) or any(n.startswith("ppt/") for n in names):
        raise FileRefused("NOT_A_TABLE", file_message("office_other"))
    lower = {n.lower() for n in names}
    if not lower & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise FileRefused("NOT_A_TABLE", file_message("archive_other"))


def _pictures(names: frozenset[str]) -> int:
    return sum("/media/" in n or n.startswith("Pictures/") for n in names)


def _inflate(whole: zipfile.ZipFile, entry: zipfile.ZipInfo, found: Archive, limits: Limits) -> None:
    xml = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    extent = found.extents.setdefault(entry.filename, Extent()) if "/worksheets/" in entry.filename and xml else None
    size = 0
    with whole.open(entry) as part:
        for piece, tail in _pieces(part):
            size += len(piece) - tail
            found.unpacked += len(piece) - tail
            if found.unpacked > limits.unpacked_bytes:
                raise FileRefused("BOMB", file_message("bomb"))
            if size > limits.ratio_floor_bytes and size > limits.archive_ratio * max(entry.compress_size, 1):
                raise FileRefused("BOMB", file_message("bomb"))
            if xml and _DECLARATION.search(piece.replace(b"\0", b"")):
                raise FileRefused("BOMB", file_message("declaration"))
            if extent is not None:
                _measure(piece, tail, extent, limits)
                _note_errors(piece, found.errors.setdefault(entry.filename, {}))
            elif entry.filename in (*_INDEX, _OPEN):
                found.index.setdefault(entry.filename, bytearray()).extend(piece[tail:])


def _pieces(part: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield (bytes, how many of them were there before), so that nothing is missed at a seam."""
    tail = b""
    while read := part.read(_PIECE):
        piece = tail + read
        yield piece, len(tail)
        tail = piece[-_OVERLAP:]


def _measure(piece: bytes, tail: int, extent: Extent, limits: Limits) -> None:
    for cell in _CELL.finditer(piece):
        if cell.end() <= tail:
            continue
        extent.add(cell_errors.column_of(cell[2]), int(cell[3]))
    if extent.area > limits.grid_cells:
        raise FileRefused("BOMB", file_message("far_cell", row=extent.last_row))


def _note_errors(piece: bytes, errors: dict[cell_errors.Place, str]) -> None:
    if b't="e"' in piece and len(errors) < cell_errors.MOST:
        errors.update(cell_errors.in_piece(piece))
