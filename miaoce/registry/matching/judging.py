"""Judging somebody beside the register: whom to look at by keys, one comparison, the table in force.

The same for a row that is about to be recorded and for a child that changed: candidates from the database, everything else in
columns. A fixed number of statements, however many ask.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

import numpy as np
import polars as pl

from miaoce.registry.approvals import states as cases
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.matching import asking, comparison, features, pairing
from miaoce.registry.matching.compared import Facts, records_of
from miaoce.registry.matching.dates import EPOCH
from miaoce.registry.matching.features import Keys
from miaoce.registry.matching.models import GONE, KEYS, MatchRecord
from miaoce.registry.matching.outcomes import Outcomes, Verdict
from miaoce.registry.matching.pairing import Pairs
from miaoce.registry.matching.records import UNKNOWN_DAY, Places, Stays
from miaoce.registry.matching.tokens import token_of


@dataclass(frozen=True, slots=True)
class Row:
    """A row that asks: its values by contract names, where it would be recorded, and the child it became before, if any."""

    key: UUID
    values: Mapping[str, str]
    kindergarten_id: UUID
    own_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A child of the register beside one who asked: the code, and what the table says."""

    child_id: UUID
    code: str
    verdict: Verdict


def judge_rows(asked: Sequence[Row], outcomes: Outcomes) -> dict[UUID, list[Judged]]:
    """Return for each row's key the children that are not plainly others, the surest first."""
    if not asked:
        return {}
    made = features.make([row.values for row in asked])
    places, children = asking.sharing(made.keys)
    found = _judge(
        _facts_of_rows(asked, made.features),
        [row.own_id for row in asked],
        zip(places.tolist(), children, strict=True),
        outcomes,
        outside=len(asked),
    )
    return {asked[place].key: judged for place, judged in found.items()}


def judge_children(
    child_ids: Sequence[UUID], outcomes: Outcomes, *, known: Iterable[tuple[UUID, UUID]] = ()
) -> dict[UUID, list[Judged]]:
    """Return for each of these children of the register those that are not plainly others; who is gone finds nobody.

    `known` are pairs to be looked at besides, whether they share a key by now or not: (one of these children, another).
    """
    asked = standing(child_ids)
    if not asked.ids:
        return {}
    place = {child: number for number, child in enumerate(asked.ids)}
    places, children = asking.sharing(asked.keys)
    met = {*zip(places.tolist(), children, strict=True), *((place[one], other) for one, other in known if one in place)}
    beside = sorted(met)
    found = _judge(asked.facts, asked.ids, beside, outcomes, outside=0)
    return {asked.ids[number]: judged for number, judged in found.items()}


def _judge(
    asked: Facts,
    own: Sequence[UUID | None],
    met: Iterable[tuple[int, UUID]],
    outcomes: Outcomes,
    *,
    outside: int,
) -> dict[int, list[Judged]]:
    """Compare those who ask with the children that share a key with them, and these with one another (thirds.py)."""
    beside = [(place, child) for place, child in met if child != own[place]]
    others = standing({child for _, child in beside})
    at = {child: asked.size + number for number, child in enumerate(others.ids)}
    beside = [(place, child) for place, child in beside if child in at]
    if not beside:
        return {}
    facts = asked.and_then(others.facts)
    records = records_of(facts, asking.frequencies(facts.features, outside=outside))
    left, right = _pairs(beside, at)
    codes = comparison.compare(records, left, right)
    judged = pairing.second_look(Pairs(left, right, codes, pairing.unjudged(len(left))), outcomes)
    found: dict[int, list[Judged]] = {}
    for place, other, code, verdict in zip(
        judged.left.tolist(),
        judged.right.tolist(),
        comparison.written(judged.codes),
        judged.verdicts.tolist(),
        strict=True,
    ):
        if place < asked.size:
            found.setdefault(place, []).append(Judged(others.ids[other - asked.size], code, Verdict(verdict)))
    return {place: sorted(those, key=lambda one: -one.verdict) for place, those in found.items()}


