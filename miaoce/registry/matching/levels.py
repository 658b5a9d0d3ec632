"""Levels of agreement: one digit an attribute, each with the words that a person reads (pure)."""

from enum import IntEnum
from typing import Self

import numpy as np

from miaoce.registry.matching.records import Flags, Numbers


class Level(IntEnum):
    """A digit of the code and its words; a level without words says nothing that speaks for or against."""

    words: str

    def __new__(cls, digit: int, words: str = "") -> Self:
        """Return the digit with its words."""
        level = int.__new__(cls, digit)
        level._value_ = digit
        level.words = words
        return level


def first_of(*cases: tuple[Flags, Level], otherwise: Level) -> Numbers:
    """Return for each place the level of the first case that holds there."""
    where, levels = zip(*cases, strict=True)
    return np.select(where, [np.uint8(level) for level in levels], np.uint8(otherwise))
