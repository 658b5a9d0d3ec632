"""Institutions change and their children follow: rename, licence, closure, merger, split, moved boundaries (学前教育法 art. 31).

A county changes its own kindergartens. What was stays on record, so that an earlier day shows the places as they were then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Case, Clock, Proposal
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import lapsing, rehoming, states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.rehoming import Rehomed
from miaoce.registry.institutions import actions as institutions
from miaoce.registry.institutions import rules
from miaoce.registry.institutions.models import Group, Kindergarten, Office
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.facts import subject_of
from miaoce.registry.journal.models import Process


@dataclass(frozen=True)
class Ending:
    """What happens to a kindergarten that ends: `homes` leads from its groups to groups of successors, None to the county's list."""

    kindergarten: Kindergarten
    homes: Mapping[UUID, UUID | None]


def _own(kindergarten: Kindergarten, process: Process) -> None:
    """Require that the actor's county answers for an open kindergarten. Refuses ACC-01, INS-02; foreign ones do not exist."""
    require(process.actor, Permission.INSTITUTION_CHANGE)
    if kindergarten.office_id != process.actor.unit_id:
        raise Kindergarten.DoesNotExist
    rules.must_be_open(name=kindergarten.name, closed_on=kindergarten.closed_on)


@transaction.atomic
def rename(*, kindergarten: Kindergarten, name: str, on: date, process: Process) -> None:
    """Give a kindergarten another name from a day on; its code stays (domain.md §5.1). Refuses INS-01 to INS-03."""
    _own(kindergarten, process)
    if not name.strip():
        raise rules.NothingChanges
    new = {kindergarten.pk: {"name": name.strip()}}
    institutions.change_kindergartens(new=new, verb="kindergarten.renamed", on=on, process=process)


@transaction.atomic
def licence(
    *, kindergarten: Kindergarten, number: str, licence_from: date, licence_to: date | None, on: date, process: Process
) -> None:
    """Write a new licence from a day on. Refuses INS-01 to INS-03, INS-06."""
    _own(kindergarten, process)
    rules.must_be_a_licence(licence_from=licence_from, licence_to=licence_to)
    wanted = {"licence_number": number.strip(), "licence_from": licence_from, "licence_to": licence_to}
    new = {kindergarten.pk: wanted}
    institutions.change_kindergartens(new=new, verb="kindergarten.licensed", on=on, process=process)


@transaction.atomic
def withdraw_licence(*, kindergarten: Kindergarten, on: date, process: Process) -> None:
    """End the licence the day before; from then on the kindergarten submits nobody. Its children stay until they are re-homed."""
    _own(kindergarten, process)
    last = on - timedelta(days=1)
    begins = kindergarten.licence_from
    wanted = {"licence_to": last} if begins and begins <= last else {"licence_from": None, "licence_to": None}
    institutions.change_kindergartens(
        new={kindergarten.pk: wanted}, verb="kindergarten.unlicensed", on=on, process=process
    )


@transaction.atomic
def close(*, ending: Ending, on: date, process: Process, kind: str = "close") -> Rehomed:
    """Close a kindergarten and re-home its children by group: to successors' groups, or to the county's own list.

    `kind` is close or merge. Refuses INS-04 while registrations wait for the county; those
    that were returned lapse (lapsing.lapse). A child whose transfer is in hand stays until the
    transfer ends and is said (Rehomed.refused); the county releases in the kindergarten's place.
    """
    _own(ending.kindergarten, process)
    _nobody_waits(ending.kindergarten)
    lapsing.lapse(kindergarten=ending.kindergarten, process=process)
    done = _rehome(ending, on, process, is_split=False)
    institutions.change_kindergartens(
        new={ending.kindergarten.pk: {"closed_on": on}}, verb="kindergarten.closed", on=on, process=process
    )
    _note_successors(ending, kind, on, process)
    return done


@transaction.atomic
def split(*, ending: Ending, on: date, process: Process) -> Rehomed:
    """Hand some groups of a kindergarten over to others, which exist already; it goes on with the rest. Refuses as `close`."""
    _own(ending.kindergarten, process)
    done = _rehome(ending, on, process, is_split=True)
    _note_successors(ending, "split", on, process)
    return done


