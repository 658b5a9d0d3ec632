"""Reads of intake that are not the review page: lists of batches, the sheets that go out and come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, QuerySet

from miaoce.registry.access.officers import Officer
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import problems_sheet, rules, states, storage, template
from miaoce.registry.intake.contents import OpenRow, opened
from miaoce.registry.intake.fields import FIELD
from miaoce.registry.intake.guesses import guess_fields
from miaoce.registry.intake.headers import NO_ROW, looks_like_a_child, nameless
from miaoce.registry.intake.layouts import SheetLayout
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.places import place_of
from miaoce.registry.intake.problems import masked_text, without_long_numbers
from miaoce.registry.intake.problems_sheet import MARKED, ProblemRow
from miaoce.registry.intake.reading import UPLOAD, read
from miaoce.registry.intake.sheets import RawRow, RawSheet
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def template_of(kindergarten: Kindergarten, *, on: date) -> bytes:
    """Return the template of one kindergarten as xlsx."""
    return template.build(place=place_of(kindergarten, on=on), codebook=reference.codebook(on))


@dataclass(frozen=True)
class BatchLine:
    """A batch in the list: how many of its rows are left to do, and how many were submitted."""

    batch: Batch
    to_do: int
    ready: int
    sent: int
    days_left: int | None


def batches_of(actor: Officer, *, on: date, limit: int = 50) -> list[BatchLine]:
    """Return the batches of the officer's kindergarten, the newest first, in two statements."""
    batches = list(Batch.objects.visible_to(actor).order_by("-created_at")[:limit])
    counted = dict[tuple[UUID, str], int]()
    for batch, state, count in (
        Row.objects.filter(batch__in=[batch.pk for batch in batches])
        .values_list("batch", "state")
        .annotate(Count("id"))
    ):
        counted[batch, state] = count
    return [
        BatchLine(
            batch,
            counted.get((batch.pk, states.FIX), 0) + counted.get((batch.pk, states.DUPLICATE), 0),
            counted.get((batch.pk, states.READY), 0),
            counted.get((batch.pk, states.SENT), 0),
            rules.days_left(expires=batch.expires_on, on=on) if batch.state in (states.OPEN, states.REFUSED) else None,
        )
        for batch in batches
    ]


def rows_to_do(actor: Officer) -> QuerySet[Row]:
    """Return the rows of the officer's open batches that are to be mended or decided."""
    batches = Batch.objects.visible_to(actor).filter(state=states.OPEN)
    return Row.objects.filter(batch__in=batches, state__in=(states.FIX, states.DUPLICATE))


def layouts_of(batch: Batch) -> list[SheetLayout]:
    """Return what was understood of a batch's sheets."""
    return [SheetLayout.from_json(sheet) for sheet in batch.layout.get("sheets", [])]


def has_sheet(batch: Batch) -> bool:
    """Say whether the batch came as a sheet that can go back with its problems."""
    return bool(batch.layout.get("sheets"))


def problem_sheet(batch: Batch) -> bytes:
    """Return the kindergarten's own sheet with what is wrong beside each row, as xlsx; edits stand in it."""
    safe = vault.open_safe([batch.pk])
    found = opened(Row.objects.filter(batch=batch).order_by("position"), safe)
    return problems_sheet.build(read(batch, safe=safe), layouts_of(batch), [_problems(row) for row in found])


def _problems(row: OpenRow) -> ProblemRow:
    """Return what is written beside one row."""
    content = row.content
    return ProblemRow(
        sheet=row.row.sheet,
        row=row.row.number,
        mark=f"{row.key.hex}{MARKED}{row.row.version}",
        problems=[f.message for f in content.findings if not f.remark],
        edited={key: content.raw.get(key, "") for key in content.edited},
    )


def original_of(batch: Batch) -> bytes:
    """Return the bytes as they came in."""
    return storage.fetch(batch_id=batch.pk, safe=vault.open_safe([batch.pk]))


@dataclass(frozen=True)
class SampleColumn:
    """A column of a sheet with what was understood of it and the first texts in it."""

    index: int
    heading: str
    field: str
    samples: tuple[str, ...]


def columns_of(batch: Batch, *, header_row: int | None = None) -> list[tuple[str, int, list[SampleColumn]]]:
    """Return for each sheet its name, header row and columns with samples, by reading the stored bytes again.

    `header_row` is what a person looks at where no header was found; without it the likeliest row is taken.
    """
    reading = read(batch, safe=vault.open_safe([batch.pk]))
    layouts = {layout.sheet: layout for layout in layouts_of(batch)}
    out = []
    for sheet in reading.sheets if layouts else sorted(reading.sheets, key=lambda sheet: -len(sheet.rows))[:1]:
        layout = layouts.get(sheet.name)
        if layout is None and layouts:
            continue
        top = layout.header_row if layout else _likely_header(sheet, header_row)
        below = [row for row in sheet.rows if row.number > top][:3]
        given = [(c.index, c.heading, c.field) for c in layout.columns] if layout else []
        given += [(index, heading, "") for index, heading in layout.unmapped] if layout else _bare(sheet, top, below)
        columns = [
            SampleColumn(
                i, heading, field, tuple(_sample(field, r.cells[i]) for r in below if i < len(r.cells) and r.cells[i])
            )
            for i, heading, field in sorted(given)
        ]
        out.append((sheet.name, top, columns))
    return out


def _sample(field: str, text: str) -> str:
    """Return a cell as the page that explains columns shows it: before that nobody knows which of them are documents."""
    return masked_text(field, text) if field in FIELD else without_long_numbers(text)


def _likely_header(sheet: RawSheet, wanted: int | None) -> int:
    """Return the row to look at for headings: the one asked for, or the first broad one; none if that is a child."""
    if wanted == NO_ROW:
        return NO_ROW
    asked = next((row for row in sheet.rows if row.number == wanted), None)
    broad = next((row for row in sheet.rows if sum(bool(cell.strip()) for cell in row.cells) > 2), None)
    first = asked or broad or (sheet.rows[0] if sheet.rows else None)
    return NO_ROW if first is None or looks_like_a_child(first.cells) else first.number


def _bare(sheet: RawSheet, top: int, below: Sequence[RawRow]) -> list[tuple[int, str, str]]:
    """Return the columns of a sheet that nothing is known of: index, heading, and what its texts look like."""
    width = max((len(row.cells) for row in sheet.rows), default=0)
    head = next((row.cells for row in sheet.rows if row.number == top), ())
    headings = [nameless(i) for i in range(width)] if top == NO_ROW else ["".join(cell.split()) for cell in head]
    texts = [[row.cells[i] for row in below if i < len(row.cells)] for i in range(len(headings))]
    fields = guess_fields(texts)
    return [(i, heading, fields[i]) for i, heading in enumerate(headings) if heading]


def is_file(batch: Batch) -> bool:
    """Say whether the original can be downloaded as the file it was."""
    return batch.source == UPLOAD
