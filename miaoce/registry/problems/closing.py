"""What becomes of problems by itself: cases that ended, records that are gone, children who moved. For the worker, in batches.

Nothing is decided here: a problem follows the decision that a county made about a case of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from miaoce.registry.approvals import clocks
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Case
from miaoce.registry.children.models import Child
from miaoce.registry.identity.models import DocumentProblem
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.problems import states
from miaoce.registry.problems.models import ProblemRecord, ProblemSide
from miaoce.registry.problems.moving import move
from miaoce.registry.problems.opening import OUT, tick_sides

AT_ONCE = 500
ASKED_OUTSIDE = (states.NOT_KNOWN, states.NAME_DIFFERS)


def is_due() -> bool:
    """Say whether a problem in hand names a record that changed since, or waits for a case that ended. One statement."""
    touched = Child.objects.filter(pk=OuterRef("child_id"))
    gone = touched.filter(standing__in=OUT)
    elsewhere = touched.exclude(kindergarten_id=OuterRef("kindergarten_id"), office_id=OuterRef("office_id"))
    over = Case.objects.filter(pk=OuterRef("case_id")).exclude(state__in=cases.IN_HAND)
    sides = ProblemSide.objects.filter(problem_id=OuterRef("pk"))
    sides = sides.filter(Q(Exists(gone)) | Q(Exists(elsewhere)) | Q(Exists(over)))
    cleared = DocumentProblem.objects.filter(
        child_id=OuterRef("one_id"), cleared_at__isnull=False, found_at__lte=OuterRef("opened_at")
    )
    standing = DocumentProblem.objects.filter(child_id=OuterRef("one_id"), cleared_at__isnull=True)
    in_hand = ProblemRecord.objects.filter(state__in=states.IN_HAND)
    right_now = Q(Exists(cleared), ~Exists(standing), kind__in=ASKED_OUTSIDE)
    return in_hand.filter(Q(Exists(sides)) | right_now).exists()


def follow_all(*, process: Process) -> int:
    """Let every problem in hand follow, 500 at a time; return how many moved."""
    moved, after = follow(process=process)
    while after is not None:
        more, after = follow(process=process, after=after)
        moved += more
    return moved


@transaction.atomic
def follow(*, process: Process, after: UUID | None = None) -> tuple[int, UUID | None]:
    """Look at up to 500 problems in hand behind one and let them follow what happened; return how many moved and where to go on.

    A correction agreed to ends them as corrected, a record voided as voided, one that is gone otherwise ends them; a case that
    came to nothing asks the side anew; a child that moved takes its side along.
    """
    found = ProblemRecord.objects.filter(state__in=states.IN_HAND).order_by("pk")
    some = list((found.filter(pk__gt=after) if after else found)[:AT_ONCE])
    sides = list(ProblemSide.objects.filter(problem_id__in=[p.pk for p in some]))
    children = Child.objects.in_bulk([side.child_id for side in sides])
    ended = Case.objects.in_bulk([side.case_id for side in sides if side.case_id])
    of: dict[UUID, list[ProblemSide]] = {}
    for side in sides:
        of.setdefault(side.problem_id, []).append(side)
    cleared = _cleared(some)
    by_verb: dict[str, dict[UUID, int]] = {}
    for problem in some:
        verb = _verb(of.get(problem.pk, []), children, ended, is_cleared=problem.pk in cleared)
        if verb:
            by_verb.setdefault(verb, {})[problem.pk] = problem.version
    moved = sum(len(move(verb, chosen, process).done) for verb, chosen in sorted(by_verb.items()))
    left = [side for side in sides if not any(side.problem_id in chosen for chosen in by_verb.values())]
    moved += _ask_again([side for side in left if _came_to_nothing(side, ended)], process)
    moved += _rehome(left, children, process)
    return moved, some[-1].pk if len(some) == AT_ONCE else None


def _verb(
    sides: Sequence[ProblemSide],
    children: Mapping[UUID, Child],
    ended: Mapping[UUID, Case],
    *,
    is_cleared: bool,
) -> str:
    """Return the step that a problem takes by what happened, "" for none."""
    standings = {children[side.child_id].standing for side in sides if side.child_id in children}
    if "void" in standings:
        return "void"
    if standings & OUT or len(standings) == 0:
        return "end"
    agreed = [side for side in sides if side.case_id and _state(side.case_id, ended) == cases.AGREED]
    return "correct" if agreed or is_cleared else ""


def _state(case_id: UUID, ended: Mapping[UUID, Case]) -> str:
    """Return the state of a case, "" where it is not known."""
    return ended[case_id].state if case_id in ended else ""


def _cleared(problems: Iterable[ProblemRecord]) -> set[UUID]:
    """Return the documents' problems that the outside register found, and finds no more."""
    asked = [p for p in problems if p.kind in ASKED_OUTSIDE]
    told = DocumentProblem.objects.filter(child_id__in=[p.one_id for p in asked])
    rows = list(told.values_list("child_id", "cleared_at"))
    known, standing = {child for child, _ in rows}, {child for child, cleared_at in rows if cleared_at is None}
    return {p.pk for p in asked if p.one_id in known - standing}


def _came_to_nothing(side: ProblemSide, ended: Mapping[UUID, Case]) -> bool:
    """Say whether the case that a side filed was taken back or ended without being agreed to."""
    return side.case_id is not None and _state(side.case_id, ended) in {cases.TAKEN_BACK, cases.ENDED}


def _ask_again(sides: Sequence[ProblemSide], process: Process) -> int:
    """Ask sides anew whose case came to nothing."""
    empty: dict[str, Any] = {
        "said": "", "answer": "", "words": None, "proofs": [], "case_id": None, "said_at": None, "said_by": None,
    }  # fmt: skip
    ProblemSide.objects.filter(pk__in=[side.pk for side in sides]).update(**empty)
    journal.note(
        process, [journal.changed("problem_side.asked", side, new=empty, child_id=side.child_id) for side in sides]
    )
    for side in sides:
        for name, value in empty.items():
            setattr(side, name, value)
    tick_sides(sides=sides, process=process)
    return len(sides)


def _rehome(sides: Sequence[ProblemSide], children: Mapping[UUID, Child], process: Process) -> int:
    """Let sides follow children who moved: who answers for the record now has to say the word."""
    changes, waiting = [], []
    for side in sides:
        child = children[side.child_id]
        if (child.kindergarten_id, child.office_id) == (side.kindergarten_id, side.office_id):
            continue
        new = {"kindergarten_id": child.kindergarten_id, "office_id": child.office_id}
        ProblemSide.objects.filter(pk=side.pk).update(**new)
        changes.append(journal.changed("problem_side.moved", side, new=new, child_id=side.child_id))
        side.kindergarten_id, side.office_id = child.kindergarten_id, child.office_id
        if side.said_at is None:
            waiting.append(side)
    if waiting:
        ids, children_ids = [s.problem_id for s in waiting], [s.child_id for s in waiting]
        clocks.stop(case_ids=ids, process=process, child_ids=children_ids, steps=["side"])
        tick_sides(sides=waiting, process=process)
    journal.note(process, changes)
    return len(changes)
