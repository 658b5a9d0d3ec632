"""What is kept of a child for comparing: its tokens under a key of the vault, packed, and the keys by which others are found.

The texts (documents, phones, address, guardians' names) are read where they are unsealed, made into tokens as those of a bare
roll are, and each token goes through the keyed digest of its kind. So two children can be compared, and nobody who holds the
table can tell what was compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from miaoce.registry.matching import candidates, rolls
from miaoce.registry.matching.models import KEYS
from miaoce.registry.matching.records import Records, Tokens
from miaoce.registry.matching.tokens import token_of
from miaoce.registry.vault.keys import Purpose
from miaoce.registry.vault.queries import digest, digests

PACKED = np.dtype(
    [
        ("document", "<u8"), ("region", "<u8"), ("birth", "<u8"), ("order", "<u8"), ("digits", "<u8"), ("near", "<u8", 2),
        ("is_sound", "?"), ("inside", "<i4"), ("told_sex", "u1"),
        ("guardian", "<u8", 2), ("sounds", "<u8", 2), ("blanked", "<u8", (2, 3)), ("surname", "<u8", 2), ("role", "u1", 2),
        ("guardian_document", "<u8", 2), ("phone", "<u8", 2), ("phone_head", "<u8", 2), ("phone_tail", "<u8", 2),
        ("address", "<u8"), ("figures", "<u8"), ("street", "<u8"), ("name", "<u8"),
    ]
)  # fmt: skip
WAY = 1
"""Raise it where features or keys are made in another way: every record is then made anew."""

GIVEN = (
    "name", "sex", "birth_date", "id_number", "ethnicity", "hukou_region", "address",
    *(f"guardian{n}_{part}" for n in (1, 2) for part in ("name", "relation", "id_number", "phone")),
)  # fmt: skip
"""Contract names of what features are made of."""

Packed = NDArray[np.void]
Keys = Mapping[str, NDArray[np.int64]]
"""By column of MatchRecord, one number a record; 0 where there is none."""


@dataclass(frozen=True, slots=True)
class Made:
    """Features and keys of some records, in their order."""

    features: Packed
    keys: Keys


def make(values: Sequence[Mapping[str, str]]) -> Made:
    """Return features and keys of records given as normalised values by contract names."""
    cells = {column: [one.get(column, "") for one in values] for column in GIVEN}
    unknown = [""] * len(values)
    for column in rolls.COLUMNS:
        cells.setdefault(column, unknown)
    records = rolls.records_of(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), counted=False)
    features = _packed(records)
    return Made(features, _keys(records, features))


def _packed(records: Records) -> Packed:
    """Return the tokens of records under their keys."""
    papers, family, homes = records.documents, records.guardians, records.addresses
    features = np.zeros(records.size, PACKED)
    tokens = {
        "document": papers.whole, "region": papers.region, "birth": papers.birth, "order": papers.order, "digits": papers.digits,
        "near": papers.near, "guardian": family.name, "sounds": family.sounds, "blanked": family.blanked,
        "surname": _signs(records), "guardian_document": family.document, "phone": family.phone,
        "phone_head": family.phone_head, "phone_tail": family.phone_tail,
        "address": homes.exact, "figures": homes.figures, "street": homes.street, "name": records.names.sounds,
    }  # fmt: skip
    for kind, held in tokens.items():
        features[kind] = keyed(held, kind)
    features["is_sound"], features["inside"], features["told_sex"] = papers.is_sound, papers.born, papers.sex
    features["role"] = family.role
    return features


def _signs(records: Records) -> Tokens:
    """Return the guardians' surnames as code points; records hold them as numbers of a table of their own."""
    return records.names.characters.points[records.guardians.surname]


def _keys(records: Records, features: Packed) -> Keys:
    """Return the columns by which others find these records (asking.ASKS)."""
    by_name = {key.name: key.tokens for key in candidates.keys(records)}
    one = {
        "document_region": "document but region", "document_order": "document but order", "guardians": "both guardians",
        "name_month": "name, birth month", "name_birthday": "name, birthday",
        "birth_given": "birth date, given name", "birth_surname": "birth date, surname, last character",
    }  # fmt: skip
    made = {column: keyed(by_name[kind][0], column) for column, kind in one.items()}
    month = keyed(np.stack(by_name["guardian, birth month"], axis=1), "guardian_month")
    made |= {kind: features[kind] for kind in ("document", "address", "name")}
    made |= {f"guardian_month{n}": month[:, n - 1] for n in (1, 2)}
    for kind in ("phone", "guardian_document", "guardian"):
        made |= {f"{kind}{n}": features[kind][:, n - 1] for n in (1, 2)}
    return {column: np.ascontiguousarray(made[column]).view(np.int64) for column in KEYS}


def keyed(tokens: Tokens, kind: str) -> Tokens:
    """Return tokens of one kind under the vault's key for it, in the same shape; what is unknown stays unknown."""
    distinct, place = np.unique(tokens, return_inverse=True)
    known = distinct != 0
    made = digests(Purpose.MATCHING, (f"{token:x}" for token in distinct[known].tolist()), kind)
    found = np.zeros(len(distinct), np.uint64)
    found[known] = np.array([int(text[:16], 16) | 1 for text in made], np.uint64)
    return found[place].reshape(tokens.shape)


def form() -> int:
    """Return a number that says how features are made now: which way, by which hash, under which key."""
    return int(digest(Purpose.MATCHING, f"{WAY} {PACKED.descr} {_seen():x}", "form")[:15], 16)


@lru_cache(maxsize=1)
def _seen() -> int:
    """Return a token that is another one where texts are hashed otherwise."""
    return int(token_of(pl.Series(["苗册"]))[0])


def unpacked(held: Sequence[bytes]) -> Packed:
    """Return features as they stand in the table."""
    return np.frombuffer(b"".join(held), PACKED)
