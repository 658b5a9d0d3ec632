"""Whom of the register to look at beside somebody, and how often the register holds what they hold: two statements, however many ask.

A key that many hold tells too little: each kind says how many may share it (as candidates.py does on a whole roll).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from miaoce.registry.matching.candidates import FEW, MORE, SOME
from miaoce.registry.matching.compared import Frequencies
from miaoce.registry.matching.features import Keys, Packed
from miaoce.registry.matching.models import MatchRecord
from miaoce.registry.matching.names import USUAL
from miaoce.registry.matching.records import Counts, Places, Tokens

TABLE = MatchRecord._meta.db_table
PLENTY = USUAL + 1
"""Further than this nothing is counted: above it every name is common, every phone shared."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A kind of key: the columns that hold it (a record has it once or twice), and how many may share one."""

    columns: tuple[str, ...]
    most: int


def _two(kind: str) -> tuple[str, str]:
    return f"{kind}1", f"{kind}2"


ASKS = (
    Ask(("document",), MORE),
    Ask(("document_region",), MORE),
    Ask(("document_order",), MORE),
    Ask(_two("phone"), SOME),
    Ask(_two("guardian_document"), SOME),
    Ask(_two("guardian"), FEW),
    Ask(_two("guardian_month"), SOME),
    Ask(("guardians",), MORE),
    Ask(("name",), SOME),
    Ask(("name_month",), SOME),
    Ask(("name_birthday",), SOME),
    Ask(("birth_given",), MORE),
    Ask(("birth_surname",), SOME),
    Ask(("address",), FEW),
)


def sharing(keys: Keys) -> tuple[Places, list[UUID]]:
    """Return who shares a key with whom: places among those who ask, and children of the register beside them, each pair once.

    One statement. A key that more records hold than its kind allows leads to nobody.
    """
    wanted = [np.unique(np.concatenate([keys[column] for column in ask.columns])) for ask in ASKS]
    parts, values = list[str](), list[Any]()
    for kind, (ask, tokens) in enumerate(zip(ASKS, wanted, strict=True)):
        if not len(tokens := tokens[tokens != 0]):
            continue
        for column in ask.columns:
            parts.append(_holders_of(kind, column, ask))
            values.append(_together(tokens))
    if not parts:
        return np.zeros(0, np.int64), []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        found = cursor.fetchall()
    return _met(keys, found)


def _holders_of(kind: int, column: str, ask: Ask) -> str:
    """Return the statement for the records that hold one of some tokens in a column, none where too many do."""
    counted = " UNION ALL ".join(f"SELECT 1 FROM {TABLE} x WHERE x.{c} = v.token" for c in ask.columns)  # noqa: S608  # names of our own columns
    few = f"(SELECT COUNT(*) FROM ({counted} LIMIT {ask.most + 1}) held) <= {ask.most}"  # noqa: S608  # names of our own columns
    return (
        f"SELECT {kind}, w.token, m.child_id FROM (SELECT v.token FROM {_many()} WHERE {few}) w "  # noqa: S608  # names of our own columns
        f"JOIN {TABLE} m ON m.{column} = w.token AND m.{column} IS NOT NULL"
    )


def _many() -> str:
    """Return tokens given as one parameter, as a table v(token)."""
    if connection.vendor == "postgresql":
        return "unnest(%s::bigint[]) AS v(token)"
    return "(SELECT value AS token FROM json_each(%s)) v"


def _together(tokens: NDArray[np.int64]) -> Any:
    """Return tokens as that one parameter."""
    return tokens.tolist() if connection.vendor == "postgresql" else json.dumps(tokens.tolist())


def _met(keys: Keys, found: Sequence[tuple[int, int, Any]]) -> tuple[Places, list[UUID]]:
    """Lay what was found beside those who asked for it."""
    who: dict[tuple[int, int], list[int]] = {}
    for kind in {row[0] for row in found}:
        for column in ASKS[kind].columns:
            for place, token in enumerate(keys[column].tolist()):
                if token:
                    who.setdefault((kind, token), []).append(place)
    met = {(place, child) for kind, token, child in found for place in who.get((kind, token), ())}
    pairs = sorted((place, child if isinstance(child, UUID) else UUID(child)) for place, child in met)
    return np.array([place for place, _ in pairs], np.int64), [child for _, child in pairs]


@dataclass(frozen=True, slots=True)
class _Count:
    """What is counted of a kind of token: rows of these columns, or what differs of `beside` in them."""

    kind: str
    columns: tuple[str, ...]
    beside: tuple[str, ...] = ()


_COUNTS = (
    _Count("name", ("name",)),
    _Count("guardian", _two("guardian")),
    _Count("phone", _two("phone")),
    _Count("phone", _two("phone"), _two("guardian")),
    _Count("address", ("address",)),
)


def frequencies(features: Packed, *, outside: int) -> Frequencies:
    """Return how often the register holds what each of these holds; the first `outside` are none of it yet and count besides.

    One statement. A phone's homes are the differently named guardians who answer it.
    """
    parts = [_counting(number, count) for number, count in enumerate(_COUNTS)]
    wanted = [np.unique(features[count.kind]) for count in _COUNTS]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [_together(tokens.view(np.int64)) for tokens in wanted])
        found = cursor.fetchall()
    told = [
        np.array([(token, held) for number, token, held in found if number == count], np.int64).reshape(-1, 2)
        for count in range(len(_COUNTS))
    ]
    name, guardian, phone, homes, address = (
        _laid(features[count.kind], wanted[n], told[n]) for n, count in enumerate(_COUNTS)
    )
    for held, kind in ((name, "name"), (address, "address")):
        held[:outside] += features[kind][:outside] != 0
    for held, kind in ((guardian, "guardian"), (phone, "phone")):
        mine = features[kind][:outside]
        held[:outside] += np.where(mine != 0, 1 + (mine[:, :1] == mine[:, 1:]), 0).astype(np.int32)
    return Frequencies(name, guardian, phone, homes, address)


def _counting(number: int, count: _Count) -> str:
    """Return the statement for how often tokens occur, none counted beyond PLENTY."""
    held = " UNION ALL ".join(
        f"SELECT {beside} AS other FROM (SELECT {beside} FROM {TABLE} x WHERE x.{column} = v.token LIMIT {PLENTY}) part{place}"  # noqa: S608  # names of our own columns
        for place, (column, beside) in enumerate(zip(count.columns, count.beside or count.columns, strict=True))
    )
    what = "COUNT(DISTINCT other)" if count.beside else "COUNT(*)"
    return f"SELECT {number}, v.token, (SELECT {what} FROM ({held}) held) FROM {_many()} WHERE v.token <> 0"  # noqa: S608  # names of our own columns


def _laid(tokens: Tokens, wanted: Tokens, told: NDArray[np.int64]) -> Counts:
    """Return the counts in the places of their tokens."""
    counts = np.zeros(len(wanted), np.int32)
    counts[np.searchsorted(wanted, told[:, 0].view(np.uint64))] = told[:, 1]
    return counts[np.searchsorted(wanted, tokens)]
