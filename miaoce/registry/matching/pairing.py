"""From records to verdicts: candidates, codes, the table, and once more with what third records say."""

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


def find(records: Records, outcomes: Outcomes) -> Pairs:
    """Return every pair that is not plainly different, in order."""
    left, right = candidates.pairs(records)
    codes = comparison.compare(records, left, right)
    worth = outcomes.passes(codes) | outcomes.has_row(codes)
    kept = Pairs(left[worth], right[worth], codes[worth], np.zeros(int(worth.sum()), np.uint8))
    return second_look(kept, outcomes)


def second_look(pairs: Pairs, outcomes: Outcomes) -> Pairs:
    """Return the pairs that are not plainly different, judged twice: alone, and with what third records say."""
    first = outcomes.of(pairs.codes)
    same, twin = first == Verdict.SAME, first == Verdict.TWIN
    codes = with_third(pairs.codes, left=pairs.left, right=pairs.right, same=same, twin=twin)
    verdicts = outcomes.of(codes)
    return Pairs(pairs.left, pairs.right, codes, verdicts).where(verdicts != Verdict.DIFFERENT)
