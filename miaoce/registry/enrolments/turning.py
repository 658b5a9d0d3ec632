"""The turn of the school year (升班): next year's classes made from this year's, by a plan that a person reads before it happens.

小→中→大 by class, 托 and 混龄 by birth. The plan is data; making it true is set-based, for one kindergarten or for all of a
county together. It can be undone until the first later change of one of its children.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.access.officers import Denied, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import rules, states, steps
from miaoce.registry.enrolments.models import Enrolment, YearPlan
from miaoce.registry.enrolments.moving import followed_by
from miaoce.registry.enrolments.steps import Outcome, Taken
from miaoce.registry.institutions.models import Group, SchoolYear
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event, Process
from miaoce.registry.reference import queries as reference

SHORT = {"nursery": "托", "junior": "小", "middle": "中", "senior": "大", "mixed": "混龄"}
JUNE = 6  # from June on the coming year is planned, before it the one that began


def first_day(on: date) -> date:
    """Return the first day of the school year whose turn is planned on a day."""
    return date(on.year if on.month >= JUNE else on.year - 1, 9, 1)


@transaction.atomic
def draw(*, kindergarten_id: UUID, process: Process) -> YearPlan:
    """Draw the plan of a kindergarten by the rules, in place of the draft that stands. Refuses ENR-17 where nobody is to be moved.

    A plan that was made true stays as it is and is returned.
    """
    require(process.actor, Permission.ENROLMENT_CHANGE)
    _must_be_own(kindergarten_id, process)
    starts_on = first_day(journal.day_of(process))
    year = _year(starts_on, process)
    standing = plan_of(kindergarten_id, starts_on)
    if standing is not None and standing.state == YearPlan.DONE:
        return standing
    old = list(Group.objects.of_day(starts_on - timedelta(days=1)).filter(kindergarten_id=kindergarten_id))
    stays = _sitting(old)
    if not stays:
        raise rules.NothingToTurn
    children = Child.objects.in_bulk([stay.child_id for stay in stays])
    groups = _groups(old, Group.objects.filter(kindergarten_id=kindergarten_id, school_year=year), starts_on)
    moves = _moves(stays, children, groups, {group.pk: group for group in old}, starts_on)
    return _store(standing, {"groups": list(groups.values()), "moves": moves}, kindergarten_id, year, process)


def _must_be_own(kindergarten_id: UUID, process: Process) -> None:
    """Let only the system and the kindergarten itself plan."""
    if process.actor.role_code != "system" and process.actor.unit_id != kindergarten_id:
        raise Denied(permission=Permission.ENROLMENT_CHANGE)


def _year(starts_on: date, process: Process) -> SchoolYear:
    """Return the school year that begins on a day; it is opened where nobody did so before."""
    name = f"{starts_on.year}—{starts_on.year + 1}学年"
    ends_on = date(starts_on.year + 1, 8, 31)
    made = SchoolYear(name=name, starts_on=starts_on, ends_on=ends_on)
    SchoolYear.objects.bulk_create([made], ignore_conflicts=True)
    year = SchoolYear.objects.get(starts_on=starts_on)
    if year.pk == made.pk:
        journal.note(process, [journal.made("school_year.opened", year)])
    return year


def plan_of(kindergarten_id: UUID, starts_on: date) -> YearPlan | None:
    """Return the plan that stands for a kindergarten and a school year: a draft, or one that was made true."""
    plans = YearPlan.objects.filter(kindergarten_id=kindergarten_id, school_year__starts_on=starts_on)
    return plans.exclude(state=YearPlan.UNDONE).select_related("school_year").first()


def _sitting(groups: Collection[Group]) -> list[Enrolment]:
    """Return the open stays of the attending children of groups."""
    found: list[Enrolment] = []
    for part in steps.parts(sorted(group.pk for group in groups)):
        found += Enrolment.objects.filter(group_id__in=part, state=states.ATTENDING, ended_on=None)
    return sorted(found, key=lambda stay: stay.pk)


def _groups(old: Sequence[Group], known: Collection[Group], starts_on: date) -> dict[str, dict[str, Any]]:
    """Return next year's classes by name: those known, those that go up under their new name, those that begin anew."""
    book = reference.codebook(starts_on)
    wanted = {group.name: _class(group.name, group.kind, group.size_norm) for group in known}
    for group in sorted(old, key=lambda one: (one.sort, one.name)):
        if group.kind in {"nursery", "junior", "mixed"}:
            wanted.setdefault(group.name, _class(group.name, group.kind, group.size_norm))
        if group.kind in rules.NEXT_KIND:
            kind = rules.NEXT_KIND[group.kind]
            norm = int(book.extra("group_kind", kind)["size"])  # noqa: S610 - a code list, no SQL
            name = risen(group.name, group.kind)
            wanted.setdefault(name, _class(name, kind, norm))
        if group.kind == "senior":  # for those who stay
            wanted.setdefault(group.name, _class(group.name, group.kind, group.size_norm))
    order = {kind: place for place, kind in enumerate(SHORT)}
    return dict(sorted(wanted.items(), key=lambda item: (order[item[1]["kind"]], item[0])))


