"""Changes of a child's standing that a county decides on proof: deferral (缓学), cancellation (注销), restoration (恢复).

The kindergarten files, the county agrees or sends back (approvals.cases); what agreeing does is here, in the same transaction.
From the filing of a death or a disappearance on nothing is sent about the child (children.silence).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require, the_system
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import cases
from miaoce.registry.approvals.cases import Amendment, Filing, Moved
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.states import DEFERRAL, IN_HAND, RESTORATION
from miaoce.registry.approvals.states import StepNotAllowed as CaseNotAllowed
from miaoce.registry.children.models import Child
from miaoce.registry.children.silence import SILENT
from miaoce.registry.enrolments import caseeffects as effects
from miaoce.registry.enrolments import rules, states, steps
from miaoce.registry.enrolments.caseeffects import DEFERRALS, KINDS, VERBS
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal

NOWHERE = UUID(int=0).hex


@dataclass(frozen=True)
class Asked:
    """What a kindergarten asks for: `reason` of the list case_reason, `on` the day from which it is true (deferral: until which).

    `group_id` is where a restored child sits again. `words` say which paper was seen where no proof file is given; sealed.
    """

    child_id: UUID
    version: int
    reason: str
    on: date
    group_id: UUID | None = None
    words: str = ""
    proofs: tuple[UUID, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of case that the reason belongs to."""
        return self.reason.partition(".")[0]


@transaction.atomic
def file(*, asked: Sequence[Asked], process: Process) -> Moved:
    """File cases at the county. A death or disappearance ends another case in hand; every other kind waits for it (APR-08).

    Refused alone: ENR-02, ENR-03, ENR-04, ENR-05, ENR-18 to ENR-22. Whoever calls ends a transfer in hand first (transfers).
    """
    require(process.actor, Permission.CASE_FILE)
    checked = _checked(asked, process)
    ready = list(checked.ready.values())
    _end_others([f.child_id for f in ready if f.facts["reason"] in SILENT], process)
    done = cases.file(filings=ready, process=process)
    return Moved(done.done, {**checked.refused, **done.refused})


@transaction.atomic
def refile(*, chosen: Mapping[UUID, int], asked: Mapping[UUID, Asked], process: Process) -> Moved:
    """Send cases to the county again (case id → version seen), each mended by its request (by case), checked as when filed.

    A case stays of its kind and of its child: another reason's kind is refused (ENR-18). Proofs are added to those there.
    """
    require(process.actor, Permission.CASE_FILE)
    found = {case.pk: case for case in cases.visible(process).filter(pk__in=list(chosen), kind__in=KINDS)}
    moved, fitting = Moved(), {}
    for pk in chosen:
        case, one = found.get(pk), asked.get(pk)
        if case is None:
            moved.refused[pk] = CaseNotAllowed(state="不在本单位名单里", verb="补正")
        elif one is None or (one.child_id, one.kind) != (case.child_id, case.kind):
            moved.refused[pk] = rules.ReasonUnknown()
        else:
            fitting[pk] = one
    has_proof = frozenset(found[pk].child_id for pk in fitting if found[pk].proofs)
    checked = _checked(list(fitting.values()), process, has_proof)
    moved.refused |= {
        pk: checked.refused[one.child_id] for pk, one in fitting.items() if one.child_id in checked.refused
    }
    ready = {pk: checked.ready[one.child_id] for pk, one in fitting.items() if one.child_id in checked.ready}
    amended = {pk: Amendment(f.effective_on, f.facts, words=f.words, proofs=f.proofs) for pk, f in ready.items()}
    again = cases.refile(chosen={pk: chosen[pk] for pk in ready}, amended=amended, process=process)
    return Moved(again.done, {**moved.refused, **again.refused})


@dataclass
class _Checked:
    """Requests that passed the checks, as cases, and why the others did not; by child."""

    ready: dict[UUID, Filing] = field(default_factory=dict)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


def _checked(asked: Sequence[Asked], process: Process, has_proof: Collection[UUID] = ()) -> _Checked:
    """Check requests; `has_proof` are the children whose case has a proof already."""
    found = steps.visible(process).in_bulk([one.child_id for one in asked])
    stays = {stay.child_id: stay for stay in steps.last_stays(list(found))}
    groups = Group.objects.select_related("school_year").in_bulk([one.group_id for one in asked if one.group_id])
    checked = _Checked()
    for one in asked:
        try:
            child = _may_be_asked(one, found.get(one.child_id), stays.get(one.child_id), groups, process)
            if not one.proofs and not one.words.strip() and child.pk not in has_proof:
                raise rules.ProofOrWordsMissing
        except Refusal as refusal:
            checked.refused[one.child_id] = refusal
        else:
            checked.ready[one.child_id] = _filing(one, child, process)
    return checked


