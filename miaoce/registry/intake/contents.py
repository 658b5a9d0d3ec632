"""What a row holds, as one sealed JSON value under the batch's key, and the class that the pages and actions work with."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from uuid import UUID

from miaoce.registry import rows
from miaoce.registry.intake import states
from miaoce.registry.intake.findings import Finding, Tidying
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.vault.safe import Safe

REGISTER_CODES = frozenset(
    {"KNOWN_HERE", "SAME_CHILD_HERE", "SAME_CHILD_ELSEWHERE", "TWIN_REGISTERED", "DOCUMENT_TAKEN", "NOT_SENT"}
)
"""Findings that come from the register, made anew at every register check."""


@dataclass
class Content:
    """The working copy of one row.

    `raw` are the texts by field as they stand now, `values` the normalised ones that are sound; `own` are the findings of
    the row by itself, `others` those of the file as a whole and of the register. `edited` names the fields a person typed
    here, `since` the version of the row from which each of them stands so, `verbatim` those whose tidying was undone.
    `alike` holds the children of the register it could be, `decisions` what a person decided about them (other, choice,
    reason).
    """

    raw: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    tidied: list[Tidying] = field(default_factory=list)
    own: list[Finding] = field(default_factory=list)
    others: list[Finding] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    since: dict[str, int] = field(default_factory=dict)
    verbatim: list[str] = field(default_factory=list)
    alike: list[dict[str, str]] = field(default_factory=list)
    decisions: list[dict[str, str]] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """All findings, those that hold the row back first."""
        return sorted([*self.own, *self.others], key=lambda finding: finding.remark)

    @property
    def born_on(self) -> date | None:
        """The birth date, if it is sound."""
        text = self.values.get("birth_date")
        return date.fromisoformat(text) if text else None

    @property
    def settled(self) -> set[str]:
        """The others (children and rows) that a person said are different."""
        return {decision["other"] for decision in self.decisions if decision["choice"] == "different"}

    def text(self, key: str) -> str:
        """Return what stands in a field now: the text as given, or what follows from the rest."""
        return self.raw.get(key) or self.values.get(key, "")

    def told(self, key: str) -> str:
        """Return what a field was understood as: its tidied text, or what stands there where nothing was tidied."""
        return next((t.after for t in self.tidied if t.field == key), "") or self.text(key)

    def to_json(self) -> dict[str, Any]:
        """Return what is sealed; empty parts are left out."""
        out: dict[str, Any] = {"raw": self.raw, "values": self.values}
        if self.tidied:
            out["tidied"] = [[t.field, t.before, t.after] for t in self.tidied]
        for part in ("own", "others"):
            if findings := getattr(self, part):
                out[part] = [finding.to_json() for finding in findings]
        for part in ("edited", "since", "verbatim", "alike", "decisions"):
            if value := getattr(self, part):
                out[part] = value
        return out

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls(
            raw=data.get("raw", {}),
            values=data.get("values", {}),
            tidied=[Tidying(*part) for part in data.get("tidied", ())],
            own=[Finding.from_json(part) for part in data.get("own", ())],
            others=[Finding.from_json(part) for part in data.get("others", ())],
            edited=data.get("edited", []),
            since=data.get("since", {}),
            verbatim=data.get("verbatim", []),
            alike=data.get("alike", []),
            decisions=data.get("decisions", []),
        )


@dataclass
class OpenRow:
    """A row with its content open, as actions and pages handle it. `sealed` is the text that the stored row holds, if any."""

    row: Row
    content: Content
    sealed: str | None = None

    @property
    def key(self) -> UUID:
        """The row's id."""
        return self.row.pk

    def close(self, safe: Safe) -> Row:
        """Seal the content into the row, write its codes, and return the row for storing."""
        text = json.dumps(self.content.to_json(), ensure_ascii=False, separators=(",", ":"))
        if text != self.sealed:
            self.row.content = safe.seal(self.row.batch_id, "row", "content", self.row.pk, text)
            self.row.codes = sorted({finding.code for finding in self.content.findings})
            self.sealed = text
        return self.row


def opened(found: Iterable[Row], safe: Safe) -> list[OpenRow]:
    """Open the contents of rows of one batch."""
    return [_opened(row, safe) for row in found]


def _opened(row: Row, safe: Safe) -> OpenRow:
    text = safe.open(row.batch_id, "row", "content", row.pk, bytes(row.content))
    return OpenRow(row, Content.from_json(json.loads(text)), text)


def write(lines: Sequence[OpenRow], safe: Safe) -> None:
    """Store changed rows of one batch; the caller holds the batch (working.hold).

    Of a row that only moved on (most of a submission) the sealed content is not written again.
    """
    moved, filled = list[Row](), list[Row]()
    for line in lines:
        before = line.sealed
        line.close(safe).version += 1
        (moved if line.sealed == before else filled).append(line.row)
    rows.rewrite(filled, ("state", "codes", "content", "version"))
    rows.rewrite(moved, ("state", "version"))


def fresh_row(batch: Batch, *, sheet: str, number: int, position: int) -> Row:
    """Return a new row of a batch."""
    return Row(batch_id=batch.pk, sheet=sheet[:60], number=number, position=position, state=states.READY)
