"""Filing a correction and mending one that came back: an ordinary form with the part that takes proofs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.proofs_rules import ProofTaken
from miaoce.registry.approvals.states import SENT_BACK
from miaoce.registry.children.corrections import key_values
from miaoce.registry.children.models import Child
from miaoce.registry.corrections import actions as corrections
from miaoce.registry.corrections import queries, rules
from miaoce.registry.corrections.actions import Request
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault.masking import Viewer
from miaoce.web.approvals.forms import identifier
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.corrections.forms import CorrectionForm
from miaoce.web.corrections.pages import case_of
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.proofs.taking import Taken, fields_of, taken
from miaoce.web.said import say

UPLOAD = "upload"  # the button that only takes the files in


@dataclass(frozen=True)
class Asked:
    """The form as it is shown: what was sent with it, what the page is called, and what else stands on it."""

    form: CorrectionForm
    given: Taken
    title: str
    more: Mapping[str, object] = field(default_factory=dict)


@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def new(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """Ask what is to be corrected and file it. `?undo=` begins with what stood before another correction."""
    child = visible_child(request, child_id)
    corrections.must_be_editable(child, corrections.asked_by_schools([child.pk]))
    values = {**key_values([child])[child.pk], **_before(request, child)}
    form, given = _given(request, child, values)
    if request.method == "POST" and form.is_valid() and not given.errors and request.POST.get("act") != UPLOAD:
        texts = {
            key: text for key, text in values.items() if key == "id_number" and request.GET.get("undo")
        } | form.texts
        asked = Request(
            child.pk, texts, form.cleaned_data["reason"], form.since, form.cleaned_data["words"], tuple(given.ids)
        )
        with journal.process("correction.file", actor=request.officer, at=timezone.now()) as process:
            moved = corrections.file(requests=[asked], process=process)
        if moved.done:
            say(request, "变更申请已交给县里，核准后才会改。")
            return redirect("correction", case_id=moved.done[0].pk)
        explain(form, given, moved.refused[child.pk])
    return _ask(request, child, Asked(form, given, "关键信息变更"))


def _before(request: DeskRequest, child: Child) -> Mapping[str, str]:
    """Return what stood before the correction that is to be undone; nothing where none is named."""
    case_id = identifier(request.GET.get("undo", ""))
    if case_id is None:
        return {}
    case = queries.corrections(request.officer).filter(pk=case_id, child_id=child.pk).first()
    if case is None:
        raise Http404
    return queries.opened(case, viewer=Viewer.OWN, book=reference.codebook(timezone.localdate())).before


@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def mend(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Mend a correction that the county sent back, and send it again."""
    case = case_of(request, case_id)
    if case.state != SENT_BACK:
        return redirect("correction", case_id=case.pk)
    book = reference.codebook(timezone.localdate())
    before = queries.opened(case, viewer=Viewer.OWN, book=book)
    child = visible_child(request, case.child_id)
    start = {"reason": case.facts["reason"], "true_since": case.effective_on, "words": before.words}
    form, given = _given(request, child, before.after, start)
    if request.method == "POST" and form.is_valid() and not given.errors and request.POST.get("act") != UPLOAD:
        texts = {**before.after, **form.texts}
        asked = Request(
            child.pk, texts, form.cleaned_data["reason"], form.since, form.cleaned_data["words"], tuple(given.ids)
        )
        seen = request.POST.get("version", "")
        with journal.process("correction.refile", actor=request.officer, at=timezone.now()) as process:
            version = int(seen) if seen.isdecimal() else case.version
            moved = corrections.refile(chosen={case.pk: version}, requests={case.pk: asked}, process=process)
        if moved.done:
            say(request, "已补正，再次交给县里。")
            return redirect("correction", case_id=case.pk)
        explain(form, given, moved.refused[case.pk])
    returned = [book.name("refusal_reason", code) for code in case.return_reasons]
    more = {"case": case, "returned": returned, "lines": before.proofs}
    return _ask(request, child, Asked(form, given, "补正变更申请", more))


def _given(
    request: DeskRequest, child: Child, values: Mapping[str, str], start: Mapping[str, object] | None = None
) -> tuple[CorrectionForm, Taken]:
    """Return the form as it was sent or is to be shown, and the proofs that came with it."""
    book = reference.codebook(timezone.localdate())
    if request.method != "POST":
        return CorrectionForm(book, values, initial=dict(start or {})), Taken()
    return CorrectionForm(book, values, request.POST), taken(request, child)


def explain(form: CorrectionForm, given: Taken, refusal: Refusal) -> None:
    """Say at the right place why a request was not filed; what has no place there is said by the page of refusals."""
    if isinstance(refusal, rules.NotSound):
        for key, words in refusal.findings.items():
            form.add_error(key if key in form.fields else None, words.partition("：")[2])
        return
    places = {
        rules.ReasonUnknown: "reason", rules.WordsMissing: "words", rules.NotYet: "true_since", rules.DocumentOfAnother: "id_number",
        rules.NothingChanged: None,
    }  # fmt: skip
    if isinstance(refusal, rules.ProofMissing | ProofTaken):
        given.errors.append(str(refusal))
    elif type(refusal) in places:
        form.add_error(places[type(refusal)], str(refusal))
    else:
        raise refusal


def _ask(request: DeskRequest, child: Child, asked: Asked) -> HttpResponse:
    """Show the form; the reading is logged, because the key data stand in it."""
    now, form = timezone.now(), asked.form
    journal.log_reading(actor=request.officer, at=now, what="correction.form", child_ids=[child.pk])
    context = {
        "child": child,
        "crumbs": crumbs_of(child, asked.title),
        "title": asked.title,
        "form": form,
        "proofs": fields_of(request.officer, child, on=timezone.localdate(now), given=asked.given),
        "upload": UPLOAD,
        **asked.more,
    }
    wrong = form.is_bound and (form.errors or asked.given.errors)
    return render(request, "corrections/file.html", context, status=422 if wrong else 200)
