"""A bare roll in, its pairs out: the contract of `miaoce match`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from miaoce.registry.matching import comparison, pairing, rolls
from miaoce.registry.matching.outcomes import Outcomes, Verdict


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records were read and how many pairs were found."""

    records: int
    same: int
    review: int
    twin: int


def match(roll: Path, *, out: Path, outcomes: Outcomes) -> Counts:
    """Write every pair of a roll's records that is not plainly different. Refuses a roll that it cannot read (`rolls.read`)."""
    cells = rolls.read(roll)
    names = cells["record"]
    records = rolls.records_of(cells)
    del cells
    found = pairing.find(records, outcomes)
    codes = comparison.written(found.codes)
    words = {code: "；".join(comparison.reasons(code)) for code in set(codes)}
    verdicts = [Verdict(verdict).name.lower() for verdict in found.verdicts.tolist()]
    pl.DataFrame(
        {
            "left": names.gather(found.left),
            "right": names.gather(found.right),
            "verdict": verdicts,
            "code": codes,
            "reasons": [words[code] for code in codes],
        }
    ).write_csv(out)
    held = np.bincount(found.verdicts, minlength=len(Verdict))
    return Counts(len(names), *(int(held[verdict]) for verdict in (Verdict.SAME, Verdict.REVIEW, Verdict.TWIN)))
