"""A temporary number (L), or one without a usable ID number (J), becomes a formal one (G) once a resident document is verified.

The old number leads to the child for ever: its claim stays, its alias gets an end. A G never changes, whatever becomes of the ID
number (domain.md §3.4).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child, ChildNumber, NumberClaim
from miaoce.registry.children.rules import formal_number
from miaoce.registry.enrolments.numbering import Draft, kind_of, number_holders
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe


@dataclass
class Formalised:
    """Who got a formal number, and who could not because another child was given that number long ago."""

    done: list[UUID] = field(default_factory=list)
    taken: list[UUID] = field(default_factory=list)


@transaction.atomic
def formalise(*, child_ids: Collection[UUID], process: Process) -> Formalised:
    """Give children with a verified resident document their formal number; all others stay as they are.

    Set-based; asking twice gives the same number. The number counts from the day of the process on.
    """
    require(process.actor, Permission.CASE_DECIDE)
    book = reference.codebook(journal.day_of(process))
    found = Child.objects.filter(pk__in=list(child_ids), number_kind__in=["L", "J"], document_number__isnull=False)
    children = [child for child in found.order_by("id") if kind_of(child, book) == "G"]
    safe = vault.open_safe([child.pk for child in children])
    drafts = [_draft(child, safe) for child in children]
    claims = sorted((d.digest, d.child.pk, process.at) for d in drafts)
    rows.insert_new(NumberClaim, ("digest", "child_id", "claimed_at"), claims)
    holders = number_holders([d.digest for d in drafts])
    ready = [d for d in drafts if holders[d.digest] == d.child.pk]
    _close_aliases(ready, process)
    _give(ready, safe, process)
    done = {d.child.pk for d in ready}
    return Formalised(sorted(done), [d.child.pk for d in drafts if d.child.pk not in done])


def _draft(child: Child, safe: Safe) -> Draft:
    """Return the formal number that a child's document leads to."""
    document = safe.open(child.pk, "child", "document_number", child.pk, bytes(child.document_number or b""))
    number = formal_number(document)
    return Draft(child, "G", number, vault.digest(Purpose.NUMBER_CLAIM, number))


def _close_aliases(drafts: Collection[Draft], process: Process) -> None:
    """End the numbers that held until today."""
    old = list(ChildNumber.objects.filter(child_id__in=[d.child.pk for d in drafts], to_on__isnull=True))
    new = {"to_on": journal.day_of(process)}
    ChildNumber.objects.filter(pk__in=[number.pk for number in old], to_on__isnull=True).update(**new)
    journal.note(
        process,
        [journal.changed("number.superseded", number, new=new, child_id=number.child_id) for number in old],
    )


def _give(drafts: Collection[Draft], safe: Safe, process: Process) -> None:
    """Write the new numbers as aliases and onto the children."""
    on, numbers, changes = journal.day_of(process), [], []
    held = Child.objects.filter(pk__in=[d.child.pk for d in drafts])
    held.update(version=F("version") + 1)
    versions = dict(held.values_list("pk", "version"))
    for draft in drafts:
        child, row_id = draft.child, new_id()
        sealed = safe.seal(child.pk, "child_number", "number", row_id, draft.number)
        number = ChildNumber(
            id=row_id, child_id=child.pk, kind=draft.kind, number=sealed, digest=draft.digest, issued_at=process.at, from_on=on,
        )  # fmt: skip
        new = {
            "number": safe.seal(child.pk, "child", "number", child.pk, draft.number), "number_kind": draft.kind,
            "changed_at": process.at, "version": versions[child.pk],
        }  # fmt: skip
        numbers.append(number)
        changes += [
            journal.made("number.issued", number, child_id=child.pk),
            journal.changed("child.renumbered", child, new=new, child_id=child.pk),
        ]
        for name, value in new.items():
            setattr(child, name, value)
    rows.insert(numbers)
    rows.rewrite([d.child for d in drafts], ("number", "number_kind", "changed_at"))
    journal.note(process, changes)
