"""The wish to transfer: noted by the receiving kindergarten, it moves nothing yet."""

from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.transfers.models import TransferWish


@transaction.atomic
def wish(*, child_id: UUID, kindergarten_id: UUID, row_id: UUID, process: Process) -> TransferWish:
    """Note that a child of the register came to this kindergarten. Wishing twice gives the same wish."""
    require(process.actor, Permission.INTAKE_EDIT)
    fresh = TransferWish(
        child_id=child_id,
        kindergarten_id=kindergarten_id,
        row_id=row_id,
        wished_at=process.at,
        wished_by=process.actor.staff_id,
    )
    TransferWish.objects.bulk_create([fresh], ignore_conflicts=True)
    standing = TransferWish.objects.get(child_id=child_id, kindergarten_id=kindergarten_id)
    if standing.pk == fresh.pk:
        after = {"kindergarten": kindergarten_id.hex, "row": row_id.hex}
        journal.note(process, [Change("transfer.wished", "transfer_wish", fresh.pk, child_id, after=after)])
    return standing


@transaction.atomic
def unwish(*, row_id: UUID, process: Process) -> int:
    """Take back the wish that a row was put aside with; return how many there were."""
    require(process.actor, Permission.INTAKE_EDIT)
    standing = list(TransferWish.objects.filter(row_id=row_id, kindergarten_id=process.actor.unit_id))
    TransferWish.objects.filter(pk__in=[wish.pk for wish in standing]).delete()
    journal.note(
        process,
        [Change("transfer.unwished", "transfer_wish", w.pk, w.child_id, before={"row": row_id.hex}) for w in standing],
    )
    return len(standing)
