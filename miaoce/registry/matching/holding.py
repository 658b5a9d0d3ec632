"""Letting those who record the same child at the same moment come one after the other, so that the second sees the first.

A child with a document is held apart by the claim on it; two who type in one without papers at once would each find nobody.
So whoever records first writes down, as keyed digests, the sound of the name with the birth date, and the phones; the database
lets another who writes the same wait until the end of that transaction, and what is asked then is answered with what it left.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from miaoce.registry import rows
from miaoce.registry.children.rules import sounds_of
from miaoce.registry.matching.models import MatchHold
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.queries import digests


def hold(values: Sequence[Mapping[str, str]], *, at: datetime) -> None:
    """Wait for all who record one of these children now, and hold them until the caller's transaction ends; one statement.

    In the order of the digests, so that no two wait for each other. Before the register is asked.
    """
    texts = sorted({text for one in values for text in _texts(one)})
    held = sorted(UUID(hex=mark[:32]) for mark in digests(Purpose.MATCHING, texts, "hold"))
    rows.insert_or_write(MatchHold, ("id", "held_at"), [(key, at) for key in held])


def _texts(values: Mapping[str, str]) -> Iterable[str]:
    """Return what of a child is held."""
    if values.get("name") and values.get("birth_date"):
        yield f"{sounds_of(values['name'])[0]}|{values['birth_date']}"
    for position in (1, 2):
        if phone := values.get(f"guardian{position}_phone"):
            yield phone


def sweep(*, before: datetime) -> int:
    """Take away what was held before a moment and return how much; nobody waits for it."""
    return MatchHold.objects.filter(held_at__lt=before).delete()[0]
