"""What a merge would do, row by row, before anything is done. The same plan is shown, done, and undone."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models

from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child, ChildNumber, DocumentClaim, Guardian
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal.facts import noun_of
from miaoce.registry.problems.opening import CLOCK
from miaoce.registry.problems.relations import MOVED, TITLES
from miaoce.registry.transfers.models import TransferWish
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.fields import SealedField
from miaoce.registry.vault.safe import Safe

GUARDIAN_COLUMN = "guardian_id"


@dataclass(frozen=True)
class Planned:
    """One row: as it stands (None for one that is made) and as it will stand (None for one that goes)."""

    model: type[models.Model]
    before: Any
    after: Any

    @property
    def noun(self) -> str:
        """The noun of the row's table."""
        return noun_of(self.model)

    @property
    def key(self) -> Any:
        """The row's primary key, which it keeps."""
        return (self.after if self.before is None else self.before).pk

    @property
    def owner(self) -> UUID:
        """Whose row it was, or is where it is made."""
        return owner_of(self.after if self.before is None else self.before)

    @property
    def columns(self) -> list[str]:
        """The columns that change, sealed ones only where their value does; none for a row that is made or goes."""
        if self.before is None or self.after is None:
            return []
        names = [f.attname for f in self.model._meta.concrete_fields if not isinstance(f, SealedField)]
        changed = [name for name in names if getattr(self.before, name) != getattr(self.after, name)]
        sealed = [f.attname for f in self.model._meta.concrete_fields if isinstance(f, SealedField)]
        is_same_owner = owner_of(self.before) == owner_of(self.after)
        return changed + [n for n in sealed if is_same_owner and getattr(self.before, n) != getattr(self.after, n)]

    @property
    def does(self) -> str:
        """What happens to the row, in words."""
        if self.after is None:
            return "不再重复，删去一份"
        if self.before is None:
            return "新建"
        if owner_of(self.before) != owner_of(self.after):
            return "转到保留的一条" if self.noun != "child" else "改动"
        return "改动"


@dataclass(frozen=True)
class Plan:
    """A merge as it would be done: the rows, and where the child will stand."""

    kept: Child
    gone: Child
    rows: Sequence[Planned]
    safe: Safe = field(repr=False)

    def counts(self) -> dict[str, int]:
        """Return how many rows of each table are touched, by the table's name in words."""
        found: dict[str, int] = {}
        for row in self.rows:
            title = TITLES.get(row.noun, row.noun)
            found[title] = found.get(title, 0) + 1
        return found


def owner_of(row: Any) -> UUID:
    """Return the child that a row belongs to."""
    owner: UUID = row.pk if isinstance(row, Child) else row.child_id
    return owner


def resealed(row: Any, to: UUID, safe: Safe) -> Any:
    """Return a copy of a row under another child, its sealed values under that child's key. The row keeps its id."""
    moved = copy(row)
    model: type[models.Model] = type(row)
    noun = noun_of(model)
    for sealed in (f for f in model._meta.concrete_fields if isinstance(f, SealedField)):
        blob = getattr(row, sealed.attname)
        if blob is not None:
            text = safe.open(row.child_id, noun, sealed.attname, row.pk, bytes(blob))
            setattr(moved, sealed.attname, safe.seal(to, noun, sealed.attname, row.pk, text))
    moved.child_id = to
    return moved


def plan_merge(*, kept: Child, gone: Child, stay_of: UUID, at: datetime, on: date) -> Plan:
    """Return what a merge does; `stay_of` says whose open stay goes on where both have one. Reads only."""
    safe = vault.open_safe([kept.pk, gone.pk])
    families = _families(kept, gone, safe)
    rows = list(families.rows)
    for model in MOVED:
        if model is not Guardian:
            rows += _moves(model, kept, gone, families.same, safe)
    rows = [*_stays(rows, kept, stay_of, on), *_claims(kept, gone)]
    rows = [_ended(row, on) for row in rows]
    return Plan(kept, gone, [*_children(kept, gone, rows, at), *rows], safe)


@dataclass(frozen=True)
class _Families:
    """How two families become one: the rows, and which guardian of the one that goes is which of the kept child's."""

    rows: Sequence[Planned]
    same: Mapping[UUID, UUID]


