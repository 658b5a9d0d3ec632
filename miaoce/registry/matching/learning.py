"""How the points are learned from labelled pairs (pure; deterministic).

Multinomial logistic regression with three outcomes (the same child, twins, others) on the digits and pairs of digits, each
shrunk towards nothing, so that what was seen seldom moves little. Fitted by L-BFGS (Nocedal and Wright, algorithm 7.4).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from miaoce.registry.matching.comparison import WIDTH, Codes
from miaoce.registry.matching.outcomes import FEATURES, PLAIN, Points, features, probabilities

Floats = NDArray[np.float64]
SHRINK_SINGLE, SHRINK_PAIR = 0.1, 10.0
STEPS, MEMORY, CLOSE = 300, 10, 1e-6
AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Seen:
    """Distinct codes, and how often each was seen with the same child, with twins and with others (three columns)."""

    codes: Codes
    counts: Floats

    def where(self, chosen: NDArray[np.bool_]) -> "Seen":
        """Return some of the codes."""
        return Seen(self.codes[chosen], self.counts[chosen])


def seen_in(codes: Codes, counts: Floats) -> Seen:
    """Return each code once, with its counts added up."""
    distinct, place = np.unique(codes, axis=0, return_inverse=True)
    added = np.zeros((len(distinct), 3))
    np.add.at(added, place.ravel(), counts)
    return Seen(distinct, added)


def learn(seen: Seen, *, pairs: bool) -> tuple[Points, Points]:
    """Return the start and the points by feature; without pairs of digits where only a first sieve is wanted."""
    width = FEATURES if pairs else PLAIN
    shrink = np.full((width + 1, 1), SHRINK_PAIR)
    shrink[:PLAIN], shrink[-1] = SHRINK_SINGLE, 0
    used, place = np.unique(features(seen.codes)[:, : None if pairs else WIDTH], return_inverse=True)
    asked, shrink = place.reshape(len(seen.codes), -1), shrink[[*used, width]]

    def cost(flat: Floats) -> tuple[float, Floats]:
        points = flat.reshape(-1, 2)
        value, slope = _misfit(points, asked, seen.counts)
        return value + float((shrink * points**2).sum()) / 2, (slope + shrink * points).ravel()

    found = minimised(cost, np.zeros((len(used) + 1) * 2)).reshape(-1, 2)
    points = np.zeros((FEATURES, 2))
    points[used] = found[:-1]
    return found[-1], points


def _misfit(points: Points, asked: NDArray[np.int64], counts: Floats) -> tuple[float, Floats]:
    """Return the negative log-likelihood and its slope."""
    value, slope = 0.0, np.zeros_like(points)
    for start in range(0, len(asked), AT_ONCE):
        some, seen = asked[start : start + AT_ONCE], counts[start : start + AT_ONCE]
        sums = points[some].sum(axis=1) + points[-1]
        share = probabilities(sums)
        rest = 1 - share.sum(axis=1, keepdims=True)
        value -= float((seen * np.log(np.maximum(np.hstack([share, rest]), 1e-300))).sum())
        gap = seen.sum(axis=1, keepdims=True) * share - seen[:, :2]
        for outcome in range(2):
            weight = np.repeat(gap[:, outcome], some.shape[1])
            slope[:, outcome] += np.bincount(some.ravel(), weight, minlength=len(points))
        slope[-1] += gap.sum(axis=0)
    return value, slope


def minimised(cost: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Return where the cost is least, by L-BFGS with halved steps."""
    here, (value, slope) = start, cost(start)
    moves: list[tuple[Floats, Floats]] = []
    for _ in range(STEPS):
        way = _direction(slope, moves)
        length = 1.0 if moves else 1 / max(1.0, float(np.abs(slope).sum()))
        while True:
            there = here + length * way
            value2, slope2 = cost(there)
            if value2 <= value + 1e-4 * length * float(slope @ way) or length < 1e-10:
                break
            length /= 2
        move, change = there - here, slope2 - slope
        if float(move @ change) > 1e-12:
            moves = [*moves[-MEMORY + 1 :], (move, change)]
        gained, here, value, slope = value - value2, there, value2, slope2
        if gained < CLOSE * max(1.0, abs(value)):
            break
    return here


def _direction(slope: Floats, moves: list[tuple[Floats, Floats]]) -> Floats:
    """Return the step that the last moves suggest."""
    way, kept = -slope, []
    for move, change in reversed(moves):
        share = float(move @ way) / float(move @ change)
        way = way - share * change
        kept.append(share)
    if moves:
        move, change = moves[-1]
        way = way * (float(move @ change) / float(change @ change))
    for (move, change), share in zip(moves, reversed(kept), strict=True):
        way = way + move * (share - float(change @ way) / float(move @ change))
    return way
