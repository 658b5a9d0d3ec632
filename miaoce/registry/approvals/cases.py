"""Cases: a kindergarten files a change on proof, its county agrees or sends it back. What agreeing does is the room's above.

Always in batches; each case that cannot move is refused alone and says why.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims, clocks, proofs, states
from miaoce.registry.approvals.models import Case, CaseQuerySet
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault

KINDS = states.CASE_KINDS | {"transfer": "转园", "merge": "并入另一学籍"}


@dataclass(frozen=True)
class Filing:
    """A case to be filed: `facts` hold codes only, `wanted` (a JSON value) and `words` are sealed under the child's key.

    `kindergarten_id` is None where a county files for a child without one; `proofs` are ids of proof files.
    """

    child_id: UUID
    kind: str
    kindergarten_id: UUID | None
    office_id: UUID
    effective_on: date
    facts: Mapping[str, Any] = field(default_factory=dict)
    wanted: Any = None
    words: str = ""
    proofs: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Amendment:
    """What is mended of a case that came back: what is given replaces what was filed, proofs are added to those there."""

    effective_on: date | None = None
    facts: Mapping[str, Any] | None = None
    wanted: Any = None
    words: str | None = None
    proofs: tuple[UUID, ...] = ()


@dataclass
class Moved:
    """What a step did: the cases that moved, and by case (by child, when filing) why the others did not."""

    done: list[Case] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


@transaction.atomic
def file(*, filings: Sequence[Filing], process: Process) -> Moved:
    """Open cases at the county and start its clock. Refuses alone a child whose other change is in hand (APR-08).

    Proofs are taken by their case; one that is not free, or another unit's, refuses all (PRF-09).
    """
    require(process.actor, Permission.CASE_FILE)
    cases = {f.child_id: new_id() for f in filings}
    kinds = {f.child_id: f.kind for f in filings}
    held = dict[UUID, str]()
    for kind in sorted(set(kinds.values())):
        held |= claims.claim(
            cases={c: case for c, case in cases.items() if kinds[c] == kind}, kind=kind, process=process
        )
    moved = Moved(refused={child: states.ChangeInHand(kind=KINDS[kind]) for child, kind in held.items()})
    free = [f for f in filings if f.child_id not in held]
    safe = vault.open_safe([f.child_id for f in free])
    for f in free:
        case = Case(
            id=cases[f.child_id], child_id=f.child_id, kind=f.kind, kindergarten_id=f.kindergarten_id, office_id=f.office_id,
            effective_on=f.effective_on, facts=dict(f.facts), proofs=[proof.hex for proof in f.proofs],
            filed_at=process.at, filed_by=process.actor.staff_id,
        )  # fmt: skip
        if f.wanted is not None:
            case.wanted = safe.seal_json(f.child_id, "case", "wanted", case.pk, f.wanted)
        if f.words:
            case.words = safe.seal(f.child_id, "case", "words", case.pk, f.words)
        moved.done.append(case)
    rows.insert(moved.done)
    journal.note(process, [journal.made("case.filed", case, child_id=case.child_id) for case in moved.done])
    proofs.attach(wanted={cases[f.child_id]: (f.child_id, f.proofs) for f in free}, process=process)
    _tick(moved.done, "county", process)
    return moved


def _tick(cases: Sequence[Case], step: str, process: Process) -> None:
    """Start the clock of whoever acts next."""
    at_county = step == "county"
    clocks.start(
        ticking=[
            clocks.Ticking(
                case_id=c.pk, kind="case", case_kind=c.kind, child_id=c.child_id, step=step, office_id=c.office_id,
                owner_id=c.office_id if at_county or c.kindergarten_id is None else c.kindergarten_id,
            )
            for c in cases
        ],
        process=process,
    )  # fmt: skip


@transaction.atomic
def send_back(*, chosen: Mapping[UUID, int], reasons: Sequence[str], words: str, process: Process) -> Moved:
    """Return cases (id → version seen) to be mended, with reasons (codes of refusal_reason) and words. Refuses APR-06 without."""
    if not reasons and not words.strip():
        raise states.ReasonMissing
    values = {"return_reasons": list(reasons), "return_words": words.strip()}
    moved = _move("send_back", chosen, process, values)
    _tick(moved.done, "kindergarten", process)
    return moved


@transaction.atomic
def refile(*, chosen: Mapping[UUID, int], process: Process, amended: Mapping[UUID, Amendment] | None = None) -> Moved:
    """Send cases to the county again, mended by what is given for each (by case). Refuses PRF-09 as `file` does."""
    undecided: dict[str, Any] = {
        "decided_at": None,
        "decided_by": None,
        "decision_id": None,
        "return_reasons": [],
        "return_words": "",
    }
    moved = _move("refile", chosen, process, undecided)
    given = amended or {}
    _amend([(case, given[case.pk]) for case in moved.done if case.pk in given], process)
    _tick(moved.done, "county", process)
    return moved


def _amend(pairs: Sequence[tuple[Case, Amendment]], process: Process) -> None:
    """Write what was mended into cases, and let them take the proofs added. Four statements however many."""
    safe, changes = vault.open_safe([case.child_id for case, _ in pairs]), []
    for case, amendment in pairs:
        new: dict[str, Any] = {}
        if amendment.effective_on is not None:
            new["effective_on"] = amendment.effective_on
        if amendment.facts is not None:
            new["facts"] = dict(amendment.facts)
        if amendment.wanted is not None:
            new["wanted"] = safe.seal_json(case.child_id, "case", "wanted", case.pk, amendment.wanted)
        if amendment.words is not None:
            sealed = safe.seal(case.child_id, "case", "words", case.pk, amendment.words) if amendment.words else None
            new["words"] = sealed
        if amendment.proofs:
            new["proofs"] = [*case.proofs, *(proof.hex for proof in amendment.proofs)]
        changes.append(journal.changed("case.amended", case, new=new, child_id=case.child_id))
        for name, value in new.items():
            setattr(case, name, value)
    rows.rewrite([case for case, _ in pairs], ("effective_on", "facts", "wanted", "words", "proofs"))
    journal.note(process, changes)
    proofs.attach(wanted={case.pk: (case.child_id, given.proofs) for case, given in pairs}, process=process)


@transaction.atomic
def take_back(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Take back what was filed, before it is agreed to."""
    return _ended(_move("take_back", chosen, process, {}))


