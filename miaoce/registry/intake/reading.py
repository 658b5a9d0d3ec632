"""From stored bytes to rows: claim the batch, read in a child process, check, ask the register, write all at once.

Reading and checking hold no transaction; the claim and the writing are one each. A process that dies in between leaves the
batch as it was (or claimed by a dead process), and whoever comes next does all of it again: nothing doubled, no gap.
"""

import json
import logging
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.timezone import localdate

from miaoce.registry import rows
from miaoce.registry.intake import claiming, reader, rolls, states, storage
from miaoce.registry.intake.contents import Content, OpenRow, fresh_row
from miaoce.registry.intake.crosschecks import CROSS_CODES
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.places import memory_of, place_of
from miaoce.registry.intake.progress import ASK, CHECK, READ, Tell, nothing, teller
from miaoce.registry.intake.rolls import PointedHeader, Roll, RollRow
from miaoce.registry.intake.sheets import FileRefusal, Limits, Reading
from miaoce.registry.intake.working import ask_register, compare, measure, state_for
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Actor, Change
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.rules import ValueTampered
from miaoce.registry.vault.safe import Safe

log = logging.getLogger("miaoce.intake")
UPLOAD, PASTE, FORM, API = "upload", "paste", "form", "api"


def limits() -> Limits:
    """Return the bounds of this installation."""
    return Limits(
        file_bytes=settings.FILE_MEGABYTES * 1024 * 1024,
        seconds=settings.FILE_SECONDS,
        memory_bytes=settings.FILE_MEMORY_MEGABYTES * 1024 * 1024,
    )


def claim(batch_id: UUID, *, at: datetime) -> Batch | None:
    """Take a batch for reading; None when somebody else has it, or when there is nothing to read any more."""
    return claiming.take(batch_id, _free(at, batch_id), at=at, state=states.STEPS["read"].target)


def _free(at: datetime, batch_id: UUID | None = None) -> Q:
    """Return the condition of batches that wait for their first reading; an open one read once more is relaying's."""
    return claiming.free(states.STEPS["read"].sources, at=at, batch_id=batch_id) & ~Q(order__has_key="what")


def read(batch: Batch, *, safe: Safe) -> Reading:
    """Read the stored bytes of a batch; files in a child process, text here."""
    data = storage.fetch(batch_id=batch.pk, safe=safe)
    if batch.source == UPLOAD:
        with storage.in_the_clear(data) as path:
            return reader.read(path, name=batch.file_name, limits=limits())
    return reader.read_text(data.decode("utf-8", "surrogatepass"), name=batch.file_name, limits=limits())


@dataclass
class Understood:
    """A batch as it was read: the roll and its rows, open and not yet stored."""

    roll: Roll
    rows: list[OpenRow]


def understand(batch: Batch, *, safe: Safe, at: datetime, tell: Tell = nothing) -> Understood:
    """Read and check a batch and ask the register about every row. Writes nothing but what `tell` tells a waiting page."""
    tell(READ, 0, 0)
    place, book = place_of(batch.kindergarten, on=localdate(at)), reference.codebook(localdate(at))
    if batch.source in (FORM, API):
        given = json.loads(storage.fetch(batch_id=batch.pk, safe=safe))
        roll = Roll(Reading(batch.file_name), rows=[_given(n, texts) for n, texts in enumerate(given)])
        found = [_open(batch, row) for row in roll.rows]
        for row in found:
            checked = rolls.check_row(row.content.raw, place=place, codebook=book)
            row.content.values, row.content.tidied, row.content.own = checked.values, checked.tidied, checked.findings
        compare(found)
    else:
        roll = rolls.check(
            read(batch, safe=safe), place=place, codebook=book, memory=memory_of(batch.kindergarten),
            header=pointed_header(batch.layout), tell=lambda done, of: tell(CHECK, done, of),
        )  # fmt: skip
        found = [_open(batch, row) for row in roll.rows]
    live = [row for row in found if row.row.state != states.IGNORED]
    tell(ASK, 0, len(live))
    ask_register(live, batch.kindergarten_id)
    measure(live, place)
    for row in live:
        row.row.state = state_for(row.content)
    return Understood(roll, found)


def _given(position: int, texts: Mapping[str, str]) -> RollRow:
    """Return a row that a form or a program gave by field names."""
    return RollRow(position, "", position + 1, {key: str(text) for key, text in texts.items() if text})


def _open(batch: Batch, read_row: RollRow) -> OpenRow:
    """Return a new row with what was understood of it."""
    row = fresh_row(batch, sheet=read_row.sheet, number=read_row.row, position=read_row.position)
    row.state = read_row.state
    content = Content(
        raw=read_row.raw,
        values=read_row.values,
        tidied=read_row.tidied,
        own=[f for f in read_row.findings if f.code not in CROSS_CODES],
        others=[f for f in read_row.findings if f.code in CROSS_CODES],
    )
    return OpenRow(row, content)


