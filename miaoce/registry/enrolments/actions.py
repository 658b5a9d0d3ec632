"""Admission (入园建籍): a kindergarten submits children, the county decides, the stay opens. Always in batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import actions as approvals
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.actions import Outcome
from miaoce.registry.approvals.models import FROM_SUBMISSION, Proposal
from miaoce.registry.children import actions as children
from miaoce.registry.children.actions import ChildDraft
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.enrolments import rules, states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.identity import checks
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import Beside, beside, difference, facts_of, facts_of_line
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.rows import Line

NEW_CASE, NEW_STAY = rows.blank(Proposal), rows.blank(Enrolment)


@dataclass(frozen=True)
class Admission:
    """One child to be admitted: checked values (contract field names), its group, what a reviewer should look at.

    `flags` are finding codes, `risk` 0–3, `facts` what the reviewer's panel shows beside them (no personal data of others).
    """

    child_id: UUID
    values: Mapping[str, str]
    group: Group
    flags: tuple[str, ...] = ()
    risk: int = 0
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Submission:
    """What a submission did: the children sent, and for each other one why not."""

    sent: list[UUID] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


@transaction.atomic
def submit(*, admissions: Sequence[Admission], kindergarten: Kindergarten, process: Process) -> Submission:
    """Submit children for approval by the county: record them, claim their documents, open their cases and stays.

    A child whose document is taken (CHD-01) or whose case does not allow it (APR-01) is refused alone; the licence of the
    kindergarten (ENR-01) refuses all. Submitting the same child again changes nothing while its case stands.
    """
    require(process.actor, Permission.INTAKE_SUBMIT)
    rules.must_be_licensed(is_licensed=kindergarten.is_licensed(journal.day_of(process)))
    submission = Submission()
    standing = {case.child_id: case for case in Proposal.objects.filter(child_id__in=[a.child_id for a in admissions])}
    movable = []
    for admission in admissions:
        case = standing.get(admission.child_id)
        if case is not None and case.state not in cases.STEPS["submit"].sources:
            label = cases.LABELS[case.state]
            submission.refused[admission.child_id] = cases.StepNotAllowed(state=label, verb="再次提交")
        else:
            movable.append(admission)
    drafts = {a.child_id: ChildDraft(a.child_id, a.values, kindergarten.pk, kindergarten.office_id) for a in movable}
    taken = children.claim_documents(drafts=list(drafts.values()), process=process)
    for child in taken:
        submission.refused[child] = DocumentTaken()
    ready = [a for a in movable if a.child_id not in taken]
    children.record(drafts=[drafts[a.child_id] for a in ready], process=process)
    _open_cases(ready, standing, kindergarten, process)
    _open_stays(ready, standing, kindergarten, process)
    submission.sent = [a.child_id for a in ready]
    checks.ask(child_ids=submission.sent, process=process)
    return submission


def _entry(admission: Admission, old: Proposal | None, process: Process) -> date:
    """Return the day that the two months count from: that of entry as given, otherwise that of the first submission.

    A case that comes again without a day of entry keeps its day, so that a return does not start its clock anew.
    """
    text = admission.values.get("entry_date")
    if text:
        return date.fromisoformat(text)
    return old.entered_on if old is not None and old.counts_from_submission else journal.day_of(process)


def _open_cases(
    admissions: Sequence[Admission], standing: Mapping[UUID, Proposal], kindergarten: Kindergarten, process: Process
) -> None:
    """Open a registration case for each child, or bring a returned or withdrawn one back."""
    lines = [_case(a, standing.get(a.child_id), kindergarten, process) for a in admissions]
    rows.insert_lines(Proposal, [line for line in lines if line["child_id"] not in standing])
    again = [line for line in lines if line["child_id"] in standing]
    rows.rewrite_lines(
        Proposal, again, [f.name for f in Proposal._meta.concrete_fields if f.name not in {"id", "child_id"}]
    )
    journal.note(process, [_told("proposal.submitted", "proposal", standing.get(c["child_id"]), c) for c in lines])


def _told(
    verb: str, noun: str, old: Proposal | Enrolment | None, line: Line, effective_on: date | None = None
) -> Change:
    """Return the event of a row: all columns of a new one, those that differ of one that was there before."""
    before, after = None, facts_of_line(line)
    if old is not None:
        before, after = difference(facts_of(old), after)
    return Change(verb, noun, line["id"], line["child_id"], before, after, effective_on)


def _case(admission: Admission, old: Proposal | None, kindergarten: Kindergarten, process: Process) -> Line:
    """Return the row of a child's case as it is submitted, for the first time or again."""
    entered_on = _entry(admission, old, process)
    counted = {} if admission.values.get("entry_date") else {"counted_from": FROM_SUBMISSION}
    return {
        **(NEW_CASE if old is None else {column: old.__dict__[column] for column in NEW_CASE}),
        "id": new_id() if old is None else old.pk, "child_id": admission.child_id,
        "version": 1 if old is None else old.version + 1,
        "kindergarten_id": kindergarten.pk, "office_id": kindergarten.office_id, "group_id": admission.group.pk,
        "state": cases.SUBMITTED, "risk": admission.risk, "flags": list(admission.flags), "facts": {**admission.facts, **counted},
        "entered_on": entered_on, "due_on": rules.registration_due(entered_on),
        "submitted_at": process.at, "submitted_by": process.actor.staff_id, "opened_at": None, "decided_at": None,
        "decided_by": None, "decision_id": None, "number_after": None, "return_reasons": [], "return_words": "",
    }  # fmt: skip


