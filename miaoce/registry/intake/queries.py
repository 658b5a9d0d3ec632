"""Reads of intake that are not the review page: reports of files, lists of batches, the sheets that go back."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.timezone import localdate

from miaoce.registry.access.officers import Officer
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import problems_sheet, reader, registered, report, rolls, rules, states, storage, template
from miaoce.registry.intake.contents import OpenRow, opened
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.places import memory_of, place_of
from miaoce.registry.intake.problems_sheet import ProblemRow
from miaoce.registry.intake.reading import UPLOAD, limits, read
from miaoce.registry.intake.registered import Asked
from miaoce.registry.intake.rolls import Roll, SheetLayout
from miaoce.registry.intake.sheets import Reading
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NoSuchKindergarten(Refusal):
    """The code belongs to no kindergarten of the register."""

    code, message, http = "INT-16", "没有标识码是 {code} 的幼儿园。请核对 10 位学校标识码。", 404


def check_file(path: Path, *, kindergarten_code: str, at: datetime) -> dict[str, Any]:
    """Return the report of the intake contract for a file; nothing is written."""
    return _report(reader.read(path, name=path.name, limits=limits()), kindergarten_code, at)


def check_text(data: bytes, *, kindergarten_code: str, at: datetime) -> dict[str, Any]:
    """Return the report of the intake contract for text given as bytes (UTF-8, or as a file where it is not)."""
    try:
        reading = reader.read_text(data.decode("utf-8-sig"), limits=limits())
    except UnicodeDecodeError:
        with storage.in_the_clear(data) as path:
            reading = reader.read(path, name="粘贴的内容.txt", limits=limits())
    return _report(reading, kindergarten_code, at)


def _report(reading: Reading, code: str, at: datetime) -> dict[str, Any]:
    kindergarten = Kindergarten.objects.filter(code=code).first()
    if kindergarten is None:
        raise NoSuchKindergarten(code=code)
    on = localdate(at)
    roll = rolls.check(
        reading,
        place=place_of(kindergarten, on=on),
        codebook=reference.codebook(on),
        memory=memory_of(kindergarten),
    )
    ask_for_roll(roll, kindergarten)
    return report.as_json(roll)


def ask_for_roll(roll: Roll, kindergarten: Kindergarten) -> None:
    """Add what the register says to the rows of a roll that is not stored."""
    live = [row for row in roll.rows if row.state != states.IGNORED]
    answers = registered.ask([Asked(row.values) for row in live], kindergarten_id=kindergarten.pk)
    for row, answer in zip(live, answers, strict=True):
        if answer.findings:
            report.merge_register_findings(row, answer.findings, known=answer.is_known)
            if answer.is_known:  # the record is here already, whatever else the sheet says of it
                row.state = states.KNOWN


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
        Row.objects.filter(batch__in=[batch.pk for batch in batches]).values_list("batch", "state").annotate(Count("id"))
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
        mark=row.key.hex,
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


def columns_of(batch: Batch) -> list[tuple[str, int, list[SampleColumn]]]:
    """Return for each sheet its name, header row and columns with samples, by reading the stored bytes again."""
    reading = read(batch, safe=vault.open_safe([batch.pk]))
    layouts = {layout.sheet: layout for layout in layouts_of(batch)}
    out = []
    for sheet in reading.sheets:
        layout = layouts.get(sheet.name)
        if layout is None and layouts:
            continue
        header_row = layout.header_row if layout else (sheet.rows[0].number if sheet.rows else 1)
        given = [(c.index, c.heading, c.field) for c in layout.columns] if layout else []
        given += [(index, heading, "") for index, heading in layout.unmapped] if layout else _bare(sheet.rows)
        below = [row for row in sheet.rows if row.number > header_row][:3]
        columns = [
            SampleColumn(i, heading, field, tuple(r.cells[i] for r in below if i < len(r.cells) and r.cells[i]))
            for i, heading, field in sorted(given)
        ]
        out.append((sheet.name, header_row, columns))
    return out


def _bare(rows: Any) -> list[tuple[int, str, str]]:
    """Return the cells of the first row as headings that mean nothing yet."""
    return [(i, "".join(cell.split()), "") for i, cell in enumerate(rows[0].cells) if cell.strip()] if rows else []


def is_file(batch: Batch) -> bool:
    """Say whether the original can be downloaded as the file it was."""
    return batch.source == UPLOAD
