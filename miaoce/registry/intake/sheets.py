"""What was read from a file before anything is understood: sheets, rows and cells of text, or a refusal of the file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds within which a file is read. Sizes in bytes unless said otherwise."""

    file_bytes: int = 5 * 1024 * 1024
    seconds: int = 30
    memory_bytes: int = 512 * 1024 * 1024
    archive_entries: int = 2_000
    archive_ratio: int = 100
    ratio_floor_bytes: int = 10 * 1024 * 1024
    unpacked_bytes: int = 100 * 1024 * 1024
    rows: int = 20_000
    columns: int = 400
    grid_cells: int = 4_000_000
    last_row: int = 1_048_576
    characters: int = 20_000_000
    cell_characters: int = 32_767


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class FileRefusal:
    """Why a file as a whole is not read: a code of the intake contract and a sentence for a person."""

    code: str
    message: str


class FileRefused(Exception):
    """Raised while reading; carries the refusal."""

    def __init__(self, code: str, message: str) -> None:
        self.refusal = FileRefusal(code, message)
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row that is not blank. `number` is what a person sees at the left of the sheet (text: the line)."""

    number: int
    cells: tuple[str, ...]


Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column; rows as people number them, columns from 0."""


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet with its rows that are not blank."""

    name: str
    rows: tuple[RawRow, ...]
    merged: tuple[Merge, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was read. `refused` is None, or `sheets` is empty."""

    name: str
    sheets: tuple[RawSheet, ...] = ()
    encoding: str | None = None
    sha256: str = ""
    refused: FileRefusal | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain lists and texts for storing or sending between processes."""
        return {
            "name": self.name,
            "encoding": self.encoding,
            "sha256": self.sha256,
            "refused": None if self.refused is None else asdict(self.refused),
            "sheets": [
                {
                    "name": s.name,
                    "hidden": s.hidden,
                    "merged": [list(m) for m in s.merged],
                    "rows": [[r.number, *r.cells] for r in s.rows],
                }
                for s in self.sheets
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Reading":
        """Read back what `to_json` wrote."""
        refused = data["refused"]
        return cls(
            name=data["name"],
            encoding=data["encoding"],
            sha256=data["sha256"],
            refused=None if refused is None else FileRefusal(**refused),
            sheets=tuple(
                RawSheet(
                    name=s["name"],
                    hidden=s["hidden"],
                    merged=tuple((m[0], m[1], m[2], m[3]) for m in s["merged"]),
                    rows=tuple(RawRow(r[0], tuple(r[1:])) for r in s["rows"]),
                )
                for s in data["sheets"]
            ),
        )


INVISIBLE = dict.fromkeys(
    [
        0x00AD,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0x2066, 0x206A),
        0xFEFF,
    ]
)
"""Characters that have no shape: soft hyphen, zero-width and bidirectional controls, byte order mark."""


def is_blank(text: str) -> bool:
    """Tell whether a cell shows nothing to a person."""
    if not text:
        return True
    return not text[0].isalnum() and not text.translate(INVISIBLE).strip()
