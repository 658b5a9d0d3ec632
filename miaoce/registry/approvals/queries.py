"""Reads of cases: the county's list by cursor, counts that stop at a thousand, registration clocks.

No list counts all its rows: a tab says 999+ beyond that, so that a county with a hundred thousand cases costs as much as
one with a hundred. The number of statements of each function is said where it is not one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Min, Q

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal, ProposalQuerySet

PAGE = 50
MOST = 999  # a count stops here and says 999+
PENDING, LOOK, CLEAN, RETURNED, PASSED = "pending", "look", "clean", "returned", "passed"
TABS = {
    PENDING: Q(state=states.SUBMITTED),
    LOOK: Q(state=states.SUBMITTED, risk__gt=0),
    CLEAN: Q(state=states.SUBMITTED, risk=0),
    RETURNED: Q(state=states.RETURNED),
    PASSED: Q(state__in=[states.APPROVED, states.NUMBERED]),
}


@dataclass(frozen=True)
class Cursor:
    """A place in the county's list: behind one case, or before it. It holds an id and nothing personal."""

    case: UUID
    is_backwards: bool = False


@dataclass(frozen=True)
class Page:
    """One page of the list; `previous` and `following` are ids to go on from, None at the ends."""

    cases: Sequence[Proposal]
    previous: UUID | None
    following: UUID | None


def waiting_in(actor: Officer, tab: str, *, kindergarten_id: UUID | None = None) -> ProposalQuerySet:
    """Return the cases of a tab that the officer may see, of one kindergarten when it is named."""
    cases = Proposal.objects.visible_to(actor).filter(TABS[tab])
    return cases.filter(kindergarten_id=kindergarten_id) if kindergarten_id else cases


def page_of(
    cases: ProposalQuerySet, cursor: Cursor | None = None, *, among: ProposalQuerySet, most: int = PAGE
) -> Page:
    """Return a page, the risky ones first and among them the oldest; one statement, two behind a cursor.

    `among` are the cases that a cursor may name; one that names no such case leads to the first page.
    """
    anchor = among.filter(pk=cursor.case).first() if cursor else None
    backwards = cursor is not None and cursor.is_backwards and anchor is not None
    if anchor is not None:
        cases = cases.filter(_beside(anchor, is_before=backwards))
    order = ("risk", "-submitted_at", "-id") if backwards else ("-risk", "submitted_at", "id")
    found = list(cases.select_related("kindergarten").order_by(*order)[: most + 1])
    has_more, found = len(found) > most, found[:most]
    if backwards:
        found.reverse()
    has_previous = has_more if backwards else anchor is not None
    has_following = backwards or has_more
    return Page(
        found,
        found[0].pk if found and has_previous else None,
        found[-1].pk if found and has_following else None,
    )


def _beside(anchor: Proposal, *, is_before: bool) -> Q:
    """Return the condition of what stands before or behind a case in the order of the list."""
    risk, moment, row = (
        ("risk__gt", "submitted_at__lt", "id__lt") if is_before else ("risk__lt", "submitted_at__gt", "id__gt")
    )
    here = {"risk": anchor.risk, "submitted_at": anchor.submitted_at}
    return Q(**{f"{risk}e": anchor.risk}) & (  # the first condition alone is a range of the index
        Q(**{risk: anchor.risk}) | Q(risk=anchor.risk, **{moment: anchor.submitted_at}) | Q(**here, **{row: anchor.pk})
    )


def next_to_look_at(actor: Officer, *, after: Proposal) -> Proposal | None:
    """Return the case that a reviewer looks at next: the first risky one behind a case, or from the beginning."""
    risky = waiting_in(actor, LOOK).order_by("-risk", "submitted_at", "id")
    return risky.filter(_beside(after, is_before=False)).first() or risky.exclude(pk=after.pk).first()


def counts_of_tabs(actor: Officer, *, kindergarten_id: UUID | None = None) -> dict[str, int]:
    """Return how many cases each tab holds, at most `MOST` + 1. Five statements, none reads more than that."""
    return {tab: capped(waiting_in(actor, tab, kindergarten_id=kindergarten_id)) for tab in TABS}


def capped(cases: ProposalQuerySet) -> int:
    """Return how many cases there are, at most `MOST` + 1."""
    return cases.order_by().values("pk")[: MOST + 1].count()


@dataclass(frozen=True)
class PlaceCount:
    """A kindergarten and how many of its cases wait: all, and those to look at; the oldest moment and the next due day."""

    kindergarten_id: UUID
    code: str
    name: str
    waiting: int
    risky: int
    oldest_at: datetime | None
    due_on: date | None


