"""The page of a guardian: a code and four digits open one transfer. Open to everybody; nothing is kept between two answers."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from miaoce.registry.access.officers import the_guardian
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import guardians, opening, queries, rules
from miaoce.registry.transfers.guardians import Heard, Spoken
from miaoce.registry.transfers.models import Transfer
from miaoce.web.approvals.forms import identifier
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.transfers.forms import CodeForm, ReceiverForm, WordsForm
from miaoce.web.transfers.showing import shown_of

SAID = {
    "consent": "已同意转园。接下来由两所幼儿园和县里办，每一步都在这里看得到。",
    "decline": "已告诉幼儿园您不同意转园，孩子仍在原幼儿园。",
    "take_back": "已撤回，孩子仍在原幼儿园。",
    "dispute": "已提出异议，县里处理以前不会转。",
}


@page(None)
def guardian(request: DeskRequest) -> HttpResponse:
    """Ask for the code; show its transfer; take what the guardian decides."""
    if request.method != "POST":
        return _ask(request, CodeForm())
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=422)
    spoken, act = Spoken(form.cleaned_data["code"], form.cleaned_data["ending"]), request.POST.get("act", "look")
    problem, heard = "", Heard()
    if act in SAID:
        try:
            heard = _act(request, act, spoken)
        except Refusal as refusal:
            problem, act = str(refusal), "look"
    if act not in SAID:
        heard = _doing("look", lambda process: guardians.look(spoken=spoken, process=process))
    if heard.refusal is not None or heard.transfer is None:
        form.add_error(None, str(heard.refusal or rules.CodeWrong()))
        return _ask(request, form, status=422)
    return _show(request, spoken, heard, said=SAID.get(act, ""), problem=problem)


def _doing(kind: str, do: Any) -> Heard:
    """Do one thing as the guardian."""
    with journal.process(f"transfer.{kind}", actor=the_guardian(), at=timezone.now()) as process:
        heard: Heard = do(process)
    return heard


def _act(request: DeskRequest, act: str, spoken: Spoken) -> Heard:
    """Do what the guardian decided: one call of the domain."""
    words = request.POST.get("words", "")[: rules.LONGEST_WORDS]
    place = identifier(request.POST.get("kindergarten", ""))
    calls = {
        "consent": lambda process: guardians.consent(spoken=spoken, process=process, kindergarten_id=place),
        "decline": lambda process: guardians.decline(spoken=spoken, process=process),
        "take_back": lambda process: guardians.take_back(spoken=spoken, process=process),
        "dispute": lambda process: guardians.dispute(spoken=spoken, words=words, process=process),
    }
    return _doing(act, calls[act])


def _ask(request: DeskRequest, form: CodeForm, status: int = 200) -> HttpResponse:
    """Show the form for code and ending."""
    return render(request, "transfers/guardian.html", {"form": form}, status=status)


def _show(request: DeskRequest, spoken: Spoken, heard: Heard, *, said: str, problem: str) -> HttpResponse:
    """Show a transfer to its guardian, masked as for a parent, with what may be decided now."""
    now, found = timezone.now(), heard.transfer
    if found is None:
        raise LookupError("an answer without a refusal has its transfer")
    case = queries.with_places(Transfer.objects.filter(pk=found.pk)).get()
    if said:
        journal.log_reading(actor=the_guardian(), at=now, what="transfer.guardian", child_ids=[case.child_id])
    on = timezone.localdate(now)
    places = _places(request, case)
    context = {
        "shown": shown_of(case, queries.who_of([case], the_guardian())[case.pk], on=on),
        "case": case,
        "verbs": guardians.verbs_of(case, heard.purpose) if heard.purpose else [],
        "spoken": spoken,
        "follow": heard.follow,
        "said": said,
        "problem": problem,
        "places": places,
        "receiver_form": ReceiverForm(initial={"place": request.POST.get("place", "")}),
        "has_searched": bool(request.POST.get("place")),
        "words_form": WordsForm(),
        "objection_days": settings.OBJECTION_DAYS,
    }
    return render(request, "transfers/guardian_case.html", context, status=422 if problem else 200)


def _places(request: DeskRequest, case: Transfer) -> list[Kindergarten]:
    """Return the kindergartens that the guardian's words may mean, the present one left out."""
    found = opening.receivers(request.POST.get("place", "")[:80], on=timezone.localdate())
    return [place for pk, place in found.items() if pk != case.from_kindergarten_id]
