"""Leaving (离园) with reason and destination, learning later whereto a child went, and return under the same number (再入园)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.access.officers import Denied, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import clocks
from miaoce.registry.approvals.clocks import Ticking
from miaoce.registry.children.models import ChildQuerySet
from miaoce.registry.enrolments import rules, states, steps
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.queries import DESTINATION
from miaoce.registry.enrolments.steps import Outcome, Taken
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault import queries as vault

UNKNOWN, RETURNED = "unknown", "3"
"""The destination nobody knows yet, and how a child that returns entered (lists destination and entry_kind)."""


@dataclass(frozen=True)
class Leaving:
    """Why a child leaves, whereto (codes of leave_reason and destination), from which day it is not there any more."""

    on: date
    reason: str
    destination: str
    words: str = ""


def _known(list_name: str, book: Codebook) -> dict[str, bool]:
    """Return the codes of a list and whether each needs words."""
    return {entry.code: entry.extra.get("needs_text") == "1" for entry in book.entries(list_name)}


@transaction.atomic
def leave(*, chosen: Mapping[UUID, int], leaving: Leaving, process: Process) -> Outcome:
    """Let attending children (id → version seen) leave: the stay ends on the day, the record and its number stay.

    Where nobody knows whereto, the kindergarten is asked until it says so, and its county sees it (clock destination).
    Refuses for all an unknown reason or destination (ENR-08); alone who does not attend (ENR-02), changed since (ENR-03),
    began later than the day or the day lies ahead (ENR-04), has another change in hand (APR-08).
    """
    today = journal.day_of(process)
    book = reference.codebook(today)
    rules.must_be_of_the_list(
        leaving.reason, needs_text=_known("leave_reason", book), words=leaving.words, what="离园原因"
    )
    rules.must_be_of_the_list(
        leaving.destination, needs_text=_known("destination", book), words=leaving.words, what="去向"
    )
    taken = steps.take("leave", chosen=chosen, among=steps.visible(process), process=process)
    taken.only_if(lambda _, stay: rules.must_lie_within(leaving.on, first=stay.started_on, last=today))
    new = {"standing": states.STEPS["leave"].target}
    steps.move(taken, verb="child.left", new=new, on=leaving.on, process=process)
    ended = taken.own_stays()
    steps.close(
        ended, verb="enrolment.left", step="leave", on={stay.child_id: leaving.on for stay in ended}, process=process,
        also={"leave_reason": leaving.reason, "destination": leaving.destination},
    )  # fmt: skip
    _write_words(ended, leaving.words, process)
    if leaving.destination == UNKNOWN:
        _ask_whereto(taken, process)
    return steps.outcome(taken, process)


def _ask_whereto(taken: Taken, process: Process) -> None:
    """Start the clock of the kindergarten that has to find out."""
    clocks.start(
        ticking=[
            Ticking(taken.stays[pk].pk, DESTINATION, pk, "kindergarten", child.kindergarten_id, child.office_id)
            for pk, child in taken.children.items()
        ],
        process=process,
    )


def _write_words(stays: Sequence[Enrolment], words: str, process: Process) -> None:
    """Seal what was written beside the codes, for each child under its own key."""
    if not words.strip() or not stays:
        return
    safe, changes = vault.open_safe([stay.child_id for stay in stays]), []
    for stay in stays:
        sealed = safe.seal(stay.child_id, "enrolment", "destination_words", stay.pk, words.strip())
        new = {"destination_words": sealed}
        changes.append(journal.changed("enrolment.described", stay, new=new, child_id=stay.child_id))
        stay.destination_words = sealed
    rows.rewrite(stays, ("destination_words",))
    journal.note(process, changes)


@transaction.atomic
def name_destination(*, child_ids: Sequence[UUID], destination: str, words: str, process: Process) -> Outcome:
    """Write whereto children went, once it is known; their clocks stop. The kindergarten whose stay ended says it.

    Refuses for all a destination that is none (ENR-08) or still unknown (ENR-09); alone a child that did not leave (ENR-10).
    """
    require(process.actor, Permission.ENROLMENT_CHANGE)
    rules.must_be_of_the_list(
        destination, needs_text=_known("destination", reference.codebook(journal.day_of(process))), words=words, what="去向"
    )  # fmt: skip
    if destination == UNKNOWN:
        raise rules.StillUnknown
    children = steps.visible(process).in_bulk(list(child_ids))
    last = {stay.child_id: stay for stay in steps.last_stays(list(children)) if stay.state == states.LEFT}
    outcome = Outcome(list(last))
    for child_id in child_ids:
        if child_id not in last:
            child = children.get(child_id)
            state = states.standing_word(child.standing) if child else steps.UNKNOWN
            outcome.refused[child_id] = rules.NotLeft(state=state)
    stays, new = list(last.values()), {"destination": destination}
    if Enrolment.objects.filter(pk__in=[stay.pk for stay in stays], state=states.LEFT).update(**new) != len(stays):
        raise rules.ChangedSinceShown
    journal.note(
        process,
        [journal.changed("enrolment.destined", stay, new=new, child_id=stay.child_id) for stay in stays],
    )
    _write_words(stays, words, process)
    clocks.stop(case_ids=[stay.pk for stay in stays], process=process, steps=["kindergarten"])
    return outcome


@transaction.atomic
def readmit(
    *, chosen: Mapping[UUID, int], group: Group, on: date, process: Process, among: ChildQuerySet | None = None
) -> Outcome:
    """Let children that left return under the same number, into a group of the actor's kindergarten, from a day on.

    `among` are the children that the actor may know of; its own ones, unless the room above found one by what its guardian
    told. The record comes along. Refuses for all a kindergarten without a licence (ENR-01) and a group that is not the actor's
    (ENR-05); alone who did not leave (ENR-02), changed since (ENR-03), left later than the day or the day lies ahead (ENR-04).
    """
    here = Kindergarten.objects.filter(pk=process.actor.unit_id).first()
    if here is None:
        raise Denied(permission=Permission.ENROLMENT_CHANGE)
    today, year = journal.day_of(process), group.school_year
    rules.must_be_licensed(is_licensed=here.is_licensed(today))
    if group.kindergarten_id != here.pk or not year.starts_on <= on <= year.ends_on:
        raise rules.GroupNotHere
    mine = steps.visible(process) if among is None else among
    taken = steps.take("readmit", chosen=chosen, among=mine, process=process)
    taken.only_if(lambda _, stay: rules.must_lie_within(on, first=stay.ended_on or stay.started_on, last=today))
    new = {"standing": states.STEPS["readmit"].target, "kindergarten_id": here.pk, "office_id": here.office_id}
    steps.move(taken, verb="child.readmitted", new=new, on=on, process=process)
    former = taken.own_stays()
    clocks.stop(case_ids=[stay.pk for stay in former], process=process)
    steps.open_([_again(stay, group, on) for stay in former], verb="enrolment.opened", process=process)
    return steps.outcome(taken, process)


def _again(stay: Enrolment, group: Group, on: date) -> Enrolment:
    """Return the stay with which a child returns."""
    return Enrolment(
        child_id=stay.child_id, kindergarten_id=group.kindergarten_id, group_id=group.pk, state=states.ATTENDING,
        started_on=on, entry_kind=RETURNED, boarding=stay.boarding,
    )  # fmt: skip


def destination_words(stay: Enrolment) -> str:
    """Return what was written about whereto a child went, "" where nothing was. The caller logs the reading first."""
    if stay.destination_words is None:
        return ""
    safe = vault.open_safe([stay.child_id])
    return safe.open(stay.child_id, "enrolment", "destination_words", stay.pk, bytes(stay.destination_words))