def _nobody_waits(kindergarten: Kindergarten) -> None:
    """Refuse (INS-04) while registrations of the kindergarten wait for a decision or for a number. Returned ones lapse."""
    waiting = [cases.SUBMITTED, cases.APPROVED]
    if count := Proposal.objects.filter(kindergarten=kindergarten, state__in=waiting).count():
        raise rules.StillWaiting(name=kindergarten.name, count=count)


def _rehome(ending: Ending, on: date, process: Process, *, is_split: bool) -> Rehomed:
    """Re-home children by group. Of a split only named groups go; of a place that ends those not named go on the list."""
    stays = Enrolment.objects.filter(kindergarten=ending.kindergarten, ended_on=None, state=states.ATTENDING)
    if is_split:
        stays = stays.filter(group_id__in=list(ending.homes))
    chosen = {child: ending.homes.get(group) for child, group in stays.values_list("child_id", "group_id")}
    return rehoming.rehome(chosen=chosen, on=on, process=process)


def _note_successors(ending: Ending, kind: str, on: date, process: Process) -> None:
    """Note the kindergartens that took over."""
    groups = Group.objects.filter(pk__in=[home for home in ending.homes.values() if home]).select_related(
        "kindergarten"
    )
    successors = {group.kindergarten_id: group.kindergarten for group in groups}
    successors.pop(ending.kindergarten.pk, None)
    institutions.succeed(
        former=ending.kindergarten, successors=list(successors.values()), kind=kind, on=on, process=process
    )


@transaction.atomic
def move(*, kindergartens: Sequence[Kindergarten], office: Office, region_code: str, on: date, process: Process) -> int:
    """Move kindergartens to another county (boundaries were moved) with all that its county has in hand; return the children.

    An act of the operator on a decree, so the actor is the system. Refuses INS-01, INS-03.
    """
    require(process.actor, Permission.INSTITUTION_CHANGE)
    ids = [place.pk for place in kindergartens]
    new = {pk: {"office_id": office.pk, "region_code": region_code} for pk in ids}
    institutions.change_kindergartens(new=new, verb="kindergarten.moved", on=on, process=process)
    children = list(Child.objects.filter(kindergarten_id__in=ids).only("office_id", "changed_at", "version"))
    _hand_over(children, office, on, process)
    wanted = {"office_id": office.pk}
    here = {"kindergarten_id__in": ids}
    waiting: list[Proposal | Case] = [*Proposal.objects.filter(**here), *Case.objects.filter(**here)]
    for table in (Proposal, Case):
        table.objects.filter(**here).update(**wanted)
    journal.note(
        process,
        [journal.changed(f"{subject_of(one)}.moved", one, new=wanted, child_id=one.child_id) for one in waiting],
    )
    _hand_over_clocks([child.pk for child in children], office, process)
    return len(children)


def _hand_over(children: Sequence[Child], office: Office, on: date, process: Process) -> None:
    """Let another county answer for children."""
    new = {"office_id": office.pk, "changed_at": process.at}
    for start in range(0, len(children), rows.CHUNK):
        some = children[start : start + rows.CHUNK]
        Child.objects.filter(pk__in=[c.pk for c in some]).update(**new, version=F("version") + 1)
        journal.note(
            process,
            [
                journal.changed("child.moved", c, new={**new, "version": c.version + 1}, child_id=c.pk, effective_on=on)
                for c in some
            ],
        )


def _hand_over_clocks(child_ids: Sequence[UUID], office: Office, process: Process) -> None:
    """Let open clocks answer to another county, and those that the former county owned belong to it."""
    for start in range(0, len(child_ids), rows.CHUNK):
        running = list(Clock.objects.filter(child_id__in=child_ids[start : start + rows.CHUNK], stopped_at=None))
        changes = []
        for clock in running:
            new = {"office_id": office.pk}
            if clock.owner_id == clock.office_id:
                new["owner_id"] = office.pk
            changes.append(journal.changed("clock.moved", clock, new=new, child_id=clock.child_id))
            for name, value in new.items():
                setattr(clock, name, value)
        rows.rewrite(running, ("office", "owner_id"))
        journal.note(process, changes)
