"""Graduation (毕业), in bulk at the end of July: who is of age and not deferred; the others are left out and it is said why.

Who may still be put right by case when it was wrong; see restoring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import claims
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import rules, states, steps
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.steps import Outcome
from miaoce.registry.institutions import asof
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.institutions.models import SchoolYear
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal

AFTER = (states.GRADUATED, states.DEFERRED, states.PROMOTED)
"""Where a child may stand after it graduated, alive and known."""


def season_day(code: str, *, year: SchoolYear, office_code: str) -> date:
    """Return a day of the list `season` in the summer that ends a school year; a province's own row wins ("99/graduation.on")."""
    book = reference.codebook(year.ends_on)
    own = book.extra("season", f"{office_code[:2]}/{code}")  # noqa: S610 - a code list, no SQL
    month, _, day = (own or book.extra("season", code))["month_day"].partition("-")  # noqa: S610 - a code list, no SQL
    return date(year.ends_on.year, int(month), int(day))


@transaction.atomic
def graduate(*, chosen: Mapping[UUID, int], on: date, process: Process) -> Outcome:
    """Let attending children (id → version seen) graduate on a day of the season; their stays end, their numbers go on.

    Refuses for all a day outside the season (ENR-13); alone who does not attend (ENR-02), changed since (ENR-03), began later
    than the day or the day lies ahead (ENR-04), is not of age (ENR-11), is deferred (ENR-12), has a change in hand (APR-08).
    """
    year = institutions.school_year_of(on)
    if year is None:
        raise rules.OutOfSeason(first=on, last=on)
    first = season_day("graduation.from", year=year, office_code=_province(process.actor))
    rules.must_be_in_season(on, first=first, last=year.ends_on)
    today = journal.day_of(process)
    taken = steps.take("graduate", chosen=chosen, among=steps.visible(process), process=process)

    def may_graduate(child: Child, stay: Enrolment) -> None:
        rules.must_lie_within(on, first=stay.started_on, last=today)
        rules.must_graduate(born_on=child.born_on, deferred_until_on=child.deferred_until_on, ends_on=year.ends_on)

    taken.only_if(may_graduate)
    new = {"standing": states.STEPS["graduate"].target}
    steps.move(taken, verb="child.graduated", new=new, on=on, process=process)
    ended = taken.own_stays()
    days = {stay.child_id: on for stay in ended}
    steps.close(ended, verb="enrolment.graduated", step="graduate", on=days, process=process)
    return steps.outcome(taken, process)


def _province(actor: Officer) -> str:
    """Return the code of the actor's province; nothing for the system, which follows the nation's days."""
    codes = actor.unit_path.strip("/").split("/")
    return codes[1] if len(codes) > 1 else ""


def here_of(actor: Officer) -> UUID:
    """Return the kindergarten that an officer works at; an id that nothing has for whoever works nowhere."""
    return actor.unit_id or UUID(int=0)


def ending_year(actor: Officer, *, on: date) -> SchoolYear | None:
    """Return the school year that a kindergarten's children graduate from on a day.

    The present one from the beginning of its season; before that the one before, as long as children still sit in its classes.
    """
    present = institutions.school_year_of(on)
    if present is None or on >= season_day("graduation.from", year=present, office_code=_province(actor)):
        return present
    former = institutions.school_year_of(present.starts_on - timedelta(days=1))
    left = Enrolment.objects.filter(kindergarten_id=here_of(actor), state=states.ATTENDING, ended_on=None)
    return former if former and left.filter(group__school_year=former).exists() else present


def usual_day(actor: Officer, year: SchoolYear, *, on: date) -> tuple[date, date]:
    """Return the first day of the season that ends a school year, and the day a form offers: the usual one, or today before it."""
    first, usual = (
        season_day(code, year=year, office_code=_province(actor)) for code in ("graduation.from", "graduation.on")
    )
    return first, max(first, min(on, usual))


