"""What a kindergarten does with what it brings in. This module receives and ends batches; the other verbs are imported here."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import rules, states, storage
from miaoce.registry.intake.contents import Content, OpenRow, write
from miaoce.registry.intake.deciding import decide_duplicate
from miaoce.registry.intake.mending import fill_entry, ignore, mend, mend_alike, mend_many, restore, undo_tidy
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.ordering import carry_out, order, send_ordered
from miaoce.registry.intake.reading import API, FORM, PASTE, UPLOAD, read_batch, read_waiting
from miaoce.registry.intake.relaying import carry_out_waiting, order_columns, order_sheet
from miaoce.registry.intake.rereading import bring_back, explain, remap
from miaoce.registry.intake.sending import Sent, recall, submit
from miaoce.registry.intake.working import hold
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.vault import actions as vault
from miaoce.registry.vault import queries as vault_queries

__all__ = [
    "API",
    "FORM",
    "PASTE",
    "UPLOAD",
    "Sent",
    "bring_back",
    "carry_out",
    "carry_out_waiting",
    "decide_duplicate",
    "discard",
    "expire",
    "explain",
    "fill_entry",
    "ignore",
    "mend",
    "mend_alike",
    "mend_many",
    "order",
    "order_columns",
    "order_sheet",
    "read_batch",
    "read_waiting",
    "recall",
    "receive",
    "receive_rows",
    "remap",
    "restore",
    "send_ordered",
    "submit",
    "undo_tidy",
]  # fmt: skip


@transaction.atomic
def receive(*, kindergarten: Kindergarten, source: str, file_name: str, data: bytes, process: Process) -> Batch:
    """Take in a file, a pasted text or given rows; the sealed bytes are on the disk before the batch exists.

    The same bytes that already stand open here give that batch back, and nothing is doubled. Refuses an empty hand
    (INT-03) and a file above the limit (INT-02).
    """
    require(process.actor, Permission.INTAKE_EDIT)
    if not data.strip():
        raise rules.NothingGiven
    rules.must_fit(size=len(data), megabytes=settings.FILE_MEGABYTES)
    digest = hashlib.sha256(data).hexdigest()
    if standing := _standing(kindergarten, digest):
        return standing
    batch = Batch(
        kindergarten=kindergarten,
        source=source,
        file_name=file_name[:200],
        sha256=digest,
        size=len(data),
        created_at=process.at,
        created_by=process.actor.staff_id,
        creator_name=process.actor.name,
        expires_on=rules.expires_on(journal.day_of(process)),
    )
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
            safe = vault.make_keys([batch.pk], at=process.at)
    except IntegrityError:  # another request with the same bytes was faster
        standing = _standing(kindergarten, digest)
        if standing is None:
            raise
        return standing
    storage.keep(batch_id=batch.pk, data=data, safe=safe)
    journal.note(process, [Change("batch.received", "batch", batch.pk, after={"source": source, "size": len(data)})])
    return batch


def _standing(kindergarten: Kindergarten, digest: str) -> Batch | None:
    """Return the open batch with these bytes, if there is one."""
    return Batch.objects.filter(kindergarten=kindergarten, sha256=digest, state__in=states.LIVE).first()


def receive_rows(
    *, kindergarten: Kindergarten, source: str, rows: Sequence[Mapping[str, str]], name: str, process: Process
) -> Batch:
    """Take in rows that a form or a program gives by field names; as `receive` otherwise."""
    data = json.dumps([dict(sorted(row.items())) for row in rows], ensure_ascii=False).encode()
    return receive(
        kindergarten=kindergarten, source=source, file_name=name, data=data if rows else b"", process=process
    )


@transaction.atomic
def discard(*, batch: Batch, process: Process) -> int:
    """End a batch by hand: rows not submitted lose their content, submitted ones stay; return how many went.

    Without submitted rows the batch's key and file go too, and nothing of it can be read again.
    """
    require(process.actor, Permission.INTAKE_EDIT)
    if batch.state in (states.UPLOADED, states.READING, states.REFUSED) and not batch.order:
        return _end(batch, process)
    now = hold(batch, process)
    loose = list(Row.objects.filter(batch=now).exclude(state__in=[states.SENT, states.ASIDE]))
    if Row.objects.filter(batch=now, state__in=[states.SENT, states.ASIDE]).exists():
        safe = vault_queries.open_safe([now.pk])
        for row in loose:
            row.state = states.IGNORED
        write([OpenRow(row, Content()) for row in loose], safe)
        Batch.objects.filter(pk=now.pk).update(state=states.STEPS["discard"].target)
        journal.note(process, [Change("batch.discarded", "batch", now.pk, after={"rows": len(loose)})])
        return len(loose)
    return _end(now, process)


def _end(batch: Batch, process: Process) -> int:
    """Erase a batch: its key, its file and what is known of its layout. Its rows keep their state and codes."""
    ended = Batch.objects.filter(pk=batch.pk).exclude(layout__has_key="erased")
    moved = ended.update(
        state=states.STEPS["expire"].target,
        layout={"erased": True},
        claimed_at=None,
        claimed_by="",
        order={},
        refusal_words="",
        version=F("version") + 1,
    )
    if not moved:
        return 0
    vault.forget([batch.pk])
    transaction.on_commit(lambda: storage.remove(batch_id=batch.pk))
    journal.note(process, [Change("batch.erased", "batch", batch.pk, after={"rows": batch.rows_read})])
    return batch.rows_read


def expire(*, actor: Officer, at: datetime, limit: int = 200) -> int:
    """Erase batches whose days are over and none of whose rows is still with the county; return how many. For the worker.

    Sealed files that no batch answers for are removed when they are a day old.
    """
    with journal.process("intake.expire", actor=actor, at=at) as process:
        over = (
            Batch.objects.filter(expires_on__lt=journal.day_of(process))
            .exclude(layout__has_key="erased")
            .filter(state__in=states.STEPS["expire"].sources, order={})
        )
        due = [batch for batch in over.order_by("expires_on")[:limit] if not _is_with_county(batch.pk)]
        for batch in due:
            _end(batch, process)
    known = {pk.hex for pk in Batch.objects.exclude(layout__has_key="erased").values_list("pk", flat=True)}
    for path in storage.leftovers(before=at - timedelta(days=1), known=known):
        path.unlink(missing_ok=True)
    return len(due)


def _is_with_county(batch_id: UUID) -> bool:
    """Say whether a row of the batch waits at the county or came back from it."""
    sent = Row.objects.filter(batch=batch_id, state=states.SENT).values("becomes_id")
    return Proposal.objects.filter(child_id__in=sent, state__in=[cases.SUBMITTED, cases.RETURNED]).exists()
