"""From what the register holds to records to compare: plain facts of children, their features, and how often each occurs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from miaoce.registry.matching.characters import Characters
from miaoce.registry.matching.dates import lunar_days
from miaoce.registry.matching.features import Packed, keyed
from miaoce.registry.matching.records import (
    Addresses,
    Counts,
    Days,
    Documents,
    Guardians,
    Names,
    Numbers,
    Records,
    Stays,
    Tokens,
)
from miaoce.registry.matching.spelling import spell
from miaoce.registry.matching.tokens import different, holders


@dataclass(frozen=True, slots=True)
class Facts:
    """Some children, or rows that may become some, in columns."""

    name: pl.Series
    sex: Numbers
    born: Days
    region: NDArray[np.int32]
    ethnicity: NDArray[np.int32]
    stays: Stays
    features: Packed

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.name)

    def and_then(self, more: "Facts") -> "Facts":
        """Return these and some more behind them."""
        return together([self, more])


def together(parts: Sequence[Facts]) -> Facts:
    """Return the facts of several parts, one behind the other."""
    return Facts(
        pl.concat([part.name for part in parts]),
        np.concatenate([part.sex for part in parts]),
        np.concatenate([part.born for part in parts]),
        np.concatenate([part.region for part in parts]),
        np.concatenate([part.ethnicity for part in parts]),
        Stays(
            np.concatenate([part.stays.kindergarten for part in parts]),
            np.concatenate([part.stays.entered for part in parts]),
            np.concatenate([part.stays.left for part in parts]),
        ),
        np.concatenate([part.features for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How many records of the whole register hold what each of these holds; guardians and phones in two columns."""

    name: Counts
    guardian: Counts
    phone: Counts
    homes: Counts
    address: Counts


def among_themselves(facts: Facts, sounds: Tokens) -> Frequencies:
    """Return the frequencies where these facts are the whole register."""
    features = facts.features
    return Frequencies(
        name=holders(sounds),
        guardian=holders(features["guardian"]),
        phone=holders(features["phone"]),
        homes=different(features["phone"], beside=features["sounds"]),
        address=holders(features["address"]),
    )


def records_of(facts: Facts, frequencies: Frequencies | None = None) -> Records:
    """Return facts as records to compare; without frequencies they are counted among themselves."""
    spelling, (own,) = spell([facts.name])
    sounds = spelling.sounds[own]
    often = frequencies or among_themselves(facts, sounds)
    features = facts.features
    written = spelling.written[own]
    return Records(
        size=facts.size,
        names=Names(
            spelling.characters, written, spelling.length[own], spelling.surname[own], spelling.whole[own], sounds,
            spelling.jumbled[own], often.name,
        ),
        sex=facts.sex,
        born=facts.born,
        lunar=lunar_days(facts.born),
        documents=Documents(
            features["document"], features["region"], features["birth"], features["order"], features["digits"],
            features["near"], features["is_sound"], features["inside"], features["told_sex"],
        ),
        guardians=_guardians(features, _numbers_of(features["surname"], written, spelling.characters), often),
        addresses=Addresses(features["address"], features["figures"], features["street"], often.address),
        stays=facts.stays,
        region=facts.region,
        ethnicity=facts.ethnicity,
    )  # fmt: skip


def _guardians(features: Packed, surname: NDArray[np.uint16], often: Frequencies) -> Guardians:
    return Guardians(
        name=features["guardian"],
        sounds=features["sounds"],
        blanked=features["blanked"],
        surname=surname,
        bearers=often.guardian,
        role=features["role"],
        document=features["guardian_document"],
        phone=features["phone"],
        phone_head=features["phone_head"],
        phone_tail=features["phone_tail"],
        phone_users=often.phone,
        phone_homes=often.homes,
    )


def _numbers_of(surnames: Tokens, written: NDArray[np.uint16], characters: Characters) -> NDArray[np.uint16]:
    """Return the numbers of the guardians' surnames, of those that some child's name begins with; 0 for the others.

    A surname is only asked whether it is a child's, so no other need be known here.
    """
    numbers = np.unique(written[:, 0])
    numbers = numbers[numbers > 0]
    if not len(numbers):
        return np.zeros(surnames.shape, np.uint16)
    tokens = keyed(characters.points[numbers], "surname")
    order = np.argsort(tokens)
    tokens, numbers = tokens[order], numbers[order]
    place = np.minimum(np.searchsorted(tokens, surnames), len(tokens) - 1)
    return np.where((tokens[place] == surnames) & (surnames != 0), numbers[place], 0).astype(np.uint16)
