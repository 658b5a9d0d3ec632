"""Looking an admitted list up: by number, then by document, then by name, birth date and guardian. Writes nothing, keeps nothing.

A fixed number of statements for a list. What is shown back is the school's own line and how it ended; of the child only
what the finding needs (masked), and a pass with which this school may claim it within half an hour.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.db.models import Q

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.following import kept_of
from miaoce.registry.children.models import Child, DocumentClaim, Guardian, NumberClaim
from miaoce.registry.children.rules import document_key, sounds_of
from miaoce.registry.enrolments import states
from miaoce.registry.handover import rules
from miaoce.registry.handover.models import Handover
from miaoce.registry.handover.rules import Line
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.rows import CHUNK
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose

SALT, HALF_AN_HOUR = "miaoce.handover", 1800
BY = {"number": "学籍号", "document": "证件号", "person": "姓名、出生日期和监护人"}


@dataclass(frozen=True)
class Answer:
    """How one line ended. `child_id` and `claim_pass` are set where it was found, `by` says by what (a key of BY)."""

    line: Line
    outcome: str
    by: str = ""
    child_id: UUID | None = None
    claim_pass: str = ""
    alike: int = 0


def look_up(*, actor: Officer, lines: Sequence[Line], book: Codebook) -> list[Answer]:
    """Return how each line ended, in its order. Refuses HOV-01 (too long) and ACC-01.

    The caller logs a reading of every child that was hit before it answers: a hit is a reading.
    """
    require(actor, Permission.HANDOVER_CLAIM)
    rules.must_fit(lines)
    hits = _hits([line for line in lines if line.is_enough], book)
    children = _standing({child for by in hits.values() for child in by[1]})
    claimed = dict(Handover.objects.filter(child_id__in=list(children)).values_list("child_id", "school_id"))
    return [_answer(line, hits.get(line.row), children, claimed, actor) for line in lines]


Hits = dict[int, tuple[str, list[UUID]]]


def _answer(
    line: Line,
    hit: tuple[str, list[UUID]] | None,
    children: dict[UUID, str],
    claimed: dict[UUID, UUID],
    actor: Officer,
) -> Answer:
    """Return how a line ended."""
    if not line.is_enough:
        return Answer(line, rules.UNREADABLE)
    by, found = hit or ("", [])
    living = [child for child in found if child in children]
    if not living:
        return Answer(line, rules.NOT_FOUND)
    if len(living) > 1:
        return Answer(line, rules.SEVERAL, by, alike=len(living))
    child = living[0]
    if children[child] == states.PROMOTED:
        mine = claimed.get(child) == actor.unit_id
        return Answer(line, rules.MINE if mine else rules.ELSEWHERE, by, child if mine else None)
    return Answer(line, rules.FOUND, by, child, pass_for(child, by, actor))


def pass_for(child_id: UUID, by: str, actor: Officer) -> str:
    """Return the pass with which this school may claim a child it found; it names nobody."""
    return signing.dumps([child_id.hex, by, f"{actor.unit_id}"], salt=SALT, compress=True)


def holder_of(claim_pass: str, actor: Officer) -> tuple[UUID, str]:
    """Return the child and the way it was found of a pass. Refuses HOV-02: too old, altered, or another school's."""
    try:
        child, by, school = signing.loads(claim_pass, salt=SALT, max_age=HALF_AN_HOUR)
    except signing.BadSignature:
        raise rules.NotShown from None
    if school != f"{actor.unit_id}":
        raise rules.NotShown
    return UUID(hex=child), by


def _hits(lines: Sequence[Line], book: Codebook) -> Hits:
    """Return for each line's row by what it was found and the children that it could be."""
    found: Hits = {}
    for by, hits in (
        ("number", _by_number(lines)),
        ("document", _by_document(lines, book)),
        ("person", _by_person(lines)),
    ):
        for row, children in hits.items():
            if children and row not in found:
                found[row] = (by, children)
    return found


