"""Opening problem records: from pairs that matching found, and from documents that are wrong. Asking twice opens nothing twice."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import clocks
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.clocks import Ticking
from miaoce.registry.children.models import Child
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Office
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.problems import resting, states
from miaoce.registry.problems.models import ProblemRecord, ProblemSide
from miaoce.registry.problems.rules import common_path, in_order

CLOCK = "problem"
OUT = frozenset({"void", "merged", "cancelled"})
"""Standings of records that are no longer anybody's, so that nothing is opened about them (enrolments.states)."""


@dataclass(frozen=True)
class Found:
    """Two children that may be one: the code by which matching compared them, and the verdict it proposes ("same", "review")."""

    one_id: UUID
    other_id: UUID
    code: str = ""
    proposed: str = ""
    is_same_document: bool = False


@dataclass(frozen=True)
class FoundDocument:
    """A child whose document is wrong, and how (states.CHECK_DIGIT, NOT_KNOWN, NAME_DIFFERS)."""

    child_id: UUID
    kind: str


@dataclass
class Opened:
    """What was opened: new problems, those opened again because what they rested on changed; the rest stood already."""

    new: list[ProblemRecord] = field(default_factory=list)
    again: list[ProblemRecord] = field(default_factory=list)


@transaction.atomic
def open_found(*, pairs: Sequence[Found], process: Process) -> Opened:
    """Open one problem a pair and start the clocks of its sides. A fixed number of statements for each 2,000 pairs.

    A pair that stands, or was decided, is left alone; one that was found different is opened again where the data that the
    decision rested on changed since. Pairs with a record that is void, cancelled, merged or not yet submitted are left out.
    """
    require(process.actor, Permission.PROBLEM_DECIDE)
    opened = Opened()
    unique = {in_order(f.one_id, f.other_id): f for f in pairs if f.one_id != f.other_id}
    for part in _parts(sorted(unique)):
        found = {pair: unique[pair] for pair in part}
        children = _living({child for pair in part for child in pair})
        standing = _standing(part)
        fresh = [pair for pair in part if pair not in standing and all(child in children for child in pair)]
        opened.new += _make([_pair(pair, found[pair]) for pair in fresh], children, process)
        again = [p for p in standing.values() if all(child in children for child in p.child_ids)]
        opened.again += reopen(problems=again, process=process)
    return opened


@transaction.atomic
def open_documents(*, found: Sequence[FoundDocument], process: Process) -> Opened:
    """Open one problem a document and kind, in hand at most once. As `open_found` otherwise."""
    require(process.actor, Permission.PROBLEM_DECIDE)
    opened = Opened()
    unique = sorted({(f.child_id, f.kind) for f in found})
    for start in range(0, len(unique), rows.CHUNK):
        part = unique[start : start + rows.CHUNK]
        children = _living({child for child, _ in part})
        in_hand = ProblemRecord.objects.filter(
            one_id__in=list(children), other_id=None, state__in=states.IN_HAND
        ).values_list("one_id", "kind")
        known = set(in_hand)
        fresh = [ProblemRecord(kind=k, one_id=c) for c, k in part if c in children and (c, k) not in known]
        opened.new += _make(fresh, children, process)
    return opened


@transaction.atomic
def reopen(*, problems: Sequence[ProblemRecord], process: Process) -> list[ProblemRecord]:
    """Open problems again that were found different, where the data they rested on changed; return those. Conditional."""
    pairs = [(p.one_id, p.other_id) for p in problems if p.other_id is not None]
    now = resting.grounds(pairs)
    changed = [p for p in problems if p.other_id is not None and now[p.one_id, p.other_id] != p.rested_on]
    return back_to_sides(
        problems=changed, sources=states.STEPS["reopen"].sources, verb="problem.reopened", process=process
    )


def back_to_sides(
    *, problems: Sequence[ProblemRecord], sources: Collection[str], verb: str, process: Process
) -> list[ProblemRecord]:
    """Let decided problems wait for their sides again: what was said is kept in the journal, and is asked anew."""
    done = []
    new = {
        "state": states.OPEN, "decided_at": None, "decided_by": None, "process_id": None, "kept_id": None, "rested_on": "",
        "words": None,
    }  # fmt: skip
    for problem in problems:
        claimed = ProblemRecord.objects.filter(pk=problem.pk, version=problem.version, state__in=sources)
        if claimed.update(**new, version=F("version") + 1, rounds=F("rounds") + 1):
            done.append(problem)
    changes = []
    for problem in done:
        now = {**new, "version": problem.version + 1, "rounds": problem.rounds + 1}
        changes.append(journal.changed(verb, problem, new=now))
        for name, value in now.items():
            setattr(problem, name, value)
    journal.note(process, changes)
    _ask_again(done, process)
    return done


