"""The outside register that knows documents: an adapter with one question, and a stand-in for the demonstration.

Another register (the population register of a province, say) is another `Register` and a line in `chosen`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from miaoce.registry.identity.models import NAME_DIFFERS, NO, YES

UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Question:
    """Is this number this person's? `tries` counts how often it was asked before without an answer."""

    kind: str
    number: str
    name: str
    tries: int = 0


class Register(Protocol):
    """Answers questions in their order: yes, no, name_differs or unavailable. Never raises for being out of reach."""

    @property
    def label(self) -> str:
        """What the register is called on a page."""

    def ask(self, questions: Sequence[Question]) -> Sequence[str]:
        """Answer each question."""


class StandIn:
    """Invented answers for the invented province, always the same for the same question; it knows nobody else.

    Of a hundred numbers about one is unknown, one belongs to another name, and two are answered at the third try only.
    """

    label = "人口信息比对（演示替身，不是真的公安接口）"

    def ask(self, questions: Sequence[Question]) -> Sequence[str]:
        """Answer each question."""
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> str:
        if not question.number.startswith("99"):
            return UNAVAILABLE
        drawn = int(hashlib.sha256(question.number.encode()).hexdigest(), 16) % 100
        if drawn in {2, 3} and question.tries < 2:
            return UNAVAILABLE
        return {0: NO, 1: NAME_DIFFERS}.get(drawn, YES)


def chosen() -> Register | None:
    """Return the register of this installation (settings.POPULATION_REGISTER), None where there is none."""
    return StandIn() if settings.POPULATION_REGISTER == "stand-in" else None
