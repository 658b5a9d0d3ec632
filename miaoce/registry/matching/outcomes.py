"""The table of outcomes: what is decided for a code (pure).

A code that has a row in the table has that row's verdict. Every other code is decided by points: each digit, and each two
digits together, add some for “the same child” and for “twins”, measured against “other children”; the sums make two
probabilities, and bounds make a verdict of them. So every code has one outcome. `tables.py` reads and writes the files.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from miaoce.registry.matching.comparison import WIDTH, Codes, numbered
from miaoce.registry.matching.records import Flags, Numbers

DIGITS = 10
PAIRS = tuple((one, other) for one in range(WIDTH) for other in range(one))
_ONE, _OTHER = np.array(PAIRS).T
PLAIN = WIDTH * DIGITS
FEATURES = PLAIN + len(PAIRS) * DIGITS * DIGITS
AT_ONCE = 50_000
Points = NDArray[np.float64]
"""Two columns: for the same child, for twins."""


class Verdict(IntEnum):
    """What is to be done with a pair."""

    DIFFERENT = 0
    TWIN = 1
    REVIEW = 2
    SAME = 3


@dataclass(frozen=True, slots=True)
class Bounds:
    """From which probability on a verdict holds, and below which sum of single points nothing more is asked."""

    same: float
    review: float
    twin: float
    floor: float


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The table: rows by code, and points for every code without a row."""

    codes: NDArray[np.int64]  # in order
    verdicts: Numbers
    start: Points
    points: Points  # by feature (`features`)
    bounds: Bounds

    @classmethod
    def by_points(cls, start: Points, points: Points, bounds: Bounds) -> Self:
        """Return outcomes without any row."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.uint8), start, points, bounds)

    def of(self, codes: Codes) -> Numbers:
        """Return the verdict for each code."""
        verdict = np.full(len(codes), np.uint8(Verdict.DIFFERENT))
        row, has_row = self._rows(codes)
        verdict[has_row] = self.verdicts[row[has_row]]
        asked = np.flatnonzero(~has_row & self.passes(codes))
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            verdict[some] = judged(probabilities(self.sums(codes[some])), self.bounds)
        return verdict

    def has_row(self, codes: Codes) -> Flags:
        """Tell which codes stand in the table."""
        return self._rows(codes)[1]

    def _rows(self, codes: Codes) -> tuple[NDArray[np.int64], Flags]:
        """Return where each code stands in the table, and whether it does."""
        wanted = numbered(codes)
        row = np.searchsorted(self.codes, wanted)
        row[row == len(self.codes)] = 0
        return row, (self.codes[row] == wanted) if len(self.codes) else np.zeros(len(codes), bool)

    def passes(self, codes: Codes) -> Flags:
        """Tell which codes reach the floor by their single digits, for the same child or for twins."""
        sums = np.zeros((2, len(codes)))
        for digits, points in zip(codes.T, self.points[:PLAIN].reshape(WIDTH, DIGITS, 2), strict=True):
            sums += points.T[:, digits]
        return np.asarray((sums + self.start[:, None]).max(axis=0) >= self.bounds.floor)

    def sums(self, codes: Codes) -> Points:
        """Return the points of each code."""
        return np.asarray(self.points[features(codes)].sum(axis=1) + self.start)


def features(codes: Codes) -> NDArray[np.int64]:
    """Return for each code the numbers of its digits and of its pairs of digits."""
    digits = codes.astype(np.int64)
    single = digits + np.arange(WIDTH) * DIGITS
    double = digits[:, _ONE] * DIGITS + digits[:, _OTHER] + PLAIN + np.arange(len(PAIRS)) * DIGITS * DIGITS
    return np.concatenate([single, double], axis=1)


def probabilities(sums: Points) -> Points:
    """Return the probabilities of “the same child” and “twins”; what is left of 1 is “others”."""
    most = np.maximum(sums.max(axis=1), 0)[:, None]
    weights = np.exp(sums - most)
    return np.asarray(weights / (weights.sum(axis=1)[:, None] + np.exp(-most)))


def judged(share: Points, bounds: Bounds) -> Numbers:
    """Return the verdict for the probabilities of “the same child” and “twins”."""
    same, twin = share.T
    return np.select(
        [same >= bounds.same, same >= bounds.review, twin >= bounds.twin],
        [np.uint8(verdict) for verdict in (Verdict.SAME, Verdict.REVIEW, Verdict.TWIN)],
        np.uint8(Verdict.DIFFERENT),
    )