def _open_stays(
    admissions: Sequence[Admission], known: Mapping[UUID, Proposal], kindergarten: Kindergarten, process: Process
) -> None:
    """Open an applied-for stay for each child; those that come again get theirs back with today's values."""
    way = states.STAY_STEPS["apply"]
    waiting = Enrolment.objects.filter(child_id__in=list(known), state__in=way.sources)
    old = {stay.child_id: stay for stay in waiting} if known else {}
    stays = [
        {
            **NEW_STAY, "id": old[a.child_id].pk if a.child_id in old else new_id(), "child_id": a.child_id,
            "kindergarten_id": kindergarten.pk, "group_id": a.group.pk, "state": way.target,
            "started_on": _entry(a, known.get(a.child_id), process), "entry_kind": a.values.get("entry_kind", ""),
            "boarding": a.values.get("boarding", ""),
        }
        for a in admissions
    ]  # fmt: skip
    rows.insert_lines(Enrolment, [stay for stay in stays if stay["child_id"] not in old])
    again = [stay for stay in stays if stay["child_id"] in old]
    rows.rewrite_lines(
        Enrolment, again, [f.name for f in Enrolment._meta.concrete_fields if f.name not in {"id", "child_id"}]
    )
    journal.note(
        process,
        [_told("enrolment.applied", "enrolment", old.get(s["child_id"]), s, s["started_on"]) for s in stays],
    )


@transaction.atomic
def withdraw(*, child_ids: Sequence[UUID], process: Process) -> Outcome:
    """Take back what was submitted, as long as the county has not opened it (APR-05).

    Documents are free again; the case and the record stay as withdrawn, so that the journal's story is whole.
    """
    require(process.actor, Permission.INTAKE_SUBMIT)
    step = cases.STEPS["withdraw"]
    mine = Proposal.objects.visible_to(process.actor).filter(child_id__in=child_ids)
    before = {case.pk: case for case in mine}
    free = [case.pk for case in before.values() if case.state in step.sources and case.opened_at is None]
    mine.filter(pk__in=free, state__in=step.sources, opened_at=None).update(state=step.target, version=F("version") + 1)
    after = {case.pk: case for case in Proposal.objects.filter(pk__in=before)}
    outcome = Outcome()
    for case in before.values():
        now = after[case.pk]
        if now.state == step.target and now.version == case.version + 1:
            outcome.done.append(now)
        elif now.state in step.sources:
            outcome.refused[case.child_id] = cases.AlreadyOpened()
        else:
            outcome.refused[case.child_id] = cases.StepNotAllowed(state=cases.LABELS[now.state], verb=step.label)
    gone = [case.child_id for case in outcome.done]
    children.release_documents(child_ids=gone)
    children.set_state(child_ids=gone, state=step.target, process=process)
    closed = close_applied(child_ids=gone)
    journal.note(
        process, [withdrawn(case=case, stay=closed.get(case.child_id), process=process) for case in outcome.done]
    )
    return outcome


def close_applied(*, child_ids: Sequence[UUID]) -> dict[UUID, Enrolment]:
    """Close the applied-for stays of children on the day they would have begun, and return them as they were."""
    way = states.STAY_STEPS["withdraw"]
    stays = {stay.child_id: stay for stay in Enrolment.objects.filter(child_id__in=child_ids, state__in=way.sources)}
    applied = Enrolment.objects.filter(pk__in=[stay.pk for stay in stays.values()], state__in=way.sources)
    applied.update(state=way.target, ended_on=F("started_on"))
    return stays


def withdrawn(*, case: Proposal, stay: Enrolment | None, process: Process) -> Change:
    """Return the event of a case that was taken back, with the child's row and the stay that it touched."""
    also: list[Beside] = [beside("child", case.child_id, {"state": case.state, "changed_at": process.at})]
    if stay is not None:
        also.append(beside("enrolment", stay.pk, {"state": states.WITHDRAWN, "ended_on": stay.started_on}))
    after = {"state": case.state, "version": case.version}
    return Change("proposal.withdrawn", "proposal", case.pk, case.child_id, after=after, also=also)


@transaction.atomic
def approve(*, chosen: Mapping[UUID, int], process: Process, recall_minutes: int) -> Outcome:
    """Approve cases (approvals.approve) and mark their children; stays open when the number is issued."""
    outcome = approvals.approve(chosen=chosen, process=process, recall_minutes=recall_minutes)
    children.set_state(child_ids=[c.child_id for c in outcome.done], state=cases.APPROVED, process=process)
    return outcome


@transaction.atomic
def return_(*, chosen: Mapping[UUID, int], reasons: Sequence[str], words: str, process: Process) -> Outcome:
    """Return cases to their kindergartens (approvals.return_) and mark their children."""
    outcome = approvals.return_(chosen=chosen, reasons=reasons, words=words, process=process)
    children.set_state(child_ids=[c.child_id for c in outcome.done], state=cases.RETURNED, process=process)
    return outcome


@transaction.atomic
def recall(*, decision_id: UUID, process: Process, recall_minutes: int) -> list[Proposal]:
    """Take back a county's decision (approvals.recall) and mark the children as waiting again."""
    recalled = approvals.recall(decision_id=decision_id, process=process, recall_minutes=recall_minutes)
    children.set_state(child_ids=[c.child_id for c in recalled], state=cases.SUBMITTED, process=process)
    return recalled