def _may_be_asked(
    one: Asked, child: Child | None, stay: Enrolment | None, groups: Mapping[UUID, Group], process: Process
) -> Child:
    """Return the child that a request is about, or refuse it."""
    on = journal.day_of(process)
    codes = {entry.code for entry in reference.codebook(on).entries("case_reason")}
    if one.reason not in codes or one.kind not in KINDS:
        raise rules.ReasonUnknown
    if child is None or stay is None:
        raise states.StepNotAllowed(state=steps.UNKNOWN, verb=states.STEPS[VERBS[one.kind]].label)
    if child.standing == states.VOID and one.kind == RESTORATION:
        raise rules.CannotBeRestored
    verbs = DEFERRALS if one.kind == DEFERRAL else (VERBS[one.kind],)
    if not any(child.standing in states.STEPS[verb].sources for verb in verbs):
        label = states.STEPS[VERBS[one.kind]].label
        raise states.StepNotAllowed(state=states.standing_word(child.standing), verb=label)
    if one.version != child.version:
        raise rules.ChangedSinceShown
    if one.kind == DEFERRAL:
        rules.must_need_deferral(born_on=child.born_on, until=one.on, today=on)
        return child
    rules.must_lie_within(one.on, first=stay.ended_on or stay.started_on, last=on)
    if one.kind == RESTORATION:
        group = groups.get(one.group_id) if one.group_id else None
        year = group.school_year if group else None
        is_there = group is not None and group.kindergarten_id == child.kindergarten_id
        if not is_there or year is None or not year.starts_on <= one.on <= year.ends_on:
            raise rules.GroupNotHere
    return child


def _filing(one: Asked, child: Child, process: Process) -> Filing:
    """Return the case that a request becomes."""
    facts = {"reason": one.reason, "from": child.standing}
    if one.kind == DEFERRAL:
        facts["until"] = one.on.isoformat()
    if one.group_id is not None:
        facts["group"] = one.group_id.hex
    return Filing(
        child.pk, one.kind, child.kindergarten_id, child.office_id,
        journal.day_of(process) if one.kind == DEFERRAL else one.on, facts, words=one.words.strip(), proofs=one.proofs,
    )  # fmt: skip


def _end_others(child_ids: Collection[UUID], process: Process) -> None:
    """End the cases that children have in hand: their ground is gone. The system ends them, because it is nobody's decision."""
    held = Case.objects.filter(child_id__in=list(child_ids), state__in=IN_HAND)
    chosen = dict(held.values_list("pk", "version"))
    if chosen:
        with journal.process("case.end", actor=the_system("注销"), at=process.at, reason="幼儿死亡或失踪") as ending:
            cases.end(chosen=chosen, process=ending)


def send_back(*, chosen: Mapping[UUID, int], reasons: Sequence[str], words: str, process: Process) -> Moved:
    """Return cases of these kinds to be mended (approvals.cases.send_back)."""
    mine = _mine(chosen, process)
    moved = cases.send_back(chosen=mine, reasons=reasons, words=words, process=process)
    moved.refused |= _strangers(chosen, mine, "退回")
    return moved


def take_back(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Take back cases of these kinds before they are agreed to (approvals.cases.take_back)."""
    mine = _mine(chosen, process)
    moved = cases.take_back(chosen=mine, process=process)
    moved.refused |= _strangers(chosen, mine, "撤回")
    return moved


def _mine(chosen: Mapping[UUID, int], process: Process) -> dict[UUID, int]:
    """Return the chosen cases that are of these kinds and the actor's."""
    found = cases.visible(process).filter(pk__in=list(chosen), kind__in=KINDS)
    return {pk: chosen[pk] for pk in found.values_list("pk", flat=True)}


def _strangers(chosen: Mapping[UUID, int], mine: Mapping[UUID, int], verb: str) -> dict[UUID, Refusal]:
    """Refuse what is no case of these kinds, whether it exists or not."""
    return {pk: CaseNotAllowed(state="不在本单位名单里", verb=verb) for pk in chosen if pk not in mine}


@transaction.atomic
def agree(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Agree to cases of these kinds in the versions seen (id → version) and make them true in the same moment.

    Refused alone as approvals.cases.agree, and what cannot be true any more: the child stands elsewhere (ENR-02), the
    kindergarten that it should be back at has closed (ENR-05).
    """
    require(process.actor, Permission.CASE_DECIDE)
    found = {case.pk: case for case in cases.visible(process).filter(pk__in=list(chosen), kind__in=KINDS)}
    moved = Moved()
    people = Child.objects.in_bulk([case.child_id for case in found.values()])
    fitting, shut = {}, _shut_groups(found.values(), process)
    for pk, version in chosen.items():
        case = found.get(pk)
        if case is None:
            moved.refused[pk] = CaseNotAllowed(state="不在本单位名单里", verb="核准")
        elif (refusal := _stands_elsewhere(case, people[case.child_id])) is not None:
            moved.refused[pk] = refusal
        elif UUID(hex=case.facts.get("group", NOWHERE)) in shut:
            moved.refused[pk] = rules.GroupNotHere()
        else:
            fitting[pk] = version
    agreed = cases.agree(chosen=fitting, process=process)
    for kind in KINDS:
        effects.APPLY[kind]([case for case in agreed.done if case.kind == kind], people, process)
    return Moved(agreed.done, {**moved.refused, **agreed.refused})


def _shut_groups(some: Collection[Case], process: Process) -> set[UUID]:
    """Return the groups that cases lead back to and whose kindergarten closed since they were filed."""
    wanted = [UUID(hex=case.facts["group"]) for case in some if "group" in case.facts]
    shut = Group.objects.filter(pk__in=wanted, kindergarten__closed_on__lte=journal.day_of(process))
    return set(shut.values_list("pk", flat=True)) if wanted else set()


def _stands_elsewhere(case: Case, child: Child) -> Refusal | None:
    """Return why a case cannot be made true: the child stands where its step does not lead on."""
    step = states.STEPS[effects.verb_of(case, child)]
    if child.standing in step.sources:
        return None
    return states.StepNotAllowed(state=states.standing_word(child.standing), verb=states.STEPS[VERBS[case.kind]].label)
