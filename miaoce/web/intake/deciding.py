"""Possible duplicates: side by side, and decided on the spot."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import actions, comparing
from miaoce.registry.journal import actions as journal
from miaoce.web.components.parts import CompareRow
from miaoce.web.intake.found import log, readable, row_of, today_s_book, wants_part
from miaoce.web.intake.mending import swapped
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say

REASONS = ("已对照户口簿，是两名幼儿", "双胞胎", "同名同生日，监护人不同", "已向家长核实，不是同一名")
DONE = {
    "same": "已放到一边，不会重复登记。",
    "different": "两名都保留，理由已记下。",
    "later": "先放着，随时可以再看。",
}


@page(Permission.INTAKE_VIEW)
def compare(request: DeskRequest, batch_id: UUID, position: int) -> HttpResponse:
    """Show a row beside the record it could be; as a fragment for htmx, otherwise as a page."""
    batch = readable(request, batch_id)
    stored = row_of(batch, position)
    found = comparing.compare(batch, stored.pk, today_s_book())
    if found is None:
        raise Http404
    log(request, "intake.compare", [stored.becomes_id, *([found.other.child_id] if found.other.child_id else [])])
    context = {
        "batch": batch,
        "row": stored,
        "where": batch.where(stored),
        "found": found,
        "columns": [found.mine.title, found.other.title],
        "lines": [CompareRow(label, cells, differs) for label, cells, differs in found.lines],
        "reasons": REASONS,
        "here": "" if wants_part(request) else "../../../",
    }
    return render(request, "intake/_compare.html" if wants_part(request) else "intake/compare.html", context)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
@require_POST
def decide(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Decide one pair. The button says `choice:position:other`."""
    batch = readable(request, batch_id)
    choice, number, other = ([*request.POST.get("decide", "").split(":", 2), "", ""])[:3]
    if choice not in DONE or not number.isdecimal():
        raise Http404
    stored = row_of(batch, int(number))
    reason = request.POST.get(f"reason{number}", "")[:200]
    with journal.process("intake.decide", actor=request.officer, at=timezone.now(), reason=reason) as process:
        out = actions.decide_duplicate(batch=batch, row_id=stored.pk, choice=choice, other=other, process=process)
    if wants_part(request):
        return swapped(request, batch, out, stored.position, None)
    say(request, f"{batch.where(stored)}：{DONE[choice]}")
    return redirect(f"{reverse('intake-batch', args=[batch.pk])}#r{stored.position}")
