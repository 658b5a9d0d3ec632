"""Reads of the handover: corrections that schools sent back, with their sealed texts opened."""

from collections.abc import Iterable
from dataclasses import dataclass

from miaoce.registry.handover.models import SentBack
from miaoce.registry.vault import queries as vault


@dataclass(frozen=True)
class Texts:
    """A correction with its texts in clear; the caller logged the reading."""

    one: SentBack
    wanted: str
    words: str
    answer: str


def opened(found: Iterable[SentBack]) -> list[Texts]:
    """Open the texts of corrections. One statement for their keys."""
    lines = list(found)
    safe = vault.open_safe({one.child_id for one in lines})

    def text(one: SentBack, column: str) -> str:
        blob = getattr(one, column)
        return safe.open(one.child_id, "sent_back", column, one.pk, bytes(blob)) if blob is not None else ""

    return [Texts(one, text(one, "wanted"), text(one, "words"), text(one, "answer_words")) for one in lines]