@transaction.atomic
def agree(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Agree to cases in the versions seen. The caller, a room above, makes them true in the same transaction."""
    return _ended(_move("agree", chosen, process, {}))


@transaction.atomic
def end(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Close cases whose ground is gone; `process.reason` says why."""
    return _ended(_move("end", chosen, process, {}))


def _ended(moved: Moved) -> Moved:
    """Let go of the children of cases that ended."""
    claims.release(case_ids=[case.pk for case in moved.done])
    return moved


def _move(verb: str, chosen: Mapping[UUID, int], process: Process, values: Mapping[str, Any]) -> Moved:
    """Move cases by conditional update on state and version, stop their clocks, and say why the others stay."""
    step, actor = states.CASE_STEPS[verb], process.actor
    require(actor, step.permission)
    decides = verb in {"send_back", "agree", "end"}
    found = {case.pk: case for case in visible(process).filter(pk__in=list(chosen))}
    stamp = {"decided_at": process.at, "decided_by": actor.staff_id, "decision_id": process.pk} if decides else {}
    new = {"state": step.target, **stamp, **values}
    moved, ready = Moved(), defaultdict[int, list[Case]](list)
    for pk, version in chosen.items():
        case = found.get(pk)
        refusal = _why_not(case, version, verb, process)
        if case is None or refusal is not None:
            moved.refused[pk] = refusal or states.StepNotAllowed(state="不在本单位名单里", verb=step.label)
        else:
            ready[version].append(case)
    for version, cases in ready.items():
        gone = _claimed(cases, version, step, new)
        moved.refused |= {case.pk: states.ChangedSinceShown() for case in cases if case.pk not in gone}
        moved.done += [case for case in cases if case.pk in gone]
    changes = []
    for case in moved.done:
        now = new | {"version": case.version + 1}
        changes.append(journal.changed(f"case.{_PAST[verb]}", case, new=now, child_id=case.child_id))
        for name, value in now.items():
            setattr(case, name, value)
    clocks.stop(case_ids=[case.pk for case in moved.done], process=process)
    journal.note(process, changes)
    return moved


def _claimed(cases: Sequence[Case], version: int, step: states.Step, new: Mapping[str, Any]) -> set[UUID]:
    """Move cases seen in one version together; where somebody was faster with one, one by one. Return those that moved."""
    pks, gone = [case.pk for case in cases], set[UUID]()
    for first in range(0, len(pks), rows.CHUNK):
        part = pks[first : first + rows.CHUNK]
        with transaction.atomic():
            together = _standing(part, version, step).update(**new, version=version + 1) == len(part)
            transaction.set_rollback(not together)
        if together:
            gone.update(part)
        else:
            gone.update(pk for pk in part if _standing([pk], version, step).update(**new, version=version + 1))
    return gone


def _standing(pks: Sequence[UUID], version: int, step: states.Step) -> CaseQuerySet:
    """Return the cases that stand where a step leads on, in the version seen."""
    return Case.objects.filter(pk__in=pks, version=version, state__in=step.sources)


_PAST = {"refile": "refiled", "take_back": "taken_back", "send_back": "sent_back", "agree": "agreed", "end": "ended"}


def visible(process: Process) -> CaseQuerySet:
    """Return the cases that the actor is a party to; the system, which no unit employs, sees all."""
    return Case.objects.all() if process.actor.role_code == "system" else Case.objects.visible_to(process.actor)


def _why_not(case: Case | None, version: int, verb: str, process: Process) -> Refusal | None:
    """Return why a case does not move. Foreign and unknown ones answer alike."""
    step = states.CASE_STEPS[verb]
    if case is None or case.state not in step.sources:
        label = states.CASE_LABELS[case.state] if case else "不在本单位名单里"
        return states.StepNotAllowed(state=label, verb=step.label)
    if case.version != version:
        return states.ChangedSinceShown()
    decides = step.permission is Permission.CASE_DECIDE
    if decides and case.filed_by is not None and case.filed_by == process.actor.staff_id:
        return states.FourEyes()
    return None
