"""One change of a child at a time: whoever opens a case or a transfer claims the child, by insert, until it ends."""

from collections.abc import Collection, Mapping
from uuid import UUID

from miaoce.registry import rows
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.journal.models import Process


def claim(*, cases: Mapping[UUID, UUID], kind: str, process: Process) -> dict[UUID, str]:
    """Claim children (child id → case id) for a kind of change; return the kind that holds each child that is not free.

    Inside the caller's transaction. Two who claim at once: one gets it.
    """
    made = [
        ChangeClaim(child_id=c, case_id=case, kind=kind, claimed_at=process.at) for c, case in sorted(cases.items())
    ]
    ChangeClaim.objects.bulk_create(made, batch_size=rows.CHUNK, ignore_conflicts=True)
    return {c: held.kind for c, held in in_hand(cases).items() if held.case_id != cases[c]}


def release(*, case_ids: Collection[UUID]) -> None:
    """Let go of the children of cases that ended."""
    wanted = list(case_ids)
    for first in range(0, len(wanted), rows.CHUNK):
        ChangeClaim.objects.filter(case_id__in=wanted[first : first + rows.CHUNK]).delete()


def in_hand(child_ids: Collection[UUID]) -> dict[UUID, ChangeClaim]:
    """Return the change in hand of each child that has one."""
    wanted, found = list(child_ids), dict[UUID, ChangeClaim]()
    for first in range(0, len(wanted), rows.CHUNK):
        found.update(ChangeClaim.objects.in_bulk(wanted[first : first + rows.CHUNK]))
    return found
