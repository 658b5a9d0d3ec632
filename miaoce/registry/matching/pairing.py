"""From records to verdicts: candidates, codes, the table, and once more with what third records say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from miaoce.registry.matching import candidates, comparison
from miaoce.registry.matching.comparison import Codes
from miaoce.registry.matching.outcomes import Outcomes, Verdict
from miaoce.registry.matching.records import Flags, Numbers, Places, Records
from miaoce.registry.matching.thirds import with_third


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of places, left before right, with their codes and verdicts."""

    left: Places
    right: Places
    codes: Codes
    verdicts: Numbers

    def where(self, chosen: Flags) -> "Pairs":
        """Return some of the pairs."""
        return Pairs(self.left[chosen], self.right[chosen], self.codes[chosen], self.verdicts[chosen])


def unjudged(count: int) -> Numbers:
    """Return a verdict for each of so many pairs that nobody has judged yet."""
    return np.zeros(count, np.uint8)


def none() -> Pairs:
    """Return no pair."""
    places = np.zeros(0, np.int64)
    return Pairs(places, places, np.zeros((0, comparison.WIDTH), np.uint8), unjudged(0))


def find(records: Records, outcomes: Outcomes) -> Pairs:
    """Return every pair that is not plainly different, in order."""
    left, right = candidates.pairs(records)

    def worth_a_look(some: slice) -> Pairs:
        codes = comparison.compare_some(records, left[some], right[some])
        worth = outcomes.passes(codes) | outcomes.has_row(codes)
        return Pairs(left[some], right[some], codes, unjudged(len(codes))).where(worth)

    parts = comparison.by_parts(worth_a_look, len(left))
    return second_look(_joined(parts), outcomes)


def _joined(parts: Sequence[Pairs]) -> Pairs:
    """Return the pairs of all parts; no part is no pair."""
    every = [none(), *parts]
    return Pairs(
        np.concatenate([part.left for part in every]),
        np.concatenate([part.right for part in every]),
        np.concatenate([part.codes for part in every]),
        np.concatenate([part.verdicts for part in every]),
    )


def second_look(pairs: Pairs, outcomes: Outcomes) -> Pairs:
    """Return the pairs that are not plainly different, judged twice: alone, and with what third records say."""
    first = outcomes.of(pairs.codes)
    same, twin = first == Verdict.SAME, first == Verdict.TWIN
    codes = with_third(pairs.codes, left=pairs.left, right=pairs.right, same=same, twin=twin)
    verdicts = first if codes is pairs.codes else outcomes.of(codes)
    return Pairs(pairs.left, pairs.right, codes, verdicts).where(verdicts != Verdict.DIFFERENT)
