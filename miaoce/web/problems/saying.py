"""The word of one kindergarten: from the bar with a ground, on a page with proofs, as a correction, as a deletion."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.corrections import key_values
from miaoce.registry.children.models import Child
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import deciding, queries, states
from miaoce.registry.problems.deciding import Said
from miaoce.registry.problems.models import ProblemRecord, ProblemSide
from miaoce.registry.problems.moving import Moved
from miaoce.registry.reference import queries as reference
from miaoce.web.components.parts import Crumb
from miaoce.web.corrections.filing import explain
from miaoce.web.corrections.forms import CorrectionForm
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.problems.choosing import DIFFERENT, GROUNDS, SAY, way_of, ways_of
from miaoce.web.problems.forms import EvidenceForm, VoidForm
from miaoce.web.problems.pages import go_on, problem_page, visible_problem
from miaoce.web.proofs.taking import Taken, fields_of, taken
from miaoce.web.said import say as leave_word

UPLOAD = "upload"
DONE = {
    states.SAME: "已说明：是同一名。", states.OTHER: "已说明：不是同一名。", states.UNSURE: "已说明：拿不准。",
    "": "佐证已交。",
}  # fmt: skip


def version_of(request: DeskRequest) -> int:
    """Return the version that the page showed; 1 for anything else, which no problem that moved on has."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


def own_child(request: DeskRequest, one: ProblemRecord) -> Child:
    """Return the first record of a problem that the officer's kindergarten answers for; 404 where it has none."""
    sides = ProblemSide.objects.filter(problem_id=one.pk).order_by("child_id")
    side = next((side for side in sides if side.kindergarten_id == request.officer.unit_id), None)
    return get_object_or_404(Child.objects.visible_to(request.officer), pk=side.child_id if side else None)


@page(Permission.PROBLEM_HANDLE, act=Permission.PROBLEM_HANDLE)
def say(request: DeskRequest, problem_id: UUID) -> HttpResponse:
    """GET asks for a word with proofs. POST files it: the bar sends `choice` with a ground, the page its form."""
    one = visible_problem(request, problem_id)
    if request.method == "POST" and "ground" in request.POST:
        return _from_bar(request, one)
    child, on = own_child(request, one), timezone.localdate()
    start = {"said": request.GET.get("choice", "")}
    form = EvidenceForm(request.POST if request.method == "POST" else None, initial=start, is_pair=one.is_pair)
    given = taken(request, child) if request.method == "POST" else Taken()
    if request.method == "POST" and request.POST.get("act") != UPLOAD and form.is_valid() and not given.errors:
        words_of = Said(
            one.pk, version_of(request), said=form.cleaned_data.get("said", ""), words=form.cleaned_data["words"],
            proofs={child.pk: tuple(given.ids)},
        )  # fmt: skip
        moved = _filed(request, words_of)
        if moved.done:
            return go_on(request, one, DONE[form.cleaned_data.get("said", "")])
        form.add_error(None, str(moved.refused[one.pk]))
    journal.log_reading(actor=request.officer, at=timezone.now(), what="problem.evidence", child_ids=[child.pk])
    title = "说明和佐证" if one.is_pair else "佐证：号码没有错"
    proofs = fields_of(request.officer, child, on=on, given=given)
    return _ask(request, one, title=title, form=form, proofs=proofs, child=child)


def _from_bar(request: DeskRequest, one: ProblemRecord) -> HttpResponse:
    """File the word that was chosen and confirmed in the bar; a kindergarten that holds both says “different” for good."""
    found = queries.detail(request.officer, one.pk, on=timezone.localdate())
    if found is None:
        raise Http404
    way = way_of(ways_of(found, request.officer, on=timezone.localdate()), request.POST.get("choice", ""), SAY)
    ground = request.POST["ground"]
    words = ground if ground in GROUNDS[SAY, way.code] else ""
    if way.code == DIFFERENT and "settle" in found.verbs:
        with journal.process("problem.settle", actor=request.officer, at=timezone.now()) as process:
            moved = deciding.settle(chosen={one.pk: version_of(request)}, words=words, process=process)
    else:
        moved = _filed(request, Said(one.pk, version_of(request), said=way.code, words=words))
    if moved.refused:
        return problem_page(request, visible_problem(request, one.pk), why_not=moved.refused[one.pk])
    return go_on(request, one, DONE[way.code])


