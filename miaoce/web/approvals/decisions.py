"""A decision of the county afterwards: what came of it, and taking it back."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import decisions as decided
from miaoce.registry.approvals import queries
from miaoce.registry.approvals.decisions import Decision
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.web.approvals.forms import identifier
from miaoce.web.approvals.rows import Line, lines_of
from miaoce.web.permissions import DeskRequest, page


def decision_of(request: DeskRequest, decision_id: UUID) -> Decision:
    """Return a decision of the officer's unit; 404 for a foreign or unknown one."""
    try:
        return decided.decision(request.officer, decision_id)
    except Process.DoesNotExist as error:
        raise Http404 from error


@page(Permission.APPROVAL_VIEW)
def decision(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    """Say how many were decided, which could not be and why, and list them."""
    made, now = decision_of(request, decision_id), timezone.now()
    cases, following = decided.decided_cases(
        request.officer, decision_id, after=identifier(request.GET.get("after", ""))
    )
    refusals = {event.subject_id: event.after["words"] for event in decided.refusals_of(decision_id)}
    on = timezone.localdate(now)
    lines = lines_of(cases, on=on)
    refused = lines_of(queries.cases_of(request.officer, list(refusals)[: queries.PAGE]), on=on)
    _log(request, [*lines, *refused])
    first = cases[0] if cases else None
    book = reference.codebook(on)
    context = {
        "made": made,
        "is_return": made.kind == "approval.return",
        "minutes": made.recall_minutes_left(now=now, recall_minutes=settings.RECALL_MINUTES),
        "lines": lines,
        "refused": [(line, refusals[line.case.pk]) for line in refused],
        "refused_count": len(refusals),
        "outcome_words": f"成功 {made.standing:,}，没办成 {len(refusals):,}。",
        "foreign_count": 0 if len(refusals) > queries.PAGE else len(refusals) - len(refused),
        "reasons": [book.name("refusal_reason", code) for code in first.return_reasons] if first else [],
        "words": first.return_words if first else "",
        "following": f"?after={following}" if following else "",
        "recall_minutes": settings.RECALL_MINUTES,
    }
    return render(request, "approvals/decision.html", context)


def _log(request: DeskRequest, lines: list[Line]) -> None:
    """Log the children that a page is about to show."""
    if lines:
        children = [line.case.child_id for line in lines]
        journal.log_reading(actor=request.officer, at=timezone.now(), what="approval.list", child_ids=children)


@require_POST
@page(Permission.APPROVAL_VIEW, act=Permission.APPROVAL_DECIDE)
def recall(request: DeskRequest, decision_id: UUID) -> HttpResponse:
    """Take a decision back within its minutes; APR-04 afterwards."""
    decision_of(request, decision_id)
    with journal.process("approval.recall", actor=request.officer, at=timezone.now()) as process:
        enrolments.recall(decision_id=decision_id, process=process, recall_minutes=settings.RECALL_MINUTES)
    return redirect("approvals-decision", decision_id)
