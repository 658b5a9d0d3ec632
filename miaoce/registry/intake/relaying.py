"""Reading a large batch once more: asked for in one act (a mended sheet, explained columns), carried out by the worker.

The batch is the order, as with submissions (ordering.py): while it is read nobody else changes it, a page shows how far it is,
and what came of it stands under the order's process. All of it is laid over in one transaction; a worker that dies leaves the
batch as it was, and whoever comes next does it again.
"""

import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import localdate

from miaoce.registry.access import queries as access
from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.intake import claiming, rereading, rules, states, storage
from miaoce.registry.intake.contents import opened
from miaoce.registry.intake.models import Batch, BatchQuerySet, Row
from miaoce.registry.intake.progress import WRITE, teller
from miaoce.registry.intake.rereading import BroughtBack, Clash
from miaoce.registry.intake.working import hold, opened_work
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault

log = logging.getLogger("miaoce.intake")
SHEET, COLUMNS = "sheet", "columns"
EXPLAINED = "已按新的列读了一遍，下次会记住。"
_KEPT = 3


def is_long(batch: Batch, *, size: int = 0) -> bool:
    """Say whether a page should not wait for a batch to be read once more, or for a sheet of that many bytes."""
    return batch.rows_read > rules.SEND_AT_ONCE or size > rules.AT_ONCE_BYTES


@transaction.atomic
def order_sheet(*, batch: Batch, file_name: str, data: bytes, process: Process) -> None:
    """Keep a mended sheet and have the worker lay it over its batch. Refuses a file above the limit (INT-02)."""
    rules.must_fit(size=len(data), megabytes=settings.FILE_MEGABYTES)
    now = hold(batch, process)
    storage.keep(batch_id=now.pk, data=data, safe=vault.open_safe([now.pk]), what=storage.BACK)
    _order(now, SHEET, process, file_name[:200])


@transaction.atomic
def order_columns(*, batch: Batch, process: Process) -> None:
    """Have the worker read an open batch again; its columns were explained before (rereading.explain)."""
    _order(hold(batch, process), COLUMNS, process)


def _order(now: Batch, what: str, process: Process, file_name: str = "") -> None:
    appointment = process.actor.appointment_id
    asked = {
        "what": what, "key": process.pk.hex, "by": appointment.hex if appointment else "", "file": file_name,
        "at": process.at.isoformat(),
    }  # fmt: skip
    Batch.objects.filter(pk=now.pk).update(
        state=states.STEPS["read_again"].target, order=asked, claimed_by="", claimed_at=None, progress={}
    )
    journal.note(process, [Change("batch.ordered", "batch", now.pk, after={"what": what})])


def carry_out_waiting(*, at: datetime, limit: int = 5) -> int:
    """Read once more what was asked for or left half-way, the oldest first; return how many were done. For the worker."""
    found: Sequence[UUID] = list(
        Batch.objects.filter(_free(at)).order_by("created_at").values_list("pk", flat=True)[:limit]
    )
    return sum(_do_or_leave(batch_id, at) for batch_id in found)


def _do_or_leave(batch_id: UUID, at: datetime) -> bool:
    """Carry out one order; one that breaks is logged and left until its lease ends, so that it does not stop the others."""
    try:
        return carry_out(batch_id=batch_id, at=at)
    except Exception:
        log.exception("reading again failed", extra={"batch": batch_id.hex})
        return False


def _free(at: datetime, batch_id: UUID | None = None) -> Q:
    return claiming.free((states.READING,), at=at, batch_id=batch_id) & Q(order__has_key="what")


def carry_out(*, batch_id: UUID, at: datetime) -> bool:
    """Read an ordered batch once more and open it again; False when another process has it.

    A refusal (the sheet cannot be read or is another one, the person who asked holds the appointment no more) leaves every row
    as it is and stands as what came of it.
    """
    batch = claiming.take(batch_id, _free(at, batch_id), at=at, state=states.STEPS["read"].target)
    if batch is None:
        return False
    try:
        officer = access.officer_on(UUID(hex=batch.order["by"]), on=localdate(at)) if batch.order["by"] else None
        if officer is None:
            raise rules.OrderLost
        done = _lay_over(batch, officer, at)
    except Refusal as refusal:
        with journal.process("intake.end_order", actor=the_system("读取"), at=at) as process:
            done = _open(batch, process, {"words": str(refusal), "is_refused": True})
    if done:
        storage.remove_back(batch_id=batch.pk)
    return done


