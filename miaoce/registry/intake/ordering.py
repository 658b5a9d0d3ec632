"""Submitting more rows than a page should wait for: asked for in one act, carried out by the worker part by part.

The batch is the order: while it is being sent nobody else changes it. Each part is whole, one process in one transaction with
its rows, events and the count so far; a worker that dies leaves the rest, and whoever comes next sends only that.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from miaoce.registry.access import queries as access
from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.access.permissions import Permission
from miaoce.registry.enrolments import rules as admission
from miaoce.registry.intake import claiming, rules, states
from miaoce.registry.intake.claiming import Life
from miaoce.registry.intake.contents import OpenRow
from miaoce.registry.intake.models import Batch, BatchQuerySet
from miaoce.registry.intake.places import place_of
from miaoce.registry.intake.progress import SEND, told_of
from miaoce.registry.intake.review import standings
from miaoce.registry.intake.sending import Sent, ready_of, remembered, send
from miaoce.registry.intake.working import Work, hold, opened_work
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal

log = logging.getLogger("miaoce.intake")
PART = 500
"""Rows of one transaction: about half a second, so that the page moves and nobody else waits longer to write."""


@transaction.atomic
def order(*, batch: Batch, process: Process) -> int:
    """Ask for every ready row of a batch to be submitted by the worker; return how many. The process names the order.

    Refuses at once what would refuse the whole: nothing ready (INT-09), no valid licence (ENR-01).
    """
    now = hold(batch, process, Permission.INTAKE_SUBMIT)
    admission.must_be_licensed(is_licensed=now.kindergarten.is_licensed(journal.day_of(process)))
    count = sum(row.state == states.READY for row in standings(now)[0])
    if not count:
        raise rules.NothingReady
    appointment = process.actor.appointment_id
    asked = {
        "key": process.pk.hex, "by": appointment.hex if appointment else "", "of": count, "done": 0,
        "at": process.at.isoformat(),
    }  # fmt: skip
    now.order = asked
    Batch.objects.filter(pk=now.pk).update(
        state=states.STEPS["order"].target,
        order=asked,
        claimed_by="",
        claimed_at=None,
        progress=told_of(SEND, 0, count, 0),
    )
    journal.note(process, [Change("batch.ordered", "batch", now.pk, after={"rows": count})])
    return count


def send_ordered(*, at: datetime, limit: int = 5) -> int:
    """Carry out what was ordered or left half-way, the oldest first; return how many batches were done. For the worker."""
    found: Sequence[UUID] = list(
        Batch.objects.filter(claiming.free(states.STEPS["send"].sources, at=at))
        .order_by("created_at")
        .values_list("pk", flat=True)[:limit]
    )
    return sum(_send_or_leave(batch_id, at) for batch_id in found)


def _send_or_leave(batch_id: UUID, at: datetime) -> bool:
    """Carry out one order; one that breaks is logged and left until its lease ends, so that it does not stop the others."""
    try:
        return carry_out(batch_id=batch_id, at=at)
    except Exception:
        log.exception("sending failed", extra={"batch": batch_id.hex})
        return False


def carry_out(*, batch_id: UUID, at: datetime) -> bool:
    """Send the ready rows of an ordered batch part by part and open it again; False when another process has it.

    A refusal of the whole (the licence ended, the person who asked holds the appointment no more) ends the order with its
    words; what was sent before stays sent.
    """
    way = states.STEPS["send"]
    condition = claiming.free(way.sources, at=at, batch_id=batch_id)
    batch = claiming.take(batch_id, condition, at=at, state=way.target)
    if batch is None:
        return False
    sending = _Sending(batch, at)
    try:
        officer = access.officer_on(UUID(hex=batch.order["by"]), on=localdate(at)) if batch.order["by"] else None
        if officer is None:
            raise rules.OrderLost
        if not sending.every_part(officer):
            return False
    except Refusal as refusal:
        return sending.end(str(refusal))
    return sending.end()


class _Sending:
    """One order on its way: the batch as this process holds it, and how fast it goes."""

    def __init__(self, batch: Batch, at: datetime) -> None:
        self.batch, self.at = batch, at
        self._life, self._began, self._before = Life(batch), monotonic(), batch.order["done"]

    def every_part(self, officer: Officer) -> bool:
        """Send part after part; False when the claim was lost to another process."""
        work = opened_work(self.batch, on=localdate(self.at))
        for part in _parts(ready_of(work)):
            facts = {"batch": self.batch.pk.hex, "order": self.batch.order["key"]}
            with journal.process("intake.submit", actor=officer, at=self.at, facts=facts) as process:
                if not self._still_mine():
                    return False
                self._one(work, part, process)
        return True

    def _one(self, work: Work, part: Sequence[OpenRow], process: Process) -> None:
        """Send one part, and keep how far the order is beside it."""
        work.place = place_of(work.kindergarten, on=journal.day_of(process))
        out = send(work, part, process)
        order = self.batch.order
        order["done"] += len(part)
        self.batch.layout = remembered(self.batch, order["key"], out)
        done, of = order["done"], max(order["of"], order["done"])
        seconds = (monotonic() - self._began) * done / max(done - self._before, 1)
        told = told_of(SEND, done, of, seconds)
        self._mine().update(order=order, layout=self.batch.layout, progress=told, claimed_at=self._life.now())

    def end(self, words: str = "") -> bool:
        """Open the batch again; `words` say what stopped the order. False when another process has it."""
        layout = remembered(self.batch, self.batch.order["key"], Sent(), words)
        with journal.process("intake.end_order", actor=the_system("提交"), at=self.at) as process:
            mine = self._mine().update(
                state=states.STEPS["end_order"].target,
                order={},
                progress={},
                claimed_by="",
                claimed_at=None,
                layout=layout,
            )
            after = {"done": self.batch.order["done"], "stopped": bool(words)}
            journal.note(process, [Change("batch.sent", "batch", self.batch.pk, after=after)] if mine else [])
        return bool(mine)

    def _still_mine(self) -> bool:
        """Hold the batch for the length of the transaction, if this process still has it."""
        return bool(self._mine().update(claimed_at=self._life.now()))

    def _mine(self) -> BatchQuerySet:
        return Batch.objects.filter(
            pk=self.batch.pk, state__in=states.STEPS["end_order"].sources, claimed_by=self.batch.claimed_by
        )


def _parts(rows: Sequence[OpenRow]) -> Iterator[Sequence[OpenRow]]:
    for start in range(0, len(rows), PART):
        yield rows[start : start + PART]