def _ask_again(problems: Sequence[ProblemRecord], process: Process) -> None:
    """Empty what the sides said, and start their clocks."""
    sides = list(ProblemSide.objects.filter(problem_id__in=[p.pk for p in problems]))
    empty: dict[str, Any] = {
        "said": "",
        "answer": "",
        "words": None,
        "proofs": [],
        "case_id": None,
        "said_at": None,
        "said_by": None,
    }
    ProblemSide.objects.filter(pk__in=[side.pk for side in sides]).update(**empty)
    journal.note(
        process, [journal.changed("problem_side.asked", side, new=empty, child_id=side.child_id) for side in sides]
    )
    tick_sides(sides=sides, process=process)


def tick_sides(*, sides: Sequence[ProblemSide], process: Process) -> None:
    """Start the clock of each kindergarten that has to say its word."""
    step, _ = states.CLOCKS[states.OPEN]
    ticking = [Ticking(s.problem_id, CLOCK, s.child_id, step, s.kindergarten_id, s.office_id) for s in sides]
    clocks.start(ticking=ticking, process=process)


def office_of(paths: Mapping[UUID, str]) -> dict[UUID, UUID]:
    """Return by key the lowest office that a path of offices leads to. One statement."""
    found = dict(Office.objects.filter(path__in=set(paths.values())).values_list("path", "id"))
    return {key: found[path] for key, path in paths.items()}


def _pair(pair: tuple[UUID, UUID], found: Found) -> ProblemRecord:
    """Return the problem that a pair becomes."""
    kind = states.SAME_DOCUMENT if found.is_same_document else states.SAME_PERSON
    return ProblemRecord(kind=kind, one_id=pair[0], other_id=pair[1], code=found.code, proposed=found.proposed)


def _make(problems: Sequence[ProblemRecord], children: Mapping[UUID, Child], process: Process) -> list[ProblemRecord]:
    """Write new problems with their sides; a pair that somebody else opened at this moment stays his."""
    if not problems:
        return []
    paths = {p.pk: common_path([children[child].office.path for child in p.child_ids]) for p in problems}
    offices = office_of(paths)
    for problem in problems:
        problem.office_id, problem.opened_at = offices[problem.pk], process.at
    ProblemRecord.objects.bulk_create(problems, batch_size=rows.CHUNK, ignore_conflicts=True)
    ours = set(ProblemRecord.objects.filter(pk__in=[p.pk for p in problems]).values_list("pk", flat=True))
    made = [problem for problem in problems if problem.pk in ours]
    sides = [
        ProblemSide(
            id=new_id(), child_id=child, problem_id=problem.pk, kindergarten_id=children[child].kindergarten_id,
            office_id=children[child].office_id,
        )
        for problem in made
        for child in problem.child_ids
    ]  # fmt: skip
    rows.insert(sides)
    changes = [journal.made("problem.opened", problem) for problem in made]
    changes += [journal.made("problem_side.asked", side, child_id=side.child_id) for side in sides]
    journal.note(process, changes)
    tick_sides(sides=sides, process=process)
    return made


def _living(child_ids: Collection[UUID]) -> dict[UUID, Child]:
    """Return the children whose record is somebody's, with their county."""
    found = Child.objects.filter(pk__in=list(child_ids)).exclude(state=cases.WITHDRAWN).exclude(standing__in=OUT)
    return {child.pk: child for child in found.select_related("office")}


def _standing(pairs: Collection[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], ProblemRecord]:
    """Return the problem of each pair that has one, whatever became of it."""
    wanted = set(pairs)
    found = ProblemRecord.objects.filter(one_id__in={one for one, _ in wanted}, other_id__in={o for _, o in wanted})
    return {(p.one_id, p.other_id): p for p in found if p.other_id and (p.one_id, p.other_id) in wanted}


def _parts(pairs: Sequence[tuple[UUID, UUID]]) -> Iterable[Sequence[tuple[UUID, UUID]]]:
    """Cut pairs into lists that a statement takes."""
    return (pairs[start : start + rows.CHUNK] for start in range(0, len(pairs), rows.CHUNK))
