"""What is done with a correction: agreed to, sent back, taken back; and one number of it shown for a reason."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.models import Case
from miaoce.registry.children.reveal import SHOWN_SECONDS, reason_words
from miaoce.registry.corrections import actions as corrections
from miaoce.registry.corrections import queries
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.approvals.forms import ReturnForm, picked
from miaoce.web.corrections.pages import case_of
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say


def _seen(request: DeskRequest, case: Case) -> dict[UUID, int]:
    """Return the case in the version that the page showed."""
    shown = picked(request.POST.getlist("pick"))
    return {case.pk: shown.get(case.pk, 0)}


@require_POST
@page(Permission.CASE_VIEW, act=Permission.CASE_DECIDE)
def agree(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Agree to a correction in the version shown; the child is corrected in the same moment."""
    case = case_of(request, case_id)
    with journal.process("correction.agree", actor=request.officer, at=timezone.now()) as process:
        moved = corrections.agree(chosen=_seen(request, case), process=process)
    if case.pk in moved.refused:
        raise moved.refused[case.pk]
    say(request, "已核准，信息已经改好。")
    return redirect("correction", case_id=case.pk)


@page(Permission.CASE_VIEW, act=Permission.CASE_DECIDE)
def send_back(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Ask for reasons and words, and return a correction to be mended."""
    case = case_of(request, case_id)
    book = reference.codebook(timezone.localdate())
    form = ReturnForm(book, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with journal.process("correction.send_back", actor=request.officer, at=timezone.now()) as process:
            moved = corrections.send_back(
                chosen=_seen(request, case), reasons=form.cleaned_data["reasons"], words=form.cleaned_data["words"],
                process=process,
            )  # fmt: skip
        if case.pk in moved.refused:
            raise moved.refused[case.pk]
        say(request, "已退回，园里会看到原因。")
        return redirect("correction", case_id=case.pk)
    context = {"case": case, "form": form, "pick": f"{case.pk}:{case.version}"}
    return render(request, "corrections/send_back.html", context, status=422 if form.errors else 200)


@require_POST
@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def take_back(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Take back a correction before it is agreed to."""
    case = case_of(request, case_id)
    with journal.process("correction.take_back", actor=request.officer, at=timezone.now()) as process:
        moved = corrections.take_back(chosen=_seen(request, case), process=process)
    if case.pk in moved.refused:
        raise moved.refused[case.pk]
    say(request, "变更申请已撤回，信息没有改。")
    return redirect("correction", case_id=case.pk)


@require_POST
@page(Permission.CASE_VIEW, act=Permission.CHILD_REVEAL)
def reveal(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Show the document number before or after the change in full, for a reason, for a minute."""
    case, now = case_of(request, case_id), timezone.now()
    book = reference.codebook(timezone.localdate(now))
    which = "after" if request.POST.get("which") == "after" else "before"
    reason = reason_words(book, request.POST.get("reason", ""), request.POST.get("words", ""))
    value = queries.reveal(case=case, which=which, reason=reason, actor=request.officer, at=now)
    context = {"case": case, "which": which, "value": value, "seconds": SHOWN_SECONDS}
    template = "corrections/_number.html" if request.headers.get("HX-Request") else "corrections/number.html"
    return render(request, template, context)
