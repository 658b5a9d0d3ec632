"""Reads of deferral, cancellation and restoration: one case opened, and what it changes side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Case, CaseQuerySet, Clock
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.approvals.states import CANCELLATION, DEFERRAL
from miaoce.registry.children.models import Child
from miaoce.registry.children.silence import SILENT
from miaoce.registry.enrolments import states, steps
from miaoce.registry.enrolments.caseeffects import KINDS, MISTAKE, VERBS
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Group
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault import queries as vault


@dataclass(frozen=True)
class Changed:
    """One thing that a case changes: as it stood when the case was filed, and once the county agrees."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Opened:
    """A case with what is sealed in it. `day` is the day from which it is true; a deferral has `until` instead."""

    case: Case
    child: Child
    reason: str
    words: str
    day: date
    changes: Sequence[Changed]
    proofs: Sequence[ProofFile]
    due_on: date | None


def mine(actor: Officer) -> CaseQuerySet:
    """Return the cases of these kinds that an officer's unit is a party to."""
    return Case.objects.visible_to(actor).filter(kind__in=KINDS)


def opened(case: Case, *, book: Codebook) -> Opened:
    """Open a case that the officer may see. Six statements; whoever shows it has logged the reading."""
    child = Child.objects.select_related("kindergarten").get(pk=case.child_id)
    words = ""
    if case.words is not None:
        safe = vault.open_safe([child.pk])
        words = safe.open(child.pk, "case", "words", case.pk, bytes(case.words))
    clock = Clock.objects.filter(case_id=case.pk, stopped_at=None).order_by("due_on").first()
    stay = next(iter(steps.last_stays([child.pk])), None)
    return Opened(
        case=case,
        child=child,
        reason=book.name("case_reason", case.facts["reason"]),
        words=words,
        day=case.effective_on,
        changes=_changes(case, child, stay),
        proofs=list(ProofFile.objects.filter(case_id=case.pk, erased_at=None).order_by("id")),
        due_on=clock.due_on if clock else None,
    )


def _changes(case: Case, child: Child, stay: Enrolment | None) -> list[Changed]:
    """Return what a case changes. While it is in hand, as the child stands now; afterwards, as it stood when it was filed."""
    standing = child.standing if case.state in cases.IN_HAND else case.facts.get("from", child.standing)
    if case.kind == DEFERRAL:
        return _deferral(case, child, standing)
    name = "班级" if stay is None or stay.ended_on is None else "原来的班级"
    group = Group.objects.filter(pk=stay.group_id).values_list("name", flat=True).first() if stay else None
    sits = f"{group or ''}，{stay.started_on} 入班" if stay else ""
    if case.kind == CANCELLATION:
        return _cancellation(case, standing, Changed(name, sits, ""))
    wanted = Group.objects.filter(pk=UUID(hex=case.facts["group"])).values_list("name", flat=True).first()
    return [
        Changed("学籍", states.standing_word(standing), states.standing_word(states.ATTENDING)),
        Changed("班级", "不在班里", f"{wanted or ''}，从 {case.effective_on} 起"),
        Changed("学籍号", "保留着", "还用原来的"),
    ]


def _deferral(case: Case, child: Child, standing: str) -> list[Changed]:
    """Return what a deferral changes: until when primary school waits."""
    stays = standing == states.ATTENDING
    until = child.deferred_until_on if case.state in cases.IN_HAND else None
    return [
        Changed("缓学到", f"{until or '没有缓学'}", case.facts["until"]),
        Changed(
            "学籍", states.standing_word(standing), states.standing_word(standing if stays else states.DEFERRED)
        ),
        Changed("入小学", "和同龄的一起毕业、入学", f"{case.facts['until'][:4]} 年 9 月入小学，这以前不会被毕业"),
    ]  # fmt: skip


def _cancellation(case: Case, standing: str, sits: Changed) -> list[Changed]:
    """Return what a cancellation changes; what never should have been is void from its beginning."""
    is_mistake = case.facts["reason"] == MISTAKE
    target = states.STEPS["void" if is_mistake else VERBS[CANCELLATION]].target
    now = states.standing_word(standing)
    if is_mistake:
        return [
            Changed("学籍", now, states.standing_word(target)),
            Changed(sits.label, sits.before, "一天也不算"),
            Changed("学籍号", "在用", "停用，不再给任何人"),
            Changed("证件号", "登记在这名幼儿名下", "放开，可以重新登记"),
        ]
    quiet = "从提交那一刻起不再发" if case.facts["reason"] in SILENT else "不再发"
    return [
        Changed("学籍", now, states.standing_word(target)),
        Changed(sits.label, sits.before, f"到 {case.effective_on} 为止"),
        Changed("学籍号", "在用", "保留，不再给任何人"),
        Changed("给监护人的消息", "照常", quiet),
    ]
