"""Which records are looked at together: those that share a key few others have (joins by Polars).

A key is wide where it is rare and narrow where it is common: the name alone for a rare name, the name with a part of the
birth date, a region or a guardian for a common one. Each kind of key says how many records may share it before it tells
too little; the records are then still found by the narrower kinds. So the number of pairs grows as the roll does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from miaoce.registry.matching.dates import calendar
from miaoce.registry.matching.records import UNKNOWN_DAY, Places, Records, Tokens
from miaoce.registry.matching.tokens import together

FEW, SOME, MORE = 6, 10, 12


@dataclass(frozen=True, slots=True)
class Key:
    """A kind of key: its tokens (several columns where a record has several), and how many records may share one."""

    name: str
    tokens: list[Tokens]
    most: int


def pairs(records: Records) -> tuple[Places, Places]:
    """Return the pairs to compare, each once, as two arrays of places of which the left is the smaller."""
    found = pl.concat([_sharing(key) for key in keys(records)]).unique().sort("left", "right")
    return found["left"].to_numpy().astype(np.int64), found["right"].to_numpy().astype(np.int64)


def _sharing(key: Key) -> pl.DataFrame:
    """Return the pairs of places that share one of a key's tokens."""
    place = np.arange(len(key.tokens[0]), dtype=np.uint32)
    held = pl.LazyFrame({"token": np.concatenate(key.tokens), "place": np.tile(place, len(key.tokens))})
    held = held.filter(pl.col("token") != 0)
    if len(key.tokens) > 1:
        held = held.unique()
    held = held.filter(pl.len().over("token").is_between(2, key.most))
    both = held.join(held, on="token").filter(pl.col("place") < pl.col("place_right"))
    return both.select(left="place", right="place_right").unique().collect()


def keys(records: Records) -> Iterator[Key]:
    """Return every kind of key."""
    yield from _by_document(records)
    yield from _by_guardian(records)
    yield from _by_name(records)
    yield from _by_birth(records)


def _by_document(records: Records) -> Iterator[Key]:
    """Documents: the whole number, and the number with one part wrong."""
    papers = records.documents
    yield Key("document", [papers.whole], MORE)
    yield Key("document but birth", [together(papers.region, papers.order)], MORE)
    yield Key("document but region", [together(papers.birth, papers.order)], MORE)
    yield Key("document but order", [together(papers.region, papers.birth)], MORE)
    yield Key("document, figures moved", [papers.digits], FEW)


def _by_guardian(records: Records) -> Iterator[Key]:
    """Guardians: phone, document, both names; one name, rare or with something of the child."""
    guardians, names = records.guardians, records.names
    year, month, day = _calendar(records)
    first, last = _ends(records)
    one, other = np.sort(guardians.sounds, axis=1).T
    yield Key("phone", list(guardians.phone.T), SOME)
    yield Key("guardian's document", list(guardians.document.T), SOME)
    yield Key("both guardians", [together(one, other)], MORE)
    for name, most, parts in (
        ("guardian", FEW, ()),
        ("guardian, birth month", SOME, (year, month)),
        ("guardian, birthday", MORE, (month, day)),
        ("guardian, first character", MORE, (first,)),
        ("guardian, last character", MORE, (last,)),
    ):
        yield Key(name, [together(sounds, *parts) for sounds in guardians.sounds.T], most)
    yield Key("name and guardian's surname", [together(names.sounds, guardians.surname.T[0])], SOME)


def _by_name(records: Records) -> Iterator[Key]:
    """Names by sound: alone, or with the parts of the birth date that a slip leaves, or the region."""
    sounds, jumbled = records.names.sounds, records.names.jumbled
    year, month, day = _calendar(records)
    yield Key("name", [sounds], SOME)
    yield Key("characters", [jumbled], SOME)
    yield Key("name, birthday", [together(sounds, month, day)], SOME)
    yield Key("name, birth month", [together(sounds, year, month)], SOME)
    yield Key("name, birth year, day", [together(sounds, year, day)], SOME)
    yield Key("name, day and month", [together(sounds, year, np.minimum(month, day), np.maximum(month, day))], SOME)
    yield Key("name, region", [together(sounds, records.region)], SOME)
    yield Key("characters, birth date", [together(jumbled, year, month, day)], MORE)


def _by_birth(records: Records) -> Iterator[Key]:
    """Birth dates with half a name, the kindergarten, the address or the region; the address alone."""
    year, month, day = _calendar(records)
    born = together(year, month, day)
    first, last = _ends(records)
    surname = records.names.characters.reading[records.names.written[:, 0]]
    homes = records.addresses
    yield Key("birth date, given name", [together(born, first, last)], MORE)
    yield Key("birth date, surname, first character", [together(born, surname, first)], SOME)
    yield Key("birth date, surname, last character", [together(born, surname, last)], SOME)
    yield Key("birth date, kindergarten", [together(born, records.stays.kindergarten)], MORE)
    yield Key("birth date, figures of the address", [together(born, homes.figures)], MORE)
    yield Key("birth date, region", [together(born, records.region)], FEW)
    yield Key("address", [homes.exact], FEW)


def _calendar(records: Records) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return year, month and day of birth, 0 where unknown."""
    known = records.born != UNKNOWN_DAY
    year, month, day = calendar(records.born)
    return np.where(known, year, 0), np.where(known, month, 0), np.where(known, day, 0)


def _ends(records: Records) -> tuple[Tokens, Tokens]:
    """Return the sounds of the first and the last character of the given names."""
    names = records.names
    row = np.arange(records.size)
    last = np.maximum(names.length - 1, 0)
    first = np.minimum(names.surname, last)
    return (
        names.characters.reading[names.written[row, first]],
        names.characters.reading[names.written[row, last]],
    )