def _lay_over(batch: Batch, officer: Officer, at: datetime) -> bool:
    """Read what was ordered outside of any transaction, then lay it over in one; False when the claim was lost."""
    tell = teller(batch)
    if batch.order["what"] == SHEET:
        data = storage.fetch(batch_id=batch.pk, safe=vault.open_safe([batch.pk]), what=storage.BACK)
        roll = rereading.read_sheet(batch, file_name=batch.order["file"], data=data, at=at, tell=tell)
    else:
        understood = rereading.read_again(batch, at=at, tell=tell)
    tell(WRITE, 0, 0)
    facts = {"batch": batch.pk.hex, "order": batch.order["key"]}
    kind = "intake.bring_back" if batch.order["what"] == SHEET else "intake.remap"
    with journal.process(kind, actor=officer, at=at, facts=facts) as process:
        if not _mine(batch).update(version=F("version") + 1):
            return False
        work = opened_work(batch, on=journal.day_of(process))
        if batch.order["what"] == SHEET:
            out = _outcome(batch, rereading.take_back(work, roll, process))
        else:
            rereading.lay_over(work, understood, process)
            out = {"words": EXPLAINED, "is_refused": False}
        return _open(batch, process, out)


def _outcome(batch: Batch, done: BroughtBack) -> dict[str, Any]:
    """Return what the page says of a sheet: the sentence, and the rows refused alone with what the sheet said, sealed."""
    clashes = [[clash.row.key.hex, [[key, text] for key, _, text in clash.texts]] for clash in done.clashes]
    sealed = vault.open_safe([batch.pk]).seal_json(batch.pk, "batch", "clashes", batch.pk, clashes)
    return {"words": done.words, "is_refused": False, "clashes": b64encode(sealed).decode("ascii") if clashes else ""}


def _open(batch: Batch, process: Process, outcome: Mapping[str, Any]) -> bool:
    """Open a batch again with what came of its order, for the result page; the last few are kept."""
    layout = Batch.objects.values_list("layout", flat=True).get(pk=batch.pk)
    kept = dict(list(layout.get("read_again", {}).items())[1 - _KEPT :]) | {batch.order["key"]: dict(outcome)}
    mine = _mine(batch).update(
        state=states.STEPS["open"].target, order={}, progress={}, claimed_by="", claimed_at=None, layout={**layout, "read_again": kept},
        version=F("version") + 1,
    )  # fmt: skip
    after = {"what": batch.order["what"], "stopped": outcome["is_refused"]}
    journal.note(process, [Change("batch.read_again", "batch", batch.pk, after=after)] if mine else [])
    return bool(mine)


def _mine(batch: Batch) -> BatchQuerySet:
    return Batch.objects.filter(pk=batch.pk, state=states.READING, claimed_by=batch.claimed_by)


@dataclass(frozen=True)
class Outcome:
    """What came of an order: a sentence, whether nothing was done, and the rows that were refused alone."""

    words: str
    is_refused: bool
    clashes: list[Clash]


def outcome_of(batch: Batch, key: UUID) -> Outcome | None:
    """Return what came of an order; None where the batch knows none by that process. Texts are as they stand now."""
    kept = batch.layout.get("read_again", {}).get(key.hex)
    if kept is None:
        return None
    if not kept.get("clashes"):
        return Outcome(kept["words"], kept["is_refused"], [])
    safe = vault.open_safe([batch.pk])
    said = dict(safe.open_json(batch.pk, "batch", "clashes", batch.pk, b64decode(kept["clashes"])))
    rows = opened(list(Row.objects.filter(batch=batch, pk__in=map(UUID, said)).order_by("position")), safe)
    clashes = [
        Clash(row, [(k, now, text) for k, text in said[row.key.hex] if (now := row.content.raw.get(k, "")) != text])
        for row in rows
    ]
    return Outcome(kept["words"], kept["is_refused"], [clash for clash in clashes if clash.texts])
