"""Numbers that were issued, for the programs of the kindergarten whose children they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.following import kept_of
from miaoce.registry.children.models import Child, ChildNumber, NumberClaim
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose


@dataclass(frozen=True)
class Issued:
    """A number in full, of a child that the officer may see; `to_on` is None while it holds."""

    id: UUID
    child_id: UUID
    kind: str
    number: str
    issued_at: datetime
    from_on: date
    to_on: date | None


def issued_to(actor: Officer, *, after: UUID | None, limit: int) -> Sequence[Issued]:
    """Return numbers of the officer's children in the order they were issued, in full. Two statements.

    Refuses (ACC-01) an officer who may not print papers. The caller logs the reading first.
    """
    require(actor, Permission.CHILD_PRINT)
    found = ChildNumber.objects.filter(child_id__in=Child.objects.visible_to(actor).values("pk"))
    if after is not None:
        found = found.filter(pk__gt=after)
    numbers = list(found.order_by("id")[:limit])
    safe = vault.open_safe([number.child_id for number in numbers])
    return [
        Issued(
            n.pk, n.child_id, n.kind, safe.open(n.child_id, "child_number", "number", n.pk, bytes(n.number)), n.issued_at,
            n.from_on, n.to_on,
        )
        for n in numbers
    ]  # fmt: skip


def holder_of(number: str) -> UUID | None:
    """Return the child that a number leads to; None for a number that nobody was given.

    One that it had before leads there too, and one of a record that was merged into it.
    """
    digests = vault.findable(Purpose.NUMBER_CLAIM, number.strip().upper())
    held = NumberClaim.objects.filter(digest__in=digests).values_list("child_id", flat=True).first()
    return None if held is None else kept_of([held])[held]


def number_of(child: Child, actor: Officer) -> str:
    """Return the current number of one child in full, "" where it has none. Refuses (ACC-01) as `issued_to`."""
    require(actor, Permission.CHILD_PRINT)
    if child.number is None:
        return ""
    return vault.open_safe([child.pk]).open(child.pk, "child", "number", child.pk, bytes(child.number))
