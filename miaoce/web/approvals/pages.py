"""The county's list of cases, risk first, with the side panel of one case."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import actions, queries, states
from miaoce.registry.approvals import decisions as decided
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.web.approvals.forms import Filters, identifier
from miaoce.web.approvals.panel import panel_of
from miaoce.web.approvals.rows import lines_of
from miaoce.web.permissions import DeskRequest, page

LABELS = {
    queries.PENDING: "待审批",
    queries.LOOK: "要细看",
    queries.CLEAN: "无异常",
    queries.RETURNED: "已退回",
    queries.PASSED: "已通过",
}


@page(Permission.APPROVAL_VIEW)
def approvals(request: DeskRequest) -> HttpResponse:
    """List the cases of a tab; `?case=` shows one of them in the side panel."""
    officer, now = request.officer, timezone.now()
    filters = Filters.read(request.GET)
    places = institutions.kindergartens_of(officer.unit_id) if officer.unit_id else []
    place = next((one for one in places if one.code == filters.kindergarten), None)
    counts = queries.counts_of_tabs(officer, kindergarten_id=place.pk if place else None)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    decisions = decided.decisions_of(officer, since=midnight)
    approved = sum(one.standing for one in decisions if one.kind == "approval.approve")
    context: dict[str, Any] = {
        "filters": filters,
        "places": places,
        "counts": counts,
        "tabs": _tabs(filters, counts),
        "decided_today": approved,
        "done_words": f"今天批准 {approved:,} 名。",
        "recallable": [pair for pair in with_minutes(decisions) if pair[1]],
    }
    if filters.tab == queries.PASSED:
        context |= _decisions(request, filters)
    else:
        context |= _cases(request, filters, place) | side_of(request, request.GET.get("case", ""))
    return render(request, "approvals/list.html", context)


def _tabs(filters: Filters, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Return the tabs; a count beyond what is counted says 999+."""
    return [
        {
            "label": label,
            "url": Filters(tab, filters.kindergarten).query(),
            "current": tab == filters.tab,
            "count": capped_words(counts[tab]),
        }
        for tab, label in LABELS.items()
    ]


def capped_words(count: int) -> str:
    """Return a count that stops at 999 in words."""
    return f"{queries.MOST}+" if count > queries.MOST else str(count)


def with_minutes(decisions: list[decided.Decision]) -> list[tuple[decided.Decision, int]]:
    """Return decisions with the minutes in which each may still be taken back."""
    now = timezone.now()
    minutes = settings.RECALL_MINUTES
    return [(one, one.recall_minutes_left(now=now, recall_minutes=minutes)) for one in decisions]


def _cases(request: DeskRequest, filters: Filters, place: Kindergarten | None) -> dict[str, Any]:
    """Return one page of cases, logged as shown."""
    cases = queries.waiting_in(request.officer, filters.tab, kindergarten_id=place.pk if place else None)
    mine = Proposal.objects.visible_to(request.officer)
    found = queries.page_of(cases, _cursor(request), among=mine, most=queries.PAGE)
    now = timezone.now()
    lines = lines_of(found.cases, on=timezone.localdate(now))
    if lines:
        children = [line.case.child_id for line in lines]
        journal.log_reading(actor=request.officer, at=now, what="approval.list", child_ids=children)
    return {
        "lines": lines,
        "clean_here": sum(line.case.risk == 0 for line in lines),
        "previous": filters.query(before=str(found.previous)) if found.previous else "",
        "following": filters.query(after=str(found.following)) if found.following else "",
        "may_decide": filters.tab in {queries.PENDING, queries.LOOK, queries.CLEAN},
        "may_take_all": filters.tab in {queries.PENDING, queries.CLEAN} and not filters.is_all,
    }


def _cursor(request: DeskRequest) -> queries.Cursor | None:
    """Return the place in the list that the address names."""
    for name in ("after", "before"):
        if case := identifier(request.GET.get(name, "")):
            return queries.Cursor(case, is_backwards=name == "before")
    return None


def _decisions(request: DeskRequest, filters: Filters) -> dict[str, Any]:
    """Return a page of the county's decisions: who approved how many, and when."""
    before = identifier(request.GET.get("after", ""))
    found = decided.decisions_of(request.officer, before=before, most=queries.PAGE + 1)
    last = found[queries.PAGE - 1].id if len(found) > queries.PAGE else None
    return {
        "decisions": with_minutes(found[: queries.PAGE]),
        "following": filters.query(after=str(last)) if last else "",
    }


def side_of(request: DeskRequest, case_id: str) -> dict[str, Any]:
    """Return the panel of a case that was opened, or the case alone with the button that opens it."""
    case_key = identifier(case_id)
    if case_key is None:
        return {"panel": None, "closed": None}
    case = get_object_or_404(Proposal.objects.visible_to(request.officer), pk=case_key)
    if case.state == states.SUBMITTED and case.opened_at is None:
        return {"panel": None, "closed": case}
    now = timezone.now()
    return {"panel": panel_of(case, officer=request.officer, now=now, on=timezone.localdate(now)), "closed": None}


@require_POST
@page(Permission.APPROVAL_VIEW, act=Permission.APPROVAL_DECIDE)
def open_case(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Begin to look at a case: the kindergarten cannot take it back any more. htmx gets the panel, others the page."""
    case = get_object_or_404(Proposal.objects.visible_to(request.officer), pk=case_id)
    begin(request, case)
    if request.headers.get("HX-Request"):
        context = side_of(request, str(case_id))
        return render(request, "approvals/_panel.html", {"filters": Filters.read(request.POST), **context})
    return redirect(reverse("approvals") + Filters.read(request.POST).query(case=str(case_id)))


def begin(request: DeskRequest, case: Proposal) -> None:
    """Open a case that nobody opened yet."""
    if case.state == states.SUBMITTED and case.opened_at is None:
        with journal.process("approval.open", actor=request.officer, at=timezone.now()) as process:
            actions.open_cases(cases=Proposal.objects.visible_to(request.officer).filter(pk=case.pk), process=process)
