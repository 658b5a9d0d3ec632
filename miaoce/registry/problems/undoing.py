"""Undoing a merge: every row that it touched stands again exactly as it stood, or nothing is undone."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.children.models import ChildMerge
from miaoce.registry.journal.facts import noun_of, row_again
from miaoce.registry.journal.models import Process
from miaoce.registry.matching import pairs as matching
from miaoce.registry.problems import rules, states, writing
from miaoce.registry.problems.models import Joining, MovedRow, ProblemRecord
from miaoce.registry.problems.moving import Moved
from miaoce.registry.problems.opening import back_to_sides
from miaoce.registry.problems.planning import Planned
from miaoce.registry.problems.relations import TITLES
from miaoce.registry.problems.writing import Verbs
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault


def standing(actor: Officer) -> models.QuerySet[Joining]:
    """Return the merges that the officer's office decided and that were not undone, the newest first."""
    if actor.unit_id is None or not actor.may(Permission.PROBLEM_DECIDE):
        return Joining.objects.none()
    return Joining.objects.filter(kind=Joining.MERGE, office_id=actor.unit_id, undone_at__isnull=True).order_by("-pk")


@transaction.atomic
def undo(*, joining_ids: Collection[UUID], words: str, process: Process) -> Moved:
    """Undo merges that the actor's office decided; their problems are asked again.

    Refuses all PRB-04 without words. Refused alone: PRB-01 (not this office's, unknown), MRG-06 (undone before), MRG-01 (a
    change of the kept child is in hand), MRG-05 (a row was changed since).
    """
    require(process.actor, Permission.PROBLEM_DECIDE)
    if not words.strip():
        raise rules.WordsMissing
    moved = Moved()
    found = Joining.objects.filter(kind=Joining.MERGE, office_id=process.actor.unit_id).in_bulk(list(joining_ids))
    for pk in joining_ids:
        try:
            with transaction.atomic():
                moved.done += _undo(found.get(pk), process)
        except Refusal as refusal:
            moved.refused[pk] = refusal
    return moved


def _undo(joining: Joining | None, process: Process) -> list[ProblemRecord]:
    """Undo one, or raise its refusal; return its problem, asked again."""
    if joining is None:
        raise states.StepNotAllowed(state="不在本单位名单里", verb=states.STEPS["undo"].label)
    new = {"undone_at": process.at, "undone_by": process.actor.staff_id, "undone_process_id": process.pk}
    if not Joining.objects.filter(pk=joining.pk, undone_at__isnull=True).update(**new):
        raise rules.AlreadyUndone
    held = claims.claim(cases={joining.kept_id: joining.pk, joining.gone_id: joining.pk}, kind="merge", process=process)
    for kind in held.values():
        raise rules.ChangeInHand(kind=KINDS.get(kind, kind))
    planned = plan_of(joining)
    kept, gone = joining.kept_id, joining.gone_id
    verbs = Verbs({gone: "child.unmerged", kept: "child.parted"}, "returned", "restored", {gone: kept, kept: gone})
    writing.write(planned, verbs, process)
    ChildMerge.objects.filter(gone_id=gone, kept_id=kept, undone_at__isnull=True).update(undone_at=process.at)
    ChangeClaim.objects.filter(case_id=joining.pk).delete()
    return _ask_again(joining, process)


def plan_of(joining: Joining) -> list[Planned]:
    """Return the rows that undoing writes, the other way round; MRG-05 where one does not stand as it was left."""
    kept_rows = list(MovedRow.objects.filter(joining_id=joining.pk).order_by("pk"))
    safe = vault.open_safe([joining.kept_id, joining.gone_id])
    now = _now(kept_rows)
    stand = writing.still_stand([now.get((r.noun, r.row_key)) for r in kept_rows], [r.left_as for r in kept_rows])
    changed = sorted({TITLES.get(r.noun, r.noun) for r, same in zip(kept_rows, stand, strict=True) if not same})
    if changed:
        raise rules.UsedSince(what="、".join(changed))
    planned = []
    for row in kept_rows:
        model = _model(row.noun)
        image = None
        if row.before is not None:
            image = safe.open_json(row.child_id, "moved_row", "before", row.pk, bytes(row.before))
        before = None if image is None else row_again(model, image)
        planned.append(Planned(model, now.get((row.noun, row.row_key)), before))
    return planned


def _now(kept_rows: Sequence[MovedRow]) -> dict[tuple[str, str], Any]:
    """Return the rows as they stand now, by noun and key. One statement a table."""
    keys: dict[str, list[str]] = defaultdict(list)
    for row in kept_rows:
        keys[row.noun].append(row.row_key)
    found = {}
    for noun, some in keys.items():
        for one in _model(noun)._default_manager.filter(pk__in=some):
            found[noun, writing.key_of(one.pk)] = one
    return found


def _model(noun: str) -> type[models.Model]:
    """Return the table of a noun."""
    return next(model for model in apps.get_app_config("registry").get_models() if noun_of(model) == noun)


def _ask_again(joining: Joining, process: Process) -> list[ProblemRecord]:
    """Ask the sides of the problem again, which now holds that nobody knows."""
    problem = None if joining.problem_id is None else ProblemRecord.objects.filter(pk=joining.problem_id).first()
    if problem is None or problem.other_id is None:
        return []
    matching.remember(pairs=[(problem.one_id, problem.other_id)], verdict=states.UNSURE, process=process)
    return back_to_sides(
        problems=[problem], sources=states.STEPS["undo"].sources, verb="problem.unmerged", process=process
    )
