"""Issuing numbers (学籍号): the worker's act after the recall minutes. Asking twice gives the same number."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child, ChildNumber, NumberClaim
from miaoce.registry.children.rules import NoNumberLeft, formal_number, numberless_number, temporary_number
from miaoce.registry.enrolments import states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.rows import Line
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe

TRIES = 40


@dataclass(frozen=True)
class Draft:
    """A number that a child could get."""

    child: Child
    kind: str
    number: str
    digest: str


def is_due(*, at: datetime) -> bool:
    """Say whether an approved child waits for its number at a moment."""
    return Proposal.objects.filter(state=cases.APPROVED, number_after__lte=at).exists()


@transaction.atomic
def issue_due(*, process: Process, limit: int = 2_000) -> int:
    """Give numbers to approved children whose recall minutes are over, open their stays, and return how many.

    Several workers may run at once and any may be killed: the case moves by conditional update, the number by claim.
    """
    require(process.actor, Permission.APPROVAL_DECIDE)
    due = list(
        Proposal.objects.filter(state=cases.APPROVED, number_after__lte=process.at)
        .order_by("number_after", "id")
        .values_list("id", "child_id")[:limit]
    )
    moved = Proposal.objects.filter(pk__in=[case for case, _ in due], state=cases.APPROVED).update(
        state=cases.NUMBERED, version=F("version") + 1
    )
    if moved != len(due):
        raise AnotherWorker
    left = issue(child_ids=[child for _, child in due], process=process)
    if left:
        _wait(left, process)
    return len(due) - len(left)


def _wait(child_ids: Sequence[UUID], process: Process) -> None:
    """Leave children whose every draw was taken (CHD-02) approved, to be tried again tomorrow; nobody else waits."""
    cases_left = Proposal.objects.filter(child_id__in=child_ids, state=cases.NUMBERED)
    cases_left.update(state=cases.APPROVED, number_after=process.at + timedelta(days=1), version=F("version") + 1)
    changes = [Change("number.exhausted", "child", pk, pk, after={"code": NoNumberLeft.code}) for pk in child_ids]
    journal.note(process, changes)


class AnotherWorker(RuntimeError):
    """Another worker took some of the same cases first; this transaction rolls back and the next tick sees what is left."""


def issue(*, child_ids: Sequence[UUID], process: Process) -> list[UUID]:
    """Give each child its number unless it has one, and open its stay; return the children for whom none was found."""
    numbered = set(
        ChildNumber.objects.filter(child_id__in=child_ids, to_on__isnull=True).values_list("child_id", flat=True)
    )
    wanted = Child.objects.filter(pk__in=set(child_ids) - numbered)
    children = list(wanted.only("id", "sex", "born_on", "document_kind", "document_number", "kindergarten_id"))
    safe = vault.open_safe([child.pk for child in children])
    drafts = _claimed(children, safe, process)
    _give(drafts, safe, process)
    left = {child.pk for child in children} - {draft.child.pk for draft in drafts}
    _open_stays([child for child in child_ids if child not in left], process)
    return sorted(left)


def _claimed(children: Sequence[Child], safe: Safe, process: Process) -> list[Draft]:
    """Draw a number for each child and claim it; who lost a draw draws again."""
    regions = dict(
        Kindergarten.objects.filter(pk__in={child.kindergarten_id for child in children}).values_list(
            "id", "region_code"
        )
    )
    book = reference.codebook(journal.day_of(process))
    waiting, drafts = list(children), list[Draft]()
    for attempt in range(TRIES):
        drawn = [
            _draw(child, _kind(child, book), regions[child.kindergarten_id], safe, is_second=attempt > 0)
            for child in waiting
        ]
        claims = sorted((d.digest, d.child.pk, process.at) for d in drawn)
        if rows.insert_new(NumberClaim, ("digest", "child_id", "claimed_at"), claims) == len(claims):
            return [*drafts, *drawn]
        holders = _holders([d.digest for d in drawn])
        drafts += [d for d in drawn if holders[d.digest] == d.child.pk]
        waiting = [d.child for d in drawn if holders[d.digest] != d.child.pk]
        if not waiting:
            break
    return drafts


def _holders(digests: Sequence[str]) -> dict[str, UUID]:
    """Return who holds each claimed number."""
    found: dict[str, UUID] = {}
    for start in range(0, len(digests), rows.CHUNK):
        part = NumberClaim.objects.filter(digest__in=digests[start : start + rows.CHUNK])
        found.update(part.values_list("digest", "child_id"))
    return found


def _kind(child: Child, book: Codebook) -> str:
    """Return the number kind that a document leads to (a dated column of the list of documents)."""
    return book.extra("document", child.document_kind).get("number_kind", "L")  # noqa: S610 - a code list, no SQL


def _draw(child: Child, kind: str, region: str, safe: Safe, *, is_second: bool) -> Draft:
    """Draw a number by the kind that the child's document leads to.

    A formal number follows from the document. Where another child was given it long ago (a number is never reused), the
    child gets a temporary one and the county settles the document.
    """
    born = f"{child.born_on:%Y%m%d}"
    if kind == "G" and not is_second and child.document_number is not None:
        number = formal_number(safe.open(child.pk, "child", "document_number", child.pk, bytes(child.document_number)))
    elif kind == "J":
        number = numberless_number(region=region, born_on=born, sex=child.sex, serial=secrets.randbelow(500))
    else:
        kind = "L"
        number = temporary_number(region=region, born_on=born, ending=secrets.randbelow(10_000))
    return Draft(child, kind, number, vault.digest(Purpose.NUMBER_CLAIM, number))


def _give(drafts: Sequence[Draft], safe: Safe, process: Process) -> None:
    """Write the numbers onto the children."""
    on, numbers, holders = journal.day_of(process), list[Line](), list[Line]()
    for draft in drafts:
        key, row_id = draft.child.pk, new_id()
        numbers.append({
            "id": row_id, "child_id": key, "kind": draft.kind, "digest": draft.digest, "issued_at": process.at,
            "number": safe.seal(key, "child_number", "number", row_id, draft.number), "from_on": on,
        })  # fmt: skip
        holders.append({
            "id": key, "number": safe.seal(key, "child", "number", key, draft.number), "number_kind": draft.kind,
            "state": cases.NUMBERED, "standing": states.STEPS["admit"].target, "changed_at": process.at,
        })  # fmt: skip
    rows.insert_lines(ChildNumber, numbers)
    rows.rewrite_lines(Child, holders, ("number", "number_kind", "state", "standing", "changed_at"))
    journal.note(process, [
        Change(
            "number.issued", "child_number", line["id"], line["child_id"],
            after={"kind": line["kind"], "digest": line["digest"]},
        )
        for line in numbers
    ])  # fmt: skip


def _open_stays(child_ids: Sequence[UUID], process: Process) -> None:
    """The approved stay becomes attending (在园)."""
    stays = list(Enrolment.objects.filter(child_id__in=child_ids, state=states.APPLIED, ended_on__isnull=True))
    Enrolment.objects.filter(pk__in=[stay.pk for stay in stays], state=states.APPLIED).update(state=states.ATTENDING)
    journal.note(
        process,
        [
            Change("enrolment.opened", "enrolment", stay.pk, stay.child_id, effective_on=stay.started_on,
                   before={"state": states.APPLIED}, after={"state": states.ATTENDING})
            for stay in stays
        ],
    )  # fmt: skip
