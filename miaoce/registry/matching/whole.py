"""The whole register compared at once, in columns: joins by Polars, as on a bare roll (pairing.py)."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from miaoce.registry.children.models import Child
from miaoce.registry.matching import candidates, comparison, judging, pairing
from miaoce.registry.matching.compared import Facts, records_of, together
from miaoce.registry.matching.finding import Found
from miaoce.registry.matching.outcomes import Outcomes, Verdict
from miaoce.registry.matching.pairing import Pairs
from miaoce.registry.matching.pairs import in_order

AT_ONCE = 10_000

Tell = Callable[[int], None]
"""Hears how many children were read."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Every pair of the register that is worth judging, with its code; `ids` names the children by place."""

    ids: list[UUID]
    pairs: Pairs

    def judged(self, outcomes: Outcomes) -> list[Found]:
        """Return the pairs that a table does not call different."""
        judged = pairing.second_look(self.pairs, outcomes)
        lines = zip(
            judged.left.tolist(),
            judged.right.tolist(),
            comparison.written(judged.codes),
            judged.verdicts.tolist(),
            strict=True,
        )
        return [
            Found(*in_order(self.ids[left], self.ids[right]), code, Verdict(verdict).name.lower())
            for left, right, code, verdict in lines
        ]


def nobody(_done: int) -> None:
    """Nobody waits."""


def compare(*tables: Outcomes, tell: Tell = nobody) -> Compared:
    """Compare every child of the register that has a record; keep the pairs that one of the tables may not call different."""
    ids, facts = everybody(tell)
    if not ids:
        return Compared([], pairing.none())
    records = records_of(facts)
    left, right = candidates.pairs(records)
    codes = comparison.compare(records, left, right)
    worth = np.any([table.passes(codes) | table.has_row(codes) for table in tables], axis=0)
    return Compared(ids, Pairs(left, right, codes, pairing.unjudged(len(left))).where(worth))


def everybody(tell: Tell = nobody) -> tuple[list[UUID], Facts]:
    """Return the children of the register that can be compared, with their facts; four statements for each ten thousand."""
    parts = [judging.standing([])]
    after, read = UUID(int=0), 0
    while found := list(Child.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        parts.append(judging.standing(found))
        after, read = found[-1], read + len(found)
        tell(read)
    return [child for part in parts for child in part.ids], together([part.facts for part in parts])
