"""Return to another kindergarten (再入园): a child that left without a transfer is taken in by where it comes to.

It is found as for a transfer, by its number together with its name or birth date, and never by browsing; tries in vain are
counted together with those. What it then takes to come back is the room of stays'.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import leaving
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers.opening import Told, seek


@dataclass(frozen=True)
class TakenIn:
    """The child that returned, or why not. A miss is counted, so it is an answer and not an error."""

    child_id: UUID | None
    refusal: Refusal | None = None


@transaction.atomic
def take_in(*, told: Told, group: Group, on: date, process: Process) -> TakenIn:
    """Let the child that was told of return, into a group of the actor's kindergarten; its record comes along.

    Answers a miss (TRF-04, TRF-05) and what enrolments.leaving.readmit refuses alone, such as a child that attends (ENR-02).
    Raises what that refuses for all (ENR-01, ENR-05).
    """
    require(process.actor, Permission.ENROLMENT_CHANGE)
    child, refusal = seek(told=told, process=process)
    if child is None:
        return TakenIn(None, refusal)
    among = Child.objects.filter(pk=child.pk)
    done = leaving.readmit(chosen={child.pk: 0}, group=group, on=on, process=process, among=among)
    return TakenIn(done.done[0] if done.done else None, done.refused.get(child.pk))
