"""Other data of a child (everything but the key data), changed by its kindergarten at once: the record and its guardians.

Every edit says which version of the record it was made on; one made on an older version changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.families import FAMILY, Family, marks_of, values_of
from miaoce.registry.children.models import Child, ChildQuerySet, Guardian
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import Beside
from miaoce.registry.journal.models import Process
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.safe import Safe

PLAIN = (
    "former_name", "nationality", "ethnicity", "hukou_region", "hukou_kind", "birth_region", "health", "disability",
    "only_child", "left_behind", "migrant", "orphan",
)  # fmt: skip
SEALED = ("address", "remark")
CARE = frozenset({"health", "disability"})
FIELDS = (*PLAIN, *SEALED, *FAMILY)
"""Contract names of what is edited here; each stands in the column of its name, guardians in their rows."""


@dataclass(frozen=True)
class Edit:
    """What is to be changed: normalised values by contract names, an empty one empties; `version` is the one it was made on.

    `others` are the positions where another person takes the place of the guardian.
    """

    child_id: UUID
    version: int
    values: Mapping[str, str]
    others: frozenset[int] = frozenset()


@dataclass
class Edited:
    """The children whose record was changed, and those who stand in another version by now."""

    done: list[Child] = field(default_factory=list)
    overtaken: list[UUID] = field(default_factory=list)


def known_values(children: Collection[Child]) -> dict[UUID, dict[str, str]]:
    """Return the other data of children in full, by contract names. Two statements; the caller shows none of it unlogged."""
    safe = vault.open_safe([child.pk for child in children])
    found: dict[UUID, dict[str, str]] = {}
    for child in children:
        values = {name: getattr(child, name) for name in PLAIN}
        found[child.pk] = values | {name: _opened(child, name, safe) for name in SEALED} | dict.fromkeys(FAMILY, "")
    for guardian in Guardian.objects.filter(child_id__in=list(found)):
        found[guardian.child_id] |= values_of(guardian, safe)
    return found


def _opened(child: Child, column: str, safe: Safe) -> str:
    """Return the text of a sealed column, "" for an empty one."""
    blob = getattr(child, column)
    return "" if blob is None else safe.open(child.pk, "child", column, child.pk, bytes(blob))


@transaction.atomic
def edit(*, edits: Sequence[Edit], process: Process) -> Edited:
    """Change other data of children that the actor may see, each in the version it was made on.

    A fixed number of statements while nobody else writes the same records, however many children.
    """
    require(process.actor, Permission.CHILD_CORRECT)
    held = _held(edits, process)
    ready = {one.child_id: one for one in edits if one.child_id in held}
    children = list(Child.objects.filter(pk__in=list(ready)).order_by("id"))
    families: dict[UUID, dict[int, Guardian]] = defaultdict(dict)
    for guardian in Guardian.objects.filter(child_id__in=list(ready)):
        families[guardian.child_id][guardian.position] = guardian
    family = Family(vault.open_safe(list(ready)), marks_of(one.values for one in ready.values()))
    changes = []
    for child in children:
        one = ready[child.pk]
        also = family.bring(child.pk, families[child.pk], one.values, one.others)
        changes.append(_fill(child, one, family.safe, also))
    rows.rewrite(children, (*PLAIN, *SEALED))
    family.write()
    journal.note(process, changes)
    return Edited(children, [one.child_id for one in edits if one.child_id not in held])


def _held(edits: Sequence[Edit], process: Process) -> set[UUID]:
    """Move the version of each record that stands where its edit was made; return whose. They are ours until the end."""
    by_version: dict[int, list[UUID]] = defaultdict(list)
    for one in edits:
        by_version[one.version].append(one.child_id)
    held = set[UUID]()
    for version, wanted in by_version.items():
        new = {"version": version + 1, "changed_at": process.at}
        with transaction.atomic():
            together = _standing(wanted, version, process).update(**new) == len(wanted)
            transaction.set_rollback(not together)
        if together:
            held.update(wanted)
        else:  # somebody was faster with one of them
            held.update(pk for pk in wanted if _standing([pk], version, process).update(**new))
    return held


def _standing(pks: Sequence[UUID], version: int, process: Process) -> ChildQuerySet:
    """Return the children of the actor that stand in a version."""
    return Child.objects.visible_to(process.actor).filter(pk__in=pks, version=version)


def _fill(child: Child, one: Edit, safe: Safe, also: Sequence[Beside]) -> Change:
    """Fill the columns of a record and return the change; the row in hand holds the new version already."""
    new: dict[str, Any] = {"version": child.version, "changed_at": child.changed_at}
    child.version = one.version
    for name in PLAIN:
        if one.values.get(name, getattr(child, name)) != getattr(child, name):
            new[name] = one.values[name]
    for name in SEALED:
        text = one.values.get(name)
        if text is not None and text != _opened(child, name, safe):
            new[name] = safe.seal(child.pk, "child", name, child.pk, text) if text else None
    change = journal.changed("child.edited", child, new=new, child_id=child.pk, also=also)
    for name, value in new.items():
        setattr(child, name, value)
    return change
