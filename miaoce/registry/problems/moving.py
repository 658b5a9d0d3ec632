"""Moving problems along their one table of steps: claimed by conditional update, noted, the next clock started.

Every verb of the room comes through `move`; it takes a batch, and each problem that cannot move is refused alone.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require
from miaoce.registry.approvals import clocks
from miaoce.registry.approvals.clocks import Ticking
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.matching import pairs as matching
from miaoce.registry.problems import states
from miaoce.registry.problems.models import ProblemRecord, ProblemRecordQuerySet, ProblemSide
from miaoce.registry.problems.opening import CLOCK, tick_sides
from miaoce.registry.problems.parties import parties_of
from miaoce.registry.problems.states import STEPS, Party, Step
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault

PAST = {
    "say": "answered", "forward": "forwarded", "settle": "parted", "take_up": "taken_up", "send_back": "sent_back",
    "merge": "merged", "part": "parted", "accept": "evidenced", "correct": "corrected", "void": "voided", "end": "ended",
    "split": "split", "split_merged": "split",
}  # fmt: skip
UNKNOWN = "不在本单位名单里"
Values = Mapping[str, Any]
WhyNot = Callable[[ProblemRecord, Sequence[ProblemSide]], Refusal | None]


@dataclass
class Moved:
    """What a step did: the problems that moved, and by problem why the others did not."""

    done: list[ProblemRecord] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)

    def join(self, other: "Moved") -> None:
        """Add what another part of the same act did."""
        self.done += other.done
        self.refused |= other.refused


def visible(process: Process) -> ProblemRecordQuerySet:
    """Return the problems that the actor takes part in; the system, which no unit employs, sees all."""
    everything = ProblemRecord.objects.all()
    return everything if process.actor.role_code == "system" else everything.visible_to(process.actor)


def sides_of(problem_ids: Sequence[UUID]) -> dict[UUID, list[ProblemSide]]:
    """Return the sides of problems."""
    found: dict[UUID, list[ProblemSide]] = {pk: [] for pk in problem_ids}
    for side in ProblemSide.objects.filter(problem_id__in=list(problem_ids)).order_by("child_id"):
        found[side.problem_id].append(side)
    return found


def move(
    verb: str,
    chosen: Mapping[UUID, int],
    process: Process,
    *,
    values: Mapping[UUID, Values] | None = None,
    why_not: WhyNot | None = None,
    words: str = "",
) -> Moved:
    """Take one step with problems (id → version seen, 0 for whichever), inside the caller's transaction.

    `values` are columns that the step writes besides, by problem; `why_not` what else refuses one; `words` are the decision's.
    """
    step, moved = STEPS[verb], Moved()
    require(process.actor, step.permission)
    found = {p.pk: p for p in visible(process).filter(pk__in=list(chosen))}
    sides = sides_of(list(found))
    wanted: dict[UUID, Values] = {}
    for pk, version in chosen.items():
        problem = found.get(pk)
        refusal = _refusal(problem, version, step, sides.get(pk, []), process)
        if problem is None:
            moved.refused[pk] = states.StepNotAllowed(state=UNKNOWN, verb=step.label)
        elif refusal := refusal or (why_not(problem, sides[pk]) if why_not else None):
            moved.refused[pk] = refusal
        else:
            wanted[pk] = {
                "state": step.target,
                **_ending(problem, step, words, process),
                **((values or {}).get(pk, {})),
            }
    rewrite([found[pk] for pk in wanted], wanted, moved, process, sources=step.sources, past=f"problem.{PAST[verb]}")
    _follow(verb, moved.done, sides, process)
    return moved


def rewrite(
    problems: Sequence[ProblemRecord],
    wanted: Mapping[UUID, Values],
    moved: Moved,
    process: Process,
    *,
    sources: Collection[str],
    past: str,
) -> None:
    """Write columns of problems where they still stand as they were read, and note it; the others changed since (PRB-02)."""
    alike = defaultdict[tuple[int, str], list[ProblemRecord]](list)
    for problem in problems:
        alike[problem.version, repr(sorted(wanted[problem.pk].items()))].append(problem)
    changes = []
    for (version, _), some in alike.items():
        pks, new = [p.pk for p in some], {**wanted[some[0].pk], "version": version + 1}
        standing = ProblemRecord.objects.filter(version=version, state__in=sources)
        with transaction.atomic():
            together = standing.filter(pk__in=pks).update(**new) == len(pks)
            transaction.set_rollback(not together)
        gone = set(pks) if together else {pk for pk in pks if standing.filter(pk=pk).update(**new)}
        for problem in some:
            if problem.pk not in gone:
                moved.refused[problem.pk] = states.ChangedSinceShown()
                continue
            changes.append(journal.changed(past, problem, new=new))
            for name, value in new.items():
                setattr(problem, name, value)
            moved.done.append(problem)
    journal.note(process, changes)


def _refusal(
    problem: ProblemRecord | None, version: int, step: Step, sides: Sequence[ProblemSide], process: Process
) -> Refusal | None:
    """Return why a problem does not take a step: where it stands, whose step it is, what was seen, whose hands."""
    if problem is None:
        return states.StepNotAllowed(state=UNKNOWN, verb=step.label)
    parties = parties_of(process.actor, problem, sides)
    if step.verb not in states.available(problem.state, parties, kind=problem.kind):
        return states.StepNotAllowed(state=states.label_of(problem.state), verb=step.label)
    if version not in {0, problem.version}:
        return states.ChangedSinceShown()
    staff = process.actor.staff_id
    if step.party in {Party.OFFICE, Party.COUNTY} and staff is not None and staff in {side.said_by for side in sides}:
        return states.SameHands()
    return None


def _ending(problem: ProblemRecord, step: Step, words: str, process: Process) -> dict[str, Any]:
    """Return what a step writes that decides a problem, and the words of any."""
    sealed = None
    if words.strip():
        safe = vault.open_safe([problem.one_id])
        sealed = safe.seal(problem.one_id, "problem_record", "words", problem.pk, words.strip())
    if step.target in states.IN_HAND or step.sources == {step.target}:
        return {"words": sealed} if sealed is not None or problem.words is not None else {}
    return {
        "decided_at": process.at, "decided_by": process.actor.staff_id, "process_id": process.pk, "words": sealed,
    }  # fmt: skip


def _follow(
    verb: str, problems: Sequence[ProblemRecord], sides: Mapping[UUID, Sequence[ProblemSide]], process: Process
) -> None:
    """Stop the clocks of the step that is done, start the next one's, and let matching remember what was decided."""
    if verb in {"say", "split_merged"} or not problems:
        return
    clocks.stop(case_ids=[p.pk for p in problems], process=process)
    if verb == "send_back":
        tick_sides(sides=[side for p in problems for side in sides[p.pk]], process=process)
    arbitrated = [p for p in problems if p.state == states.ARBITRATION]
    step, _ = states.CLOCKS[states.ARBITRATION]
    clocks.start(
        ticking=[Ticking(p.pk, CLOCK, p.one_id, step, p.office_id, p.office_id) for p in arbitrated], process=process
    )
    for state, verdict in ((states.DIFFERENT, states.OTHER), (states.MERGED, states.SAME)):
        pairs = [(p.one_id, p.other_id) for p in problems if p.state == state and p.other_id is not None]
        if pairs:
            matching.remember(pairs=pairs, verdict=verdict, process=process)
