"""Correcting key data (关键信息): name, sex, birth date, document. Who agreed to it stands in the case (approvals.cases).

The number (学籍号) stays whatever is corrected: it is the child's for life (domain.md §3.4).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.actions import holders_of
from miaoce.registry.children.models import Child, DocumentClaim
from miaoce.registry.children.rules import document_key, sounds_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe

KEY_FIELDS = ("name", "sex", "birth_date", "id_type", "id_number")
"""Contract names of the key data, in the order in which they are shown."""

WRITTEN = (
    "name", "pinyin", "initials", "sex", "born_on", "document_kind", "document_number", "document_digest", "document_last4",
    "changed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Correction:
    """What a child's key data are to be: all five by contract names, true since `effective_on`.

    `is_mistake`: the old document was never this child's and is let go, so that its owner can be registered. Otherwise it goes on
    leading to the child.
    """

    child_id: UUID
    values: Mapping[str, str]
    effective_on: date
    is_mistake: bool = False


def key_values(children: Collection[Child]) -> dict[UUID, dict[str, str]]:
    """Return the key data of children as they stand, the document number in full. One statement; the caller shows none of it."""
    safe = vault.open_safe([child.pk for child in children])
    return {child.pk: _values(child, safe) for child in children}


def _values(child: Child, safe: Safe) -> dict[str, str]:
    """Return the key data of one child by contract names."""
    number = ""
    if child.document_number is not None:
        number = safe.open(child.pk, "child", "document_number", child.pk, bytes(child.document_number))
    return {
        "name": child.name, "sex": child.sex, "birth_date": child.born_on.isoformat(), "id_type": child.document_kind,
        "id_number": number,
    }  # fmt: skip


def taken(documents: Mapping[UUID, tuple[str, str]]) -> set[UUID]:
    """Return the children whose wanted document (kind, number) another child holds."""
    digests = _digests(documents)
    holders = holders_of(digests.values())
    return {child for child, digest in digests.items() if holders.get(digest, child) != child}


def _digests(documents: Mapping[UUID, tuple[str, str]]) -> dict[UUID, str]:
    """Return the claim digest of each document that has a number."""
    having = {child: document_key(kind, number) for child, (kind, number) in documents.items() if number}
    return dict(zip(having, vault.digests(Purpose.DOCUMENT_CLAIM, having.values()), strict=True))


def claim(*, corrections: Sequence[Correction], process: Process) -> set[UUID]:
    """Claim the document of each correction; return the children whose document another child holds (CHD-01). Before `correct`.

    Inside the caller's transaction, for children that nobody else corrects now (their case was moved). Two who claim one
    document at once: one gets it.
    """
    digests = _digests({c.child_id: (c.values["id_type"], c.values["id_number"]) for c in corrections})
    claims = sorted((digest, child, process.at) for child, digest in digests.items())
    rows.insert_new(DocumentClaim, ("digest", "child_id", "claimed_at"), claims)
    holders = holders_of(digests.values())
    return {child for child, digest in digests.items() if holders.get(digest) != child}


@transaction.atomic
def correct(*, corrections: Sequence[Correction], process: Process) -> list[Child]:
    """Write corrected key data, with everything that follows from them, and return the children. Documents are claimed before.

    A fixed number of statements. The rows are held from the first one on, so that nobody writes between reading and writing.
    """
    require(process.actor, Permission.CASE_DECIDE)
    wanted = {c.child_id: c for c in corrections}
    Child.objects.filter(pk__in=list(wanted)).update(version=F("version") + 1)
    children = list(Child.objects.filter(pk__in=list(wanted)).order_by("id"))
    safe = vault.open_safe(list(wanted))
    digests = _digests({c.child_id: (c.values["id_type"], c.values["id_number"]) for c in corrections})
    endings = _endings(corrections)
    changes, let_go = [], []
    for child in children:
        correction, key = wanted[child.pk], child.pk
        old = child.document_digest
        if correction.is_mistake and old and old != digests.get(key, ""):
            let_go.append(old)
        new = _columns(correction, safe, digests.get(key, ""), endings.get(key, "")) | {"changed_at": process.at}
        if _values(child, safe)["id_number"] == correction.values["id_number"]:
            new["document_number"] = child.document_number  # sealing the same text again would look like a change
        changes.append(
            journal.changed(
                "child.corrected", child, new=_moved(child, new), child_id=key, effective_on=correction.effective_on
            )
        )
        for name, value in new.items():
            setattr(child, name, value)
    rows.rewrite(children, WRITTEN)
    DocumentClaim.objects.filter(digest__in=let_go, child_id__in=list(wanted)).delete()
    journal.note(process, changes)
    return children


def _moved(child: Child, new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that come out different, and the version; the row in hand holds the new version already."""
    moved = {name: value for name, value in new.items() if getattr(child, name) != value}
    version, child.version = child.version, child.version - 1
    return moved | {"version": version}


def _columns(correction: Correction, safe: Safe, digest: str, ending: str) -> dict[str, Any]:
    """Return the columns that follow from corrected values."""
    values, key = correction.values, correction.child_id
    pinyin, initials = sounds_of(values["name"])
    number = values["id_number"]
    return {
        "name": values["name"], "pinyin": pinyin, "initials": initials, "sex": values["sex"],
        "born_on": date.fromisoformat(values["birth_date"]), "document_kind": values["id_type"],
        "document_number": safe.seal(key, "child", "document_number", key, number) if number else None,
        "document_digest": digest, "document_last4": ending,
    }  # fmt: skip


def _endings(corrections: Sequence[Correction]) -> dict[UUID, str]:
    """Return the digest of the last four of each document number."""
    having = {c.child_id: c.values["id_number"][-4:].upper() for c in corrections if c.values["id_number"]}
    return dict(zip(having, vault.digests(Purpose.DOCUMENT_LAST4, having.values()), strict=True))
