"""Reads of stays: which group a child is in, who is in a group, where a child has been."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Min, QuerySet

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child, ChildQuerySet
from miaoce.registry.enrolments import states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal.models import Event, Process

DESTINATION = "destination"
"""The kind of the clock that runs until it is known whereto a child went."""


def open_stays(child_ids: Iterable[UUID]) -> dict[UUID, Enrolment]:
    """Return the open stay of each child that has one, with its group; one statement."""
    stays = Enrolment.objects.filter(child_id__in=list(child_ids), ended_on__isnull=True).select_related("group")
    return {stay.child_id: stay for stay in stays}


def group_names(child_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the name of the group that each child's open stay is in; one statement and no models, for lists."""
    stays = Enrolment.objects.filter(child_id__in=list(child_ids), ended_on__isnull=True)
    return dict(stays.values_list("child_id", "group__name"))


def in_group(children: ChildQuerySet, group_id: UUID) -> ChildQuerySet:
    """Keep the children whose open stay is in a group."""
    stays = Enrolment.objects.filter(group_id=group_id, ended_on__isnull=True)
    return children.filter(pk__in=stays.values("child_id"))


def stays_of(child_id: UUID) -> Sequence[Enrolment]:
    """Return every stay of a child with its kindergarten and group, the newest first."""
    return list(
        Enrolment.objects.filter(child_id=child_id)
        .select_related("kindergarten", "group__school_year")
        .order_by("-started_on", "-id")
    )


@dataclass(frozen=True)
class Heads:
    """The children of a group: those that attend (在园, with a number), and those whose registration still waits."""

    attending: int = 0
    applied: int = 0

    @property
    def present(self) -> int:
        """How many sit in the room: what a size norm is about."""
        return self.attending + self.applied


def heads_of(group_ids: Iterable[UUID]) -> dict[UUID, Heads]:
    """Return the children of each group that has any; one statement."""
    stays = Enrolment.objects.filter(
        group_id__in=list(group_ids), ended_on__isnull=True, state__in=[states.APPLIED, states.ATTENDING]
    )
    counts: dict[UUID, dict[str, int]] = {}
    for group, state, count in stays.order_by().values_list("group_id", "state").annotate(Count("id")):
        counts.setdefault(group, {})[state] = count
    return {group: Heads(one.get(states.ATTENDING, 0), one.get(states.APPLIED, 0)) for group, one in counts.items()}


def over_norm(office_id: UUID, *, on: date, most: int) -> list[tuple[Group, int]]:
    """Return the groups of a county's kindergartens that hold more children than their norm, the fullest first.

    Two statements.
    """
    here = Group.objects.of_day(on).filter(kindergarten__office_id=office_id)
    stays = Enrolment.objects.filter(group__in=here, ended_on__isnull=True, state__in=states.OPEN_STAYS)
    counted = stays.order_by().values_list("group_id", "group__size_norm").annotate(size=Count("id"))
    sizes = {group: size for group, norm, size in counted.filter(size__gt=F("group__size_norm"))}
    groups = Group.objects.select_related("kindergarten").in_bulk(list(sizes))
    over = sorted(groups.values(), key=lambda group: (group.size_norm - sizes[group.pk], group.pk))
    return [(group, sizes[group.pk]) for group in over[:most]]


@dataclass(frozen=True)
class Whereto:
    """A child that left for nobody knows where: its stay with kindergarten and group, and until when that is to be known."""

    child: Child
    stay: Enrolment
    due_on: date


def whereto_unknown(actor: Officer, *, most: int) -> list[Whereto]:
    """Return the children whose destination their kindergarten still owes, the nearest due day first. Three statements.

    A kindergarten sees those that left it, a county those of its kindergartens; nobody else sees any.
    """
    found = list(_owed(actor).order_by("due_on", "id")[:most])
    children = Child.objects.select_related("kindergarten").in_bulk([clock.child_id for clock in found])
    stays = Enrolment.objects.select_related("kindergarten", "group").in_bulk([clock.case_id for clock in found])
    return [Whereto(children[clock.child_id], stays[clock.case_id], clock.due_on) for clock in found]


def whereto_count(actor: Officer) -> tuple[int, date | None]:
    """Return how many destinations are still owed and the nearest due day. One statement."""
    counted = _owed(actor).aggregate(count=Count("id"), due=Min("due_on"))
    return counted["count"], counted["due"]


def _owed(actor: Officer) -> QuerySet[Clock]:
    """Return the running clocks of destinations that an officer's unit sees."""
    running = Clock.objects.filter(case_kind=DESTINATION, stopped_at=None)
    if actor.unit_id is not None and actor.is_kindergarten:
        return running.filter(owner_id=actor.unit_id)
    return running.filter(office_id=actor.unit_id) if actor.unit_id and actor.is_county else running.none()


@dataclass(frozen=True)
class Result:
    """What a change did: its kind, the children that took it, and by id why the others did not."""

    kind: str
    done: Sequence[UUID]
    refused: Mapping[UUID, str]


def result_of(actor: Officer, process_id: UUID, *, kinds: Collection[str]) -> Result | None:
    """Return what a change of the officer's unit did, None for a foreign or unknown one. Two statements."""
    doing = Process.objects.filter(pk=process_id, unit_id=actor.unit_id, kind__in=kinds).first()
    if doing is None:
        return None
    events = Event.objects.filter(process_id=process_id, subject__in=["child", "refusal"]).order_by("id")
    done, refused = list[UUID](), dict[UUID, str]()
    for subject, subject_id, after in events.values_list("subject", "subject_id", "after"):
        if subject == "child":
            done.append(subject_id)
        else:
            refused[subject_id] = after["words"]
    return Result(doing.kind, done, refused)
