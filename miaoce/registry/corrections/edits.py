"""Other data (former name, address, guardians, flags, boarding …): checked as intake checks, true at once, with its event."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import Denied, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import editing
from miaoce.registry.children.corrections import KEY_FIELDS, key_values
from miaoce.registry.children.editing import CARE, Edit
from miaoce.registry.children.families import FAMILY, PARTS
from miaoce.registry.children.models import Child
from miaoce.registry.corrections import rules
from miaoce.registry.corrections.actions import asked_by_schools, must_be_editable
from miaoce.registry.corrections.checking import check
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.intake.fields import label
from miaoce.registry.intake.places import place_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.facts import ALSO
from miaoce.registry.journal.models import Event, Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal

FIELDS = (*editing.FIELDS, "boarding")
"""Contract names of everything that may be edited."""

COLUMN_FIELDS = {name: name for name in (*editing.PLAIN, *editing.SEALED)} | {
    "name": "name", "sex": "sex", "born_on": "birth_date", "document_kind": "id_type", "document_number": "id_number",
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """Texts by contract names that are to replace what stands; an empty one empties. `version` is the one that was shown.

    `others`: positions of guardians whose place another person takes.
    """

    child_id: UUID
    version: int
    texts: Mapping[str, str]
    others: frozenset[int] = frozenset()


@dataclass
class Outcome:
    """The children whose data changed, and by child why the others' did not."""

    done: list[UUID] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


def known_values(children: Sequence[Child]) -> dict[UUID, dict[str, str]]:
    """Return everything that may be edited of children, in full. Three statements; the caller shows none of it unlogged."""
    found = editing.known_values(children)
    stays = Enrolment.objects.filter(child_id__in=list(found), ended_on__isnull=True).values_list(
        "child_id", "boarding"
    )
    for values in found.values():
        values["boarding"] = ""
    for child_id, boarding in stays:
        found[child_id]["boarding"] = boarding
    return found


@transaction.atomic
def edit(*, requests: Sequence[Request], process: Process) -> Outcome:
    """Change other data at once. Refusals by child: COR-01 to COR-03, COR-05, COR-10 (changed meanwhile), COR-11 (key data).

    Refuses all (ACC-01) without the right to correct, or to see care data where health or disability are among the texts.
    """
    require(process.actor, Permission.CHILD_CORRECT)
    if any(CARE & set(request.texts) for request in requests) and not process.actor.may(Permission.CHILD_CARE):
        raise Denied(permission=Permission.CHILD_CARE)
    outcome, ready = Outcome(), list[Edit]()
    mine = (
        Child.objects.visible_to(process.actor)
        .filter(pk__in=[r.child_id for r in requests])
        .select_related("kindergarten")
    )
    found = {child.pk: child for child in mine}
    known, asked = known_values(list(found.values())), asked_by_schools(found)
    keys, moved = key_values(list(found.values())), _moved_since(requests, found)
    on = journal.day_of(process)
    book = reference.codebook(on)
    places = {k.pk: place_of(k, on=on) for k in {child.kindergarten for child in found.values()}}
    for request in requests:
        try:
            child = found.get(request.child_id)
            must_be_editable(child, asked)
            if child is None:  # said above
                continue
            base = _base(known[child.pk], request)
            _must_be_other_data(request)
            checked = check(
                known={**keys[child.pk], **base}, wanted=request.texts, place=places[child.kindergarten_id],
                book=book, among=FIELDS,
            )  # fmt: skip
            new = {key: value for key, value in checked.values.items() if value != known[child.pk][key]}
            if not new:
                raise rules.NothingChanged
            _must_not_be_overtaken(new, moved.get(child.pk), is_unknown=request.version > child.version)
            ready.append(Edit(child.pk, child.version, new, request.others))
        except Refusal as refusal:
            outcome.refused[request.child_id] = refusal
    edited = editing.edit(edits=ready, process=process)
    outcome.done = [child.pk for child in edited.done]
    for pk in edited.overtaken:  # between the reading above and the writing
        outcome.refused[pk] = rules.ChangedMeanwhile(who="同事", labels="这份登记")
    _board({one.child_id: one.values["boarding"] for one in ready if "boarding" in one.values}, outcome.done, process)
    return outcome


