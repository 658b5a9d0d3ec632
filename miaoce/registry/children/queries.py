"""Reads of children: pages of a list, one child's record as an officer may see it, records for papers, who looked.

Every function that opens sealed values says so; whoever shows them logs the reading first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, Subquery

from miaoce.registry.access.officers import Officer
from miaoce.registry.children.following import gone_into
from miaoce.registry.children.models import Child, ChildQuerySet, Guardian
from miaoce.registry.children.search import narrowed, shown
from miaoce.registry.journal.models import Event, Process, Reading, ReadingOf
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer, surname_of
from miaoce.registry.vault.masking import shown as masked
from miaoce.registry.vault.safe import Safe

PAGE = 50


@dataclass(frozen=True)
class Filters:
    """What a list of children is narrowed by; everything empty means all."""

    words: str = ""
    state: str = ""
    standing: str = ""
    sex: str = ""
    document_kind: str = ""
    number_kind: str = ""
    kindergarten_id: UUID | None = None
    born_from: date | None = None
    born_to: date | None = None


@dataclass(frozen=True)
class Page:
    """One page of a list and the cursors beside it: ids of its last and first child, None at the ends."""

    children: list[Child]
    previous: UUID | None
    following: UUID | None


def filtered(children: ChildQuerySet, filters: Filters, *, in_county: bool, on: date) -> ChildQuerySet:
    """Return the children that fit every filter."""
    if filters.words:
        children = narrowed(children, filters.words, in_county=in_county, on=on)
    plain = {
        "state": filters.state,
        "standing": filters.standing,
        "sex": filters.sex,
        "document_kind": filters.document_kind,
        "number_kind": filters.number_kind,
        "kindergarten_id": filters.kindergarten_id,
        "born_on__gte": filters.born_from,
        "born_on__lte": filters.born_to,
    }
    return children.filter(**{name: value for name, value in plain.items() if value})


def page_of(
    children: ChildQuerySet,
    *,
    among: ChildQuerySet,
    after: UUID | None = None,
    before: UUID | None = None,
    most: int = PAGE,
) -> Page:
    """Return up to `most` children in the order of pinyin, from the child with that id on.

    One statement, two behind a cursor. The cursor is an id and no name, so that an address holds nothing personal;
    `among` are the children it may name.
    """
    cursor = after or before
    anchor = among.filter(pk=cursor).values_list("pinyin", flat=True).first() if cursor else None
    backwards = anchor is not None and after is None
    if anchor is not None and after:
        children = children.filter(pinyin__gte=anchor).exclude(pinyin=anchor, id__lte=after)
    elif anchor is not None:
        children = children.filter(pinyin__lte=anchor).exclude(pinyin=anchor, id__gte=before)
    order = ("-pinyin", "-id") if backwards else ("pinyin", "id")
    found = list(shown(children).order_by(*order)[: most + 1])
    more, found = len(found) > most, found[:most]
    if backwards:
        found.reverse()
    has_previous = more if backwards else anchor is not None
    has_following = anchor is not None if backwards else more
    return Page(
        found,
        found[0].pk if found and has_previous else None,
        found[-1].pk if found and has_following else None,
    )


def masked_numbers(children: Sequence[Child], viewer: Viewer) -> dict[UUID, str]:
    """Return the masked number of each child that has one: one statement for their keys, none when nobody has one."""
    having = [child for child in children if child.number is not None]
    if not having:
        return {}
    safe = vault.open_safe([child.pk for child in having])
    return {child.pk: masked(Field.NUMBER, _opened(safe, child, "number"), viewer) for child in having}


def viewer_of(actor: Officer) -> Viewer:
    """Return in whose eyes an officer sees a child that it may see (children.visible_to)."""
    return Viewer.OWN if actor.is_kindergarten else Viewer.COUNTY


@dataclass(frozen=True)
class GuardianRecord:
    """A guardian as shown: every text is already masked for the viewer, or in full on papers."""

    id: UUID
    position: int
    name: str
    relation: str
    document_kind: str
    document: str
    phone: str


@dataclass(frozen=True)
class Record:
    """The sealed values of one child as shown, masked for the viewer or in full on papers."""

    number: str = ""
    document: str = ""
    address: str = ""
    remark: str = ""
    guardians: list[GuardianRecord] = field(default_factory=list)


def record_of(child: Child, *, viewer: Viewer, guardians: Sequence[Guardian] | None = None) -> Record:
    """Open the sealed values of one child and return them masked for a viewer. Two statements.

    `guardians` are those of another day, where the child is one of another day; its guardians of today otherwise.
    """
    if guardians is None:
        guardians = list(Guardian.objects.filter(child_id=child.pk))
    safe = vault.open_safe([child.pk])
    family = [
        GuardianRecord(
            id=guardian.pk,
            position=guardian.position,
            name=masked(Field.NAME, _opened(safe, guardian, "name"), viewer),
            relation=guardian.relation,
            document_kind=guardian.document_kind,
            document=masked(Field.DOCUMENT, _opened(safe, guardian, "document_number"), viewer),
            phone=masked(Field.PHONE, _opened(safe, guardian, "phone"), viewer),
        )
        for guardian in sorted(guardians, key=lambda one: one.position)
    ]
    return Record(
        number=masked(Field.NUMBER, _opened(safe, child, "number"), viewer),
        document=masked(Field.DOCUMENT, _opened(safe, child, "document_number"), viewer),
        address=masked(Field.ADDRESS, _opened(safe, child, "address"), viewer),
        remark=_opened(safe, child, "remark") if viewer is Viewer.OWN else "",
        guardians=family,
    )


def records_for_papers(children: Sequence[Child], *, is_full: bool) -> dict[UUID, Record]:
    """Open numbers, guardians' names and phones of children for their papers, masked for their own kindergarten or in full.

    Two statements, however many.
    """
    safe = vault.open_safe([child.pk for child in children])
    families: dict[UUID, list[GuardianRecord]] = {child.pk: [] for child in children}
    for guardian in Guardian.objects.filter(child_id__in=list(families)).order_by("position"):
        families[guardian.child_id].append(
            GuardianRecord(
                guardian.pk, guardian.position, _opened(safe, guardian, "name"), guardian.relation,
                guardian.document_kind, "", _on_paper(Field.PHONE, _opened(safe, guardian, "phone"), is_full),
            )
        )  # fmt: skip
    return {
        child.pk: Record(
            number=_on_paper(Field.NUMBER, _opened(safe, child, "number"), is_full), guardians=families[child.pk]
        )
        for child in children
    }


def _on_paper(kind: Field, text: str, is_full: bool) -> str:
    """Return a value as a paper shows it."""
    return text if is_full else masked(kind, text, Viewer.OWN)


def _opened(safe: Safe, row: Child | Guardian, column: str) -> str:
    """Return the clear text of one column, or nothing where nothing is recorded."""
    blob = getattr(row, column)
    if blob is None:
        return ""
    if isinstance(row, Child):
        return safe.open(row.pk, "child", column, row.pk, blob)
    return safe.open(row.child_id, "guardian", column, row.pk, blob)


@dataclass(frozen=True)
class Happening:
    """One event of a child with the process it happened in."""

    event: Event
    process: Process | None


def story_of(
    child_id: UUID, *, verbs: Collection[str], limit: int, before: UUID | None = None
) -> tuple[list[Happening], UUID | None]:
    """Return what happened to a child by events of these verbs, the newest first, and the id behind which earlier ones stand.

    A page ends with a whole process, because its events tell one thing together. What happened to records that were merged
    into this one happened to the child. Three statements.
    """
    mine = gone_into([child_id])[child_id]
    events = Event.objects.filter(child_id__in=mine, verb__in=verbs)
    if before is not None:
        own = Event.objects.filter(child_id__in=mine, pk=before).values("pk")[:1]  # a foreign id leads nowhere
        events = events.filter(id__lt=Subquery(own))
    found = list(events.order_by("-id")[: limit + 1])
    page = found[:limit]
    if len(found) > limit:
        page = [event for event in page if event.process_id != found[limit].process_id] or page
    processes = Process.objects.in_bulk({event.process_id for event in page})
    story = [Happening(event, processes.get(event.process_id)) for event in page]
    return story, page[-1].pk if len(found) > len(page) else None


@dataclass(frozen=True)
class Look:
    """That somebody was shown something of a child: when, which role at which unit with which surname, what and why."""

    id: UUID
    at: datetime
    role: str
    unit_name: str
    surname: str
    what: str
    reason: str


def looks_at(child_id: UUID, *, limit: int = 20, before: UUID | None = None) -> list[Look]:
    """Return who was shown something of a child, or of a record that was merged into it, the newest first."""
    mine = gone_into([child_id])[child_id]
    spread = ReadingOf.objects.filter(child_id__in=mine)
    named = reduce(or_, (Q(child_ids__contains=one.hex) for one in sorted(mine)))
    waiting = Reading.objects.filter(named, is_spread=False)  # lists that are not spread yet
    if before is not None:
        spread, waiting = spread.filter(reading_id__lt=before), waiting.filter(pk__lt=before)
    wanted = list(spread.order_by("-reading_id").values_list("reading_id", flat=True)[:limit])
    found = {*Reading.objects.filter(pk__in=wanted), *waiting.order_by("-id")[:limit]}
    newest = sorted(found, key=lambda reading: reading.pk, reverse=True)[:limit]
    return [Look(r.pk, r.at, r.role, r.unit_name, surname_of(r.actor_name), r.what, r.reason) for r in newest]