def _class(name: str, kind: str, size_norm: int) -> dict[str, Any]:
    return {"name": name, "kind": kind, "size_norm": size_norm}


def risen(name: str, kind: str) -> str:
    """Return what a class is called a year later: 小一班 → 中一班; a name of its own gets its kind before it."""
    short = SHORT[rules.NEXT_KIND[kind]]
    return short + (name[1:] if name.startswith(SHORT[kind]) else f"（{name}）")[:19]


def _moves(
    stays: Sequence[Enrolment], children: Mapping[UUID, Child], groups: Mapping[str, Mapping[str, Any]],
    old: Mapping[UUID, Group], starts_on: date,
) -> dict[str, str]:  # fmt: skip
    """Return where each child goes: up with its class, or into the emptiest class of the kind that its birth leads to."""
    moves, sizes = {}, Counter[str]()
    for stay in stays:
        group, child = old[stay.group_id], children[stay.child_id]
        kind = rules.next_kind(
            kind=group.kind, born_on=child.born_on, deferred_until_on=child.deferred_until_on, starts_on=starts_on
        )
        fitting = [name for name, one in groups.items() if one["kind"] == kind]
        same = risen(group.name, group.kind) if group.kind in rules.NEXT_KIND else group.name
        name = same if same in fitting else min(fitting, key=lambda one: (sizes[one], one), default="")
        moves[stay.child_id.hex] = name
        sizes[name] += 1
    return moves


def _store(
    standing: YearPlan | None, values: Mapping[str, Any], kindergarten_id: UUID, year: SchoolYear, process: Process
) -> YearPlan:
    """Write a draft, over the one that stands."""
    if standing is None:
        plan = YearPlan(kindergarten_id=kindergarten_id, school_year=year, made_at=process.at, **values)
        plan.save(force_insert=True)
        journal.note(
            process, [journal.Change("year_plan.drawn", "year_plan", plan.pk, after={"count": len(plan.moves)})]
        )
        return plan
    _write(standing, values, process, verb="year_plan.drawn")
    return standing


def _write(plan: YearPlan, values: Mapping[str, Any], process: Process, *, verb: str) -> None:
    """Write columns of a plan in the version read; ENR-15 when somebody was faster."""
    now = {**values, "version": plan.version + 1}
    if not YearPlan.objects.filter(pk=plan.pk, version=plan.version, state=plan.state).update(**now):
        raise rules.PlanChanged
    for name, value in now.items():
        setattr(plan, name, value)
    journal.note(process, [journal.Change(verb, "year_plan", plan.pk, after={"version": plan.version})])


@transaction.atomic
def change(*, plan: YearPlan, version: int, moves: Mapping[UUID, str], process: Process) -> YearPlan:
    """Change where children of a draft go: the name of one of its classes, or "" to leave a child out.

    Refuses ENR-15 for a plan that changed since or was made true, ENR-05 for a class or a child that is not of the plan.
    """
    require(process.actor, Permission.ENROLMENT_CHANGE)
    _must_be_own(plan.kindergarten_id, process)
    if plan.version != version or plan.state != YearPlan.DRAFT:
        raise rules.PlanChanged
    names = {group["name"] for group in plan.groups} | {rules.GRADUATES}
    wanted = {child.hex: name for child, name in moves.items()}
    if set(wanted.values()) - names or set(wanted) - set(plan.moves):
        raise rules.GroupNotHere
    _write(plan, {"moves": {**plan.moves, **wanted}}, process, verb="year_plan.changed")
    return plan


