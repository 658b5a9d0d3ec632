"""Changing the guardians of known children in place: who stays keeps the id, so that what a guardian was told stays with the person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from miaoce.registry import rows
from miaoce.registry.children.models import Guardian
from miaoce.registry.ids import new_id
from miaoce.registry.journal.facts import Beside, beside
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.safe import Safe

PARTS = {
    "name": "name", "relation": "relation", "id_type": "document_kind", "id_number": "document_number", "phone": "phone",
}  # fmt: skip
"""Parts of a guardian by contract name, and the columns they stand in."""

POSITIONS = (1, 2)
FAMILY = tuple(f"guardian{position}_{part}" for position in POSITIONS for part in PARTS)
DIGESTS = {"phone": ("phone_digest", Purpose.PHONE), "id_number": ("document_digest", Purpose.GUARDIAN_DOCUMENT)}
WRITTEN = (*PARTS.values(), *(column for column, _ in DIGESTS.values()))

Marks = Mapping[tuple[Purpose, str], str]
"""Digests by purpose and text."""


def marks_of(wanted: Iterable[Mapping[str, str]]) -> Marks:
    """Return the digests that wanted values (by contract names) need, made together."""
    texts: dict[Purpose, set[str]] = {purpose: set() for _, purpose in DIGESTS.values()}
    for values in wanted:
        for position in POSITIONS:
            for part, (_, purpose) in DIGESTS.items():
                texts[purpose].add(values.get(f"guardian{position}_{part}", "").upper())
    found = {}
    for purpose, given in texts.items():
        ordered = sorted(given)
        found.update({(purpose, text): key for text, key in zip(ordered, vault.digests(purpose, ordered), strict=True)})
    return found


def values_of(guardian: Guardian, safe: Safe) -> dict[str, str]:
    """Return a guardian's values in full, by contract names."""
    values = {}
    for part, column in PARTS.items():
        held = getattr(guardian, column)
        if isinstance(held, bytes):
            held = safe.open(guardian.child_id, "guardian", column, guardian.pk, held)
        values[f"guardian{guardian.position}_{part}"] = held or ""
    return values


@dataclass
class Family:
    """What is to be written of guardians of some children, gathered first and written by three statements."""

    safe: Safe
    marks: Marks
    made: list[Guardian] = field(default_factory=list)
    changed: list[Guardian] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)

    def bring(
        self, child_id: UUID, known: Mapping[int, Guardian], wanted: Mapping[str, str], others: Iterable[int] = ()
    ) -> list[Beside]:
        """Bring a child's guardians to what is wanted; return what changes of their rows.

        An empty name takes a guardian away; in the positions of `others` somebody else takes the place.
        """
        told = list[Beside]()
        for position in POSITIONS:
            given = {part: wanted[key] for part in PARTS if (key := f"guardian{position}_{part}") in wanted}
            guardian = known.get(position)
            if guardian is not None and (given.get("name") == "" or (given.get("name") and position in others)):
                self.gone.append(guardian.pk)
                told.append(beside("guardian", guardian.pk, None))
                guardian = None
            if guardian is None and given.get("name"):
                guardian = Guardian(id=new_id(), child_id=child_id, position=position)
                self._fill(guardian, given)
                self.made.append(guardian)
                told.append(beside("guardian", guardian.pk, _held(guardian)))
            elif guardian is not None:
                told += self._change(guardian, given)
        return told

    def _change(self, guardian: Guardian, given: Mapping[str, str]) -> list[Beside]:
        """Change what differs of a guardian that stays."""
        held = values_of(guardian, self.safe)
        new = self._fill(
            guardian,
            {part: text for part, text in given.items() if held[f"guardian{guardian.position}_{part}"] != text},
        )
        if not new:
            return []
        self.changed.append(guardian)
        return [beside("guardian", guardian.pk, new)]

    def _fill(self, guardian: Guardian, given: Mapping[str, str]) -> dict[str, Any]:
        """Fill columns of a guardian from texts and return the new ones, digests included."""
        new: dict[str, Any] = {}
        for part, text in given.items():
            column = PARTS[part]
            if part in {"relation", "id_type"}:
                new[column] = text
            else:
                new[column] = self.safe.seal(guardian.child_id, "guardian", column, guardian.pk, text) if text else None
            if part in DIGESTS:
                name, purpose = DIGESTS[part]
                new[name] = self.marks[purpose, text.upper()] if text else ""
        for name, value in new.items():
            setattr(guardian, name, value)
        return new

    def write(self) -> None:
        """Write what was gathered."""
        Guardian.objects.filter(pk__in=self.gone).delete()
        rows.insert(self.made)
        rows.rewrite(self.changed, WRITTEN)


def _held(guardian: Guardian) -> dict[str, Any]:
    """Return the columns of a new guardian that hold something."""
    held = {f.attname: getattr(guardian, f.attname) for f in Guardian._meta.concrete_fields if not f.primary_key}
    return {name: value for name, value in held.items() if value not in (None, "")}