def store(batch: Batch, understood: Understood, *, safe: Safe, process: Process) -> bool:
    """Write what was understood: all rows and the batch's state, or the refusal. False when the lease was lost."""
    roll = understood.roll
    batch.layout = {**_kept(batch.layout), **layout_of(roll), **_first_rows(batch, roll, safe)}
    way = states.STEPS["refuse" if roll.refused else "open"]
    batch.state = way.target
    batch.refusal_code, batch.refusal_words = (roll.refused.code, roll.refused.message) if roll.refused else ("", "")
    batch.rows_read = len(understood.rows)
    mine = Batch.objects.filter(pk=batch.pk, state__in=way.sources, claimed_by=batch.claimed_by).update(
        state=batch.state, claimed_at=None, claimed_by="", layout=batch.layout, rows_read=batch.rows_read, version=batch.version + 1,
        refusal_code=batch.refusal_code, refusal_words=batch.refusal_words,
    )  # fmt: skip
    if not mine:
        return False
    rows.insert([row.close(safe) for row in understood.rows])
    must_have_every_row(batch)
    after = {"state": batch.state, "rows": batch.rows_read, "refusal": batch.refusal_code}
    journal.note(process, [Change("batch.read", "batch", batch.pk, after=after)])
    return True


def must_have_every_row(batch: Batch) -> None:
    """Stop (AssertionError, which rolls everything back) unless as many rows are stored as were read."""
    stored = Row.objects.filter(batch=batch).count()
    if stored != batch.rows_read:
        raise AssertionError(f"{batch.rows_read} rows were read and {stored} are stored")


def _kept(layout: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person said about the layout, which survives a new reading."""
    return {key: layout[key] for key in ("pointed",) if key in layout}


def layout_of(roll: Roll) -> dict[str, Any]:
    """Return what was understood of the file, for pages: sheets with their header and columns, and the rest."""
    return {
        "encoding": roll.reading.encoding,
        "skipped": list(roll.skipped_sheets),
        "misshapen": roll.is_misshapen,
        "sheets": [s.to_json() for s in roll.layouts],
    }


def _first_rows(batch: Batch, roll: Roll, safe: Safe) -> dict[str, str]:
    """Return the first rows of a refused file, sealed, so that the page can show what stands where a header should."""
    if roll.refused is None or not roll.reading.sheets:
        return {}
    shown = [[row.number, *row.cells[:12]] for row in roll.reading.sheets[0].rows[:3]]
    return {"first_rows": b64encode(safe.seal_json(batch.pk, "batch", "first_rows", batch.pk, shown)).decode("ascii")}


def pointed_header(layout: Mapping[str, Any]) -> PointedHeader | None:
    """Return the header row that a person pointed at, if one was."""
    pointed = layout.get("pointed")
    return PointedHeader(pointed["row"], pointed["sheet"]) if pointed else None


def read_batch(*, batch_id: UUID, actor: Actor, at: datetime) -> Batch | None:
    """Read one batch from bytes to rows; None when another process has it or it was read before.

    Opens its own transactions (claim, write), because reading may take long and must not keep others waiting.
    """
    batch = claim(batch_id, at=at)
    if batch is None:
        return None
    safe = vault.open_safe([batch.pk])
    try:
        understood = understand(batch, safe=safe, at=at, tell=teller(batch))
    except (storage.FileGone, ValueTampered) as refusal:  # nothing to try again
        gone = FileRefusal("CORRUPT", str(refusal))
        understood = Understood(Roll(Reading(batch.file_name), refused=gone), [])
    with journal.process("intake.read", actor=actor, at=at, facts={"batch": batch.pk.hex}) as process:
        return batch if store(batch, understood, safe=safe, process=process) else None


def read_waiting(*, actor: Actor, at: datetime, limit: int = 20) -> int:
    """Read what waits or was left half-way, the oldest first; return how many batches were read. For the worker."""
    found: Sequence[UUID] = list(
        Batch.objects.filter(_free(at)).order_by("created_at").values_list("pk", flat=True)[:limit]
    )
    return sum(_read_or_leave(batch_id, actor, at) for batch_id in found)


def _read_or_leave(batch_id: UUID, actor: Actor, at: datetime) -> bool:
    """Read a batch; one that breaks is logged and left until its lease ends, so that it does not stop the others."""
    try:
        return read_batch(batch_id=batch_id, actor=actor, at=at) is not None
    except Exception:
        log.exception("reading failed", extra={"batch": batch_id.hex})
        return False
