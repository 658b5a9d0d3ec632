"""Names as people write them, brought into the one form in which they are compared (pure, in columns).

Spaces, middle dots, what stands in brackets and invisible signs fall away, full width becomes half, traditional forms become
simplified. Only the distinct names are looked at, and of these only the distinct characters one by one.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from miaoce.registry.matching.characters import Characters, characters_of, simplified
from miaoce.registry.matching.records import Places, Tokens
from miaoce.registry.matching.tokens import mixed
from miaoce.registry.vault.masking import DOUBLE_SURNAMES

LONGEST, FEW = 12, 500
_DOTS = r"·•‧∙⋅・･.．。'’"
_NAME = pl.col("name")
_PLAIN = _NAME.str.normalize("NFKC").str.replace_all(r"[(\[（【〔].*$", "")
_BARE = _NAME.str.replace_all(rf"[\s\-_{_DOTS}\p{{Cf}}\p{{Mn}}]", "").str.to_uppercase()
_DOTTED = _NAME.str.contains(rf"[^{_DOTS}\s][{_DOTS}]+[^{_DOTS}\s]").alias("dotted")
_HAN = _NAME.str.contains(r"^[\x{3400}-\x{9fff}\x{20000}-\x{323af}]{2,5}$")
_HAS_SURNAME = (_HAN & ~pl.col("dotted")).alias("has_surname")
_DOUBLE = _NAME.str.contains(f"^(?:{DOUBLE_SURNAMES.pattern})").alias("double")
_EMPTY = pl.DataFrame({"name": [""], "dotted": [False]})
_BLANK = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Spelling:
    """The names of some columns, few of them twice. Place 0 is the empty name."""

    characters: Characters
    written: NDArray[np.uint16]
    length: NDArray[np.int64]
    surname: NDArray[np.int64]
    whole: Tokens
    sounds: Tokens
    jumbled: Tokens
    blanked: Tokens


def spell(columns: list[pl.Series]) -> tuple[Spelling, list[Places]]:
    """Return the names of the columns, and for each column the place of each of its names among them."""
    names = pl.concat(columns).to_frame("name").select(_PLAIN).select(_BARE, _DOTTED)
    distinct, places = _distinct(names)
    ends = np.cumsum([len(column) for column in columns])[:-1]
    return _spelt(distinct), np.split(places, ends)


def _distinct(names: pl.DataFrame) -> tuple[pl.DataFrame, Places]:
    """Return the distinct names behind the empty one, and the place of each; a few are not worth the search for equal ones."""
    if len(names) <= FEW:
        return pl.concat([_EMPTY, names]), np.arange(1, len(names) + 1, dtype=np.int64)
    distinct = (
        pl.concat([_EMPTY, names.unique(maintain_order=True)]).unique(maintain_order=True).with_row_index("place")
    )
    places = names.join(distinct, on=["name", "dotted"], how="left", maintain_order="left")["place"].to_numpy()
    return distinct, places.astype(np.int64)


def _spelt(distinct: pl.DataFrame) -> Spelling:
    """Return distinct names in columns."""
    has_surname, double = (column.to_numpy() for column in distinct.select(_HAS_SURNAME, _DOUBLE).get_columns())
    points = code_points(distinct["name"], LONGEST)
    signs = np.unique(points)
    plain = np.zeros(int(signs.max(initial=0)) + 1, np.uint32)
    plain[signs] = [ord(simplified(chr(sign))) if sign else 0 for sign in signs.tolist()]
    points = plain[points]
    characters = characters_of(np.unique(points).tolist())
    written = characters.numbered(points)
    length = (written > 0).sum(axis=1)
    known = length > 0
    return Spelling(
        characters,
        written,
        length,
        np.where(has_surname, 1 + (double & (length > 2)), 0),
        mixed(points, known=known),
        mixed(characters.reading[written], known=known),
        mixed(np.sort(points, axis=1), known=known),
        _blanked(points, known=length > 2),
    )


def _blanked(points: NDArray[np.uint32], *, known: NDArray[np.bool_]) -> Tokens:
    """Return three tokens a name, each with one of its first three characters left open; names of two have none."""
    columns = []
    for place in range(3):
        open_here = points.copy()
        open_here[:, place] = _BLANK
        columns.append(mixed(open_here, known=known))
    return np.stack(columns, axis=1)


def code_points(texts: pl.Series, width: int) -> NDArray[np.uint32]:
    """Return the first characters of each text as code points, one row a text, 0 beyond its end."""
    cut = np.array(texts.to_list(), dtype=f"U{width}")
    return np.ascontiguousarray(cut).view(np.uint32).reshape(len(texts), width)
