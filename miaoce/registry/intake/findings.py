"""What the checks have to say about a row: the one shape shown on pages, stored with rows and answered to programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from miaoce.registry.intake.states import DUPLICATE, FIX, READY


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one field of a row.

    `field` is a key of the field registry, or None for the row as a whole; `code` is stable, in capitals;
    `suggestion` is a normalised value that would mend it; a `remark` never holds the row back.
    """

    field: str | None
    code: str
    message: str
    suggestion: str | None = None
    remark: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the shape of the intake contract."""
        out: dict[str, Any] = {"field": self.field, "code": self.code, "message": self.message}
        if self.suggestion is not None:
            out["suggestion"] = self.suggestion
        if self.remark:
            out["remark"] = True
        return out

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Finding":
        """Read back what `to_json` wrote."""
        return cls(
            field=data["field"],
            code=data["code"],
            message=data["message"],
            suggestion=data.get("suggestion"),
            remark=bool(data.get("remark", False)),
        )


@dataclass(frozen=True, slots=True)
class Tidying:
    """A text that normalising changed, so that it can be shown and undone."""

    field: str
    before: str
    after: str


ENTRY_MISSING = "ENTRY_DATE_MISSING"
"""A remark that most rows of a sheet have or none: it is said and mended once for the batch, not on each row."""

IDENTITY_CODES = frozenset(
    {"SAME_CHILD_IN_FILE", "SAME_ID_IN_FILE", "SAME_CHILD_ELSEWHERE", "SAME_CHILD_HERE", "DOCUMENT_TAKEN"}
)
"""Findings that make a sound row wait for a person's decision instead of a correction."""


def state_of(findings: "tuple[Finding, ...] | list[Finding]") -> str:
    """Tell the state that follows from a row's findings: fix before duplicate before ready."""
    blocking = [f for f in findings if not f.remark]
    if any(f.code not in IDENTITY_CODES for f in blocking):
        return FIX
    return DUPLICATE if blocking else READY