def _filed(request: DeskRequest, words_of: Said) -> Moved:
    """File one word."""
    with journal.process("problem.say", actor=request.officer, at=timezone.now()) as process:
        return deciding.say(words_of=[words_of], process=process)


@page(Permission.PROBLEM_HANDLE, act=Permission.PROBLEM_HANDLE)
def change(request: DeskRequest, problem_id: UUID) -> HttpResponse:
    """变更: file a correction of the own record with proof; the problem ends when the county agrees to it."""
    one = visible_problem(request, problem_id)
    child, book = own_child(request, one), reference.codebook(timezone.localdate())
    values, posted = key_values([child])[child.pk], request.method == "POST"
    form = CorrectionForm(book, values, request.POST) if posted else CorrectionForm(book, values)
    given = taken(request, child) if posted else Taken()
    if posted and request.POST.get("act") != UPLOAD and form.is_valid() and not given.errors:
        words_of = Said(
            one.pk, version_of(request), answer=states.CHANGE, words=form.cleaned_data["words"],
            proofs={child.pk: tuple(given.ids)}, child_ids=(child.pk,), texts=form.texts,
            reason=form.cleaned_data["reason"], on=form.since,
        )  # fmt: skip
        moved = _filed(request, words_of)
        if moved.done:
            leave_word(request, "变更申请已交给县里，核准后这件自动办结。")
            return redirect("problem", one.pk)
        explain(form, given, moved.refused[one.pk])
    journal.log_reading(actor=request.officer, at=timezone.now(), what="correction.form", child_ids=[child.pk])
    context = {
        "child": child,
        "title": "变更",
        "crumbs": _crumbs(one, "变更"),
        "form": form,
        "proofs": fields_of(request.officer, child, on=timezone.localdate(), given=given),
        "upload": UPLOAD,
        "problem": one,
    }
    status = 422 if posted and (form.errors or given.errors) else 200
    return render(request, "corrections/file.html", context, status=status)


@page(Permission.PROBLEM_HANDLE, act=Permission.PROBLEM_HANDLE)
def void(request: DeskRequest, problem_id: UUID) -> HttpResponse:
    """删除: ask that the own record, made by mistake, be voided; the county decides, and the problem ends with it."""
    one = visible_problem(request, problem_id)
    child, on, posted = own_child(request, one), timezone.localdate(), request.method == "POST"
    form = VoidForm(request.POST if posted else None, initial={"on": on.isoformat()})
    given = taken(request, child) if posted else Taken()
    if posted and request.POST.get("act") != UPLOAD and form.is_valid() and not given.errors:
        words_of = Said(
            one.pk, version_of(request), answer=states.VOID, words=form.cleaned_data["words"],
            proofs={child.pk: tuple(given.ids)}, child_ids=(child.pk,), on=form.cleaned_data["on"],
        )  # fmt: skip
        moved = _filed(request, words_of)
        if moved.done:
            leave_word(request, "删除申请已交给县里，核准后这条学籍作废。")
            return redirect("problem", one.pk)
        form.add_error(None, str(moved.refused[one.pk]))
    proofs = fields_of(request.officer, child, on=on, given=given)
    journal.log_reading(actor=request.officer, at=timezone.now(), what="problem.evidence", child_ids=[child.pk])
    return _ask(request, one, title="删除：这条是登记错的", form=form, proofs=proofs, child=child)


def _ask(request: DeskRequest, one: ProblemRecord, *, title: str, form: Any, proofs: Any, child: Child) -> HttpResponse:
    """Show a form with the part that takes proofs."""
    context = {
        "problem": one, "title": title, "form": form, "proofs": proofs, "child": child, "upload": UPLOAD,
        "crumbs": _crumbs(one, title),
    }  # fmt: skip
    wrong = form.is_bound and (form.errors or proofs.taken.errors)
    return render(request, "problems/say.html", context, status=422 if wrong else 200)


def _crumbs(one: ProblemRecord, here: str) -> list[Crumb]:
    """Return the path to a page below a problem."""
    return [
        Crumb("问题学籍", reverse("problems")),
        Crumb(states.KINDS[one.kind], reverse("problem", args=[one.pk])),
        Crumb(here),
    ]
