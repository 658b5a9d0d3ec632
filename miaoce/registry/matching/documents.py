"""Children's own documents: equal, a slip, numbers handed out one after the other, or others (pure, in columns)."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from miaoce.registry.matching.levels import Level, first_of
from miaoce.registry.matching.records import UNKNOWN_DAY, Documents, Flags, Numbers, Places, Records, Tokens
from miaoce.registry.matching.spelling import code_points
from miaoce.registry.matching.tokens import holders, mixed, token_of

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.array([ord(character) for character in "10X98765432"])  # ISO 7064 MOD 11-2, GB 11643
_EIGHTEEN = r"^\d{17}[\dX]$"
_NONE = r"^(\D{0,5}|0+|1+|9+)$"
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
    tidy = numbers.str.to_uppercase().str.replace_all(r"[\s\-]", "")
    own = (tidy == guardians[0]) | (tidy == guardians[1]) | tidy.str.contains(_NONE)
    kept = pl.select(pl.when(own).then(pl.lit("")).otherwise(tidy)).to_series()
    many = holders(token_of(kept)) > PLACEHOLDER
    kept = pl.select(pl.when(pl.Series(many)).then(pl.lit("")).otherwise(kept)).to_series()
    is_long = kept.str.contains(_EIGHTEEN).to_numpy()
    figures = code_points(kept, 18)
    order = np.where(is_long, _order(figures), 0)
    return Documents(
        whole=token_of(kept),
        region=_part(kept, 0, 6, is_long),
        birth=_part(kept, 6, 8, is_long),
        order=_part(kept, 14, 3, is_long),
        digits=mixed(np.sort(figures, axis=1), known=is_long),
        near=_near(order, is_long),
        is_sound=is_long
        & (_CHECK[((figures[:, :17].astype(np.int64) - 48) * _WEIGHTS).sum(axis=1) % 11] == figures[:, 17]),
        born=_days(kept.str.slice(6, 8), is_long),
        sex=np.where(is_long, 2 - order % 2, 0).astype(np.uint8),
    )


def _part(numbers: pl.Series, start: int, length: int, known: Flags) -> Tokens:
    return np.where(known, token_of(numbers.str.slice(start, length)), np.uint64(0))


def _order(figures: NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.asarray((figures[:, 14:17].astype(np.int64) - 48) @ np.array([100, 10, 1]))


def _near(order: NDArray[np.int64], known: Flags) -> Tokens:
    """Return two tokens a number, of which orders that differ by four or less share one."""
    steps = np.stack([order // 8 * 2 + 2, (order + 4) // 8 * 2 + 1], axis=1)
    return np.where(known[:, None], steps, 0).astype(np.uint64)


def _days(texts: pl.Series, known: Flags) -> NDArray[np.int32]:
    days = texts.str.to_date("%Y%m%d", strict=False).dt.epoch("d").fill_null(UNKNOWN_DAY)
    return np.where(known, days.to_numpy(), UNKNOWN_DAY).astype(np.int32)