def by_kindergarten(cases: ProposalQuerySet, *, most: int = 0) -> list[PlaceCount]:
    """Return how the cases spread over kindergartens, those with the nearest due day first."""
    counted = (
        cases.order_by()
        .values_list("kindergarten_id", "kindergarten__code", "kindergarten__name")
        .annotate(
            waiting=Count("id"), risky=Count("id", filter=Q(risk__gt=0)), oldest=Min("submitted_at"), due=Min("due_on")
        )
        .order_by("due", "kindergarten__name")
    )
    return [PlaceCount(*row) for row in (counted[:most] if most else counted)]


@dataclass(frozen=True)
class Return:
    """Cases that came back with the same reasons and words in one decision."""

    reasons: tuple[str, ...]
    words: str
    decided_at: datetime
    due_on: date
    child_ids: tuple[UUID, ...]


def returned_to(actor: Officer) -> ProposalQuerySet:
    """Return the cases that the county sent back to the officer's kindergarten and that wait there."""
    return Proposal.objects.visible_to(actor).filter(state=states.RETURNED)


def returns_to(actor: Officer, *, most: int = 200) -> list[Return]:
    """Return what the county sent back to the kindergarten and waits there, the oldest first, alike ones together."""
    cases = Proposal.objects.visible_to(actor).filter(state=states.RETURNED).order_by("decided_at", "id")[:most]
    alike: dict[tuple[UUID | None, tuple[str, ...], str], list[Proposal]] = {}
    for case in cases:
        alike.setdefault((case.decision_id, tuple(case.return_reasons), case.return_words), []).append(case)
    return [
        Return(
            reasons,
            words,
            group[0].decided_at,
            min(case.due_on for case in group),
            tuple(case.child_id for case in group),
        )
        for (_, reasons, words), group in alike.items()
        if group[0].decided_at is not None
    ]


@dataclass(frozen=True)
class RegistrationClock:
    """Running registration clocks: how many cases entered on or before two days ago, and the nearest due day."""

    warn: int
    red: int
    due_on: date | None


AT_KINDERGARTEN = (states.RETURNED, states.WITHDRAWN)
AT_COUNTY = (states.SUBMITTED,)


def clocks_of(actor: Officer, *, at: Iterable[str], warn_from: date, red_from: date) -> RegistrationClock:
    """Return the clocks that run for the officer: cases standing at one side that entered on or before these days."""
    running = Proposal.objects.visible_to(actor).filter(state__in=list(at))
    late = running.filter(entered_on__lte=warn_from)
    found = late.aggregate(
        warn=Count("id", filter=Q(entered_on__gt=red_from)),
        red=Count("id", filter=Q(entered_on__lte=red_from)),
        due=Min("due_on"),
    )
    return RegistrationClock(found["warn"], found["red"], found["due"])


def waiting_at_county(actor: Officer) -> tuple[int, date | None, datetime | None]:
    """Return how many of the officer's cases wait for a decision, the nearest due day and the oldest submission."""
    found = (
        Proposal.objects.visible_to(actor)
        .filter(state=states.SUBMITTED)
        .aggregate(waiting=Count("id"), due=Min("due_on"), oldest=Min("submitted_at"))
    )
    return found["waiting"], found["due"], found["oldest"]


def numbered_since(actor: Officer, moment: datetime) -> int:
    """Return how many children that were decided on since a moment have their number."""
    return Proposal.objects.visible_to(actor).filter(state=states.NUMBERED, decided_at__gte=moment).count()


def by_office_and_state(path: str) -> dict[UUID, dict[str, int]]:
    """Return how many cases each office below a path has in each state; one statement."""
    return _tally(Proposal.objects.filter(office__path__startswith=path), "office_id")


def by_kindergarten_and_state(actor: Officer) -> dict[UUID, dict[str, int]]:
    """Return how many cases each kindergarten of the officer's county has in each state; one statement."""
    return _tally(Proposal.objects.visible_to(actor), "kindergarten_id")


def states_of(actor: Officer) -> Mapping[str, int]:
    """Return how many of the officer's cases stand in each state; one statement."""
    cases = Proposal.objects.visible_to(actor).order_by().values_list("state").annotate(Count("id"))
    return dict(cases)


def _tally(cases: ProposalQuerySet, place: str) -> dict[UUID, dict[str, int]]:
    """Return counts by place and state."""
    found: dict[UUID, dict[str, int]] = {}
    for where, state, count in cases.order_by().values_list(place, "state").annotate(Count("id")):
        found.setdefault(where, {})[state] = count
    return found


def cases_of(actor: Officer, case_ids: Iterable[UUID]) -> list[Proposal]:
    """Return cases that the officer may see, with their kindergartens, in the order of the ids given."""
    wanted = list(case_ids)
    found = Proposal.objects.visible_to(actor).select_related("kindergarten").in_bulk(wanted)
    return [found[case] for case in wanted if case in found]
