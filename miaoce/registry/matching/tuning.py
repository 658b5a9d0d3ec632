"""From labelled rolls to a table of outcomes: what `miaoce match tune` does.

A labelled roll is a folder with `roll.csv`, `truth.csv` (`left,right`, the pairs of records of one child) and `twins.csv`
(the pairs of records of two children born together). The same folders in the same order give the same files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from miaoce.registry.matching import candidates, comparison, rolls
from miaoce.registry.matching.comparison import Codes, numbered
from miaoce.registry.matching.learning import Floats, Seen, learn, seen_in
from miaoce.registry.matching.outcomes import Bounds, Outcomes, Verdict, judged, probabilities
from miaoce.registry.matching.records import Flags, Places
from miaoce.registry.matching.rules import PairUnknown
from miaoce.registry.matching.tables import Table
from miaoce.registry.matching.thirds import with_third

BOUNDS = Bounds(same=0.995, review=0.4, twin=0.5, floor=-9.0)
SIEVED = 32
"""One in so many pairs of other children is looked at for the first sieve."""
OFTEN = 3
"""A code that was seen less often has no row of its own; the points decide it."""
BELIEF = 10.0
"""What the points say of a code weighs as much as having seen it so many times."""
SAME, TWIN, OTHER = range(3)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The candidate pairs of a labelled roll, their codes, and what each pair is."""

    left: Places
    right: Places
    codes: Codes
    kind: NDArray[np.int64]

    def where(self, chosen: Flags) -> "Labelled":
        """Return some of the pairs."""
        return Labelled(self.left[chosen], self.right[chosen], self.codes[chosen], self.kind[chosen])

    @property
    def counts(self) -> Floats:
        """One row a pair, with a 1 under what it is."""
        return np.eye(3)[self.kind]


def tune(folders: Sequence[Path], *, tell: Callable[[str], None]) -> Table:
    """Return the table learned from the labelled rolls; `tell` hears how far it is."""
    labelled = []
    for folder in folders:
        labelled.append(read_labelled(folder))
        tell(f"{folder}：{len(labelled[-1].kind)} 对候选，其中同一人 {(labelled[-1].kind == SAME).sum()} 对")
    sieve = Outcomes.by_points(*learn(_sample(labelled), pairs=False), BOUNDS)
    labelled = [pairs.where(sieve.passes(pairs.codes)) for pairs in labelled]
    tell(f"细看 {sum(len(pairs.kind) for pairs in labelled)} 对")
    alone = Outcomes.by_points(*learn(_all(labelled), pairs=True), BOUNDS)
    labelled = [_with_third(pairs, alone) for pairs in labelled]
    seen = _all(labelled)
    return _table(seen, Outcomes.by_points(*learn(seen, pairs=True), BOUNDS))


def read_labelled(folder: Path) -> Labelled:
    """Return a labelled roll's candidate pairs. Refuses labels that name a record the roll does not hold (MAT-04)."""
    cells = rolls.read(folder / "roll.csv")
    places = dict(zip(cells["record"].to_list(), range(len(cells)), strict=True))
    records = rolls.records_of(cells)
    left, right = candidates.pairs(records)
    pair = left << 32 | right
    kind = np.select(
        [np.isin(pair, _labels(folder / name, places)) for name in ("truth.csv", "twins.csv")], [SAME, TWIN], OTHER
    )
    return Labelled(left, right, comparison.compare(records, left, right), kind)


def _labels(path: Path, places: dict[str, int]) -> Places:
    """Return the pairs that a file of labels names, each as one number."""
    table = pl.read_csv(path, infer_schema=False)
    try:
        one, other = (np.array([places[name] for name in table[side]], np.int64) for side in ("left", "right"))
    except KeyError as error:
        raise PairUnknown(file=path.name, record=error.args[0]) from error
    return np.asarray(np.minimum(one, other) << 32 | np.maximum(one, other))


def _sample(labelled: Sequence[Labelled]) -> Seen:
    """Return the codes of every true pair and every twin pair, and of some others, which then count for the rest."""
    chosen, counts = [], []
    for pairs in labelled:
        kept = pairs.where((pairs.kind != OTHER) | (np.arange(len(pairs.kind)) % SIEVED == 0))
        chosen.append(kept.codes)
        counts.append(kept.counts * [1, 1, SIEVED])
    return seen_in(np.concatenate(chosen), np.concatenate(counts))


def _all(labelled: Sequence[Labelled]) -> Seen:
    """Return every code with what it was seen with."""
    return seen_in(np.concatenate([p.codes for p in labelled]), np.concatenate([p.counts for p in labelled]))


def _with_third(pairs: Labelled, alone: Outcomes) -> Labelled:
    """Return the pairs with what third records say, as the first pass of a search would find it."""
    first = alone.of(pairs.codes)
    same, twin = first == Verdict.SAME, first == Verdict.TWIN
    codes = with_third(pairs.codes, left=pairs.left, right=pairs.right, same=same, twin=twin)
    return Labelled(pairs.left, pairs.right, codes, pairs.kind)


def _table(seen: Seen, outcomes: Outcomes) -> Table:
    """Return the table: a row for each code seen often enough, its verdict from what was seen and what the points say."""
    often = seen.where(seen.counts.sum(axis=1) >= OFTEN)
    share = probabilities(outcomes.sums(often.codes))
    believed = (often.counts[:, :2] + BELIEF * share) / (often.counts.sum(axis=1, keepdims=True) + BELIEF)
    verdicts = judged(believed, outcomes.bounds)
    told = (verdicts != Verdict.DIFFERENT) | (often.counts[:, :2].sum(axis=1) > 0)
    rows, codes = often.where(told), numbered(often.codes[told])
    order = np.argsort(codes)
    kept = Outcomes(codes[order], verdicts[told][order], outcomes.start, outcomes.points, outcomes.bounds)
    return Table(kept, Seen(rows.codes[order], rows.counts[order]))
