"""Key data corrections (关键信息变更): filed by the kindergarten on proof, decided by the county, true in the same moment.

Always in batches; a child or case that cannot go on is refused alone and says why.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import cases
from miaoce.registry.approvals.cases import Amendment, Filing, Moved
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.states import CORRECTION, StepNotAllowed
from miaoce.registry.children import corrections as children
from miaoce.registry.children.corrections import KEY_FIELDS, Correction
from miaoce.registry.children.models import Child
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.corrections import rules
from miaoce.registry.corrections.checking import Checked, check
from miaoce.registry.enrolments import renumbering
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.handover.models import SentBack
from miaoce.registry.handover.states import OPEN
from miaoce.registry.identity import checks
from miaoce.registry.intake.places import place_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault


@dataclass(frozen=True)
class Request:
    """What a kindergarten asks to have corrected: texts by contract field names (of the key data), and on what ground.

    `reason` is a code of the list correction_reason. `true_since` is not asked where the record was wrong from its beginning.
    """

    child_id: UUID
    texts: Mapping[str, str]
    reason: str
    true_since: date | None = None
    words: str = ""
    proofs: tuple[UUID, ...] = ()


@dataclass
class Prepared:
    """Requests that passed the checks, as they are to be filed, and why the others did not."""

    ready: dict[UUID, Amendment] = field(default_factory=dict)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


@transaction.atomic
def file(*, requests: Sequence[Request], process: Process) -> Moved:
    """File corrections at the county (approvals.cases.file), checked before. Refusals by child: COR-01 to COR-09, APR-08.

    Children that the actor may not see are not found and refused as unknown ones (COR-02 without a state).
    """
    require(process.actor, Permission.CASE_FILE)
    found = _children([r.child_id for r in requests], process)
    prepared = _prepared(requests, found, process, proofs_there={})
    filings = [
        Filing(
            child_id, CORRECTION, found[child_id].kindergarten_id, found[child_id].office_id,
            amendment.effective_on or journal.day_of(process), facts=amendment.facts or {}, wanted=amendment.wanted,
            words=amendment.words or "", proofs=amendment.proofs,
        )
        for child_id, amendment in prepared.ready.items()
    ]  # fmt: skip
    moved = cases.file(filings=filings, process=process)
    moved.refused |= prepared.refused
    return moved


@transaction.atomic
def refile(*, chosen: Mapping[UUID, int], requests: Mapping[UUID, Request], process: Process) -> Moved:
    """Send corrections to the county again (case id → version seen), each mended by its request (by case), checked as when filed."""
    require(process.actor, Permission.CASE_FILE)
    mine, moved = _corrections(chosen, process), Moved()
    found = _children([case.child_id for case in mine.values()], process)
    there = {case.child_id: len(case.proofs) for case in mine.values()}
    case_of = {case.child_id: case.pk for case in mine.values()}
    wanted = [requests[pk] for pk in mine if pk in requests]
    prepared = _prepared(wanted, found, process, proofs_there=there)
    amended = {case_of[child]: amendment for child, amendment in prepared.ready.items()}
    stopped = {case_of[child]: refusal for child, refusal in prepared.refused.items() if child in case_of}
    moved = cases.refile(
        chosen={pk: version for pk, version in chosen.items() if pk in mine and pk not in stopped},
        amended=amended,
        process=process,
    )
    moved.refused |= stopped | _strangers(chosen, mine)
    return moved


@transaction.atomic
def agree(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Agree to corrections and make them true: the child, its documents, its number where a resident document came.

    Refuses alone a case that moved on, one's own (approvals.cases.agree), and one whose document another child holds by now
    (CHD-01).
    """
    require(process.actor, Permission.CASE_DECIDE)
    mine = _corrections(chosen, process)
    plans = _plans(list(mine.values()), journal.day_of(process))
    wanted = {pk: version for pk, version in chosen.items() if pk in mine}
    moved = _agreed(wanted, plans, process)
    moved.refused |= _strangers(chosen, mine)
    agreed = [plans[case.pk] for case in moved.done]
    corrected = children.correct(corrections=agreed, process=process)
    ids = [child.pk for child in corrected]
    renumbering.formalise(child_ids=ids, process=process)
    checks.ask(child_ids=ids, process=process)
    return moved