def _pairs(beside: Iterable[tuple[int, UUID]], at: Mapping[UUID, int]) -> tuple[Places, Places]:
    """Return the pairs to compare: each who asks with its children, and the children of one among themselves."""
    met = set[tuple[int, int]]()
    for place, group in groupby(beside, key=itemgetter(0)):
        mine = sorted(at[child] for _, child in group)
        met.update((place, other) for other in mine)
        met.update((one, other) for number, one in enumerate(mine) for other in mine[number + 1 :])
    left, right = np.array(sorted(met), np.int64).T
    return left, right


def _facts_of_rows(asked: Sequence[Row], packed: features.Packed) -> Facts:
    """Return rows as facts."""
    values = [row.values for row in asked]
    return Facts(
        pl.Series([one.get("name", "") for one in values], dtype=pl.String),
        np.array([_number(one.get("sex")) for one in values], np.uint8),
        np.array([_day(one.get("birth_date")) for one in values], np.int32),
        np.array([_number(one.get("hukou_region")) for one in values], np.int32),
        np.array([_number(one.get("ethnicity")) for one in values], np.int32),
        Stays(
            token_of(pl.Series([row.kindergarten_id.hex for row in asked])),
            np.array([_day(one.get("entry_date")) for one in values], np.int32),
            np.full(len(values), UNKNOWN_DAY, np.int32),
        ),
        packed,
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _day(given: str | date | None) -> int:
    day = date.fromisoformat(given) if isinstance(given, str) and given else given
    return (day - EPOCH).days if isinstance(day, date) else UNKNOWN_DAY


@dataclass(frozen=True, slots=True)
class Standing:
    """Children of the register that can be compared, with their facts and keys in the same order."""

    ids: list[UUID]
    facts: Facts
    keys: Keys


def standing(child_ids: Iterable[UUID]) -> Standing:
    """Return what is known of those children that have a record and are not withdrawn, void or merged: three statements."""
    wanted = list(child_ids)
    columns = ("id", "name", "sex", "born_on", "hukou_region", "ethnicity", "kindergarten_id")
    living = Child.objects.filter(pk__in=wanted).exclude(state=cases.WITHDRAWN).exclude(standing__in=GONE)
    children = {row[0]: row for row in living.values_list(*columns)} if wanted else {}
    held = MatchRecord.objects.filter(child_id__in=list(children), form=features.form()).order_by("child_id")
    records = list(held.values_list("child_id", "features", *KEYS)) if children else []
    ids = [record[0] for record in records]
    return Standing(
        ids,
        facts_of([children[child] for child in ids], [bytes(record[1]) for record in records], stays_of(ids)),
        {key: np.array([record[n] or 0 for record in records], np.int64) for n, key in enumerate(KEYS, 2)},
    )


def stays_of(child_ids: Sequence[UUID]) -> dict[UUID, tuple[date, date | None]]:
    """Return when each child's last stay began and ended."""
    if not child_ids:
        return {}
    stays = Enrolment.objects.filter(child_id__in=child_ids).order_by("started_on", "id")
    return {child: (began, ended) for child, began, ended in stays.values_list("child_id", "started_on", "ended_on")}


def facts_of(
    children: Sequence[Sequence[Any]], packed: Sequence[bytes], stays: Mapping[UUID, tuple[date, date | None]]
) -> Facts:
    """Return children (id, name, sex, birth, region, ethnic group, kindergarten) as facts."""
    ids, names, sexes, births, regions, groups, places = zip(*children, strict=True) if children else ((),) * 7
    entered = [stays.get(child, (None, None)) for child in ids]
    return Facts(
        pl.Series(names, dtype=pl.String),
        np.array([_number(sex) for sex in sexes], np.uint8),
        np.array([_day(born) for born in births], np.int32),
        np.array([_number(region) for region in regions], np.int32),
        np.array([_number(group) for group in groups], np.int32),
        Stays(
            token_of(pl.Series([place.hex for place in places], dtype=pl.String)),
            np.array([_day(began) for began, _ in entered], np.int32),
            np.array([_day(ended) for _, ended in entered], np.int32),
        ),
        features.unpacked(packed),
    )
