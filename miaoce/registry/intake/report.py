"""The answer of `miaoce intake check` and of the API: exactly the shape of the intake contract."""

from collections.abc import Iterable
from typing import Any

from miaoce.registry.intake import states
from miaoce.registry.intake.findings import Finding, state_of
from miaoce.registry.intake.rolls import Roll, RollRow

KNOWN_CODE = "KNOWN_HERE"
"""Code of the remark that the child already holds this same record here."""


def as_json(roll: Roll) -> dict[str, Any]:
    """Return the contract's object. The sum of the counts is the number of rows read, or this raises AssertionError."""
    counts = roll.counts
    if sum(counts.values()) != len(roll.rows):
        raise AssertionError("a row was lost between reading and counting")
    reading = roll.reading
    return {
        "file": {
            "name": reading.name,
            "sheet": roll.layouts[0].sheet if roll.layouts else None,
            "header_row": roll.header_row,
            "encoding": reading.encoding,
            "sha256": reading.sha256,
        },
        "refused": None if roll.refused is None else {"code": roll.refused.code, "message": roll.refused.message},
        "rows_read": len(roll.rows),
        "counts": counts,
        "columns": roll.columns,
        "unmapped_columns": roll.unmapped_columns,
        "skipped_sheets": list(roll.skipped_sheets),
        "rows": [_row(row) for row in roll.rows],
    }


def _row(row: RollRow) -> dict[str, Any]:
    return {
        "row": row.row,
        "sheet": row.sheet,
        "state": row.state,
        "values": row.values,
        "tidied": [t.field for t in row.tidied],
        "findings": [f.to_json() for f in row.findings],
    }


def merge_register_findings(row: RollRow, found: Iterable[Finding], *, known: bool = False) -> None:
    """Add what the register knows about a row's child and set the row's state again.

    `known` means the same record is here already, so that nothing more is needed of the row, whatever else it says.
    """
    row.findings.extend(found)
    row.state = state_of(row.findings)
    if known:
        row.state = states.KNOWN
