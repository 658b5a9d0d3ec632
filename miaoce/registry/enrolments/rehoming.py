"""Re-homing: children of a place that closes, merges or splits go on in named groups, or enter their county's own list.

One moment, one transaction: the old stay ends and the new one begins on the same day. Set-based, however many.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims, clocks
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.approvals.models import Case, Clock
from miaoce.registry.approvals.states import IN_HAND, ChangedSinceShown, ChangeInHand
from miaoce.registry.children.models import Child, ChildQuerySet
from miaoce.registry.enrolments import states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions import rules as places
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal

PLACEMENT = "placement"
STOOD = {"rehome": "rehomed", "list": "listed", "place": "placed"}


@dataclass
class Rehomed:
    """What re-homing did: children who have a new group, children on the county's list, and why others stay."""

    moved: list[UUID] = field(default_factory=list)
    listed: list[UUID] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


@transaction.atomic
def rehome(*, chosen: Mapping[UUID, UUID | None], on: date, process: Process) -> Rehomed:
    """Move children (id → group id, None for the county's list) from a day on, or from their stay's start if it is later.

    Refuses a group of a kindergarten that may not take over (INS-05); alone, a child whose transfer is in hand (APR-08) and
    one that has no open stay here any more (ENR-02).
    """
    require(process.actor, Permission.INSTITUTION_CHANGE)
    groups = _groups(chosen, process)
    done = Rehomed()
    ids = list(chosen)
    for start in range(0, len(ids), rows.CHUNK):
        _some({child: chosen[child] for child in ids[start : start + rows.CHUNK]}, groups, on, process, done)
    return done


def _groups(chosen: Mapping[UUID, UUID | None], process: Process) -> dict[UUID, Group]:
    """Return the groups that take over; INS-05 for one whose kindergarten may not, INS-07 for one that is none."""
    wanted = {group for group in chosen.values() if group is not None}
    found = {group.pk: group for group in Group.objects.filter(pk__in=wanted).select_related("kindergarten")}
    if wanted - set(found):
        raise places.GroupNotThere
    for group in found.values():
        place = group.kindergarten
        if place.office_id != process.actor.unit_id or not place.is_licensed(journal.day_of(process)):
            raise places.NotASuccessor(name=place.name)
    return found


def _some(
    chosen: Mapping[UUID, UUID | None], groups: Mapping[UUID, Group], on: date, process: Process, done: Rehomed
) -> None:
    """Move up to CHUNK children."""
    children = {c.pk: c for c in Child.objects.visible_to(process.actor).filter(pk__in=list(chosen))}
    stays = {
        stay.child_id: stay
        for stay in Enrolment.objects.filter(child_id__in=list(children), state=states.ATTENDING, ended_on=None)
    }
    held = claims.in_hand(list(stays))
    moving = []
    for child_id in chosen:
        stay, claim = stays.get(child_id), held.get(child_id)
        if stay is None:
            label = states.STANDINGS[children[child_id].standing] if child_id in children else "不在本县名单里"
            done.refused[child_id] = states.StepNotAllowed(state=label, verb="安置")
        elif claim is not None and claim.kind == "transfer":
            done.refused[child_id] = ChangeInHand(kind=KINDS[claim.kind])
        else:
            moving.append(stay)
    leaving = [stay for stay in moving if chosen[stay.child_id] is None]
    staying = [stay for stay in moving if chosen[stay.child_id] is not None]
    _close(leaving, "leave", on, process)
    _close(staying, "transfer", on, process)
    _list(leaving, children, on, process)
    _settle(
        {stay.child_id: groups[g] for stay in staying if (g := chosen[stay.child_id])}, children, staying, on, process,
        step="rehome",
    )  # fmt: skip
    done.listed += [stay.child_id for stay in leaving]
    done.moved += [stay.child_id for stay in staying]


def _close(stays: Sequence[Enrolment], step: str, on: date, process: Process) -> None:
    """End stays on a day; all or none, because somebody who was faster changed the ground of the whole act."""
    way = states.STAY_STEPS[step]
    by_day: dict[date, list[Enrolment]] = defaultdict(list)
    for stay in stays:
        by_day[max(on, stay.started_on)].append(stay)
    changes = []
    for day, some in by_day.items():
        new = {"state": way.target, "ended_on": day}
        if Enrolment.objects.filter(pk__in=[s.pk for s in some], state__in=way.sources).update(**new) != len(some):
            raise ChangedSinceShown
        changes += [
            journal.changed(f"enrolment.{way.target}", s, new=new, child_id=s.child_id, effective_on=day) for s in some
        ]
    journal.note(process, changes)


