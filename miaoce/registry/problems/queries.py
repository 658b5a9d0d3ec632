"""Reads of problem records for those who take part: lists, counts, one problem whole, the cluster that it belongs to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from miaoce.registry import rows
from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child
from miaoce.registry.matching import comparison
from miaoce.registry.problems import comparing, states
from miaoce.registry.problems.comparing import Line
from miaoce.registry.problems.models import ProblemRecord, ProblemRecordQuerySet, ProblemSide
from miaoce.registry.problems.opening import CLOCK
from miaoce.registry.problems.parties import is_own, verbs_of, viewer_of
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer, shown

PAGE = 50
MOST = 1_000
MINE, OTHERS = "mine", "others"
LARGEST = 50
"""How many records a cluster is read to; what lies beyond is said to be more."""


@dataclass(frozen=True)
class Filters:
    """What a list of problems is narrowed by; everything empty means all. `turn`: MINE waits for my unit, OTHERS for others."""

    state: str = ""
    kind: str = ""
    turn: str = ""
    is_in_hand: bool = False


@dataclass(frozen=True)
class SideShown:
    """One record of a problem in a list or on its page: whose it is, its name masked, and what was said."""

    side: ProblemSide
    kindergarten: str
    county: str
    name: str
    is_mine: bool
    words: str = ""

    @property
    def saying(self) -> str:
        """What this side says, in words; empty while it has said nothing."""
        return states.SAYINGS.get(self.side.said, states.ANSWERS.get(self.side.answer, ""))


@dataclass(frozen=True)
class Shown:
    """One problem in a list: its records, its due day, and whether it waits for the officer's unit."""

    problem: ProblemRecord
    sides: Sequence[SideShown]
    due_on: date | None
    is_mine: bool


@dataclass(frozen=True)
class Page:
    """One page of problems, the oldest first, and the cursors beside it."""

    problems: Sequence[Shown]
    previous: UUID | None
    following: UUID | None

    @property
    def child_ids(self) -> list[UUID]:
        """The children that the page shows, for the read log."""
        return sorted({child for one in self.problems for child in one.problem.child_ids})


@dataclass(frozen=True)
class Detail:
    """One problem whole, as an officer may see it: records side by side, why they were found, what may be done."""

    problem: ProblemRecord
    sides: Sequence[SideShown]
    lines: Sequence[Line]
    reasons: Sequence[str]
    verbs: Sequence[str]
    due: Sequence[Clock]
    decided_words: str
    office: str
    clusters_with: Sequence[UUID] = field(default_factory=tuple)


@dataclass(frozen=True)
class Cluster:
    """Records that problems in hand connect: the problems that the officer may see, the children, how many lie beyond."""

    child_ids: Sequence[UUID]
    problems: Sequence[Shown]
    lines: Sequence[Line]
    hidden: int


def narrowed(actor: Officer, filters: Filters) -> ProblemRecordQuerySet:
    """Return the problems of the officer's unit that fit every filter."""
    found = ProblemRecord.objects.visible_to(actor)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.is_in_hand:
        found = found.filter(state__in=states.IN_HAND)
    if filters.turn == MINE:
        found = found.filter(pk__in=waiting(actor).values("case_id"))
    if filters.turn == OTHERS:
        found = found.filter(state__in=states.IN_HAND).exclude(pk__in=waiting(actor).values("case_id"))
    return found


def waiting(actor: Officer) -> QuerySet[Clock]:
    """Return the open clocks of problems that wait for the officer's unit."""
    if actor.unit_id is None:
        return Clock.objects.none()
    return Clock.objects.filter(owner_id=actor.unit_id, case_kind=CLOCK, stopped_at=None)


