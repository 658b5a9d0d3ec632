"""Who in the register could be the child that somebody is about to record. Reads only, a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Literal
from uuid import UUID

from django.db import connection

from miaoce.registry.approvals import states as cases
from miaoce.registry.children.models import Child, DocumentClaim
from miaoce.registry.children.rules import document_key
from miaoce.registry.matching.models import GONE
from miaoce.registry.rows import CHUNK
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.queries import digests

DOCUMENT, PERSON = "document", "person"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child to be. `key` names it to the caller; `own_id` is the child it became before, which is no match of itself."""

    key: UUID
    name: str
    sex: str
    born_on: date | None
    document_kind: str = ""
    document_number: str = ""
    own_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Alike:
    """A child of the register that could be the same, and by what: the same document, or the same name, sex and birth date."""

    child_id: UUID
    by: Literal["document", "person"]
    name: str
    kindergarten_id: UUID
    kindergarten_name: str
    state: str


def find_alike(candidates: Sequence[Candidate]) -> dict[UUID, list[Alike]]:
    """Return for each candidate's key the children it could be, those with the same document first.

    The whole register is asked, whoever the kindergarten is; withdrawn registrations do not count. Three statements for
    each 2,000 candidates.
    """
    found: dict[UUID, list[Alike]] = {}
    left = iter(candidates)
    while part := list(islice(left, CHUNK)):
        found.update(_find(part))
    return found


def _find(candidates: Sequence[Candidate]) -> dict[UUID, list[Alike]]:
    """Ask for at most 2,000 candidates."""
    by_document, by_person = _by_document(candidates), _by_person(candidates)
    children = _children({child for ids in (*by_document.values(), *by_person.values()) for child in ids})
    found = {}
    for candidate in candidates:
        matches: dict[UUID, Alike] = {}
        for why, ids in ((DOCUMENT, by_document.get(candidate.key, ())), (PERSON, by_person.get(candidate.key, ()))):
            for child in ids:
                if child != candidate.own_id and child in children and child not in matches:
                    matches[child] = Alike(child, why, *children[child])  # type: ignore[arg-type]  # one of two literals
        if matches:
            found[candidate.key] = list(matches.values())
    return found


def _by_document(candidates: Sequence[Candidate]) -> Mapping[UUID, Iterable[UUID]]:
    """Return the holders of each candidate's document."""
    having = [c for c in candidates if c.document_number]
    keys = digests(Purpose.DOCUMENT_CLAIM, [document_key(c.document_kind, c.document_number) for c in having])
    holders = dict(DocumentClaim.objects.filter(digest__in=set(keys)).values_list("digest", "child_id")) if keys else {}
    return {c.key: (holders[key],) for c, key in zip(having, keys, strict=True) if key in holders}


def _by_person(candidates: Sequence[Candidate]) -> Mapping[UUID, Iterable[UUID]]:
    """Return the children with each candidate's name, sex and birth date.

    Raw SQL, because a join with a list of triples uses the index on all three columns; the ORM would ask for names and
    dates apart, and a common name alone meets thousands.
    """
    whole = [c for c in candidates if c.name and c.sex and c.born_on]
    if not whole:
        return {}
    values: list[int | str | date] = []
    for number, c in enumerate(whole):
        values += [number, c.name, connection.ops.adapt_datefield_value(c.born_on) or "", c.sex]
    triples = ", ".join(["(%s, %s, %s, %s)"] * len(whole))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH wanted(number, name, born_on, sex) AS (VALUES {triples}) "  # noqa: S608  # only placeholders are put in
            "SELECT wanted.number, child.id FROM wanted JOIN registry_child child "
            "ON child.name = wanted.name AND child.born_on = wanted.born_on AND child.sex = wanted.sex",
            values,
        )
        found: dict[UUID, list[UUID]] = defaultdict(list)
        for number, child in cursor.fetchall():
            found[whole[number].key].append(child if isinstance(child, UUID) else UUID(child))
    return found


def _children(ids: set[UUID]) -> dict[UUID, tuple[str, UUID, str, str]]:
    """Return name, kindergarten and state of children that are still registered or about to be."""
    if not ids:
        return {}
    rows = Child.objects.filter(pk__in=ids).exclude(state=cases.WITHDRAWN).exclude(standing__in=GONE)
    columns = ("id", "name", "kindergarten_id", "kindergarten__name", "state")
    return {
        child: (name, place, place_name, state) for child, name, place, place_name, state in rows.values_list(*columns)
    }
