"""How batches and rows are answered: the words of the intake contract, and what the county said."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema

from miaoce.api.v1.schemas import Coded, Finding, coded, one_of
from miaoce.registry.intake import states
from miaoce.registry.intake.comparing import FIELDS, Comparison
from miaoce.registry.intake.listing import Line, Sums
from miaoce.registry.reference.codebook import Codebook

RowState = Literal["ready", "known", "fix", "duplicate", "ignored", "aside", "repeated", "sent", "returned", "done"]
RowStateOut = Annotated[str, one_of(*states.ROW_LABELS)]
BatchState = Annotated[str, one_of(*states.BATCH_LABELS)]


class BatchOut(Schema):
    """What came in at once. `counts` are its rows by state; their sum is `rows_read`."""

    id: UUID
    name: str
    source: str
    state: BatchState
    state_name: str
    refusal: Coded | None
    rows_read: int
    counts: Mapping[str, int]
    created_at: datetime
    expires_on: date


class MatchOut(Schema):
    """Another record that could be the same child: `other` is what a decision names; `by` is document, person or match."""

    other: str
    by: Annotated[str, one_of("document", "person", "match")]
    kindergarten: str


class CellOut(Schema):
    """One field of both records, masked as on the page; `differs` says whether the clear values do."""

    field: Annotated[str, one_of(*FIELDS)]
    mine: str
    theirs: str
    differs: bool


class BesideOut(Schema):
    """A row beside another record: `other` is what a decision names. With one document they cannot be two children."""

    other: str
    title: str
    same_document: bool
    fields: Sequence[CellOut]


class ReturnOut(Schema):
    """Why the county sent the child back: reasons of the list refusal_reason, and its words as they were written."""

    reasons: Sequence[Coded]
    words: str


class RowOut(Schema):
    """One row of a batch. `values` are the normalised values that are sound, `given` the texts they were read from."""

    id: UUID
    batch: UUID
    row: int
    sheet: str
    state: RowStateOut
    state_name: str
    version: int
    given: Mapping[str, str]
    values: Mapping[str, str]
    tidied: Sequence[str]
    findings: Sequence[Finding]
    matches: Sequence[MatchOut]
    child: UUID | None
    returned: ReturnOut | None


def beside_out(found: Comparison) -> BesideOut:
    """Return a comparison as it is answered."""
    return BesideOut(
        other=found.other.key,
        title=found.other.title,
        same_document=found.other.same_document,
        fields=[
            CellOut(field=field, mine=cells[0], theirs=cells[1], differs=differs)
            for field, (_, cells, differs) in zip(FIELDS, found.lines, strict=True)
        ],
    )


def batch_out(sums: Sums) -> BatchOut:
    """Return a batch as it is answered."""
    batch = sums.batch
    refusal = Coded(code=batch.refusal_code, name=batch.refusal_words) if batch.refusal_code else None
    return BatchOut(
        id=batch.pk,
        name=batch.file_name,
        source=batch.source,
        state=batch.state,
        state_name=states.BATCH_LABELS[batch.state],
        refusal=refusal,
        rows_read=batch.rows_read,
        counts=sums.counts,
        created_at=batch.created_at,
        expires_on=batch.expires_on,
    )


def row_out(line: Line, book: Codebook) -> RowOut:
    """Return a row as it is answered."""
    row, content, case = line.open.row, line.open.content, line.case
    returned = None
    if case is not None and line.state == states.RETURNED:
        returned = ReturnOut(reasons=coded(book, "refusal_reason", case.reasons), words=case.words)
    return RowOut(
        id=row.pk,
        batch=row.batch_id,
        row=row.number,
        sheet=row.sheet,
        state=line.state,
        state_name=states.ROW_LABELS[line.state],
        version=row.version,
        given=content.raw,
        values=content.values,
        tidied=[tidying.field for tidying in content.tidied],
        findings=[Finding.of(finding) for finding in content.findings],
        matches=[MatchOut(other=m.other, by=m.by, kindergarten=m.place) for m in line.matches],
        child=row.becomes_id if case is not None else None,
        returned=returned,
    )