def _agreed(chosen: Mapping[UUID, int], plans: Mapping[UUID, Correction], process: Process) -> Moved:
    """Agree to the cases whose document is free and claim it; where somebody was faster with one, the others once more."""
    documents = {plan.child_id: (plan.values["id_type"], plan.values["id_number"]) for plan in plans.values()}
    taken = children.taken(documents)
    while True:
        free = {pk: version for pk, version in chosen.items() if plans[pk].child_id not in taken}
        with transaction.atomic():
            moved = cases.agree(chosen=free, process=process)
            late = children.claim(corrections=[plans[case.pk] for case in moved.done], process=process)
            transaction.set_rollback(bool(late))
        if not late:
            moved.refused |= {pk: DocumentTaken() for pk in chosen if pk not in free}
            return moved
        taken |= late


def send_back(*, chosen: Mapping[UUID, int], reasons: Sequence[str], words: str, process: Process) -> Moved:
    """Return corrections to be mended (approvals.cases.send_back)."""
    mine = _corrections(chosen, process)
    moved = cases.send_back(
        chosen={pk: version for pk, version in chosen.items() if pk in mine}, reasons=reasons, words=words, process=process
    )  # fmt: skip
    moved.refused |= _strangers(chosen, mine)
    return moved


def take_back(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Take back corrections before they are agreed to (approvals.cases.take_back)."""
    mine = _corrections(chosen, process)
    moved = cases.take_back(
        chosen={pk: version for pk, version in chosen.items() if pk in mine}, process=process
    )  # fmt: skip
    moved.refused |= _strangers(chosen, mine)
    return moved


def _corrections(chosen: Mapping[UUID, int], process: Process) -> dict[UUID, Case]:
    """Return the corrections among chosen cases that the actor is a party to."""
    found = cases.visible(process).filter(pk__in=list(chosen), kind=CORRECTION)
    return {case.pk: case for case in found}


def _strangers(chosen: Mapping[UUID, int], mine: Mapping[UUID, Case]) -> dict[UUID, Refusal]:
    """Refuse what is no correction of the actor's, whether it exists or not."""
    return {pk: StepNotAllowed(state="不在本单位名单里", verb="办理") for pk in chosen if pk not in mine}


def _children(child_ids: Sequence[UUID], process: Process) -> dict[UUID, Child]:
    """Return the children that the actor may see, with their kindergartens."""
    mine = Child.objects.visible_to(process.actor).filter(pk__in=child_ids).select_related("kindergarten")
    return {child.pk: child for child in mine}


def _prepared(
    requests: Sequence[Request], found: Mapping[UUID, Child], process: Process, *, proofs_there: Mapping[UUID, int]
) -> Prepared:
    """Check requests and return what each is to be filed as."""
    prepared, on = Prepared(), journal.day_of(process)
    book, began = reference.codebook(on), _began(list(found), process)
    known, asked = children.key_values(list(found.values())), asked_by_schools(found)
    places = {k.pk: place_of(k, on=on) for k in {child.kindergarten for child in found.values()} if k is not None}
    for request in requests:
        try:
            child = found.get(request.child_id)
            must_be_editable(child, asked)
            if child is None:  # said above
                continue
            checked = check(
                known=known[child.pk], wanted=request.texts, place=places[child.kindergarten_id], book=book, among=KEY_FIELDS
            )  # fmt: skip
            since = _since(request, child, began[child.pk], book, on)
            prepared.ready[child.pk] = _amendment(request, known[child.pk], checked, since)
            if not request.proofs and not proofs_there.get(child.pk):
                raise rules.ProofMissing
        except Refusal as refusal:
            prepared.ready.pop(request.child_id, None)
            prepared.refused[request.child_id] = refusal
    documents = {
        child_id: (amendment.wanted["after"]["id_type"], amendment.wanted["after"]["id_number"])
        for child_id, amendment in prepared.ready.items()
    }
    for child_id in children.taken(documents):
        del prepared.ready[child_id]
        prepared.refused[child_id] = rules.DocumentOfAnother()
    return prepared


def must_be_editable(child: Child | None, asked: Collection[UUID]) -> None:
    """Refuse a child that is still being registered (COR-01), or stands where its record is read only (COR-02).

    A record that went on to a primary school is read only but for what the school sent back (`asked_by_schools`).
    """
    if child is None:
        raise rules.NotHere(state="不在本园名单里")
    if child.standing == stays.NONE:
        raise rules.NotRegistered
    if child.standing not in stays.LIVING and not (child.standing == stays.PROMOTED and child.pk in asked):
        raise rules.NotHere(state=stays.STANDINGS[child.standing])


def asked_by_schools(child_ids: Collection[UUID]) -> set[UUID]:
    """Return the children of whom a primary school sent a correction back that is not answered yet."""
    waiting = SentBack.objects.filter(child_id__in=list(child_ids), state=OPEN)
    return set(waiting.values_list("child_id", flat=True))


def _began(child_ids: Sequence[UUID], process: Process) -> dict[UUID, date]:
    """Return the day from which each record is true: the start of the first stay."""
    first = Enrolment.objects.filter(child_id__in=child_ids).values("child_id").annotate(first=Min("started_on"))
    found = {row["child_id"]: row["first"] for row in first}
    return {child: found.get(child, journal.day_of(process)) for child in child_ids}


def _since(request: Request, child: Child, began: date, book: Codebook, on: date) -> date:
    """Return since when a correction is true: from the beginning where the record was wrong, otherwise as said."""
    reason = book.entry("correction_reason", request.reason)
    if reason is None:
        raise rules.ReasonUnknown
    if reason.extra.get("needs_text") == "1" and not request.words.strip():
        raise rules.WordsMissing(reason=reason.name)
    if is_mistake(reason.code, book):
        return began
    since = request.true_since or on
    if not child.born_on <= since <= on:
        raise rules.NotYet
    return since


def is_mistake(reason: str, book: Codebook) -> bool:
    """Say whether a reason means that the record was wrong from its beginning."""
    return book.extra("correction_reason", reason).get("is_mistake") == "1"  # noqa: S610 - a code list, no SQL


def _amendment(request: Request, before: Mapping[str, str], checked: Checked, since: date) -> Amendment:
    """Return what is filed: codes in the facts, values sealed. Refuses (COR-03) what changes nothing."""
    changed = [key for key in KEY_FIELDS if checked.values[key] != before[key]]
    if not changed:
        raise rules.NothingChanged
    facts: dict[str, Any] = {
        "reason": request.reason,
        "fields": changed,
        "flags": [found.code for found in checked.remarks],
    }
    wanted = {"before": dict(before), "after": dict(checked.values), "remarks": [f.message for f in checked.remarks]}
    return Amendment(
        effective_on=since, facts=facts, wanted=wanted, words=request.words.strip(), proofs=tuple(request.proofs)
    )


def _plans(found: Sequence[Case], on: date) -> dict[UUID, Correction]:
    """Return what each case asks for, as the child is to be corrected."""
    safe, book = vault.open_safe([case.child_id for case in found]), reference.codebook(on)
    plans = {}
    for case in found:
        wanted = safe.open_json(case.child_id, "case", "wanted", case.pk, bytes(case.wanted or b""))
        mistaken = is_mistake(case.facts["reason"], book)
        plans[case.pk] = Correction(case.child_id, wanted["after"], case.effective_on, is_mistake=mistaken)
    return plans
