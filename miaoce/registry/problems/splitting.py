"""Splitting (拆分): one record served two children. The second child gets a record and a number of its own, and what is chosen goes.

Decided by the county of the record on a problem record that names it, by another than who filed a side's word (PRB-03): on a
document that is wrong, or on a merge that cannot be undone any more. Numbers stay where they were issued: a number never leads
to another child. A split that was wrong is mended by a merge: the two numbers are both known then, and lead to one child.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.children import actions as children
from miaoce.registry.children import corrections
from miaoce.registry.children.actions import ChildDraft
from miaoce.registry.children.models import Child, Guardian, NoticeServed
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.corrections.checking import check
from miaoce.registry.enrolments import numbering
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.intake.places import place_of
from miaoce.registry.journal.models import Process
from miaoce.registry.matching import pairs as matching
from miaoce.registry.problems import rules, states, writing
from miaoce.registry.problems.models import Joining, ProblemRecord
from miaoce.registry.problems.moving import UNKNOWN, move, visible
from miaoce.registry.problems.planning import Planned, resealed
from miaoce.registry.problems.writing import Verbs
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault

CLAIM = "merge"


@dataclass(frozen=True)
class Split:
    """A split to be done: the problem that it is decided on, the record, both in the version seen, who the second child is, and
    which stays and guardians are its own.

    `values` are checked values of the second child by contract names (`checked`); without a document it gets a number by kind
    L or J, as any child.
    """

    problem_id: UUID
    problem_version: int
    child_id: UUID
    version: int
    values: Mapping[str, str]
    stays: tuple[UUID, ...]
    guardians: tuple[UUID, ...] = ()


@dataclass
class Parted:
    """What was split: by the record, the new one; and why others were not."""

    done: dict[UUID, UUID] = field(default_factory=dict)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


def record_of(problem: ProblemRecord) -> UUID:
    """Return the record that a split decided on this problem divides: the one it is about, or the one that a merge kept."""
    return problem.kept_id or problem.one_id


def checked(*, texts: Mapping[str, str], child: Child, on: date) -> Mapping[str, str]:
    """Return the key data of a second child (children.corrections.KEY_FIELDS) as intake would take them; COR-05 by field."""
    book = reference.codebook(on)
    place = place_of(child.kindergarten, on=on)
    return check(known={}, wanted=texts, place=place, book=book, among=corrections.KEY_FIELDS).values


@transaction.atomic
def split(*, splits: Sequence[Split], words: str, process: Process) -> Parted:
    """Part records that served two children. Refuses all PRB-04 without words.

    Refused alone, and then nothing of it is written: PRB-01 (not this county's, unknown, no problem that it can be decided on),
    PRB-02, PRB-03, MRG-01 (a change is in hand), MRG-07 (nothing or everything chosen), MRG-08 (no living record), CHD-01
    (another child holds the document).
    """
    require(process.actor, Permission.PROBLEM_DECIDE)
    if not words.strip():
        raise rules.WordsMissing
    parted = Parted()
    for one in splits:
        try:
            with transaction.atomic():
                parted.done[one.child_id] = _split(one, words, process)
        except Refusal as refusal:
            parted.refused[one.child_id] = refusal
    return parted


def preview(actor: Officer, one: Split, *, at: datetime) -> list[Planned]:
    """Return every row that a split would touch, as it would be done at a moment, refused as `split` would be. Writes nothing.

    Sealed values are left as they are; the number that is issued and the claim of a document are no rows of before. The caller
    logs the reading.
    """
    child = _record(actor, one)
    for claim in claims.in_hand([child.pk]).values():
        raise rules.ChangeInHand(kind=KINDS.get(claim.kind, claim.kind))
    mine, theirs = _chosen(one)
    new = Child(id=new_id(), kindergarten_id=theirs[-1].kindergarten_id)
    document = one.values.get("id_type", ""), one.values.get("id_number", "")
    if corrections.taken({new.pk: document}):
        raise DocumentTaken

    def goes(row: Any) -> Any:
        moved = copy(row)
        moved.child_id = new.pk
        return moved

    both = [Planned(Child, child, _stands(child, mine, at)), Planned(Child, None, new)]
    return [*both, *_rows(one, theirs, goes, behind=0)]


def _record(actor: Officer, one: Split) -> Child:
    """Return the record if the actor's county answers for it and it stands as it was seen."""
    child = Child.objects.visible_to(actor).filter(pk=one.child_id).first()
    if child is None or child.office_id != actor.unit_id:
        raise states.StepNotAllowed(state=UNKNOWN, verb="拆分")
    if child.standing not in stays.LIVING:
        raise rules.CannotBeSplit(state=stays.standing_word(child.standing))
    if child.version != one.version:
        raise states.ChangedSinceShown
    return child


def _split(one: Split, words: str, process: Process) -> UUID:
    """Do one split, or raise its refusal; return the new record."""
    problem = _decided(one, words, process)
    child = _record(process.actor, one)
    mine, theirs = _chosen(one)
    joining = Joining(
        id=new_id(), kind=Joining.SPLIT, kept_id=child.pk, gone_id=new_id(), problem_id=problem.pk, office_id=child.office_id,
        process_id=process.pk, made_at=process.at, made_by=process.actor.staff_id,
    )  # fmt: skip
    held = claims.claim(cases={child.pk: joining.pk}, kind=CLAIM, process=process)
    for kind in held.values():
        raise rules.ChangeInHand(kind=KINDS.get(kind, kind))
    place = theirs[-1]
    draft = ChildDraft(joining.gone_id, one.values, place.kindergarten_id, place.kindergarten.office_id)
    if children.claim_documents(drafts=[draft], process=process):
        raise DocumentTaken
    children.record(drafts=[draft], process=process)
    numbering.issue(child_ids=[joining.gone_id], process=process)
    joining.save(force_insert=True)
    new = Child.objects.get(pk=joining.gone_id)
    _part(one, child, new, {child.pk: mine, new.pk: theirs}, process)
    ChangeClaim.objects.filter(child_id=child.pk, case_id=joining.pk).delete()
    matching.remember(pairs=[(child.pk, joining.gone_id)], verdict=states.OTHER, process=process)
    return joining.gone_id


def _decided(one: Split, words: str, process: Process) -> ProblemRecord:
    """Take the step of the problem that a split is decided on, or raise its refusal; a merge's own words stay before these."""
    found = visible(process).filter(pk=one.problem_id).first()
    if found is None or record_of(found) != one.child_id:
        raise states.StepNotAllowed(state=UNKNOWN, verb="拆分")
    told = words.strip()
    if found.words is not None:
        safe = vault.open_safe([found.one_id])
        told = f"{safe.open(found.one_id, 'problem_record', 'words', found.pk, bytes(found.words))}\n拆分：{told}"
    verb = "split_merged" if found.is_pair else "split"
    moved = move(verb, {found.pk: one.problem_version}, process, words=told)
    for refusal in moved.refused.values():
        raise refusal
    return moved.done[0]


def _chosen(one: Split) -> tuple[list[Enrolment], list[Enrolment]]:
    """Return the stays that stay and those that go; each record keeps at least one."""
    found = Enrolment.objects.filter(child_id=one.child_id).exclude(state=stays.WITHDRAWN)
    every = sorted(
        found.select_related("kindergarten"), key=lambda s: (s.ended_on is None, s.ended_on or s.started_on, s.pk)
    )
    theirs = [stay for stay in every if stay.pk in one.stays]
    mine = [stay for stay in every if stay.pk not in one.stays]
    if not mine or not theirs or len(theirs) != len(set(one.stays)):
        raise rules.NothingChosen
    return mine, theirs


def _part(one: Split, child: Child, new: Child, stays_of: Mapping[UUID, Sequence[Enrolment]], process: Process) -> None:
    """Let what was chosen go to the new record, and let both children stand where their last stay is."""
    mine, theirs = stays_of[child.pk], stays_of[new.pk]
    safe = vault.open_safe([child.pk, new.pk])
    behind = Guardian.objects.filter(child_id=new.pk).count()
    rows = _rows(one, theirs, lambda row: resealed(row, new.pk, safe), behind=behind)
    both = [
        Planned(Child, child, _stands(child, mine, process.at)),
        Planned(Child, new, _stands(new, theirs, process.at)),
    ]
    every = [*both, *rows]
    verbs = Verbs(
        {child.pk: "child.split", new.pk: "child.split_off"}, "split_off", "split", {child.pk: new.pk, new.pk: child.pk}
    )
    writing.write(every, verbs, process)


def _rows(one: Split, theirs: Sequence[Enrolment], goes: Callable[[Any], Any], *, behind: int) -> list[Planned]:
    """Return the rows that go: guardians in their order behind those that are there, what they were told, stays."""
    rows: list[Planned] = []
    families = Guardian.objects.filter(child_id=one.child_id, pk__in=one.guardians).order_by("position")
    for position, guardian in enumerate(families, behind + 1):
        moved = goes(guardian)
        moved.position = position
        rows.append(Planned(Guardian, guardian, moved))
    told = NoticeServed.objects.filter(child_id=one.child_id, guardian_id__in=one.guardians).order_by("pk")
    return rows + [Planned(type(row), row, goes(row)) for row in (*theirs, *told)]


def _stands(child: Child, own: Sequence[Enrolment], at: datetime) -> Child:
    """Return a record as it stands with these stays: attending where one is open, else as its last one ended."""
    stands, last = copy(child), own[-1]
    stands.changed_at, stands.version = at, child.version + 1
    stands.kindergarten_id, stands.office_id = last.kindergarten_id, last.kindergarten.office_id
    if last.ended_on is None:
        stands.standing = stays.ATTENDING
    elif child.standing in {stays.ATTENDING, stays.NONE}:
        stands.standing = stays.GRADUATED if last.state == stays.GRADUATED else stays.LEFT
    return stands