def counts(actor: Officer, filters: Filters, *, most: int = MOST) -> dict[str, int]:
    """Return how many problems there are by turn, by state and by kind in hand, none counted beyond `most`. One statement."""
    asked: dict[str, Filters] = {"": filters, MINE: Filters(turn=MINE), OTHERS: Filters(turn=OTHERS)}
    asked |= {state: Filters(state=state, kind=filters.kind) for state in states.LABELS}
    asked |= {kind: Filters(kind=kind, is_in_hand=True) for kind in states.KINDS}
    found = rows.counted([narrowed(actor, one) for one in asked.values()], most=most)
    return dict(zip(asked, found, strict=True))


def page_of(
    actor: Officer, filters: Filters, *, after: UUID | None = None, before: UUID | None = None, most: int = PAGE
) -> Page:
    """Return up to `most` problems in the order they were opened, from the one with that id on. The caller logs the reading."""
    found = narrowed(actor, filters)
    if after is not None:
        found = found.filter(pk__gt=after)
    if before is not None:
        found = found.filter(pk__lt=before)
    backwards = before is not None and after is None
    taken = list(found.order_by("-pk" if backwards else "pk")[: most + 1])
    more, taken = len(taken) > most, taken[:most]
    if backwards:
        taken.reverse()
    first, last = (taken[0].pk, taken[-1].pk) if taken else (None, None)
    has_previous = more if backwards else after is not None
    has_following = before is not None if backwards else more
    return Page(shown_of(taken, actor), first if has_previous else None, last if has_following else None)


def shown_of(problems: Sequence[ProblemRecord], actor: Officer) -> list[Shown]:
    """Return problems as a list shows them. Four statements however many."""
    pks = [problem.pk for problem in problems]
    sides = _sides(pks)
    names = dict(
        Child.objects.filter(pk__in=[s.child_id for some in sides.values() for s in some]).values_list("pk", "name")
    )
    running: dict[UUID, list[Clock]] = {}
    for clock in Clock.objects.filter(case_id__in=pks, case_kind=CLOCK, stopped_at=None).order_by("due_on"):
        running.setdefault(clock.case_id, []).append(clock)
    told = []
    for problem in problems:
        clocks = running.get(problem.pk, [])
        mine = [clock for clock in clocks if clock.owner_id == actor.unit_id]
        due = next((clock.due_on for clock in (mine or clocks)), None)
        told.append(Shown(problem, _side_lines(problem, sides.get(problem.pk, []), names, actor, {}), due, bool(mine)))
    return told


def _sides(problem_ids: Collection[UUID]) -> dict[UUID, list[ProblemSide]]:
    """Return the sides of problems, in the order of their children."""
    found: dict[UUID, list[ProblemSide]] = {}
    asked = ProblemSide.objects.filter(problem_id__in=list(problem_ids)).select_related("kindergarten", "office")
    for side in asked.order_by("child_id"):
        found.setdefault(side.problem_id, []).append(side)
    return found


def _side_lines(
    problem: ProblemRecord,
    sides: Sequence[ProblemSide],
    names: Mapping[UUID, str],
    actor: Officer,
    words: Mapping[UUID, str],
) -> list[SideShown]:
    """Return the records of a problem as an officer sees them: a foreign name in full only where it is the officer's own too."""
    own = {names.get(s.child_id, "") for s in sides if viewer_of(actor, problem, s) is not Viewer.COMPARING}
    told = []
    for side in sides:
        name = names.get(side.child_id, "")
        cell = name if name in own else shown(Field.NAME, name, viewer_of(actor, problem, side))
        told.append(
            SideShown(
                side, side.kindergarten.name, side.office.name, cell, is_own(actor, side), words.get(side.child_id, "")
            )
        )
    return told


