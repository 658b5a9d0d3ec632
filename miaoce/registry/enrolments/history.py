"""A child as of any day, as known on any day, and the roll of a kindergarten as of any day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.timezone import localdate

from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.children.rules import DayToCome, NotKnownYet, NotRecordedYet
from miaoce.registry.enrolments import states
from miaoce.registry.enrolments.counting import true_on
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions import asof as places
from miaoce.registry.institutions.asof import PlaceThen
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import asof
from miaoce.registry.journal.facts import Facts, row_of
from miaoce.registry.journal.models import Event
from miaoce.registry.journal.rebuild import Key

WAITING = frozenset({states.APPLIED, states.WITHDRAWN})
SHOWN = ("name", "sex", "born_on")  # columns of a child that a roll shows


@dataclass(frozen=True)
class Then:
    """A child as it was on a day. `child` and `guardians` are rows that were never saved, sealed values as they were.

    `stay` is the one that held that day, None between stays; `place` and `group` where it was, as they were called then.
    """

    on: date
    known_on: date | None
    child: Child
    guardians: Sequence[Guardian]
    standing: str
    stay: Enrolment | None
    place: PlaceThen | None
    group: Group | None


def child_on(child_id: UUID, *, on: date, today: date, known_on: date | None = None) -> Then:
    """Return a child as it was on a day, as the register knows it now or knew it at the end of `known_on`.

    Refuses a day to come (CHD-22, also for `known_on`), one before the child's record (CHD-21), and a day of knowledge before
    it was recorded (CHD-23). A fixed number of statements.
    """
    if max(on, known_on or on) > today:
        raise DayToCome(last=today)
    known = asof.known_of(child_id, known_on=known_on)
    own = ("child", child_id.hex)
    first = known.first_on(own)
    if first is None:
        raise NotKnownYet(known_on=known_on or today, first=_recorded_on(child_id))
    if on < first:
        raise NotRecordedYet(first=first)
    true, ever = known.rows(on=on), known.rows()
    child = row_of(Child, child_id, true[own])
    stays = [row_of(Enrolment, key, facts) for key, facts in _of("enrolment", ever, child_id).items()]
    stay = next((one for one in stays if holds(one, on)), None)
    place = stay.kindergarten_id if stay else child.kindergarten_id
    return Then(
        on, known_on, child, [row_of(Guardian, key, facts) for key, facts in _of("guardian", true, child_id).items()],
        _standing(child, stay, stays, on), stay, places.places_of([place], on=on).get(place),
        Group.objects.select_related("school_year").filter(pk=stay.group_id).first() if stay else None,
    )  # fmt: skip


def holds(stay: Enrolment, on: date) -> bool:
    """Say whether a stay holds on a day: begun, not ended, and not taken back."""
    return stay.state != states.WITHDRAWN and stay.started_on <= on and (stay.ended_on is None or on < stay.ended_on)


def _of(noun: str, rows: Mapping[Key, Facts], child_id: UUID) -> dict[UUID, Facts]:
    """Return a child's rows of one table; rows beside an event's own do not name the child again."""
    return {UUID(hex=key): {**facts, "child_id": child_id.hex} for (table, key), facts in rows.items() if table == noun}


def _standing(child: Child, stay: Enrolment | None, stays: Sequence[Enrolment], on: date) -> str:
    """Return where a child stood on a day: its stay decides, and between two how the last one ended."""
    if stay is not None:
        return states.ATTENDING if stay.state not in WAITING else child.standing
    if child.standing != states.ATTENDING:
        return child.standing
    ended = [one for one in stays if one.ended_on is not None and one.ended_on <= on and one.state not in WAITING]
    last = max(ended, key=lambda one: (one.ended_on, one.pk), default=None)
    return last.state if last is not None and last.state in states.STANDINGS else child.standing


def _recorded_on(child_id: UUID) -> date | None:
    """Return the day on which the register learned of a child."""
    moment = Event.objects.filter(child_id=child_id).order_by("id").values_list("recorded_at", flat=True).first()
    return localdate(moment) if moment else None


@dataclass(frozen=True)
class Line:
    """A child on the roll of a day: `then` holds what a roll shows of it as it was that day, `stay` where it was."""

    child_id: UUID
    then: Child
    pinyin: str
    stay: Enrolment
    is_here: bool


def roll_on(kindergarten_id: UUID, *, on: date) -> list[Line]:
    """Return who attended a kindergarten on a day, by group and name, as they were called then.

    `is_here` says whether the record is still with that kindergarten. Three statements, four where a name changed since.
    """
    stays = Enrolment.objects.filter(true_on(on), kindergarten_id=kindergarten_id).select_related("group")
    held = {stay.child_id: stay for stay in stays}
    columns = ("id", "pinyin", "kindergarten_id", *SHOWN)
    children = {child.pk: child for child in Child.objects.filter(pk__in=list(held)).only(*columns)}
    then = _as_they_were(list(held), on)
    lines = [
        Line(pk, then.get(pk, child), child.pinyin, held[pk], child.kindergarten_id == kindergarten_id)
        for pk, child in children.items()
    ]
    return sorted(lines, key=lambda line: (line.stay.group.sort, line.stay.group.name, line.pinyin, line.child_id))


def _as_they_were(child_ids: Sequence[UUID], on: date) -> dict[UUID, Child]:
    """Return those of the children in whom something that a roll shows changed after a day, as they were then."""
    later = Event.objects.filter(child_id__in=child_ids, effective_on__gt=on, subject="child")
    changed = later.filter(after__has_any_keys=SHOWN).values_list("subject_id", flat=True)
    found = {}
    for child_id, known in asof.known_of_many(set(changed)).items():
        if facts := known.rows(on=on).get(("child", child_id.hex)):
            found[child_id] = row_of(Child, child_id, facts)
    return found