def _families(kept: Child, gone: Child, safe: Safe) -> _Families:
    """Return the guardians of both as one family: who is the same stays once, the others stand behind."""
    mine = list(Guardian.objects.filter(child_id=kept.pk).order_by("position"))
    same, rows, known = dict[UUID, UUID](), list[Planned](), {_person(one, safe): one.pk for one in mine}
    documents = {one.document_digest: one.pk for one in mine if one.document_digest}
    position = max((one.position for one in mine), default=0)
    for one in Guardian.objects.filter(child_id=gone.pk).order_by("position"):
        twin = documents.get(one.document_digest) or known.get(_person(one, safe))
        if twin is not None:
            same[one.pk] = twin
            rows.append(Planned(Guardian, one, None))
            continue
        position += 1
        moved = resealed(one, kept.pk, safe)
        moved.position = position
        rows.append(Planned(Guardian, one, moved))
    return _Families(rows, same)


def _person(one: Guardian, safe: Safe) -> tuple[str, str]:
    """Return by what a guardian is known again: name and phone, or name and relation where there is no phone."""
    name = safe.open(one.child_id, "guardian", "name", one.pk, bytes(one.name))
    return name, one.phone_digest or f"relation {one.relation}"


def _moves(model: type[models.Model], kept: Child, gone: Child, same: Mapping[UUID, UUID], safe: Safe) -> list[Planned]:
    """Return the rows of a table that go to the kept child; who points at a doubled guardian points at the one who stays."""
    found = model._default_manager.filter(child_id=gone.pk).order_by("pk")
    if model is Clock:
        found = found.exclude(
            case_kind=CLOCK
        )  # of problem records, whose sides stay with the record that they are about
    doubled: set[UUID] = set()
    if model is TransferWish:
        doubled = set(TransferWish.objects.filter(child_id=kept.pk).values_list("kindergarten_id", flat=True))
    planned = []
    for row in found:
        if getattr(row, "kindergarten_id", None) in doubled:
            planned.append(Planned(model, row, None))
            continue
        moved = resealed(row, kept.pk, safe)
        guardian = getattr(row, GUARDIAN_COLUMN, None)
        if guardian is not None and guardian in same:
            setattr(moved, GUARDIAN_COLUMN, same[guardian])
        planned.append(Planned(model, row, moved))
    return planned


def _stays(rows: Sequence[Planned], kept: Child, stay_of: UUID, on: date) -> list[Planned]:
    """Let one of two open stays go on: the other ends on the day, because the child went elsewhere."""
    mine = Enrolment.objects.filter(child_id=kept.pk, ended_on=None).first()
    theirs = next((r for r in rows if r.model is Enrolment and r.before.ended_on is None), None)
    promoted = kept.standing == stays.PROMOTED
    if theirs is None or (mine is None and not promoted):
        return list(rows)
    if mine is None or stay_of == kept.pk:
        return [Planned(Enrolment, r.before, _closed(r.after, on)) if r is theirs else r for r in rows]
    return [*rows, Planned(Enrolment, mine, _closed(mine, on))]


def _closed(stay: Enrolment, on: date) -> Enrolment:
    """Return a stay that ended because the child is elsewhere."""
    closed = copy(stay)
    closed.state, closed.ended_on = stays.TRANSFERRED, max(on, stay.started_on)
    return closed


def _ended(row: Planned, on: date) -> Planned:
    """End the number that the merged record had: it is an alias of the kept child from now on."""
    if row.model is ChildNumber and row.after.to_on is None:
        row.after.to_on = max(on, row.after.from_on)
    return row


def _claims(kept: Child, gone: Child) -> Iterable[Planned]:
    """Let the documents of the merged record lead to the kept child."""
    for claim in DocumentClaim.objects.filter(child_id=gone.pk).order_by("pk"):
        led = copy(claim)
        led.child_id = kept.pk
        yield Planned(DocumentClaim, claim, led)


def _children(kept: Child, gone: Child, rows: Sequence[Planned], at: datetime) -> list[Planned]:
    """Return both records: the one that goes leads on, the kept one stands where its open stay is."""
    left, stands = copy(gone), copy(kept)
    left.standing, left.changed_at, left.version = stays.MERGED, at, gone.version + 1
    stands.changed_at, stands.version = at, kept.version + 1
    brought = [
        r.after for r in rows if r.model is Enrolment and r.after.ended_on is None and r.after.child_id == kept.pk
    ]
    if brought and kept.standing != stays.PROMOTED:
        stands.standing = stays.ATTENDING
        stands.kindergarten_id, stands.office_id = gone.kindergarten_id, gone.office_id
        stands.deferred_until_on = kept.deferred_until_on or gone.deferred_until_on
    return [Planned(Child, gone, left), Planned(Child, kept, stands)]
