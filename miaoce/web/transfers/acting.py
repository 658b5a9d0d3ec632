"""Steps of a case from its page: one address for the kindergartens, one for the counties; each step is one call of the domain."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import actions, codes, deciding
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.moving import Moved
from miaoce.registry.transfers.parties import verbs_of
from miaoce.web.approvals.forms import identifier
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say
from miaoce.web.transfers.forms import WordsForm
from miaoce.web.transfers.pages import REFUSING, case_page, place_form, refusal_form, visible_transfer
from miaoce.web.transfers.showing import code_until

Chosen = dict[UUID, int]
SAID = {
    "release": "已同意转出。幼儿仍在本园在读，直到学籍转入的那一刻。", "accept": "已受理，等县里核准。",
    "withdraw": "已撤回。", "object": "已提出异议，等县里处理。", "regroup": "已改选班级。", "note": "已留言。",
    "send": "已发短信，监护人会收到确认码。", "approve": "已核准。", "release_for": "已代转出园办理。",
    "resume": "已继续办理。", "refuse": "已办结：不予转园。",
}  # fmt: skip


@page(Permission.TRANSFER_VIEW, act=Permission.TRANSFER_HANDLE)
def handle(request: DeskRequest, transfer_id: UUID) -> HttpResponse:
    """Take a step for a kindergarten: release, accept, regroup, refuse, withdraw, object, a note, a code."""
    return _act(request, transfer_id, HANDLED)


@page(Permission.TRANSFER_VIEW, act=Permission.TRANSFER_DECIDE)
def decide(request: DeskRequest, transfer_id: UUID) -> HttpResponse:
    """Take a step for a county: approve, refuse, release in a kindergarten's place, go on, a note, a code."""
    return _act(request, transfer_id, DECIDED)


class Unsaid(Exception):
    """A form came back with something to mend."""

    def __init__(self, name: str, form: Any) -> None:
        self.forms = {name: form}
        super().__init__(name)


def _act(request: DeskRequest, transfer_id: UUID, steps: dict[str, "Step"]) -> HttpResponse:
    """Take the step that a button names, in the version that the page showed; answer with the case either way."""
    case, verb = visible_transfer(request, transfer_id), request.POST.get("verb", "")
    if request.method != "POST":  # the address of a step that came back with something to mend, opened again
        return redirect("transfer", transfer_id)
    if verb not in steps:
        raise Http404
    if verb == "print":
        return _print(request, case)
    version = request.POST.get("version", "")
    chosen = {case.pk: int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0}
    try:
        with journal.process(f"transfer.{verb}", actor=request.officer, at=timezone.now()) as process:
            moved = steps[verb](request, case, chosen, process)
    except Unsaid as unsaid:
        return case_page(request, case, forms=unsaid.forms, status=422)
    except Refusal as refusal:
        return case_page(request, visible_transfer(request, transfer_id), problem=str(refusal), status=refusal.http)
    if moved.refused:
        why_not = next(iter(moved.refused.values()))
        return case_page(request, visible_transfer(request, transfer_id), problem=str(why_not), status=why_not.http)
    say(request, SAID[verb])
    return redirect("transfer", transfer_id)


Step = Callable[[DeskRequest, Transfer, Chosen, Process], Moved]


def _release(_request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return actions.release(chosen=chosen, process=process)


def _accept(request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return actions.accept(chosen=chosen, groups=_group(request, chosen), process=process)


def _regroup(request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return actions.regroup(chosen=chosen, groups=_group(request, chosen), process=process)


def _group(request: DeskRequest, chosen: Chosen) -> dict[UUID, UUID]:
    """Return the group that was chosen."""
    form = place_form(request, request.POST)
    group = identifier(form.cleaned_data["group"]) if form.is_valid() else None
    if group is None:
        raise Unsaid("place_form", form)
    return dict.fromkeys(chosen, group)


def _refuse(request: DeskRequest, case: Transfer, chosen: Chosen, process: Process) -> Moved:
    """Say no, with a reason of the list and words."""
    refusing = next((verb for verb in verbs_of(request.officer, case) if verb in REFUSING), "refuse")
    form = refusal_form(refusing, request.POST)
    if not form.is_valid():
        raise Unsaid("refusal_form", form)
    say_no = deciding.reject if request.officer.is_county else actions.refuse
    try:
        return say_no(
            chosen=chosen, reasons=form.cleaned_data["reasons"], words=form.cleaned_data["words"], process=process
        )
    except Refusal as refusal:
        form.add_error("words", str(refusal))
        raise Unsaid("refusal_form", form) from refusal


def _words(request: DeskRequest, name: str) -> str:
    """Return the words of a form."""
    form = WordsForm(request.POST, auto_id=f"{name}_%s")
    if not form.is_valid():
        raise Unsaid(f"{name}_form", form)
    return str(form.cleaned_data["words"])


def _withdraw(_request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return actions.withdraw(chosen=chosen, process=process)


def _object(request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return actions.object_(chosen=chosen, words=_words(request, "objection"), process=process)


def _note(request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return actions.note(transfer_ids=list(chosen), words=_words(request, "note"), process=process)


def _send(_request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return codes.send(chosen=list(chosen), process=process, days=settings.CODE_DAYS)


def _approve(_request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return deciding.approve(chosen=chosen, process=process, objection_days=settings.OBJECTION_DAYS)


def _release_for(_request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return deciding.release_for(chosen=chosen, process=process)


def _resume(request: DeskRequest, _case: Transfer, chosen: Chosen, process: Process) -> Moved:
    return deciding.resume(chosen=chosen, words=_words(request, "resume"), process=process)


HANDLED: dict[str, Step] = {
    "release": _release, "accept": _accept, "regroup": _regroup, "refuse": _refuse, "withdraw": _withdraw,
    "object": _object, "note": _note, "send": _send, "print": _send,
}  # fmt: skip
DECIDED: dict[str, Step] = {
    "approve": _approve, "refuse": _refuse, "release_for": _release_for, "resume": _resume, "note": _note, "send": _send,
    "print": _send,
}  # fmt: skip


def _print(request: DeskRequest, case: Transfer) -> HttpResponse:
    """Make a code and answer with the sheet it stands on; it is shown this once."""
    with journal.process("transfer.code", actor=request.officer, at=timezone.now()) as process:
        moved, made = codes.hand_over(chosen=[case.pk], process=process, days=settings.CODE_DAYS)
    if moved.refused:
        why_not = next(iter(moved.refused.values()))
        return case_page(request, case, problem=str(why_not), status=why_not.http)
    context = {
        "case": case,
        "code": made[case.pk],
        "until": code_until(settings.CODE_DAYS),
        "objection_days": settings.OBJECTION_DAYS,
        "address": request.build_absolute_uri(reverse("transfer-guardian")),
    }
    return render(request, "transfers/paper.html", context)