def _base(known: Mapping[str, str], request: Request) -> dict[str, str]:
    """Return what stands, without the guardians whose place somebody else takes."""
    gone = {f"guardian{position}_{part}" for position in request.others for part in PARTS}
    return {key: "" if key in gone else value for key, value in known.items()}


def _must_be_other_data(request: Request) -> None:
    """Refuse (COR-11) key data, and anything that is no field of the record."""
    for key in request.texts:
        if key in KEY_FIELDS or key not in FIELDS:
            raise rules.NotEditable(label=label(key))


@dataclass
class Meanwhile:
    """What others changed of a record since a version: by field, and who did so last."""

    who: str = ""
    fields: set[str] = field(default_factory=set)


def _moved_since(requests: Sequence[Request], found: Mapping[UUID, Child]) -> dict[UUID, Meanwhile]:
    """Return what happened to the records that stand in another version than was shown. Two statements, none where none does."""
    seen = {r.child_id: r.version for r in requests if r.child_id in found and found[r.child_id].version != r.version}
    if not seen:
        return {}
    events = list(Event.objects.filter(child_id__in=list(seen), subject="child").order_by("id"))
    later = [event for event in events if event.after.get("version", 0) > seen[event.child_id]]  # type: ignore[index]  # found by it
    names = dict(Process.objects.filter(pk__in={event.process_id for event in later}).values_list("pk", "actor_name"))
    moved: dict[UUID, Meanwhile] = {}
    for event in later:
        one = moved.setdefault(event.child_id or event.subject_id, Meanwhile())
        one.who = names.get(event.process_id, "")
        one.fields |= touched(event.after)
    return moved


def touched(after: Mapping[str, Any]) -> set[str]:
    """Return the fields that an event of the record touched, by contract names; "guardian" for anybody of the family."""
    fields = {COLUMN_FIELDS[column] for column in after if column in COLUMN_FIELDS}
    return fields | {"guardian" for noun, *_ in after.get(ALSO, ()) if noun == "guardian"}


def labels_of(fields: Collection[str]) -> str:
    """Return fields as a person reads them, in the order of the record."""
    order = [*KEY_FIELDS, *FIELDS]
    known = sorted((key for key in fields if key != "guardian"), key=order.index)
    return "、".join([*(label(key) for key in known), *(["监护人"] if "guardian" in fields else [])])


def _must_not_be_overtaken(new: Mapping[str, str], meanwhile: Meanwhile | None, *, is_unknown: bool) -> None:
    """Refuse (COR-10) where somebody changed the same fields meanwhile; what others changed elsewhere does not matter.

    A version that never was (`is_unknown`) says nothing about what was shown.
    """
    if is_unknown:
        raise rules.ChangedMeanwhile(who="同事", labels="这份登记")
    mine = {"guardian" if key in FAMILY else key for key in new}
    if meanwhile is not None and (both := mine & meanwhile.fields):
        raise rules.ChangedMeanwhile(who=meanwhile.who or "同事", labels=labels_of(both))


def _board(wanted: Mapping[UUID, str], done: Sequence[UUID], process: Process) -> None:
    """Write how children attend (走读, 寄宿) onto their open stays."""
    stays = list(Enrolment.objects.filter(child_id__in=[pk for pk in wanted if pk in set(done)], ended_on__isnull=True))
    changes = []
    for value in sorted(set(wanted.values())):
        part = [stay for stay in stays if wanted[stay.child_id] == value]
        Enrolment.objects.filter(pk__in=[stay.pk for stay in part], ended_on__isnull=True).update(boarding=value)
        changes += [
            journal.changed("enrolment.boarding_changed", stay, new={"boarding": value}, child_id=stay.child_id)
            for stay in part
        ]
    journal.note(process, changes)
