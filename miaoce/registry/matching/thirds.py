"""What a third record says about a pair: the second pass over the code (joins by Polars).

Three records of one child agree pairwise even where two of them hardly do. A child's sibling is the sibling of each of the
child's records, so a record that looks like a slip of it but is found to be the sibling's is none.
"""

import numpy as np
import polars as pl

from miaoce.registry.matching.comparison import THIRD, Codes, Third
from miaoce.registry.matching.records import Flags, Numbers, Places


def with_third(codes: Codes, *, left: Places, right: Places, same: Flags, twin: Flags) -> Codes:
    """Return the codes with the last digit filled in, from the pairs that the first pass found to be the same or twins."""
    if (same | twin).sum() < 2:  # a third record takes two pairs
        return codes
    told = codes.copy()
    told[:, THIRD] = _levels(pl.DataFrame({"left": left, "right": right}), same, twin)
    return told


def _levels(pairs: pl.DataFrame, same: Flags, twin: Flags) -> Numbers:
    """Return the level for each pair."""
    found = pairs.with_columns(same=pl.Series(same), twin=pl.Series(twin)).filter(pl.col("same") | pl.col("twin"))
    back = found.select(left="right", right="left", same="same", twin="twin")
    links = pl.concat([found, back]).lazy()
    by_left = links.select("left", third="right", same="same", twin="twin")
    by_right = links.select("right", third="left", same2="same", twin2="twin")
    told = (
        pairs.with_row_index("pair")
        .lazy()
        .join(by_left, on="left")
        .join(by_right, on=["right", "third"])
        .group_by("pair")
        .agg(
            one=((pl.col("same") & pl.col("same2")) | (pl.col("twin") & pl.col("twin2"))).any(),
            against=((pl.col("same") & pl.col("twin2")) | (pl.col("twin") & pl.col("same2"))).any(),
            child=(pl.col("same") & pl.col("same2")).any(),
        )
        .collect()
    )
    level = np.zeros(len(pairs), np.uint8)
    one, against, child = (told[column].to_numpy() for column in ("one", "against", "child"))
    level[told["pair"].to_numpy()] = np.select(
        [one & against, against, child, one],
        [np.uint8(kind) for kind in (Third.BOTH, Third.TWIN, Third.SAME, Third.SAME_TWIN)],
        np.uint8(Third.NOTHING),
    )
    return level
