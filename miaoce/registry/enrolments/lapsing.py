"""Registrations of a kindergarten that is about to close: returned to it together, and lapsed when it closes.

A closed kindergarten can mend nothing. What was returned to it lapses with its closing: the document is free, so that whichever
kindergarten takes the child in registers it anew; case and record stay as withdrawn, so that the journal's story is whole.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children import actions as children
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments.actions import close_applied, withdrawn
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process

REASON, WORDS = "other", "幼儿园将停办或并入别的幼儿园，这里不再建学籍。请告诉监护人，到接收的幼儿园登记。"

UNDECIDED: dict[str, None] = {"decided_at": None, "decided_by": None, "decision_id": None}
"""What a registration that was taken back does not hold; why it was returned stays on it."""


@dataclass(frozen=True)
class Waiting:
    """Registrations of a kindergarten: submitted, returned to it, approved and not numbered yet."""

    submitted: int
    returned: int
    approved: int


def waiting_at(kindergarten: Kindergarten) -> Waiting:
    """Return how many registrations of a kindergarten are under way. One statement."""
    counted = Proposal.objects.filter(kindergarten=kindergarten).aggregate(
        submitted=Count("id", filter=Q(state=cases.SUBMITTED)),
        returned=Count("id", filter=Q(state=cases.RETURNED)),
        approved=Count("id", filter=Q(state=cases.APPROVED)),
    )
    return Waiting(**counted)


@transaction.atomic
def return_all(*, kindergarten: Kindergarten, process: Process) -> int:
    """Return all registrations that wait for the county, with the closing as their reason; return how many went.

    Refused alone as every return (four eyes, APR-03); those stay and are decided by a colleague.
    """
    found = Proposal.objects.visible_to(process.actor).filter(kindergarten=kindergarten, state=cases.SUBMITTED)
    chosen = dict(found.values_list("pk", "version"))
    if not chosen:
        return 0
    return len(enrolments.return_(chosen=chosen, reasons=[REASON], words=WORDS, process=process).done)


@transaction.atomic
def lapse(*, kindergarten: Kindergarten, process: Process) -> int:
    """Let the registrations lapse that were returned to a kindergarten which closes, and return how many. Set-based."""
    require(process.actor, Permission.INSTITUTION_CHANGE)
    step = cases.STEPS["lapse"]
    found = list(Proposal.objects.filter(kindergarten=kindergarten, state__in=step.sources))
    moved = Proposal.objects.filter(pk__in=[case.pk for case in found], state__in=step.sources)
    if moved.update(state=step.target, version=F("version") + 1, **UNDECIDED) != len(found):
        raise cases.ChangedSinceShown
    undecided = []
    for case in found:
        new = {**UNDECIDED, "state": step.target, "version": case.version + 1}
        undecided.append(journal.changed("proposal.lapsed", case, new=new, child_id=case.child_id))
        case.state, case.version = step.target, case.version + 1
    gone = [case.child_id for case in found]
    children.release_documents(child_ids=gone)
    children.set_state(child_ids=gone, state=step.target, process=process)
    closed = close_applied(child_ids=gone)
    ended = [withdrawn(case=case, stay=closed.get(case.child_id), process=process) for case in found]
    journal.note(process, [*undecided, *ended])
    return len(found)