@dataclass(frozen=True)
class Candidate:
    """A child at the end of a school year: its stay, and why it goes on in kindergarten, None where it graduates."""

    child: Child
    stay: Enrolment
    why_not: Refusal | None = None


def candidates(actor: Officer, year: SchoolYear) -> Sequence[Candidate]:
    """Return the attending children of a kindergarten that sit in a class that ends with this year or are of age for school.

    In the order of groups and names. Four statements.
    """
    mine = Child.objects.visible_to(actor).filter(standing=states.ATTENDING)
    children = {child.pk: child for child in mine.order_by("pinyin", "id")}
    stays = Enrolment.objects.filter(child_id__in=list(children), ended_on=None, state=states.ATTENDING)
    by_child = {stay.child_id: stay for stay in stays.select_related("group")}
    held = claims.in_hand(by_child)
    found = []
    for pk, child in children.items():
        stay = by_child.get(pk)
        if stay is None or (stay.group.kind != "senior" and child.born_on > rules.born_by(year.ends_on)):
            continue
        refusal: Refusal | None = cases.ChangeInHand(kind=KINDS[held[pk].kind]) if pk in held else None
        found.append(Candidate(child, stay, refusal or _why_not(child, year)))
    return sorted(found, key=lambda one: (one.stay.group.sort, one.stay.group.name))


def _why_not(child: Child, year: SchoolYear) -> Refusal | None:
    """Return why a child goes on in kindergarten after a school year."""
    try:
        rules.must_graduate(born_on=child.born_on, deferred_until_on=child.deferred_until_on, ends_on=year.ends_on)
    except Refusal as refusal:
        return refusal
    return None


@dataclass(frozen=True)
class Graduate:
    """A child that graduated: when it came to this kindergarten, when it left, and what the kindergarten was called then."""

    child: Child
    stay: Enrolment
    entered_on: date
    graduated_on: date
    kindergarten: str


def years_with_graduates(kindergarten_id: UUID) -> list[tuple[SchoolYear, int]]:
    """Return the school years from which children of a kindergarten graduated, with their number, the newest first."""
    stays = Enrolment.objects.filter(kindergarten_id=kindergarten_id, state=states.GRADUATED)
    counts = dict(stays.order_by().values_list("group__school_year_id").annotate(Count("id")))
    years = SchoolYear.objects.in_bulk(list(counts)).values()
    return [(year, counts[year.pk]) for year in sorted(years, key=lambda year: year.starts_on, reverse=True)]


def graduates(
    actor: Officer, *, year_id: UUID | None = None, child_ids: Sequence[UUID] = (), most: int
) -> list[Graduate]:
    """Return children that graduated from the officer's kindergarten: of a school year, or these, in the order of names.

    Nobody whose record was cancelled since: no certificate goes out for a child that died. A fixed number of statements.
    """
    here = here_of(actor)
    stays = Enrolment.objects.filter(kindergarten_id=here, state=states.GRADUATED)
    chosen = stays.filter(group__school_year_id=year_id) if year_id else stays.filter(child_id__in=list(child_ids))
    alive = Child.objects.visible_to(actor).filter(standing__in=AFTER, pk__in=chosen.values("child_id"))
    children = list(alive.order_by("pinyin", "id")[:most])
    ids = [child.pk for child in children]
    last = {stay.child_id: stay for stay in chosen.filter(child_id__in=ids).order_by("ended_on", "id")}
    came = Enrolment.objects.filter(child_id__in=ids, kindergarten_id=here).exclude(state=states.WITHDRAWN)
    first = dict(came.order_by().values_list("child_id").annotate(Min("started_on")))
    names = {
        day: asof.places_of([here], on=day)[here].name
        for day in {stay.ended_on for stay in last.values() if stay.ended_on}
    }
    return [
        Graduate(child, last[child.pk], first[child.pk], day, names[day])
        for child in children
        if (day := last[child.pk].ended_on)
    ]
