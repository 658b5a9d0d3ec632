"""Writing down what a run found: new pairs, those judged otherwise, those that are none any more; a fixed number of statements."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from miaoce.registry import rows
from miaoce.registry.ids import new_id
from miaoce.registry.matching.models import TWIN, UNDECIDED, MatchPair
from miaoce.registry.matching.pairs import Two, bases, pairs_of

NEW = (
    "id",
    "one_id",
    "other_id",
    "code",
    "verdict",
    "table_id",
    "basis",
    "found_at",
    "judged_at",
    "decided",
    "decided_basis",
)
JUDGED = (
    "code", "verdict", "table_id", "basis", "found_at", "judged_at", "decided", "decided_basis", "decided_at", "process_id",
)  # fmt: skip


class Found(NamedTuple):
    """A pair in order, what agrees, and the verdict as it is kept ("same", "review", "twin")."""

    one_id: UUID
    other_id: UUID
    code: str
    verdict: str


def put(
    found: Iterable[Found], *, looked_at: Collection[UUID] | None, table_id: UUID | None, at: datetime
) -> dict[str, int]:
    """Write what was found of the children looked at (None: of all), inside the caller's transaction; return the counts.

    A pair that a person decided stays so until the data change that it rested on; then it is open again, or gone where the
    table calls it different. A pair found to be twins stays that while nothing it rests on changed.
    """
    wanted = {(one.one_id, one.other_id): one for one in sorted(found, key=lambda one: _STRENGTH[one.verdict])}
    known = {(pair.one_id, pair.other_id): pair for pair in _known(looked_at)}
    basis = bases([*wanted, *known])
    new = [one for pair, one in wanted.items() if pair not in known]
    lines: list[Sequence[Any]] = [
        (new_id(), *one[:4], table_id, basis[one[:2]], at, at, UNDECIDED, "") for one in new
    ]  # fmt: skip
    rows.insert_new(MatchPair, NEW, lines)
    changed = [
        pair for two, pair in known.items() if two in wanted and _judge(pair, wanted[two], basis[two], table_id, at)
    ]
    rows.rewrite(changed, JUDGED)
    gone = [pair.pk for two, pair in known.items() if two not in wanted and _is_over(pair, basis[two])]
    MatchPair.objects.filter(pk__in=gone).delete()
    counts = {verdict: sum(one.verdict == verdict for one in wanted.values()) for verdict in _STRENGTH}
    return {**counts, "new": len(new), "changed": len(changed), "gone": len(gone)}


_STRENGTH = {"twin": 0, "review": 1, "same": 2}


def _known(looked_at: Collection[UUID] | None) -> Iterable[MatchPair]:
    return MatchPair.objects.all() if looked_at is None else pairs_of(looked_at)


def _judge(pair: MatchPair, found: Found, basis: str, table_id: UUID | None, at: datetime) -> bool:
    """Bring a known pair to what was found now; say whether anything of it changed."""
    same_ground = pair.basis == basis and pair.table_id == table_id
    if same_ground and (pair.verdict == TWIN or (pair.code, pair.verdict) == (found.code, found.verdict)):
        return False
    if pair.decided != UNDECIDED and pair.decided_basis != basis:
        pair.decided, pair.decided_basis, pair.decided_at, pair.process_id = UNDECIDED, "", None, None
        pair.found_at = at
    pair.code, pair.verdict, pair.table_id, pair.basis, pair.judged_at = found.code, found.verdict, table_id, basis, at
    return True


def _is_over(pair: MatchPair, basis: str) -> bool:
    """Say whether a pair that was not found any more can go: nobody decided about it, or on other data."""
    return pair.decided == UNDECIDED or pair.decided_basis != basis


def others_of(child_ids: Collection[UUID]) -> list[Two]:
    """Return the known pairs of children, each from the side of those children."""
    wanted, found = set(child_ids), list[Two]()
    for pair in pairs_of(child_ids):
        found += [
            (one, other) for one, other in ((pair.one_id, pair.other_id), (pair.other_id, pair.one_id)) if one in wanted
        ]
    return found
