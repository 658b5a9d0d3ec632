"""Finding children among those an officer may see: by name, sound, number (学籍号), document or its last four.

Every way in is one range or one point of an index, so that a million children cost as much as a hundred:

| asked for            | index                                                        |
|----------------------|--------------------------------------------------------------|
| number               | primary key of the number claims                             |
| whole document       | primary key of the document claims, once for each kind       |
| last four            | child_of_kindergarten, child_of_county_by_last_four          |
| letters              | child_of_kindergarten and child_of_kg_by_initials,           |
|                      | child_of_county and child_of_county_by_initials              |
| name, county         | child_of_county_by_name (the beginning of the name)          |
| name, kindergarten   | child_of_kindergarten, then any part of the name: one kindergarten has hundreds, not millions |
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from miaoce.registry.access.officers import Officer
from miaoce.registry.children.fields import prefix_range
from miaoce.registry.children.following import kept_of
from miaoce.registry.children.models import Child, ChildQuerySet, DocumentClaim, NumberClaim
from miaoce.registry.children.rules import Asked, document_key, understand
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose

MOST = 50


@dataclass(frozen=True)
class Found:
    """What a search found: at most `MOST` children, in the order of the index that found them."""

    asked: Asked
    children: list[Child]
    has_more: bool


def find(*, actor: Officer, text: str, on: date, most: int = MOST) -> Found:
    """Return the children that a text means, among those the officer may see. Two statements at most, none counts.

    The caller logs the reading before it shows them: a hit is a reading.
    """
    asked = understand(text)
    mine = Child.objects.visible_to(actor)
    children: dict[object, Child] = {}
    for order, condition in ways(asked, in_county=not actor.is_kindergarten, on=on):
        for child in shown(mine.filter(condition)).order_by(*order)[: most + 1]:
            children.setdefault(child.pk, child)
    return Found(asked, list(children.values())[:most], len(children) > most)


def ways(asked: Asked, *, in_county: bool, on: date) -> list[tuple[tuple[str, ...], Q]]:
    """Return the order and the condition of each statement that finds what was asked for; each follows one index."""
    if asked.kind == "letters":
        sounds = [(("pinyin", "id"), prefix_range("pinyin", asked.text))]
        return [*sounds, (("initials", "id"), prefix_range("initials", asked.text))]
    if asked.kind == "name":
        if in_county:
            return [(("name", "id"), prefix_range("name", asked.text))]
        return [(("pinyin", "id"), Q(name__contains=asked.text))]
    by_last_four = asked.kind == "last4" and in_county
    order = ("document_last4", "id") if by_last_four else ("pinyin", "id")  # SQLite follows the order's index
    return [(order, point)] if (point := _point(asked, on)) else []


def _point(asked: Asked, on: date) -> Q | None:
    """Return the condition of what is found by its keyed digest."""
    if asked.kind == "number":
        digests = vault.findable(Purpose.NUMBER_CLAIM, asked.text)
        held = list(NumberClaim.objects.filter(digest__in=digests).values_list("child_id", flat=True))
        return Q(pk__in=list(kept_of(held).values()))
    if asked.kind == "document":
        kinds = [entry.code for entry in reference.codebook(on).entries("document")]
        keys = [document_key(kind, asked.text) for kind in kinds]
        digests = [found for key in keys for found in vault.findable(Purpose.DOCUMENT_CLAIM, key)]
        return Q(pk__in=list(DocumentClaim.objects.filter(digest__in=digests).values_list("child_id", flat=True)))
    if asked.kind == "last4":
        return Q(document_last4__in=vault.findable(Purpose.DOCUMENT_LAST4, asked.text))
    return None


def narrowed(children: ChildQuerySet, text: str, *, in_county: bool, on: date) -> ChildQuerySet:
    """Return the children of a list that a text means, whichever way finds them."""
    either = Q()
    for _, condition in ways(understand(text), in_county=in_county, on=on):
        either |= condition
    return children.filter(either) if either else children.none()


def shown(children: ChildQuerySet) -> ChildQuerySet:
    """Return the columns that a list shows, and no sealed value but the number."""
    return children.only(
        "id",
        "name",
        "sex",
        "born_on",
        "state",
        "standing",
        "number",
        "number_kind",
        "kindergarten_id",
        "version",
        "changed_at",
    )