def _list(stays: Sequence[Enrolment], children: Mapping[UUID, Child], on: date, process: Process) -> None:
    """Put children on their county's own list: the county has to find them a place, and its clock runs."""
    days = {stay.child_id: max(on, stay.started_on) for stay in stays}
    _stand([children[stay.child_id] for stay in stays], "list", {}, days, process)
    clocks.start(
        ticking=[
            clocks.Ticking(
                stay.pk,
                PLACEMENT,
                stay.child_id,
                "county",
                children[stay.child_id].office_id,
                children[stay.child_id].office_id,
            )
            for stay in stays
        ],
        process=process,
    )


def _settle(
    homes: Mapping[UUID, Group],
    children: Mapping[UUID, Child],
    former: Sequence[Enrolment],
    on: date,
    process: Process,
    *,
    step: str,
) -> None:
    """Open the new stays, bring the records along, and let what is in hand at the county follow the child."""
    opened = [
        Enrolment(
            child_id=stay.child_id, kindergarten_id=homes[stay.child_id].kindergarten_id, group_id=homes[stay.child_id].pk,
            state=states.ATTENDING, started_on=max(on, stay.ended_on or stay.started_on), entry_kind=stay.entry_kind,
            boarding=stay.boarding,
        )
        for stay in former
    ]  # fmt: skip
    rows.insert(opened)
    journal.note(
        process,
        [journal.made("enrolment.opened", s, child_id=s.child_id, effective_on=s.started_on) for s in opened],
    )
    days = {stay.child_id: stay.started_on for stay in opened}
    by_place: dict[UUID, list[Child]] = defaultdict(list)
    for child_id, group in homes.items():
        by_place[group.kindergarten_id].append(children[child_id])
    for place, some in by_place.items():
        _follow(some, place, process)
        _stand(some, step, {"kindergarten_id": place}, days, process)


def _stand(
    children: Sequence[Child], step: str, new: Mapping[str, object], on: Mapping[UUID, date], process: Process
) -> None:
    """Let children take a step together, each from its day on; all or none, for who was faster changed the ground of the act."""
    way = states.STEPS[step]
    stamp = {**new, "standing": way.target, "changed_at": process.at}
    mine = Child.objects.filter(pk__in=[c.pk for c in children])
    if mine.filter(standing__in=way.sources).update(**stamp, version=F("version") + 1) != len(children):
        raise ChangedSinceShown
    now = dict(mine.values_list("pk", "version"))  # read behind the write, so that the events tell what the rows hold
    for child in children:
        child.version = now[child.pk] - 1
    journal.note(
        process,
        [
            journal.changed(
                f"child.{STOOD[step]}", c, new={**stamp, "version": c.version + 1}, child_id=c.pk, effective_on=on[c.pk]
            )
            for c in children
        ],
    )


def _follow(children: Sequence[Child], kindergarten_id: UUID, process: Process) -> None:
    """Hand open cases and the clocks of the former kindergarten on to the one that takes over."""
    ids = [child.pk for child in children]
    open_cases = list(Case.objects.filter(child_id__in=ids, state__in=IN_HAND))
    new = {"kindergarten_id": kindergarten_id}
    Case.objects.filter(pk__in=[case.pk for case in open_cases]).update(**new)
    former = {child.kindergarten_id for child in children}
    running = list(Clock.objects.filter(child_id__in=ids, stopped_at=None, owner_id__in=former))
    Clock.objects.filter(pk__in=[clock.pk for clock in running]).update(owner_id=kindergarten_id)
    changes = [journal.changed("case.followed", case, new=new, child_id=case.child_id) for case in open_cases]
    changes += [
        journal.changed("clock.followed", clock, new={"owner_id": kindergarten_id}, child_id=clock.child_id)
        for clock in running
    ]
    journal.note(process, changes)


@transaction.atomic
def place(*, chosen: Mapping[UUID, UUID], on: date, process: Process) -> Rehomed:
    """Give children of the county's own list (id → group id) their new group. Refuses as `rehome`."""
    require(process.actor, Permission.INSTITUTION_CHANGE)
    groups, done = _groups(chosen, process), Rehomed()
    waiting = {child.pk: child for child in on_list(process.actor.unit_id or UUID(int=0)).filter(pk__in=list(chosen))}
    last = {stay.child_id: stay for stay in Enrolment.objects.filter(child_id__in=list(waiting)).order_by("ended_on")}
    done.refused = {c: states.StepNotAllowed(state="不在待安置名单里", verb="安置") for c in chosen if c not in waiting}
    homes = {child: groups[chosen[child]] for child in waiting}
    _settle(homes, waiting, [last[child] for child in waiting], on, process, step="place")
    clocks.stop(case_ids=[last[child].pk for child in waiting], process=process)
    done.moved = list(waiting)
    return done


def on_list(office_id: UUID) -> ChildQuerySet:
    """Return the children on a county's own list: their kindergarten closed and nobody has taken them in yet."""
    waiting = Clock.objects.filter(office_id=office_id, case_kind=PLACEMENT, stopped_at=None)
    return Child.objects.filter(office_id=office_id, standing=states.LEFT, pk__in=waiting.values("child_id"))
