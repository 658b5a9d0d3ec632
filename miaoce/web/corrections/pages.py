"""One correction: before and after side by side with its proofs. The list is the one of all changes (web/cases)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.states import CASE_LABELS, CASE_STEPS
from miaoce.registry.children.queries import viewer_of
from miaoce.registry.corrections import queries
from miaoce.registry.corrections.queries import Opened
from miaoce.registry.identity.rules import read_document
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.children.pages import crumbs_of
from miaoce.web.children.words import returned_words
from miaoce.web.components.formats import due_words, moment, table_day
from miaoce.web.components.parts import Check, CompareRow, Crumb, KeyValue
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.proofs.taking import lines_of
from miaoce.web.said import heard


def case_of(request: DeskRequest, case_id: UUID) -> Case:
    """Return a correction that the officer's unit is a party to; 404 for every other."""
    found = queries.corrections(request.officer).select_related("kindergarten", "office")
    return get_object_or_404(found, pk=case_id)


@page(Permission.CASE_VIEW)
def correction(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """One correction, masked for the viewer; the buttons are those of its state and the officer's role."""
    case, now = case_of(request, case_id), timezone.now()
    journal.log_reading(actor=request.officer, at=now, what="correction.page", child_ids=[case.child_id])
    book = reference.codebook(timezone.localdate(now))
    found = queries.opened(case, viewer=viewer_of(request.officer), book=book)
    return render(request, "corrections/case.html", context_of(request, found, book))


def context_of(request: DeskRequest, found: Opened, book: Codebook) -> dict[str, Any]:
    """Return what the panel of a correction shows; the other cases draw it too (corrections/_panel.html)."""
    case, officer, on = found.case, request.officer, timezone.localdate()
    steps = {verb for verb, step in CASE_STEPS.items() if case.state in step.sources and officer.may(step.permission)}
    if case.filed_by == officer.staff_id:  # whoever filed does not decide
        steps -= {"agree", "send_back"}
    return {
        "case": case,
        "child": found.child,
        "crumbs": [Crumb("变更", reverse("cases")), Crumb(found.child.name)]
        if officer.is_county
        else crumbs_of(found.child, "关键信息变更"),
        "state": CASE_LABELS[case.state],
        "columns": ("变更前", "变更后") if case.state == states.AGREED else ("现在", "申请改成"),
        "compared": [
            CompareRow(row.label, [row.before or "没有", row.after or "没有"], row.differs) for row in found.rows
        ],
        "facts": _facts(found, book, on),
        "checks": _checks(found),
        "lines": lines_of(found.proofs, book),
        "returned": returned_words(case.return_reasons, case.return_words, book)
        if case.state == states.SENT_BACK
        else "",
        "pick": f"{case.pk}:{case.version}",
        "steps": steps,
        "reasons": book.entries("reveal_reason"),
        "reason": "check_document",
        "numbers": _numbers(found),
        "flashes": heard(request),
    }


def _numbers(found: Opened) -> list[tuple[str, str]]:
    """Return which numbers can be shown in full, each with its words; one where both are the same."""
    one, two = found.before.get("id_number"), found.after.get("id_number")
    if one == two:
        return [("after", "证件号")] if one else []
    return [
        (which, words)
        for which, words, value in (("before", "原来的证件号", one), ("after", "申请的证件号", two))
        if value
    ]


def _facts(found: Opened, book: Codebook, on: Any) -> list[KeyValue]:
    """Return the lines under the comparison."""
    case = found.case
    due = due_words(found.due_on, reference.working_days_between(on, found.due_on)) if found.due_on else ""
    pairs = {
        "变更原因": book.name("correction_reason", case.facts["reason"]),
        "从哪天起": table_day(case.effective_on),
        "说明": found.words,
        "提交": f"{case.kindergarten.name if case.kindergarten else ''} {moment(case.filed_at)}",
        "办理期限": due,
        "决定": moment(case.decided_at) if case.decided_at else "",
    }
    return [KeyValue(name, value) for name, value in pairs.items() if value]


def _checks(found: Opened) -> list[Check]:
    """Check the wanted values once more, on the server: the document against its own rules, and with the other values."""
    after, checks = found.after, []
    if after["id_number"]:
        facts = read_document(after["id_type"], after["id_number"])
        checks.append(
            Check("证件号格式、校验位正确", True) if not facts.fault else Check("证件号格式或校验位对不上", False)
        )
        if facts.birth_date is not None:
            agrees = facts.birth_date.isoformat() == after["birth_date"] and facts.sex == after["sex"]
            words = "证件号里的生日和性别与申请的相同" if agrees else "证件号里的生日或性别与申请的不同"
            checks.append(Check(words, agrees))
    checks += [Check(words, None) for words in found.remarks]
    return [*checks, Check(f"有 {len(found.proofs)} 份佐证", bool(found.proofs))]
