"""What a county's agreement to a deferral, a cancellation or a restoration makes true, in the transaction of the agreement."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from miaoce.registry import rows
from miaoce.registry.approvals import clocks
from miaoce.registry.approvals.models import Case, Clock
from miaoce.registry.approvals.states import CANCELLATION, DEFERRAL, RESTORATION
from miaoce.registry.children import actions as children
from miaoce.registry.children.models import Child, ChildNumber
from miaoce.registry.enrolments import states, steps
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.steps import Taken
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process

KINDS = (DEFERRAL, CANCELLATION, RESTORATION)
MISTAKE = "cancellation.mistake"
DEFERRALS = ("stay_on", "defer")
VERBS = {DEFERRAL: "defer", CANCELLATION: "cancel", RESTORATION: "restore"}


def verb_of(case: Case, child: Child) -> str:
    """Return the step that a case is: who attends and defers goes on attending; what was recorded by mistake is void."""
    if case.kind == DEFERRAL and child.standing == states.ATTENDING:
        return "stay_on"
    return "void" if case.facts["reason"] == MISTAKE else VERBS[case.kind]


def _taken(some: Sequence[Case], people: Mapping[UUID, Child], verb: str) -> Taken:
    """Return the children of cases of one step, with their last stay."""
    ids = [case.child_id for case in some if verb_of(case, people[case.child_id]) == verb]
    stays = {stay.child_id: stay for stay in steps.last_stays(ids)}
    return Taken(verb, {pk: people[pk] for pk in ids}, stays, {})


def _move(taken: Taken, *, verb: str, new: Mapping[str, object], on: Mapping[UUID, date], process: Process) -> None:
    """Move children; whoever was faster with one undoes the whole decision, for the case was agreed to already."""
    steps.move(taken, verb=verb, new=new, on=on, process=process)
    for refusal in taken.refused.values():
        raise refusal


def _defer(some: Sequence[Case], people: Mapping[UUID, Child], process: Process) -> None:
    """Put off the entry to primary school."""
    for until in sorted({case.facts["until"] for case in some}):
        together = [case for case in some if case.facts["until"] == until]
        on = {case.child_id: case.effective_on for case in together}
        for verb in DEFERRALS:
            new = {"deferred_until_on": date.fromisoformat(until), "standing": states.STEPS[verb].target}
            _move(_taken(together, people, verb), verb="child.deferred", new=new, on=on, process=process)


def _cancel(some: Sequence[Case], people: Mapping[UUID, Child], process: Process) -> None:
    """Cancel records: the open stay ends, clocks about the child stop; what never should have been is void from its beginning."""
    on = {case.child_id: case.effective_on for case in some}
    gone, void = _taken(some, people, "cancel"), _taken(some, people, "void")
    _move(gone, verb="child.cancelled", new={"standing": states.STEPS["cancel"].target}, on=on, process=process)
    open_ones = [stay for stay in gone.own_stays() if stay.ended_on is None]
    days = {stay.child_id: max(on[stay.child_id], stay.started_on) for stay in open_ones}
    steps.close(open_ones, verb="enrolment.cancelled", step="cancel", on=days, process=process)
    _cut(list(gone.children), on, process)
    _void(void, on, process)
    running = Clock.objects.filter(child_id__in=list(on), stopped_at=None).values_list("case_id", flat=True)
    clocks.stop(case_ids=set(running), process=process)


def _cut(child_ids: Sequence[UUID], on: Mapping[UUID, date], process: Process) -> None:
    """End stays that go beyond the day on which a child was gone: its class turned, or its kindergarten closed, meanwhile."""
    closed = Enrolment.objects.filter(child_id__in=child_ids, ended_on__isnull=False).exclude(state=states.WITHDRAWN)
    later = [stay for stay in closed if stay.ended_on and stay.ended_on > max(on[stay.child_id], stay.started_on)]
    changes = []
    for stay in later:
        day = max(on[stay.child_id], stay.started_on)
        changes.append(
            journal.changed("enrolment.cut", stay, new={"ended_on": day}, child_id=stay.child_id, effective_on=day)
        )
        stay.ended_on = day
    rows.rewrite(later, ("ended_on",))
    journal.note(process, changes)


def _void(void: Taken, on: Mapping[UUID, date], process: Process) -> None:
    """Void records: evidence stays, the number is burnt, the document is free again, no day counts any more."""
    _move(void, verb="child.voided", new={"standing": states.STEPS["void"].target}, on=on, process=process)
    ids, today = list(void.children), journal.day_of(process)
    stays = list(Enrolment.objects.filter(child_id__in=ids).exclude(state=states.WITHDRAWN))
    numbers = list(ChildNumber.objects.filter(child_id__in=ids, to_on=None))
    empty = {"leave_reason": "", "destination": "", "destination_words": None}
    changes = []
    way = states.STAY_STEPS["void"]
    for stay in stays:
        new = {"state": way.target, "ended_on": stay.started_on, **empty}
        Enrolment.objects.filter(pk=stay.pk, state__in=way.sources).update(**new)
        changes.append(journal.changed("enrolment.voided", stay, new=new, child_id=stay.child_id))
    for number in numbers:
        ended = {"to_on": max(today, number.from_on)}
        ChildNumber.objects.filter(pk=number.pk).update(**ended)
        changes.append(journal.changed("number.burnt", number, new=ended, child_id=number.child_id))
    children.release_documents(child_ids=ids)
    journal.note(process, changes)


def _restore(some: Sequence[Case], people: Mapping[UUID, Child], process: Process) -> None:
    """Let children attend again: as if they had not left, or in a new stay from the day on which they are back."""
    on = {case.child_id: case.effective_on for case in some}
    taken = _taken(some, people, "restore")
    _move(taken, verb="child.restored", new={"standing": states.STEPS["restore"].target}, on=on, process=process)
    groups = {case.child_id: UUID(hex=case.facts["group"]) for case in some}
    places = dict(Group.objects.filter(pk__in=groups.values()).values_list("pk", "kindergarten_id"))
    clocks.stop(case_ids=[stay.pk for stay in taken.own_stays()], process=process)
    as_before = [s for s in taken.own_stays() if s.ended_on == on[s.child_id] and s.group_id == groups[s.child_id]]
    empty = {"leave_reason": "", "destination": "", "destination_words": None}
    steps.reopen(as_before, verb="enrolment.restored", step="restore", process=process, also=empty)
    fresh = [
        Enrolment(
            child_id=stay.child_id, kindergarten_id=places[groups[stay.child_id]], group_id=groups[stay.child_id],
            state=states.ATTENDING, started_on=on[stay.child_id], entry_kind=stay.entry_kind, boarding=stay.boarding,
        )
        for stay in taken.own_stays()
        if stay not in as_before
    ]  # fmt: skip
    steps.open_(fresh, verb="enrolment.opened", process=process)


APPLY: dict[str, Callable[[Sequence[Case], Mapping[UUID, Child], Process], None]] = {
    DEFERRAL: _defer,
    CANCELLATION: _cancel,
    RESTORATION: _restore,
}
