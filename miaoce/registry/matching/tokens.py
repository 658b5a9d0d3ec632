"""Tokens and how often they occur: numbers that can only be asked whether they are equal (pure, in columns)."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from miaoce.registry.matching.records import Counts, Flags, Tokens

_ODD = np.uint64(0x9E3779B97F4A7C15)
_START = np.uint64(0x1234567)
_TOKEN = pl.when(pl.all() != "").then(pl.all().hash(seed=1) | pl.lit(1, pl.UInt64)).otherwise(pl.lit(0, pl.UInt64))


def token_of(texts: pl.Series) -> Tokens:
    """Return a token a text; an empty text has none."""
    return tokens_of(texts.to_frame("text"))[0]


def tokens_of(texts: pl.DataFrame) -> list[Tokens]:
    """Return the tokens of several columns of texts at once."""
    return [column.to_numpy() for column in texts.select(_TOKEN).get_columns()]


def mixed(rows: NDArray[np.unsignedinteger], *, known: Flags) -> Tokens:
    """Return one token for each row of numbers, none where the row is not known."""
    token = np.full(len(rows), _START, np.uint64)
    for column in rows.T:
        token = _stirred(token, column.astype(np.uint64))
    return np.where(known, token | np.uint64(1), np.uint64(0))


def together(*columns: NDArray[np.unsignedinteger] | NDArray[np.signedinteger]) -> Tokens:
    """Return the token of several tokens or numbers at once; none where one of them is 0."""
    token = np.full(len(columns[0]), _START, np.uint64)
    known = np.ones(len(token), bool)
    for column in columns:
        token = _stirred(token, column.astype(np.uint64))
        known &= column != 0
    return np.where(known, token | np.uint64(1), np.uint64(0))


def holders(tokens: Tokens, *, counted: bool = True) -> Counts:
    """Return for each place how many places hold its token; 0 where there is none, and everywhere if not to be counted."""
    if not counted:
        return np.zeros(tokens.shape, np.int32)
    frame = pl.DataFrame({"token": tokens.ravel()})
    found = frame.select(pl.when(pl.col("token") == 0).then(0).otherwise(pl.len().over("token")).cast(pl.Int32))
    return found.to_series().to_numpy().reshape(tokens.shape)


def different(tokens: Tokens, *, beside: Tokens) -> Counts:
    """Return for each place how many different tokens stand beside those equal to it; 0 where there is none."""
    frame = pl.DataFrame({"token": tokens.ravel(), "beside": beside.ravel()})
    counted = frame.select(
        pl.when(pl.col("token") == 0).then(0).otherwise(pl.col("beside").n_unique().over("token")).cast(pl.Int32)
    )
    return counted.to_series().to_numpy().reshape(tokens.shape)


def _stirred(token: Tokens, column: Tokens) -> Tokens:
    stirred = (token ^ column) * _ODD
    return stirred ^ (stirred >> np.uint64(29))
