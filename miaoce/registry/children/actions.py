"""Writing children: record them from checked values, claim their documents, give claims back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child, DocumentClaim, Guardian
from miaoce.registry.children.rules import document_key, sounds_of
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import Beside, difference, facts_of, facts_of_line
from miaoce.registry.journal.models import Process
from miaoce.registry.rows import Line
from miaoce.registry.vault import actions as vault
from miaoce.registry.vault import queries as vault_queries
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.queries import digests
from miaoce.registry.vault.safe import Safe

PLAIN = (
    "former_name", "sex", "ethnicity", "hukou_region", "hukou_kind", "birth_region", "health", "disability",
    "only_child", "left_behind", "migrant", "orphan",
)  # fmt: skip
AT_ONCE = 1_000
GUARDIAN_KEYS = {
    position: [f"guardian{position}_{part}" for part in ("name", "relation", "id_type", "id_number", "phone")]
    for position in (1, 2)
}
BLANK = rows.blank(Child)
REWRITTEN = [field.name for field in Child._meta.concrete_fields if field.name not in {"id", "recorded_at"}]


@dataclass(frozen=True)
class ChildDraft:
    """A child to be recorded: its id, the normalised values of intake (contract field names), who answers for it."""

    child_id: UUID
    values: Mapping[str, str]
    kindergarten_id: UUID
    office_id: UUID


def claim_documents(*, drafts: Sequence[ChildDraft], process: Process) -> set[UUID]:
    """Claim the document of each draft and return the children whose document another child holds already.

    A child that comes again with another document lets go of its old claim. Two who claim at once: one gets it.
    """
    wanted = document_digests(drafts)
    held = DocumentClaim.objects.filter(child_id__in=[draft.child_id for draft in drafts])
    old = [digest for digest, child in held.values_list("digest", "child_id") if wanted.get(child) != digest]
    held.filter(digest__in=old).delete()
    claims = sorted((key, child, process.at) for child, key in wanted.items())
    if rows.insert_new(DocumentClaim, ("digest", "child_id", "claimed_at"), claims) == len(claims):
        return set()
    holders = holders_of(wanted.values())
    return {child for child, key in wanted.items() if holders.get(key) != child}  # gone since: the next try gets it


def holders_of(digests: Iterable[str]) -> dict[str, UUID]:
    """Return who holds each claimed document digest."""
    wanted = list(dict.fromkeys(digests))
    found: dict[str, UUID] = {}
    for start in range(0, len(wanted), rows.CHUNK):
        found.update(
            DocumentClaim.objects.filter(digest__in=wanted[start : start + rows.CHUNK]).values_list(
                "digest", "child_id"
            )
        )
    return found


def release_documents(*, child_ids: Sequence[UUID]) -> None:
    """Give back the document claims of children whose registration was withdrawn."""
    DocumentClaim.objects.filter(child_id__in=child_ids).delete()


def document_digests(drafts: Sequence[ChildDraft]) -> dict[UUID, str]:
    """Return the claim digest of each draft that has a document number."""
    having = [draft for draft in drafts if draft.values.get("id_number")]
    keys = [document_key(draft.values.get("id_type", ""), draft.values["id_number"]) for draft in having]
    found = digests(Purpose.DOCUMENT_CLAIM, keys)
    return {draft.child_id: key for draft, key in zip(having, found, strict=True)}


@transaction.atomic
def record(*, drafts: Sequence[ChildDraft], process: Process) -> None:
    """Record children and their guardians from checked values: new ones are made, known ids are brought up to date.

    Documents must have been claimed before (claim_documents).
    """
    for start in range(0, len(drafts), AT_ONCE):
        _record(drafts[start : start + AT_ONCE], process)


def _record(drafts: Sequence[ChildDraft], process: Process) -> None:
    """Record some children: their keys, facts and events need not all lie in memory together."""
    known = {child.pk: child for child in Child.objects.filter(pk__in=[draft.child_id for draft in drafts])}
    fresh = [draft.child_id for draft in drafts if draft.child_id not in known]
    safe = vault.make_keys(fresh, at=process.at)
    if known:
        safe = vault_queries.open_safe([draft.child_id for draft in drafts])
    marks, relatives = _marks(drafts), _relatives(list(known))
    children, guardians, changes = list[Line](), list[Line](), list[Change]()
    for draft in drafts:
        key, old = draft.child_id, known.get(draft.child_id)
        child = _filled(draft, old, safe, marks, process)
        family = _guardians(draft, safe, marks, relatives[key])
        before, after = None, facts_of_line(child)
        if old is not None:
            before, after = difference(facts_of(old), after)
        also = _family_changes(relatives[key], family)
        changes.append(Change("child.recorded", "child", key, key, before, after, _entry(draft, process), also))
        children.append(child)
        guardians += family
    rows.insert_lines(Child, [child for child in children if child["id"] not in known])
    if known:
        rows.rewrite_lines(Child, [child for child in children if child["id"] in known], REWRITTEN)
        Guardian.objects.filter(child_id__in=list(known)).delete()
    rows.insert_lines(Guardian, guardians)
    journal.note(process, changes)


def _family_changes(old: Sequence[Guardian], new: Sequence[Line]) -> list[Beside]:
    """Return how guardians changed: all columns of new ones, those that differ of others, None for those who are gone."""
    were = {guardian.pk: facts_of(guardian) for guardian in old}
    found: list[Beside] = []
    for guardian in new:
        facts = facts_of_line(guardian)
        if guardian["id"] in were:
            facts = difference(were.pop(guardian["id"]), facts)[1]
        else:
            del facts["child_id"]  # the event names it
        found.append(("guardian", guardian["id"].hex, facts))
    return found + [("guardian", key.hex, None) for key in were]


def _entry(draft: ChildDraft, process: Process) -> date:
    """Return the day from which the record is true of the child: its entry, or the day it was recorded."""
    text = draft.values.get("entry_date")
    return date.fromisoformat(text) if text else journal.day_of(process)


Marks = Mapping[tuple[Purpose, str], str]
"""Digests by purpose and text."""


def _marks(drafts: Sequence[ChildDraft]) -> Marks:
    """Return every digest that the drafts need, made together."""
    wanted: dict[Purpose, set[str]] = defaultdict(set)
    for values in (draft.values for draft in drafts):
        if number := values.get("id_number"):
            wanted[Purpose.DOCUMENT_CLAIM].add(document_key(values.get("id_type", ""), number))
            wanted[Purpose.DOCUMENT_LAST4].add(number[-4:].upper())
        for prefix in ("guardian1", "guardian2"):
            wanted[Purpose.PHONE].add(values.get(f"{prefix}_phone", ""))
            wanted[Purpose.GUARDIAN_DOCUMENT].add(values.get(f"{prefix}_id_number", "").upper())
    found = {}
    for purpose, texts in wanted.items():
        found.update({(purpose, text): key for text, key in zip(texts, digests(purpose, texts), strict=True)})
    return found


def _filled(draft: ChildDraft, old: Child | None, safe: Safe, marks: Marks, process: Process) -> Line:
    """Return the row of a new child, or the one that takes the place of a known child's."""
    values, key = draft.values, draft.child_id
    pinyin, initials = sounds_of(values["name"])
    number, claim = values.get("id_number", ""), ""
    if number:
        claim = marks[Purpose.DOCUMENT_CLAIM, document_key(values.get("id_type", ""), number)]
    return {
        **(BLANK if old is None else {column: old.__dict__[column] for column in BLANK}),
        **{field: values.get(field, "") for field in PLAIN},
        "id": key, "name": values["name"], "pinyin": pinyin, "initials": initials,
        "born_on": date.fromisoformat(values["birth_date"]), "nationality": values.get("nationality") or "CHN",
        "document_kind": values.get("id_type", "none"), "document_digest": claim,
        "document_number": _sealed(safe, key, "document_number", number),
        "document_last4": marks[Purpose.DOCUMENT_LAST4, number[-4:].upper()] if number else "",
        "address": _sealed(safe, key, "address", values.get("address", "")),
        "remark": _sealed(safe, key, "remark", values.get("remark", "")),
        "kindergarten_id": draft.kindergarten_id, "office_id": draft.office_id, "state": states.SUBMITTED,
        "recorded_at": process.at if old is None else old.recorded_at, "changed_at": process.at,
        "version": 1 if old is None else old.version + 1,
    }  # fmt: skip