@transaction.atomic
def run(*, plans: Sequence[YearPlan], process: Process) -> Outcome:
    """Make plans true, of one kindergarten or of many together: classes are made, each child moves on the first day of the year.

    Whoever came into an old class later moves from that day on. Refused alone: who left or was moved since the plan was drawn.
    A change in hand does not hold a child back: the class it sits in is no part of what is decided. Refuses for all ENR-14
    before the year begins, ENR-15 a plan that is no draft any more.
    """
    require(process.actor, Permission.ENROLMENT_CHANGE)
    today, targets, began = journal.day_of(process), dict[UUID, Group](), dict[UUID, date]()
    for plan in plans:
        _must_be_own(plan.kindergarten_id, process)
        if today < plan.school_year.starts_on:
            raise rules.NotYetTurned(starts_on=plan.school_year.starts_on)
        if plan.state != YearPlan.DRAFT:
            raise rules.PlanChanged
    made = _open_groups(plans, process)
    for plan in plans:
        for child, name in plan.moves.items():
            if name:
                targets[UUID(hex=child)] = made[plan.kindergarten_id, plan.school_year_id, name]
                began[UUID(hex=child)] = plan.school_year.starts_on
    taken = steps.take(
        "regroup", chosen=dict.fromkeys(targets, 0), among=steps.visible(process), process=process, beside=set(KINDS)
    )
    years = dict(Group.objects.filter(pk__in=_old_groups(taken)).values_list("pk", "school_year__ends_on"))

    def sits_in_an_old_class(child: Child, stay: Enrolment) -> None:
        if stay.kindergarten_id != targets[child.pk].kindergarten_id or years[stay.group_id] >= began[child.pk]:
            raise rules.ChangedSinceShown

    taken.only_if(sits_in_an_old_class)
    _move(taken, targets, began, process)
    for plan in plans:
        _write(plan, {"state": YearPlan.DONE, "process_id": process.pk}, process, verb="year_plan.done")
    return steps.outcome(taken, process)


def _old_groups(taken: Taken) -> set[UUID]:
    """Return the classes that children sit in now."""
    return {stay.group_id for stay in taken.own_stays()}


def _open_groups(plans: Sequence[YearPlan], process: Process) -> dict[tuple[UUID, UUID, str], Group]:
    """Make the classes of plans that are not there yet, and return all of them."""
    places, years = {plan.kindergarten_id for plan in plans}, {plan.school_year_id for plan in plans}
    known = Group.objects.filter(kindergarten_id__in=places, school_year_id__in=years)
    found = {(group.kindergarten_id, group.school_year_id, group.name): group for group in known}
    fresh = []
    for plan in plans:
        for sort, one in enumerate(plan.groups):
            key = (plan.kindergarten_id, plan.school_year_id, one["name"])
            if key not in found:
                found[key] = Group(
                    kindergarten_id=plan.kindergarten_id, school_year_id=plan.school_year_id, sort=sort, **one
                )
                fresh.append(found[key])
    rows.insert(fresh)
    journal.note(process, [journal.made("group.opened", group) for group in fresh])
    return found


def _move(taken: Taken, targets: Mapping[UUID, Group], began: Mapping[UUID, date], process: Process) -> None:
    """Move children into their new classes, each from the first day of the year or the later day on which it came."""
    days = {pk: max(began[pk], taken.stays[pk].started_on) for pk in taken.children}
    steps.move(taken, verb="child.turned", new={}, on=days, process=process)
    old = taken.own_stays()
    steps.close(old, verb="enrolment.moved", step="move", on=days, process=process)
    fresh = [followed_by(stay, targets[stay.child_id], days[stay.child_id]) for stay in old]
    steps.open_(fresh, verb="enrolment.opened", process=process)


@transaction.atomic
def undo(*, plan: YearPlan, process: Process) -> Outcome:
    """Take a turn back: every child sits where it sat before, as if it had not moved; the classes made stay, empty.

    Refuses ENR-15 for a plan that is not done, ENR-16 once a child of it had another change of its stay.
    """
    require(process.actor, Permission.ENROLMENT_CHANGE)
    _must_be_own(plan.kindergarten_id, process)
    if plan.state != YearPlan.DONE or plan.process_id is None:
        raise rules.PlanChanged
    mine = {UUID(hex=child) for child, name in plan.moves.items() if name}
    done = Event.objects.filter(process_id=plan.process_id, subject="enrolment", child_id__in=mine)
    opened = set(done.filter(verb="enrolment.opened").values_list("subject_id", flat=True))
    closed = set(done.filter(verb="enrolment.moved").values_list("subject_id", flat=True))
    fresh = list(Enrolment.objects.filter(pk__in=opened, state=states.ATTENDING, ended_on=None))
    if len(fresh) != len(opened):
        raise rules.ChangedSinceTurn(count=len(opened) - len(fresh))
    chosen = dict.fromkeys((stay.child_id for stay in fresh), 0)
    taken = steps.take("regroup", chosen=chosen, among=steps.visible(process), process=process, beside=set(KINDS))
    days = {stay.child_id: stay.started_on for stay in fresh}
    steps.move(taken, verb="child.turned_back", new={}, on=days, process=process)
    if taken.refused:
        raise rules.ChangedSinceTurn(count=len(taken.refused))
    steps.close(fresh, verb="enrolment.withdrawn", step="undo", on=days, process=process)
    former = list(Enrolment.objects.filter(pk__in=closed, state=states.MOVED))
    steps.reopen(former, verb="enrolment.reopened", step="reopen", process=process)
    _write(plan, {"state": YearPlan.UNDONE}, process, verb="year_plan.undone")
    return steps.outcome(taken, process)
