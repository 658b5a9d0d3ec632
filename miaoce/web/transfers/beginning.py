"""How a transfer begins at the desk: by number and name, from a wish of intake, or with a code for the guardian."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.journal import actions as journal
from miaoce.registry.messages.senders import sender
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import opening
from miaoce.registry.transfers.opening import Told
from miaoce.web.approvals.forms import identifier
from miaoce.web.components.parts import Crumb
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say
from miaoce.web.transfers.forms import StartForm

HOME = Crumb("转园", "/transfers/")


@page(Permission.TRANSFER_HANDLE, act=Permission.TRANSFER_HANDLE)
def start(request: DeskRequest) -> HttpResponse:
    """Ask for number and name or birth date; a miss is said at once, on the same page, and counted."""
    form = StartForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            told = Told(said["number"], said["name"], said["born_on"])
            try:
                with journal.process("transfer.ask", actor=request.officer, at=timezone.now()) as process:
                    answer = opening.ask_for(told=told, process=process, code_days=settings.CODE_DAYS)
                if answer.transfer is not None:
                    say(request, _asked_words())
                    return redirect("transfer", answer.transfer.pk)
                form.add_error(None, str(answer.refusal))
                status = answer.refusal.http if answer.refusal else status
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.http
    context = {"form": form, "crumbs": [HOME, Crumb("申请转入")]}
    return render(request, "transfers/start.html", context, status=status)


def _asked_words() -> str:
    """Return what happens next: the guardian is asked by message, or on paper from the old kindergarten."""
    if sender() is not None:
        return "已申请，监护人会收到短信确认码。没收到的，可以请原幼儿园打印。"
    return "已申请。请监护人向原幼儿园要纸质确认码，确认后转出园就能核办。"


@require_POST
@page(Permission.TRANSFER_VIEW, act=Permission.TRANSFER_HANDLE)
def begin(request: DeskRequest) -> HttpResponse:
    """Make transfers of what intake put aside; one click each, or all that were ticked."""
    wishes = [wish for text in request.POST.getlist("wish") if (wish := identifier(text))]
    with journal.process("transfer.begin", actor=request.officer, at=timezone.now()) as process:
        opened = opening.begin(wish_ids=wishes, process=process, code_days=settings.CODE_DAYS)
    if opened.done:
        say(request, f"已发起 {len(opened.done)} 件转园，等监护人确认。")
    for words in sorted({str(refusal) for refusal in opened.refused.values()}):
        say(request, words, "warn")
    if len(opened.done) == 1:
        return redirect("transfer", opened.done[0].pk)
    return redirect("transfers")


@page(Permission.TRANSFER_HANDLE, act=Permission.TRANSFER_HANDLE)
def invite(request: DeskRequest) -> HttpResponse:
    """Say what a code for the guardian does, and open a transfer that waits for the guardian to name the kindergarten."""
    data = request.POST if request.method == "POST" else request.GET
    child = _own_child(request, identifier(data.get("child", "")))
    problem = ""
    if request.method == "POST":
        with journal.process("transfer.invite", actor=request.officer, at=timezone.now()) as process:
            opened = opening.invite(child_ids=[child.pk], process=process)
        if opened.done:
            return redirect("transfer", opened.done[0].pk)
        problem = str(opened.refused[child.pk])
    crumbs = [Crumb("幼儿", "/children/"), Crumb(child.name, f"/children/{child.pk}/"), Crumb("转园")]
    context = {"child": child, "crumbs": crumbs, "problem": problem}
    return render(request, "transfers/invite.html", context, status=409 if problem else 200)


def _own_child(request: DeskRequest, child_id: UUID | None) -> Child:
    """Return a child of the officer's own kindergarten, logged as shown; 404 for every other id."""
    child = get_object_or_404(Child.objects.visible_to(request.officer), pk=child_id)
    journal.log_reading(actor=request.officer, at=timezone.now(), what="transfer.invite", child_ids=[child.pk])
    return child
