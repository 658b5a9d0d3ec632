"""Splitting (拆分): one record served two children. The second child gets a record and a number of its own, and what is chosen goes.

Decided by the county of the record. Numbers stay where they were issued: a number never leads to another child. A split that was
wrong is mended by a merge: the two numbers that were issued are both known then, and lead to one child.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.children import actions as children
from miaoce.registry.children.actions import ChildDraft
from miaoce.registry.children.models import Child, Guardian, NoticeServed
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.enrolments import numbering
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.journal.models import Process
from miaoce.registry.matching import pairs as matching
from miaoce.registry.problems import rules, states, writing
from miaoce.registry.problems.models import Joining
from miaoce.registry.problems.planning import Planned, resealed
from miaoce.registry.problems.writing import Verbs
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault

CLAIM = "merge"


@dataclass(frozen=True)
class Split:
    """A split to be done: the record in the version seen, who the second child is, and which stays and guardians are its own.

    `values` are checked values of the second child by contract names (name, sex, birth_date, id_type, id_number …), as intake
    hands them over; without a document it gets a number by kind L or J, as any child.
    """

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


@transaction.atomic
def split(*, splits: Sequence[Split], words: str, process: Process) -> Parted:
    """Part records that served two children. Refuses all PRB-04 without words.

    Refused alone, and then nothing of it is written: PRB-01 (not this county's, unknown), PRB-02, MRG-01 (a change is in hand),
    MRG-02 (no living record), MRG-07 (nothing or everything chosen), CHD-01 (another child holds the document).
    """
    require(process.actor, Permission.PROBLEM_DECIDE)
    if not words.strip():
        raise rules.WordsMissing
    parted = Parted()
    for one in splits:
        try:
            with transaction.atomic():
                parted.done[one.child_id] = _split(one, process)
        except Refusal as refusal:
            parted.refused[one.child_id] = refusal
    return parted


def _split(one: Split, process: Process) -> UUID:
    """Do one split, or raise its refusal; return the new record."""
    child = Child.objects.visible_to(process.actor).filter(pk=one.child_id, office_id=process.actor.unit_id).first()
    if child is None:
        raise states.StepNotAllowed(state="不在本单位名单里", verb="拆分")
    if child.standing not in stays.LIVING:
        raise rules.CannotBeMerged(which="这一条", state=stays.standing_word(child.standing))
    if child.version != one.version:
        raise states.ChangedSinceShown
    mine, theirs = _chosen(one)
    joining = Joining(
        id=new_id(), kind=Joining.SPLIT, kept_id=child.pk, gone_id=new_id(), office_id=child.office_id,
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
    rows: list[Planned] = []
    families = Guardian.objects.filter(child_id=child.pk, pk__in=one.guardians).order_by("position")
    position = Guardian.objects.filter(child_id=new.pk).count()
    for guardian in families:
        position += 1
        moved = resealed(guardian, new.pk, safe)
        moved.position = position
        rows.append(Planned(Guardian, guardian, moved))
    told = NoticeServed.objects.filter(child_id=child.pk, guardian_id__in=one.guardians).order_by("pk")
    rows += [Planned(type(row), row, resealed(row, new.pk, safe)) for row in (*theirs, *told)]
    both = [Planned(Child, child, _stands(child, mine, process)), Planned(Child, new, _stands(new, theirs, process))]
    every = [*both, *rows]
    verbs = Verbs(
        {child.pk: "child.split", new.pk: "child.split_off"}, "split_off", "split", {child.pk: new.pk, new.pk: child.pk}
    )
    writing.write(every, verbs, process)


def _stands(child: Child, own: Sequence[Enrolment], process: Process) -> Child:
    """Return a record as it stands with these stays: attending where one is open, else as its last one ended."""
    stands, last = copy(child), own[-1]
    stands.changed_at, stands.version = process.at, child.version + 1
    stands.kindergarten_id, stands.office_id = last.kindergarten_id, last.kindergarten.office_id
    if last.ended_on is None:
        stands.standing = stays.ATTENDING
    elif child.standing in {stays.ATTENDING, stays.NONE}:
        stands.standing = stays.GRADUATED if last.state == stays.GRADUATED else stays.LEFT
    return stands
