"""Choosing cases and deciding them: one at a time from the panel, or many after a look at a random few."""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import actions, queries
from miaoce.registry.approvals import decisions as decided
from miaoce.registry.approvals.models import Proposal, Selection
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.approvals import pages
from miaoce.web.approvals.forms import Filters, ReturnForm, picked
from miaoce.web.approvals.rows import lines_of
from miaoce.web.approvals.samples import cards_of
from miaoce.web.permissions import DeskRequest, page

NAMED = 20  # names written out on the page that returns cases


@require_POST
@page(Permission.APPROVAL_VIEW, act=Permission.APPROVAL_DECIDE)
def choose(request: DeskRequest) -> HttpResponse:
    """Keep what was ticked, or all that match the filter, and go on to approving or returning it."""
    officer, filters = request.officer, Filters.read(request.POST)
    verb = "approvals-return" if request.POST.get("decision") == "return" else "approvals-approve"
    if filters.is_all:
        place = institutions.kindergarten_named(officer.unit_id, filters.kindergarten) if officer.unit_id else None
        shown, cases = None, queries.waiting_in(officer, queries.CLEAN, kindergarten_id=place.pk if place else None)
    else:
        shown = picked(request.POST.getlist("pick"))
        cases = Proposal.objects.visible_to(officer).filter(pk__in=shown)
    selection = actions.choose(
        cases=cases,
        actor=officer,
        at=timezone.now(),
        shown=shown,
        is_spot_checked=verb == "approvals-approve",
    )
    if not selection.items:
        return redirect(reverse("approvals") + filters.query(none="1"))
    suggested = f"?{urlencode({'reason': request.POST['reason']})}" if request.POST.get("reason") else ""
    return redirect(reverse(verb, args=[selection.pk]) + suggested)


def chosen_by(request: DeskRequest, selection_id: UUID) -> Selection:
    """Return the officer's own selection; 404 for every other."""
    try:
        return decided.selection_of(request.officer, selection_id)
    except Selection.DoesNotExist as error:
        raise Http404 from error


@page(Permission.APPROVAL_VIEW, act=Permission.APPROVAL_DECIDE)
def approve(request: DeskRequest, selection_id: UUID) -> HttpResponse:
    """Say what would be approved and show a random few of it; approve it when they were looked at."""
    selection = chosen_by(request, selection_id)
    if selection.used_by:
        return redirect("approvals-decision", selection.used_by)
    if request.method != "POST":
        return _confirm(request, selection)
    for case in picked(f"{value}:0" for value in request.POST.getlist("seen")):
        actions.see(selection=selection, child_case=case)
    if set(selection.sample) - set(selection.seen):
        return _confirm(request, selection, status=422)
    with journal.process("approval.approve", actor=request.officer, at=timezone.now()) as process:
        chosen = actions.use(selection=selection, process=process)
        enrolments.approve(chosen=chosen, process=process, recall_minutes=settings.RECALL_MINUTES)
    return _result(selection)


def _confirm(request: DeskRequest, selection: Selection, status: int = 200) -> HttpResponse:
    """Show the kindergartens with counts and the spot check, large."""
    places = decided.spread_of(request.officer, selection)
    context = {
        "selection": selection,
        "places": places,
        "total": len(selection.items),
        "risky": sum(place.risky for place in places),
        "cards": cards_of(selection, officer=request.officer, now=timezone.now()),
        "is_missing": status == 422,
        "recall_minutes": settings.RECALL_MINUTES,
    }
    return render(request, "approvals/approve.html", context, status=status)


@page(Permission.APPROVAL_VIEW, act=Permission.APPROVAL_DECIDE)
def return_(request: DeskRequest, selection_id: UUID) -> HttpResponse:
    """Ask for reasons and words, and return what was chosen to its kindergartens."""
    selection = chosen_by(request, selection_id)
    if selection.used_by:
        return redirect("approvals-decision", selection.used_by)
    book = reference.codebook(timezone.localdate())
    if request.method != "POST":
        return _ask_why(request, selection, ReturnForm(book, initial={"reasons": request.GET.getlist("reason")}))
    form = ReturnForm(book, request.POST)
    if not form.is_valid():
        return _ask_why(request, selection, form, status=422)
    with journal.process("approval.return", actor=request.officer, at=timezone.now()) as process:
        chosen = actions.use(selection=selection, process=process)
        enrolments.return_(
            chosen=chosen, reasons=form.cleaned_data["reasons"], words=form.cleaned_data["words"], process=process
        )
    return _result(selection)


def _ask_why(request: DeskRequest, selection: Selection, form: ReturnForm, status: int = 200) -> HttpResponse:
    """Show who would go back and the form that says why."""
    cases = queries.cases_of(request.officer, [UUID(hex=case) for case, _ in selection.items[:NAMED]])
    now = timezone.now()
    lines = lines_of(cases, on=timezone.localdate(now))
    if lines:
        children = [line.case.child_id for line in lines]
        journal.log_reading(actor=request.officer, at=now, what="approval.list", child_ids=children)
    total = len(selection.items)
    context = {"selection": selection, "form": form, "lines": lines, "total": total, "more": total - len(lines)}
    return render(request, "approvals/return.html", context, status=status)


def _result(selection: Selection) -> HttpResponse:
    """Go to the decision that used a selection, also when another press of the same button was faster."""
    selection.refresh_from_db(fields=["used_by"])
    answer = redirect("approvals-decision", selection.used_by)
    answer["Location"] += "?made=1"
    return answer


@require_POST
@page(Permission.APPROVAL_VIEW, act=Permission.APPROVAL_DECIDE)
def approve_one(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Approve the case of the panel in the version shown, and open the next one to look at."""
    officer, filters = request.officer, Filters.read(request.POST)
    case = get_object_or_404(Proposal.objects.visible_to(officer), pk=case_id)
    chosen = {case: version for case, version in picked(request.POST.getlist("pick")).items() if case == case_id}
    with journal.process("approval.approve", actor=officer, at=timezone.now()) as process:
        outcome = enrolments.approve(chosen=chosen, process=process, recall_minutes=settings.RECALL_MINUTES)
    if outcome.refused or not chosen:
        return redirect("approvals-decision", process.pk)
    following = queries.next_to_look_at(officer, after=case)
    if following is None:
        return redirect(reverse("approvals") + filters.query(tab=queries.CLEAN, done=str(process.pk)))
    pages.begin(request, following)
    return redirect(reverse("approvals") + filters.query(case=str(following.pk), done=str(process.pk)))
