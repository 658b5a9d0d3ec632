"""Moved county boundaries, for the doors: kindergartens with all that is in hand, transfers that begin or end there too."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.approvals.clocks import OVERALL
from miaoce.registry.approvals.models import Clock
from miaoce.registry.enrolments import places
from miaoce.registry.institutions.models import Kindergarten, Office
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.transfers import moving, states
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.moving import Moved


@transaction.atomic
def move(*, kindergartens: Sequence[Kindergarten], office: Office, region_code: str, on: date, process: Process) -> int:
    """Move kindergartens to another county as enrolments.places.move does; open transfers follow at their own end.

    Refuses as that does; all (TRF-02) where somebody changes one of the transfers meanwhile.
    """
    count = places.move(kindergartens=kindergartens, office=office, region_code=region_code, on=on, process=process)
    ids = [place.pk for place in kindergartens]
    touched: dict[UUID, Transfer] = {}
    for end in ("from", "to"):
        here = Transfer.objects.filter(**{f"{end}_kindergarten_id__in": ids}, state__in=states.OPEN)
        found, moved = list(here), Moved()
        wanted = {one.pk: {f"{end}_office_id": office.pk} for one in found}
        moving.rewrite(found, wanted, moved, process, sources=states.OPEN, past="moved")
        for refusal in moved.refused.values():
            raise refusal
        touched |= {one.pk: one for one in moved.done}
    _set_clocks(touched, process)
    return count


def _set_clocks(transfers: dict[UUID, Transfer], process: Process) -> None:
    """Let each running clock belong to who acts by now; the county of one end is not that of the other."""
    changed, changes = [], []
    for clock in Clock.objects.filter(case_id__in=list(transfers), stopped_at=None):
        transfer = transfers[clock.case_id]
        owner, office = clock.owner_id, transfer.to_office_id
        if clock.step == OVERALL:
            owner = transfer.to_office_id or owner
        elif clock.step != states.PLACE_AGAIN:
            ticking = moving.tick(transfer, frozenset())
            owner, office = ticking.owner_id, ticking.office_id
        new = {"owner_id": owner, "office_id": office}
        changes.append(journal.changed("clock.moved", clock, new=new, child_id=clock.child_id))
        clock.owner_id, clock.office_id = owner, office or clock.office_id
        changed.append(clock)
    rows.rewrite(changed, ("office", "owner_id"))
    journal.note(process, changes)
