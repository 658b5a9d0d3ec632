"""The pairs of the register that could be one child: which are open, and what a person decided about them, remembered.

Runs find them (`running.py`); whoever works on them (the desk of problem records) asks here and says here what was decided.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, islice
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from miaoce.registry import rows
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.matching.models import (
    DIFFERENT,
    REVIEW,
    SAME,
    UNDECIDED,
    UNSURE,
    MatchPair,
    MatchRecord,
)
from miaoce.registry.rows import CHUNK

Two = tuple[UUID, UUID]
"""Two children, in any order."""

OFFERED = (SAME, REVIEW)
DECISIONS = (SAME, DIFFERENT, UNSURE)


def in_order(one: UUID, other: UUID) -> Two:
    """Return two children as a pair names them: the smaller id first."""
    return (one, other) if one < other else (other, one)


def open_pairs(*, child_ids: Collection[UUID] | None = None) -> QuerySet[MatchPair]:
    """Return the pairs that a person must decide, those found first first; of some children only where they are named.

    Twins are none of them, nor is a pair of which somebody said that it is the same, different or cannot be told yet; that
    holds until the data change on which it rested (a run opens the pair again then).
    """
    found = MatchPair.objects.filter(decided=UNDECIDED, verdict__in=OFFERED).order_by("found_at", "id")
    return found if child_ids is None else found.filter(_of(child_ids))


def pairs_of(child_ids: Collection[UUID]) -> QuerySet[MatchPair]:
    """Return every pair that some children stand in, twins and decided ones too."""
    return MatchPair.objects.filter(_of(child_ids)).order_by("found_at", "id")


def _of(child_ids: Collection[UUID]) -> Q:
    return Q(one_id__in=list(child_ids)) | Q(other_id__in=list(child_ids))


@transaction.atomic
def remember(*, pairs: Sequence[Two], verdict: str, process: Process) -> list[MatchPair]:
    """Remember what was decided about pairs: "same", "different" or "unsure", and return them as they stand now.

    It holds until the data change on which it rests; then the pair is judged anew, and open again where the table finds it
    alike. Pairs that no run found are kept too, so that none will offer them. Saying the same again changes nothing.
    A fixed number of statements for each 2,000 pairs.
    """
    if verdict not in DECISIONS:
        raise ValueError(f"no decision about a pair: {verdict!r}")
    wanted = iter(sorted({in_order(*pair) for pair in pairs}))
    found = list[MatchPair]()
    while part := list(islice(wanted, CHUNK)):
        found += _remember(part, verdict, process)
    return found


def _remember(wanted: Sequence[Two], verdict: str, process: Process) -> list[MatchPair]:
    """Remember a decision about at most 2,000 pairs."""
    basis = bases(wanted)
    new = [
        (new_id(), *pair, "", DIFFERENT, basis[pair], process.at, process.at, UNDECIDED, "") for pair in wanted
    ]  # fmt: skip
    names = (
        "id", "one_id", "other_id", "code", "verdict", "basis", "found_at", "judged_at", "decided", "decided_basis",
    )  # fmt: skip
    rows.insert_new(MatchPair, names, new)
    known = [pair for pair in pairs_of({one for one, _ in wanted}) if (pair.one_id, pair.other_id) in basis]
    told, changed = list[Change](), list[MatchPair]()
    for pair in known:
        rests_on = basis[pair.one_id, pair.other_id]
        if (pair.decided, pair.decided_basis) == (verdict, rests_on):
            continue
        told.append(_decided(pair, verdict))
        pair.decided, pair.decided_basis = verdict, rests_on
        pair.decided_at, pair.process_id = process.at, process.pk
        changed.append(pair)
    rows.rewrite(changed, ("decided", "decided_basis", "decided_at", "process_id"))
    journal.note(process, told)
    return known


def _decided(pair: MatchPair, verdict: str) -> Change:
    """Return the event of a decision."""
    after = {"decided": verdict, "one": pair.one_id.hex, "other": pair.other_id.hex}
    return Change("pair.decided", "match_pair", pair.pk, before={"decided": pair.decided}, after=after)


def bases(pairs: Iterable[Two]) -> Mapping[Two, str]:
    """Return for each pair in order the digest of the data that a verdict on it rests on; empty where a child has no record."""
    wanted = list(pairs)
    held = dict(
        MatchRecord.objects.filter(child_id__in=set(chain.from_iterable(wanted))).values_list("child_id", "digest")
    )
    return {(one, other): held.get(one, "") + held.get(other, "") for one, other in wanted}
