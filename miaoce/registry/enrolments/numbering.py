"""Issuing numbers (学籍号): the worker's act after the recall minutes. Asking twice gives the same number."""

import secrets
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
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
from miaoce.registry.journal.facts import Beside, beside, facts_of_line
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.rows import Line
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe

TRIES = 40
ADMITTED = states.STEPS["admit"].target


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
        .values_list("id", flat=True)[:limit]
    )
    moved = Proposal.objects.filter(pk__in=due, state__in=cases.STEPS["number"].sources).update(
        state=cases.STEPS["number"].target, version=F("version") + 1
    )
    if moved != len(due):
        raise AnotherWorker
    numbered = {
        child: Registration(case, version)
        for case, child, version in Proposal.objects.filter(pk__in=due).values_list("id", "child_id", "version")
    }
    left = issue(child_ids=list(numbered), process=process, registrations=numbered)
    if left:
        _wait({child: numbered[child] for child in left}, process)
    return len(due) - len(left)


class Registration(NamedTuple):
    """A registration case that was moved for its child's number, in the version that it has by now."""

    id: UUID
    version: int


def _wait(left: Mapping[UUID, Registration], process: Process) -> None:
    """Leave children whose every draw was taken (CHD-02) approved, to be tried again tomorrow; nobody else waits."""
    again = {"state": cases.APPROVED, "number_after": process.at + timedelta(days=1)}
    Proposal.objects.filter(pk__in=[case.id for case in left.values()]).update(**again, version=F("version") + 1)
    changes = [
        Change(
            "number.exhausted", "child", child, child, after={"code": NoNumberLeft.code},
            also=[beside("proposal", case.id, again | {"version": case.version + 1})],
        )
        for child, case in left.items()
    ]  # fmt: skip
    journal.note(process, changes)


class AnotherWorker(RuntimeError):
    """Another worker took some of the same cases first; this transaction rolls back and the next tick sees what is left."""


def issue(
    *, child_ids: Sequence[UUID], process: Process, registrations: Mapping[UUID, Registration] | None = None
) -> list[UUID]:
    """Give each child its number unless it has one, and open its stay; return the children for whom none was found.

    `registrations` are the cases of the children that the caller moved for it: the events say so.
    """
    numbered = set(
        ChildNumber.objects.filter(child_id__in=child_ids, to_on__isnull=True).values_list("child_id", flat=True)
    )
    wanted = Child.objects.filter(pk__in=set(child_ids) - numbered)
    children = list(wanted.only("id", "sex", "born_on", "document_kind", "document_number", "kindergarten_id"))
    safe = vault.open_safe([child.pk for child in children])
    drafts = _claimed(children, safe, process)
    left = {child.pk for child in children} - {draft.child.pk for draft in drafts}
    found = Enrolment.objects.filter(child_id__in=set(child_ids) - left, state=states.APPLIED, ended_on__isnull=True)
    stays = {stay.child_id: stay for stay in found.only("id", "child_id", "started_on")}
    _give(drafts, set(stays), safe, process)
    _open(stays, registrations or {}, process)
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
        pairs = [
            _draw(child, kind_of(child, book), regions[child.kindergarten_id], safe, is_second=attempt > 0)
            for child in waiting
        ]
        digests = vault.digests(Purpose.NUMBER_CLAIM, [number for _, number in pairs])
        drawn = [Draft(child, *pair, digest) for child, pair, digest in zip(waiting, pairs, digests, strict=True)]
        claims = sorted((d.digest, d.child.pk, process.at) for d in drawn)
        if rows.insert_new(NumberClaim, ("digest", "child_id", "claimed_at"), claims) == len(claims):
            return [*drafts, *drawn]
        holders = number_holders(digests)
        drafts += [d for d in drawn if holders[d.digest] == d.child.pk]
        waiting = [d.child for d in drawn if holders[d.digest] != d.child.pk]
        if not waiting:
            break
    return drafts


def number_holders(digests: Sequence[str]) -> dict[str, UUID]:
    """Return who holds each claimed number."""
    found: dict[str, UUID] = {}
    for start in range(0, len(digests), rows.CHUNK):
        part = NumberClaim.objects.filter(digest__in=digests[start : start + rows.CHUNK])
        found.update(part.values_list("digest", "child_id"))
    return found


def kind_of(child: Child, book: Codebook) -> str:
    """Return the number kind that a document leads to (a dated column of the list of documents)."""
    return book.extra("document", child.document_kind).get("number_kind", "L")  # noqa: S610 - a code list, no SQL


def _draw(child: Child, kind: str, region: str, safe: Safe, *, is_second: bool) -> tuple[str, str]:
    """Draw a number by the kind that the child's document leads to, and return both.

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
    return kind, number


def _give(drafts: Sequence[Draft], staying: Container[UUID], safe: Safe, process: Process) -> None:
    """Write the numbers onto the children. Where those stand who have a stay is told by its event, from the day it began."""
    on, numbers, holders, changes = journal.day_of(process), list[Line](), list[Line](), list[Change]()
    for draft in drafts:
        key, row_id = draft.child.pk, new_id()
        number = {
            "id": row_id, "child_id": key, "kind": draft.kind, "digest": draft.digest, "issued_at": process.at,
            "number": safe.seal(key, "child_number", "number", row_id, draft.number), "from_on": on,
        }  # fmt: skip
        holder = {
            "id": key, "number": safe.seal(key, "child", "number", key, draft.number), "number_kind": draft.kind,
            "state": cases.NUMBERED, "standing": ADMITTED, "changed_at": process.at,
        }  # fmt: skip
        told = facts_of_line(holder)
        if key in staying:
            del told["standing"]
        also: list[Beside] = [("child", key.hex, told)]
        numbers.append(number)
        holders.append(holder)
        changes.append(Change("number.issued", "child_number", row_id, key, None, facts_of_line(number), None, also))
    rows.insert_lines(ChildNumber, numbers)
    rows.rewrite_lines(Child, holders, ("number", "number_kind", "state", "standing", "changed_at"))
    journal.note(process, changes)


def _open(stays: Mapping[UUID, Enrolment], registrations: Mapping[UUID, Registration], process: Process) -> None:
    """Applied-for stays become attending (在园), from the day they began; from then on the children stand so."""
    way = states.STAY_STEPS["admit"]
    Enrolment.objects.filter(pk__in=[stay.pk for stay in stays.values()], state__in=way.sources).update(
        state=way.target
    )
    before, after, stands = {"state": states.APPLIED}, {"state": way.target}, {"standing": ADMITTED}
    changes = []
    for child, stay in stays.items():
        also: list[Beside] = [("child", child.hex, stands)]
        if case := registrations.get(child):
            also.append(("proposal", case.id.hex, {"state": cases.NUMBERED, "version": case.version}))
        changes.append(Change("enrolment.opened", "enrolment", stay.pk, child, before, after, stay.started_on, also))
    journal.note(process, changes)
