"""Children's own documents: equal, a slip, numbers handed out one after the other, or others (pure, in columns)."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from miaoce.registry.matching.levels import Level, first_of
from miaoce.registry.matching.records import UNKNOWN_DAY, Documents, Flags, Numbers, Places, Records, Tokens
from miaoce.registry.matching.spelling import code_points
from miaoce.registry.matching.tokens import holders, mixed, token_of, tokens_of

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.array([ord(character) for character in "10X98765432"])  # ISO 7064 MOD 11-2, GB 11643
_NUMBER = pl.col("whole")
_TIDY = _NUMBER.str.to_uppercase().str.replace_all(r"[\s\-]", "")
_NONE = (pl.col("one") == _NUMBER) | (pl.col("other") == _NUMBER) | _NUMBER.str.contains(r"^(\D{0,5}|0+|1+|9+)$")
_OWN = pl.when(_NONE).then(pl.lit("")).otherwise(_NUMBER).alias("whole")
_PARTS = [
    _NUMBER.str.slice(*cut).alias(part) for part, cut in (("region", (0, 6)), ("birth", (6, 8)), ("order", (14, 3)))
]
_IS_LONG = _NUMBER.str.contains(r"^\d{17}[\dX]$").alias("is_long")
_BORN = _NUMBER.str.slice(6, 8).str.to_date("%Y%m%d", strict=False).dt.epoch("d").fill_null(UNKNOWN_DAY).alias("born")
PLACEHOLDER = 6
"""A number that more records hold is a word for “none” and tells nobody apart."""


class Document(Level):
    """How two documents agree."""

    NEITHER = 0, "都没有证件号"
    ONE = 1, "只有一条有证件号"
    KINDS = 2, "证件种类不同"
    SAME = 3, "证件号相同"
    SLIP = 4, "证件号差一处，其中一个校验不符"
    PART = 5, "证件号差一段，校验都相符"
    NEXT = 6, "证件号前14位相同，顺序码相邻"
    SAME_DAY = 7, "证件号前14位相同，顺序码不同"
    BIRTH = 8, "证件号不同，其中出生日期相同"
    OTHER = 9, "证件号不同"


def compare_documents(records: Records, left: Places, right: Places) -> Numbers:
    """Return the level of agreement of the children's documents."""
    papers = records.documents
    one, other = papers.whole[left], papers.whole[right]
    region, birth, order = (part[left] == part[right] for part in (papers.region, papers.birth, papers.order))
    is_long, is_long2 = papers.region[left] != 0, papers.region[right] != 0
    sound = papers.is_sound[left] & papers.is_sound[right]
    two_parts = region.astype(np.int8) + birth + order == 2
    moved = papers.digits[left] == papers.digits[right]
    near = (papers.near[left][:, :, None] == papers.near[right][:, None, :]).any(axis=(1, 2))
    return first_of(
        ((one == 0) & (other == 0), Document.NEITHER),
        ((one == 0) | (other == 0), Document.ONE),
        (one == other, Document.SAME),
        (is_long != is_long2, Document.KINDS),
        (~is_long, Document.OTHER),
        (region & birth & order, Document.SLIP),
        ((moved | two_parts) & ~sound, Document.SLIP),
        (region & birth & near, Document.NEXT),
        (region & birth, Document.SAME_DAY),
        (two_parts, Document.PART),
        (birth, Document.BIRTH),
        otherwise=Document.OTHER,
    )


def documents_of(numbers: pl.Series, *, guardians: list[pl.Series]) -> Documents:
    """Return documents in columns; a placeholder, or the number of one's own guardian, is no document of the child."""
    kept = _kept(numbers, guardians)
    parts = kept.select(_NUMBER, *_PARTS)
    told = kept.select(_IS_LONG, _BORN)
    is_long, born = told["is_long"].to_numpy(), told["born"].to_numpy()
    whole, *tokens = tokens_of(parts)
    region, birth, last = (np.where(is_long, part, np.uint64(0)) for part in tokens)
    figures = code_points(parts["whole"], 18)
    order = np.where(is_long, _order(figures), 0)
    return Documents(
        whole=whole,
        region=region,
        birth=birth,
        order=last,
        digits=mixed(np.sort(figures, axis=1), known=is_long),
        near=_near(order, is_long),
        is_sound=is_long
        & (_CHECK[((figures[:, :17].astype(np.int64) - 48) * _WEIGHTS).sum(axis=1) % 11] == figures[:, 17]),
        born=np.where(is_long, born, UNKNOWN_DAY).astype(np.int32),
        sex=np.where(is_long, 2 - order % 2, 0).astype(np.uint8),
    )


def _kept(numbers: pl.Series, guardians: list[pl.Series]) -> pl.DataFrame:
    """Return the numbers that are documents of the child, as the column `whole`, and nothing in the place of the others."""
    one, other = guardians
    cells = pl.DataFrame({"whole": numbers, "one": one, "other": other})
    kept = cells.with_columns(_TIDY).select(_OWN)
    if len(kept) <= PLACEHOLDER:  # none can be held by more
        return kept
    many = holders(token_of(kept["whole"])) > PLACEHOLDER
    return kept.select(whole=pl.when(pl.Series(many)).then(pl.lit("")).otherwise(_NUMBER))


def _order(figures: NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.asarray((figures[:, 14:17].astype(np.int64) - 48) @ np.array([100, 10, 1]))


def _near(order: NDArray[np.int64], known: Flags) -> Tokens:
    """Return two tokens a number, of which orders that differ by four or less share one."""
    steps = np.stack([order // 8 * 2 + 2, (order + 4) // 8 * 2 + 1], axis=1)
    return np.where(known[:, None], steps, 0).astype(np.uint64)
