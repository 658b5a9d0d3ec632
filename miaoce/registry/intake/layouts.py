"""What was understood of a sheet: which row holds the headings and what each column means; kept with the batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from miaoce.registry.intake.headings import Column


@dataclass(frozen=True)
class Again:
    """A row of headings further down that means its columns otherwise; it holds for the rows below it."""

    row: int
    columns: tuple[Column, ...]
    unmapped: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class SheetLayout:
    """What was understood of one sheet: its headings, and those further down that stand in another order."""

    sheet: str
    header_row: int
    columns: tuple[Column, ...]
    unmapped: tuple[tuple[int, str], ...]
    again: tuple[Again, ...] = ()

    @property
    def all_columns(self) -> list[Column]:
        """The columns of every row of headings, from the top down."""
        return [column for columns in (self.columns, *(a.columns for a in self.again)) for column in columns]

    @property
    def all_unmapped(self) -> list[str]:
        """The headings that no field was found for, from the top down."""
        return [heading for left in (self.unmapped, *(a.unmapped for a in self.again)) for _, heading in left]

    def columns_at(self, row: int) -> tuple[Column, ...]:
        """Return the columns that hold for a row, or that a row of headings begins."""
        return next((later.columns for later in reversed(self.again) if later.row <= row), self.columns)

    def to_json(self) -> dict[str, Any]:
        """Return what can be stored with the batch."""
        return {
            "sheet": self.sheet,
            "header_row": self.header_row,
            "columns": [[c.index, c.heading, c.field, c.relation] for c in self.columns],
            "unmapped": [list(u) for u in self.unmapped],
            "again": [
                [a.row, [[c.index, c.heading, c.field, c.relation] for c in a.columns], [list(u) for u in a.unmapped]]
                for a in self.again
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SheetLayout":
        """Read back what `to_json` wrote."""
        columns = tuple(Column(*c) for c in data["columns"])
        again = tuple(
            Again(row, tuple(Column(*c) for c in below), tuple((u[0], u[1]) for u in unmapped))
            for row, below, unmapped in data.get("again", ())
        )
        return cls(data["sheet"], data["header_row"], columns, tuple((u[0], u[1]) for u in data["unmapped"]), again)
