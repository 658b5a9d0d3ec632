"""What a decision rests on: the data by which two records are compared, as a keyed digest that says whether they changed."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.keys import Purpose

COMPARED = ("name", "former_name", "sex", "born_on", "document_kind", "document_digest")
SCOPE = "basis"


def grounds(pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], str]:
    """Return for each pair of children the digest of what was compared: names, sex, birth, documents, guardians. Two statements."""
    wanted = list(pairs)
    ids = {child for pair in wanted for child in pair}
    told = _told(ids)
    texts = [f"{one.hex}:{told.get(one, '')}|{other.hex}:{told.get(other, '')}" for one, other in wanted]
    return dict(zip(wanted, vault.digests(Purpose.PROBLEM, texts, SCOPE), strict=True))


def _told(child_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """Return what is compared of each child, as one text that never leaves."""
    ids = list(child_ids)
    family: dict[UUID, list[str]] = {}
    for child, document, phone in Guardian.objects.filter(child_id__in=ids).values_list(
        "child_id", "document_digest", "phone_digest"
    ):
        family.setdefault(child, []).append(f"{document}/{phone}")
    return {row[0]: "|".join([*map(str, row[1:]), *sorted(family.get(row[0], ()))]) for row in _children(ids)}


def _children(ids: Sequence[UUID]) -> Iterable[tuple[UUID, ...]]:
    """Return the compared columns of children."""
    return Child.objects.filter(pk__in=ids).values_list("pk", *COMPARED)
