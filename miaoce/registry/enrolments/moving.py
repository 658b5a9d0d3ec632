"""Change of group (调班) inside a kindergarten: one stay ends and another begins on the same day."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import rules, states, steps
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.steps import Outcome
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process


@transaction.atomic
def regroup(*, chosen: Mapping[UUID, int], group: Group, on: date, process: Process) -> Outcome:
    """Put attending children (id → version seen) into another group of their kindergarten from a day on.

    Refused alone: who does not attend (ENR-02), changed since (ENR-03), began later than the day or the day lies ahead
    (ENR-04), attends elsewhere or the group is of another school year (ENR-05), is in the group already (ENR-06), has another
    change in hand (APR-08). A full group is no ground: its norm is shown before, and classes are the kindergarten's own.
    """
    taken = steps.take("regroup", chosen=chosen, among=steps.visible(process), process=process)
    today, year = journal.day_of(process), group.school_year

    def may_move(_child: Child, stay: Enrolment) -> None:
        rules.must_lie_within(on, first=stay.started_on, last=today)
        if stay.kindergarten_id != group.kindergarten_id or not year.starts_on <= on <= year.ends_on:
            raise rules.GroupNotHere
        rules.must_be_another_group(now=stay.group_id.hex, then=group.pk.hex, name=group.name)

    taken.only_if(may_move)
    steps.move(taken, verb="child.regrouped", new={}, on=on, process=process)
    old = taken.own_stays()
    days = {stay.child_id: on for stay in old}
    steps.close(old, verb="enrolment.moved", step="move", on=days, process=process)
    steps.open_([followed_by(stay, group, on) for stay in old], verb="enrolment.opened", process=process)
    return steps.outcome(taken, process)


def followed_by(stay: Enrolment, group: Group, on: date) -> Enrolment:
    """Return the stay that goes on from another in the same kindergarten, in a group from a day on."""
    return Enrolment(
        child_id=stay.child_id,
        kindergarten_id=stay.kindergarten_id,
        group_id=group.pk,
        state=states.ATTENDING,
        started_on=on,
        entry_kind=stay.entry_kind,
        boarding=stay.boarding,
    )
