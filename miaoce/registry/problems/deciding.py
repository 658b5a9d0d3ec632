"""The word of each side and the decision between them (佐证、变更、删除；仲裁). Inside one kindergarten “different” is its own to say.

佐证 adds evidence; 变更 files a correction of that child, 删除 the cancellation of a record made by mistake: both are cases of
the child's county as any other, linked, and the problem ends with them (closing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import clocks, proofs
from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child
from miaoce.registry.corrections import actions as corrections
from miaoce.registry.enrolments.caseeffects import MISTAKE
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.problems import resting, rules, states
from miaoce.registry.problems.models import ProblemRecord, ProblemSide
from miaoce.registry.problems.moving import Moved, move, sides_of
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import filing
from miaoce.registry.vault import queries as vault


@dataclass(frozen=True)
class Said:
    """The word of one kindergarten about its records of one problem, in the version seen.

    `said` (states.SAYINGS) is asked of pairs; `answer` is what is done (states.ANSWERS). `proofs` are free proof files by child.
    A change brings the `texts` to be corrected and a `reason` of the list correction_reason, a deletion the day `on` of the
    record made by mistake; both concern the first of `child_ids`. Without `child_ids` it is about all records of the unit.
    """

    problem_id: UUID
    version: int
    said: str = ""
    answer: str = states.EVIDENCE
    words: str = ""
    proofs: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    child_ids: tuple[UUID, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    reason: str = "recorded_wrong"
    on: date | None = None


@transaction.atomic
def say(*, words_of: Sequence[Said], process: Process) -> Moved:
    """File the word of the actor's kindergarten. When every side has said its word, the problem goes to the office by itself.

    Each is refused alone: PRB-01, PRB-02, PRB-05, PRB-06, and what refuses the correction or cancellation that it files.
    """
    require(process.actor, Permission.PROBLEM_HANDLE)
    moved = Moved()
    for one in words_of:
        try:
            with transaction.atomic():
                moved.done.append(_say(one, process))
        except Refusal as refusal:
            moved.refused[one.problem_id] = refusal
    _forward([problem.pk for problem in moved.done], process)
    fresh = ProblemRecord.objects.in_bulk([problem.pk for problem in moved.done])
    return Moved([fresh[problem.pk] for problem in moved.done], moved.refused)


def _say(one: Said, process: Process) -> ProblemRecord:
    """File one word, or raise its refusal."""
    moved = move("say", {one.problem_id: one.version}, process)
    for refusal in moved.refused.values():
        raise refusal
    problem = moved.done[0]
    if problem.is_pair and one.answer == states.EVIDENCE and one.said not in states.SAYINGS:
        raise rules.SayingMissing
    if one.said != states.UNSURE and not one.words.strip() and not any(one.proofs.values()):
        raise rules.EvidenceMissing
    mine = [side for side in sides_of([problem.pk])[problem.pk] if side.kindergarten_id == process.actor.unit_id]
    mine = [side for side in mine if not one.child_ids or side.child_id in one.child_ids]
    if not mine:
        raise states.StepNotAllowed(state=states.label_of(problem.state), verb=states.STEPS["say"].label)
    case_id = _case(one, mine[0].child_id, process) if one.answer != states.EVIDENCE else None
    _write(one, mine, problem, case_id, process)
    clocks.stop(case_ids=[problem.pk], process=process, child_ids=[side.child_id for side in mine])
    return problem


def _case(one: Said, child_id: UUID, process: Process) -> UUID:
    """File the correction or the cancellation that an answer is, or raise why it cannot be filed."""
    given = one.proofs.get(child_id, ())
    if one.answer == states.CHANGE:
        request = corrections.Request(child_id, one.texts, one.reason, None, one.words, given)
        filed = corrections.file(requests=[request], process=process)
    elif one.answer == states.VOID:
        version = Child.objects.filter(pk=child_id).values_list("version", flat=True).get()
        asked = Asked(child_id, version, MISTAKE, one.on or journal.day_of(process), None, one.words, given)
        filed = filing.file(asked=[asked], process=process)
    else:
        raise rules.SayingMissing
    for refusal in filed.refused.values():
        raise refusal
    return filed.done[0].pk


def _write(
    one: Said, mine: Sequence[ProblemSide], problem: ProblemRecord, case_id: UUID | None, process: Process
) -> None:
    """Write the word onto the sides; proofs that no case took are taken by them."""
    safe, changes = vault.open_safe([side.child_id for side in mine]), []
    for side in mine:
        taken = one.proofs.get(side.child_id, ()) if case_id is None else ()
        text = one.words.strip()
        new: dict[str, Any] = {
            "said": one.said if problem.is_pair else "", "answer": one.answer, "said_at": process.at,
            "said_by": process.actor.staff_id, "proofs": [proof.hex for proof in taken], "case_id": case_id,
            "words": safe.seal(side.child_id, "problem_side", "words", side.pk, text) if text else None,
        }  # fmt: skip
        ProblemSide.objects.filter(pk=side.pk).update(**new)
        changes.append(journal.changed("problem_side.answered", side, new=new, child_id=side.child_id))
    journal.note(process, changes)
    if case_id is None:
        wanted = {side.pk: (side.child_id, one.proofs.get(side.child_id, ())) for side in mine}
        proofs.attach(wanted=wanted, process=process)


def _forward(problem_ids: Sequence[UUID], process: Process) -> None:
    """Let problems go to their office whose every side has said its word and waits for no case of its own."""
    ready = {
        pk: 0
        for pk, sides in sides_of(problem_ids).items()
        if all(side.said_at is not None and side.case_id is None for side in sides)
    }
    if ready:
        move("forward", ready, process)


@transaction.atomic
def settle(*, chosen: Mapping[UUID, int], process: Process, words: str = "") -> Moved:
    """Decide inside one kindergarten that two records are two children (problem → version seen). Alone: PRB-01, PRB-02."""
    return move("settle", chosen, process, values=_grounds(chosen), words=words)


@transaction.atomic
def part(*, chosen: Mapping[UUID, int], words: str, process: Process) -> Moved:
    """Decide as the common office that records are different children. Refuses all PRB-04; alone PRB-01 to PRB-03."""
    _must_say_why(words)
    return move("part", chosen, process, values=_grounds(chosen), words=words)


@transaction.atomic
def send_back(*, chosen: Mapping[UUID, int], words: str, process: Process) -> Moved:
    """Ask the sides for more evidence; what they said stays until they say it anew. Refusals as `part`."""
    _must_say_why(words)
    return move("send_back", chosen, process, words=words)


@transaction.atomic
def accept(*, chosen: Mapping[UUID, int], words: str, process: Process) -> Moved:
    """Accept the evidence filed about a document: it stays as it is. Refusals as `part`, and alone PRB-08 without evidence."""
    _must_say_why(words)

    def why_not(_problem: ProblemRecord, sides: Sequence[ProblemSide]) -> Refusal | None:
        return None if any(side.answer == states.EVIDENCE for side in sides) else rules.NothingFiled()

    return move("accept", chosen, process, why_not=why_not, words=words)


@transaction.atomic
def take_up(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Decide as the common office without waiting for a side that is silent past its day. Refused alone also PRB-07."""
    today = journal.day_of(process)
    running = Clock.objects.filter(case_id__in=list(chosen), case_kind="problem", stopped_at=None)
    waiting = {clock.child_id: clock.due_on for clock in running if clock.due_on >= today}

    def why_not(_problem: ProblemRecord, sides: Sequence[ProblemSide]) -> Refusal | None:
        for side in sides:
            if side.said_at is None and side.child_id in waiting:
                return rules.NotOverdue(name=side.kindergarten.name, due=f"{waiting[side.child_id]:%Y-%m-%d}")
        return None

    return move("take_up", chosen, process, why_not=why_not)


def _grounds(problem_ids: Mapping[UUID, int]) -> dict[UUID, dict[str, str]]:
    """Return for each pair what the decision “different” rests on."""
    pairs = ProblemRecord.objects.filter(pk__in=list(problem_ids), other_id__isnull=False)
    of = {pk: (one, other) for pk, one, other in pairs.values_list("pk", "one_id", "other_id") if other is not None}
    told = resting.grounds(of.values())
    return {pk: {"rested_on": told[pair]} for pk, pair in of.items()}


def _must_say_why(words: str) -> None:
    """Refuse (PRB-04) a decision without a reason in words."""
    if not words.strip():
        raise rules.WordsMissing
