"""How decisions turned out: what matching proposed, what people decided, and what was overturned since."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission, Scope
from miaoce.registry.approvals.rules import Figure, guarded
from miaoce.registry.problems import states
from miaoce.registry.problems.models import Joining, ProblemRecord, ProblemSide

PROPOSED = {"same": "判为同一名", "review": "请人看", "": "不由查重提出"}
"""What matching proposed of a pair, in words."""


@dataclass(frozen=True)
class Quality:
    """Decisions of an officer's offices: upheld and overturned, by kind and by what matching had proposed."""

    merged_upheld: Figure
    merged_undone: Figure
    different_upheld: Figure
    different_reopened: Figure
    in_hand: Mapping[str, Figure]
    by_proposed: Mapping[str, Mapping[str, Figure]]


def figures(actor: Officer) -> Quality:
    """Return how decisions turned out in the officer's scope; small cells are hidden from who may not see every child.

    Upheld: a merge that stands, a “different” that stands. Overturned: a merge undone, a “different” opened again. Five
    statements. Refuses ACC-01.
    """
    require(actor, Permission.PROBLEM_VIEW if actor.may(Permission.PROBLEM_VIEW) else Permission.OUTCOME_VIEW)
    mine = _scope(actor)
    in_full = actor.is_kindergarten or actor.is_county
    joinings = Joining.objects.filter(kind=Joining.MERGE, problem_id__in=mine.values("pk"))
    undone = joinings.filter(undone_at__isnull=False).count()
    standing = joinings.filter(undone_at__isnull=True).count()
    different = mine.filter(state=states.DIFFERENT).count()
    rounds = mine.filter(other_id__isnull=False, rounds__gt=1).aggregate(all=Sum("rounds"), some=Count("pk"))
    again = (rounds["all"] or 0) - (rounds["some"] or 0)

    def figure(count: int) -> Figure:
        return guarded(count, is_shown_in_full=in_full)

    kinds = mine.filter(state__in=states.IN_HAND).order_by().values_list("kind").annotate(Count("pk"))
    counted = dict(kinds)
    return Quality(
        merged_upheld=figure(standing),
        merged_undone=figure(undone),
        different_upheld=figure(different),
        different_reopened=figure(max(again - undone, 0)),
        in_hand={kind: figure(counted.get(kind, 0)) for kind in states.KINDS},
        by_proposed={
            proposed: {state: figure(count) for state, count in some.items()}
            for proposed, some in _by_proposed(mine).items()
        },
    )


def _by_proposed(mine: QuerySet[ProblemRecord]) -> dict[str, Counter[str]]:
    """Return for each proposal of matching how the pairs stand."""
    found: dict[str, Counter[str]] = {proposed: Counter() for proposed in PROPOSED}
    pairs = mine.filter(other_id__isnull=False).order_by().values_list("proposed", "state").annotate(Count("pk"))
    for proposed, state, count in pairs:
        found[proposed if proposed in PROPOSED else ""][state] += count
    return found


def _scope(actor: Officer) -> QuerySet[ProblemRecord]:
    """Return the problems that count for an officer: its own, and for an office above those of everybody below it."""
    if actor.role.scope is not Scope.OFFICE or actor.is_county:
        return ProblemRecord.objects.visible_to(actor)
    below = ProblemSide.objects.filter(office__path__startswith=actor.unit_path).values("problem_id")
    return ProblemRecord.objects.filter(Q(pk__in=below) | Q(office_id=actor.unit_id))


@dataclass(frozen=True)
class PlaceQuality:
    """How problems of one place stand: in hand, merged, found different, looked at more than once."""

    name: str
    in_hand: Figure
    merged: Figure
    different: Figure
    again: Figure


def by_place(actor: Officer) -> list[PlaceQuality]:
    """Return how problems stand by kindergarten for a county, by county for an office above. Six statements. Refuses ACC-01."""
    require(actor, Permission.PROBLEM_VIEW if actor.may(Permission.PROBLEM_VIEW) else Permission.OUTCOME_VIEW)
    mine, place = _scope(actor), "kindergarten" if actor.is_county else "office"
    wanted = {
        "in_hand": mine.filter(state__in=states.IN_HAND),
        "merged": mine.filter(state=states.MERGED),
        "different": mine.filter(state=states.DIFFERENT),
        "again": mine.filter(rounds__gt=1),
    }
    sides = ProblemSide.objects.filter(office__path__startswith=actor.unit_path)
    counted = {
        name: dict(
            sides.filter(problem_id__in=some.values("pk"))
            .order_by()
            .values_list(f"{place}__name")
            .annotate(Count("problem_id", distinct=True))
        )
        for name, some in wanted.items()
    }
    names = sorted(set().union(*counted.values()))
    return [
        PlaceQuality(
            name,
            *(guarded(counted[kind].get(name, 0), is_shown_in_full=actor.is_county) for kind in wanted),
        )
        for name in names
    ]