def _standing(child_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return where children stand who can be handed over or were; the others are not found."""
    wanted = list(child_ids)
    alive = [*states.LIVING, states.PROMOTED]
    found: dict[UUID, str] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = Child.objects.filter(pk__in=wanted[start : start + CHUNK], standing__in=alive)
        found.update(rows.values_list("pk", "standing"))
    return found


def _named(pairs: Iterable[tuple[Line, UUID]]) -> dict[int, list[UUID]]:
    """Keep the pairs whose child sounds like the name that the school wrote: a number alone opens nothing."""
    pairs = list(pairs)
    names: dict[UUID, tuple[str, str]] = {}
    wanted = [child for _, child in pairs]
    for start in range(0, len(wanted), CHUNK):
        rows = Child.objects.filter(pk__in=wanted[start : start + CHUNK]).values_list("pk", "name", "pinyin")
        names.update({pk: (name, pinyin) for pk, name, pinyin in rows})
    kept: dict[int, list[UUID]] = defaultdict(list)
    for line, child in pairs:
        name, pinyin = names.get(child, ("", ""))
        if name and (line.name == name or sounds_of(line.name)[0] == pinyin):
            kept[line.row].append(child)
    return kept


def _by_number(lines: Sequence[Line]) -> dict[int, list[UUID]]:
    """Return the child of each line's number, an old one too, if the name fits."""
    having = [line for line in lines if line.number]
    keys = vault.digests(Purpose.NUMBER_CLAIM, [line.number for line in having])
    holders = dict(NumberClaim.objects.filter(digest__in=keys).values_list("digest", "child_id"))
    kept = kept_of(holders.values())
    return _named((line, kept[holders[key]]) for line, key in zip(having, keys, strict=True) if key in holders)


def _by_document(lines: Sequence[Line], book: Codebook) -> dict[int, list[UUID]]:
    """Return the child of each line's document, of whatever kind it is, if the name fits."""
    kinds = [entry.code for entry in book.entries("document")]
    having = [(line, document_key(kind, line.document)) for line in lines if line.document for kind in kinds]
    keys = vault.digests(Purpose.DOCUMENT_CLAIM, [key for _, key in having])
    holders: dict[str, UUID] = {}
    for start in range(0, len(keys), CHUNK):
        claims = DocumentClaim.objects.filter(digest__in=keys[start : start + CHUNK])
        holders.update(claims.values_list("digest", "child_id"))
    return _named((line, holders[key]) for (line, _), key in zip(having, keys, strict=True) if key in holders)


def _by_person(lines: Sequence[Line]) -> dict[int, list[UUID]]:
    """Return the children with each line's name and birth date one of whose guardians has the name given."""
    having = [line for line in lines if line.born_on and line.guardian]
    candidates: dict[tuple[str, object], list[UUID]] = defaultdict(list)
    for start in range(0, len(having), CHUNK // 4):
        part = having[start : start + CHUNK // 4]
        either = Q()
        for line in part:
            either |= Q(name=line.name, born_on=line.born_on)
        if either:
            for pk, name, born_on in Child.objects.filter(either).values_list("pk", "name", "born_on"):
                candidates[name, born_on].append(pk)
    families = _guardian_names({pk for found in candidates.values() for pk in found})
    return {
        line.row: [pk for pk in candidates.get((line.name, line.born_on), ()) if line.guardian in families.get(pk, ())]
        for line in having
    }


def _guardian_names(child_ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Return the names of children's guardians, opened inside and compared here."""
    wanted = list(child_ids)
    if not wanted:
        return {}
    safe = vault.open_safe(wanted)
    names: dict[UUID, set[str]] = defaultdict(set)
    for one in Guardian.objects.filter(child_id__in=wanted):
        names[one.child_id].add(safe.open(one.child_id, "guardian", "name", one.pk, bytes(one.name)))
    return names
