"""Filing what a county decides about a child's standing, for the doors: a death or disappearance ends a transfer in hand first."""

from collections.abc import Sequence

from django.db import transaction

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals.cases import Moved
from miaoce.registry.children.silence import SILENT
from miaoce.registry.enrolments import casework
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.transfers.switching import end_for


@transaction.atomic
def file(*, asked: Sequence[Asked], process: Process) -> Moved:
    """File cases as enrolments.casework.file. A transfer goes on where the death of its child could not be filed."""
    done = casework.file(asked=[one for one in asked if one.reason not in SILENT], process=process)
    for one in (one for one in asked if one.reason in SILENT):
        with transaction.atomic():
            with journal.process("transfer.end", actor=the_system("注销"), at=process.at) as ending:
                end_for(child_ids=[one.child_id], words="幼儿的学籍正在注销，转园终止。", process=ending)
            filed = casework.file(asked=[one], process=process)
            transaction.set_rollback(bool(filed.refused))
        done.done += filed.done
        done.refused |= filed.refused
    return done