def detail(actor: Officer, problem_id: UUID, *, on: date) -> Detail | None:
    """Return one problem whole, None where there is none or it is foreign. The caller logs the reading of its children first.

    What the other side wrote is shown to both: it was written to be read by all parties of this problem.
    """
    problem = ProblemRecord.objects.visible_to(actor).select_related("office").filter(pk=problem_id).first()
    if problem is None:
        return None
    sides = _sides([problem.pk]).get(problem.pk, [])
    names = dict(Child.objects.filter(pk__in=problem.child_ids).values_list("pk", "name"))
    words = _words(sides)
    running = list(Clock.objects.filter(case_id=problem.pk, case_kind=CLOCK, stopped_at=None).order_by("due_on"))
    return Detail(
        problem=problem,
        sides=_side_lines(problem, sides, names, actor, words),
        lines=comparing.lines_of({s.child_id: viewer_of(actor, problem, s) for s in sides}, on=on),
        reasons=comparison.reasons(problem.code) if problem.code else [],
        verbs=verbs_of(actor, problem, sides),
        due=running,
        decided_words=_decided_words(problem),
        office=problem.office.name,
        clusters_with=_beside(problem, actor),
    )


def _words(sides: Sequence[ProblemSide]) -> dict[UUID, str]:
    """Return what sides wrote."""
    having = [side for side in sides if side.words is not None]
    safe = vault.open_safe([side.child_id for side in having])
    return {s.child_id: safe.open(s.child_id, "problem_side", "words", s.pk, bytes(s.words or b"")) for s in having}


def _decided_words(problem: ProblemRecord) -> str:
    """Return what the decision said."""
    if problem.words is None:
        return ""
    return vault.open_safe([problem.one_id]).open(
        problem.one_id, "problem_record", "words", problem.pk, bytes(problem.words)
    )


def touching(child_ids: Collection[UUID]) -> QuerySet[ProblemRecord]:
    """Return the pairs in hand that name one of these children."""
    ids = list(child_ids)
    pairs = ProblemRecord.objects.filter(state__in=states.IN_HAND, other_id__isnull=False)
    return pairs.filter(Q(one_id__in=ids) | Q(other_id__in=ids))


def _beside(problem: ProblemRecord, actor: Officer) -> tuple[UUID, ...]:
    """Return the other pairs in hand of the same children that the officer may see."""
    if not problem.is_pair:
        return ()
    mine = ProblemRecord.objects.visible_to(actor).values("pk")
    found = touching(problem.child_ids).filter(pk__in=mine).exclude(pk=problem.pk)
    return tuple(found.order_by("pk").values_list("pk", flat=True)[:LARGEST])


def cluster_of(actor: Officer, problem_id: UUID, *, on: date) -> Cluster | None:
    """Return the cluster of a problem: every record that pairs in hand connect with it, step by step; None where foreign.

    Records of units that the officer has nothing to do with are counted and not shown. The caller logs the reading.
    """
    start = ProblemRecord.objects.visible_to(actor).filter(pk=problem_id).first()
    if start is None:
        return None
    children, pairs = set(start.child_ids), {start.pk: start}
    frontier = set(children)
    while frontier and len(children) < LARGEST:
        reached = {p.pk: p for p in touching(frontier) if p.pk not in pairs}
        pairs |= reached
        frontier = {child for p in reached.values() for child in p.child_ids} - children
        children |= frontier
    seen = set(ProblemRecord.objects.visible_to(actor).filter(pk__in=list(pairs)).values_list("pk", flat=True))
    mine = [pairs[pk] for pk in sorted(seen)]
    return _cluster(mine, actor, hidden=len(pairs) - len(mine), on=on)


def _cluster(problems: Sequence[ProblemRecord], actor: Officer, *, hidden: int, on: date) -> Cluster:
    """Return a cluster with its records side by side; who sees a record well by one problem sees it so."""
    sides = _sides([p.pk for p in problems])
    viewers: dict[UUID, Viewer] = {}
    for problem in problems:
        for side in sides.get(problem.pk, []):
            viewer = viewer_of(actor, problem, side)
            if viewers.get(side.child_id, Viewer.COMPARING) is Viewer.COMPARING:
                viewers[side.child_id] = viewer
    ordered = {child: viewers[child] for child in sorted(viewers)}
    return Cluster(list(ordered), shown_of(problems, actor), comparing.lines_of(ordered, on=on), hidden)