def _sealed(safe: Safe, key: UUID, column: str, text: str) -> bytes | None:
    """Seal a column of the child row, or None when there is nothing to seal."""
    return safe.seal(key, "child", column, key, text) if text else None


def _relatives(child_ids: Sequence[UUID]) -> Mapping[UUID, list[Guardian]]:
    """Return the guardians that known children have."""
    found: dict[UUID, list[Guardian]] = defaultdict(list)
    if child_ids:
        for guardian in Guardian.objects.filter(child_id__in=child_ids):
            found[guardian.child_id].append(guardian)
    return found


def _guardians(draft: ChildDraft, safe: Safe, marks: Marks, old: Sequence[Guardian]) -> list[Line]:
    """Return the guardians that a draft names; who was one before keeps the id, and so what the person was told."""
    family, key = list[Line](), draft.child_id
    known = {safe.open(key, "guardian", "name", one.pk, bytes(one.name)): one.pk for one in old}
    for position in (1, 2):
        name, relation, kind, number, phone = (draft.values.get(part, "") for part in GUARDIAN_KEYS[position])
        if not name:
            continue
        row_id = known.pop(name, None) or new_id()
        sealed = {
            column: safe.seal(key, "guardian", column, row_id, text) if text else None
            for column, text in (("name", name), ("document_number", number), ("phone", phone))
        }
        family.append({
            **sealed, "id": row_id, "child_id": key, "position": position, "relation": relation, "document_kind": kind,
            "phone_digest": marks[Purpose.PHONE, phone] if phone else "",
            "document_digest": marks[Purpose.GUARDIAN_DOCUMENT, number.upper()] if number else "",
        })  # fmt: skip
    return family


def set_state(*, child_ids: Sequence[UUID], state: str, process: Process) -> None:
    """Mark the state of the registration case on the children, so that lists need no join.

    The event of the case says so too (`also`), so nothing is noted here.
    """
    Child.objects.filter(pk__in=child_ids).update(state=state, changed_at=process.at)
