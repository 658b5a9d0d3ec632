"""Merging (合并): two records of one child become one. One is kept, the other leads to it for ever; every row goes along.

Decided by the office common to both, of a problem record, by another than who filed evidence. Undone by `undoing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.children.models import Child, ChildMerge
from miaoce.registry.enrolments import states as stays
from miaoce.registry.handover.models import Handover
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.problems import rules, states, writing
from miaoce.registry.problems.models import Joining, ProblemRecord
from miaoce.registry.problems.moving import Moved, move
from miaoce.registry.problems.opening import Found, open_found
from miaoce.registry.problems.planning import Plan, plan_merge
from miaoce.registry.problems.queries import touching
from miaoce.registry.problems.writing import Verbs
from miaoce.registry.refusals import Refusal

CLAIM = "merge"


@dataclass(frozen=True)
class Merge:
    """A merge to be done: the problem in the version seen, which record is kept, and where two attend, whose stay goes on."""

    problem_id: UUID
    version: int
    kept_id: UUID
    stay_of: UUID | None = None


@transaction.atomic
def merge(*, merges: Sequence[Merge], words: str, process: Process) -> Moved:
    """Decide that the records of problems are one child each, and make them one.

    Refuses all PRB-04 without words. Refused alone, and then nothing of it is written: PRB-01 to PRB-03, MRG-01 (a change is
    in hand), MRG-02 (being registered, void), MRG-03 (a school took the record over that would go), MRG-04.
    """
    require(process.actor, Permission.PROBLEM_DECIDE)
    if not words.strip():
        raise rules.WordsMissing
    moved = Moved()
    for one in merges:
        try:
            with transaction.atomic():
                moved.done.append(_merge(one, words, process))
        except Refusal as refusal:
            moved.refused[one.problem_id] = refusal
    return moved


def preview(actor: Officer, one: Merge, *, at: datetime) -> Plan | None:
    """Return every row that a merge would touch, as it would be done at a moment; None where the problem is none or foreign.

    Refused as `merge` would be (MRG-01 to MRG-04). Writes nothing; the caller logs the reading of both children.
    """
    problem = ProblemRecord.objects.visible_to(actor).filter(pk=one.problem_id).first()
    if problem is None or not problem.is_pair:
        return None
    kept, gone = _two(problem, one.kept_id)
    for claim in claims.in_hand([kept.pk, gone.pk]).values():
        raise rules.ChangeInHand(kind=KINDS.get(claim.kind, claim.kind))
    return plan_merge(kept=kept, gone=gone, stay_of=one.stay_of or kept.pk, at=at, on=localdate(at))


def _merge(one: Merge, words: str, process: Process) -> ProblemRecord:
    """Do one merge, or raise its refusal."""
    moved = move(
        "merge", {one.problem_id: one.version}, process, values={one.problem_id: {"kept_id": one.kept_id}}, words=words
    )
    for refusal in moved.refused.values():
        raise refusal
    problem = moved.done[0]
    kept, gone = _two(problem, one.kept_id)
    joining = Joining(
        id=new_id(), kind=Joining.MERGE, kept_id=kept.pk, gone_id=gone.pk, problem_id=problem.pk, office_id=problem.office_id,
        process_id=process.pk, made_at=process.at, made_by=process.actor.staff_id,
    )  # fmt: skip
    _claim(joining, process)
    on = journal.day_of(process)
    plan = plan_merge(kept=kept, gone=gone, stay_of=one.stay_of or kept.pk, at=process.at, on=on)
    joining.save(force_insert=True)
    writing.keep_before(plan.rows, joining_id=joining.pk, safe=plan.safe)
    verbs = Verbs(
        {gone.pk: "child.merged", kept.pk: "child.joined"}, "joined", "superseded", {gone.pk: kept.pk, kept.pk: gone.pk}
    )
    writing.write(plan.rows, verbs, process)
    ChildMerge.objects.create(gone_id=gone.pk, kept_id=kept.pk, merged_at=process.at)
    ChangeClaim.objects.filter(child_id=kept.pk, case_id=joining.pk).delete()
    _go_on(problem, kept.pk, gone.pk, process)
    return problem


def _two(problem: ProblemRecord, kept_id: UUID) -> tuple[Child, Child]:
    """Return the record that is kept and the one that goes, if they can become one."""
    if kept_id not in problem.child_ids or problem.other_id is None:
        raise rules.KeptUnknown
    found = Child.objects.in_bulk(problem.child_ids)
    gone_id = problem.one_id if kept_id == problem.other_id else problem.other_id
    kept, gone = found[kept_id], found[gone_id]
    if Handover.objects.filter(child_id=gone_id).exists():
        raise rules.TakenOver
    if gone.standing not in stays.STEPS["merge"].sources:
        raise rules.CannotBeMerged(which="要并入的一条", state=stays.standing_word(gone.standing))
    if kept.standing not in stays.STEPS["merge"].sources | {stays.PROMOTED}:
        raise rules.CannotBeMerged(which="要保留的一条", state=stays.standing_word(kept.standing))
    return kept, gone


def _claim(joining: Joining, process: Process) -> None:
    """Keep everybody else off both records: off the kept one until this is done, off the other for as long as it is merged."""
    held = claims.claim(cases={joining.kept_id: joining.pk, joining.gone_id: joining.pk}, kind=CLAIM, process=process)
    for kind in held.values():
        raise rules.ChangeInHand(kind=KINDS.get(kind, kind))


def _go_on(problem: ProblemRecord, kept_id: UUID, gone_id: UUID, process: Process) -> None:
    """Let what was asked about the merged record and a third one be asked about the kept one; the worker ends the old question."""
    others = [p for p in touching([gone_id]) if p.pk != problem.pk and kept_id not in p.child_ids]
    found = [
        Found(kept_id, child, p.code, p.proposed, is_same_document=p.kind == states.SAME_DOCUMENT)
        for p in others
        for child in p.child_ids
        if child != gone_id
    ]
    open_found(pairs=found, process=process)
