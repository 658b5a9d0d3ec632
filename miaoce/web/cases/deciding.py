"""What is done with a case of 缓学, 注销 or 恢复: agreed to, sent back, taken back."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.cases import Moved
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.states import CASE_KINDS
from miaoce.registry.enrolments import casework
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.approvals.forms import ReturnForm, picked
from miaoce.web.cases.pages import case_of
from miaoce.web.components.parts import Crumb
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say


def _seen(request: DeskRequest, case: Case) -> dict[UUID, int]:
    """Return the case in the version that the page showed."""
    return {case.pk: picked(request.POST.getlist("pick")).get(case.pk, 0)}


def _done(request: DeskRequest, case: Case, moved: Moved, words: str) -> HttpResponse:
    """Say what was done and show the case; what was not done is said by the page of refusals."""
    if case.pk in moved.refused:
        raise moved.refused[case.pk]
    say(request, words)
    return redirect("case", case_id=case.pk)


@require_POST
@page(Permission.CASE_VIEW, act=Permission.CASE_DECIDE)
def agree(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Agree to a case in the version shown; it is true in the same moment."""
    case = case_of(request, case_id)
    with journal.process("case.agree", actor=request.officer, at=timezone.now()) as process:
        moved = casework.agree(chosen=_seen(request, case), process=process)
    return _done(request, case, moved, "已核准，已经生效。")


@page(Permission.CASE_VIEW, act=Permission.CASE_DECIDE)
def send_back(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Ask for reasons and words, and return a case to be mended."""
    case = case_of(request, case_id)
    form = ReturnForm(reference.codebook(timezone.localdate()), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given, chosen = form.cleaned_data, _seen(request, case)
        with journal.process("case.send_back", actor=request.officer, at=timezone.now()) as process:
            moved = casework.send_back(chosen=chosen, reasons=given["reasons"], words=given["words"], process=process)
        return _done(request, case, moved, "已退回，园里会看到原因。")
    kind = CASE_KINDS[case.kind]
    context = {
        "case": case,
        "form": form,
        "kind": kind,
        "crumbs": [Crumb("变更", "/cases/"), Crumb("这一件", f"/cases/{case.pk}/"), Crumb("退回")],
        "pick": f"{case.pk}:{case.version}",
    }
    return render(request, "cases/send_back.html", context, status=422 if form.errors else 200)


@require_POST
@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def take_back(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Take back a case before it is agreed to."""
    case = case_of(request, case_id)
    with journal.process("case.take_back", actor=request.officer, at=timezone.now()) as process:
        moved = casework.take_back(chosen=_seen(request, case), process=process)
    return _done(request, case, moved, "申请已撤回，没有改动。")
