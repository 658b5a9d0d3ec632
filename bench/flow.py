"""The way of a sheet through the rooms, by the same calls that pages and worker make."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import actions as approvals
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments import numbering
from miaoce.registry.intake import actions as intake
from miaoce.registry.journal import actions as journal


def receive(actor: Any, kindergarten: Any, data: bytes) -> Any:
    """Take a sheet in."""
    with journal.process("intake.receive", actor=actor, at=timezone.now()) as process:
        return intake.receive(
            kindergarten=kindergarten, source=intake.UPLOAD, file_name="bench.xlsx", data=data, process=process
        )


def read(batch: Any) -> None:
    """Read and check it."""
    intake.read_batch(batch_id=batch.pk, actor=the_system(), at=timezone.now())


def submit(actor: Any, batch: Any) -> int:
    """Submit what is ready; return how many went."""
    with journal.process("intake.submit", actor=actor, at=timezone.now()) as process:
        return len(intake.submit(batch=batch, process=process).done)


def choose(actor: Any, *, kindergarten: Any = None) -> Any:
    """Choose all that waits, and look at the spot check."""
    cases = Proposal.objects.visible_to(actor)
    if kindergarten is not None:
        cases = cases.filter(kindergarten=kindergarten)
    selection = approvals.choose(cases=cases, actor=actor, at=timezone.now())
    selection.seen = selection.sample
    selection.save(update_fields=["seen"])
    return selection


def approve(actor: Any, selection: Any) -> int:
    """Approve what was chosen in one act; return how many."""
    with journal.process("approval.approve", actor=actor, at=timezone.now()) as process:
        chosen = approvals.use(selection=selection, process=process)
        return len(enrolments.approve(chosen=chosen, process=process, recall_minutes=settings.RECALL_MINUTES).done)


def number() -> int:
    """Issue every number that is due; return how many."""
    done = 0
    while numbering.is_due(at=timezone.now()):
        with journal.process("number.issue", actor=the_system(), at=timezone.now()) as process:
            done += numbering.issue_due(process=process)
    return done
