"""Filing 缓学, 注销 or 恢复 and mending what came back: an ordinary form with the part that takes proofs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.proofs_rules import ProofTaken
from miaoce.registry.approvals.states import CANCELLATION, CASE_KINDS, DEFERRAL, RESTORATION, SENT_BACK
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import casefile, casework, rules, states
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import filing
from miaoce.web.cases.forms import CaseForm, start_of
from miaoce.web.cases.pages import case_of
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.children.words import returned_words
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.proofs.taking import Taken, fields_of, taken
from miaoce.web.said import say

UPLOAD = "upload"  # the button that only takes the files in
CONSEQUENCES = {
    DEFERRAL: "核准后，这名幼儿到那年 9 月以前不随班毕业，学籍一直保留。还在园的照常在园。",
    CANCELLATION: "死亡、失踪：一交上去，就不再给监护人发任何消息，正在办的其他变动也会终止；核准后就读到那天为止，学籍号保留，"
    "不再给任何人。误建：核准后整份学籍作废，学籍号停用，证件号放开，不能再恢复。",
    RESTORATION: "核准后还用原来的学籍号。从没离开过的，接着原来的就读；离开过一段的，从回来那天起另记一段。",
}
"""What each kind does, said before it is filed."""


@dataclass(frozen=True)
class Shown:
    """The form as it is shown: what was sent with it, what the page is called, and what else stands on it."""

    kind: str
    form: CaseForm
    given: Taken
    title: str
    more: Mapping[str, object] = field(default_factory=dict)


@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def new(request: DeskRequest, child_id: UUID, kind: str) -> HttpResponse:
    """Ask what is to be decided about a child and file it at the county."""
    child = visible_child(request, child_id)
    if child.standing == states.NONE:
        raise states.StepNotAllowed(state=states.standing_word(child.standing), verb=CASE_KINDS[kind])
    form, given = _given(request, child, kind)
    if _is_ready(request, form, given):
        asked = _asked(request, child, form, given)
        with journal.process("case.file", actor=request.officer, at=timezone.now()) as process:
            moved = filing.file(asked=[asked], process=process)
        if moved.done:
            say(request, "已交给县里核准，核准后才生效。")
            return redirect("case", case_id=moved.done[0].pk)
        _explain(form, given, moved.refused[child.pk])
    return _ask(request, child, Shown(kind, form, given, CASE_KINDS[kind]))


@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def mend(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Mend a case that the county sent back, and send it again."""
    case = case_of(request, case_id)
    if case.state != SENT_BACK:
        return redirect("case", case_id=case.pk)
    book = reference.codebook(timezone.localdate())
    before, child = casefile.opened(case, book=book), visible_child(request, case.child_id)
    form, given = _given(request, child, case.kind, start_of(case.facts, case.effective_on, before.words))
    if _is_ready(request, form, given):
        seen = request.POST.get("case_version", "")
        version = int(seen[:9]) if seen.isdecimal() else case.version
        with journal.process("case.refile", actor=request.officer, at=timezone.now()) as process:
            moved = casework.refile(
                chosen={case.pk: version}, asked={case.pk: _asked(request, child, form, given)}, process=process
            )
        if moved.done:
            say(request, "已补正，再次交给县里。")
            return redirect("case", case_id=case.pk)
        _explain(form, given, moved.refused[case.pk])
    returned = returned_words(case.return_reasons, case.return_words, book)
    more = {"case": case, "returned": returned, "lines": before.proofs}
    return _ask(request, child, Shown(case.kind, form, given, f"补正：{CASE_KINDS[case.kind]}", more))


def _given(
    request: DeskRequest, child: Child, kind: str, start: Mapping[str, object] | None = None
) -> tuple[CaseForm, Taken]:
    """Return the form as it was sent or is to be shown, and the proofs that came with it."""
    today = timezone.localdate()
    book, groups = reference.codebook(today), institutions.groups_of(child.kindergarten_id, on=today)
    if request.method != "POST":
        return CaseForm(kind, book, groups, today, initial=dict(start or {})), Taken()
    given = taken(request, child)
    if request.POST.get("act") == UPLOAD:  # only the files are sent; the rest may still be empty
        return CaseForm(kind, book, groups, today, initial=request.POST.dict()), given
    return CaseForm(kind, book, groups, today, request.POST), given


def _is_ready(request: DeskRequest, form: CaseForm, given: Taken) -> bool:
    """Say whether a form is to be filed: sent, whole, and not only for its files."""
    return request.method == "POST" and form.is_bound and form.is_valid() and not given.errors


def _asked(request: DeskRequest, child: Child, form: CaseForm, given: Taken) -> Asked:
    """Return what is asked for, in the version of the child that the page showed."""
    seen = request.POST.get("version", "")
    version = int(seen[:9]) if seen.isdecimal() else child.version
    clean = form.cleaned_data
    return Asked(child.pk, version, clean["reason"], form.on, form.group_id, clean["words"], tuple(given.ids))


def _explain(form: CaseForm, given: Taken, refusal: Refusal) -> None:
    """Say at the right place why a case was not filed."""
    places = {rules.ReasonUnknown: "reason", rules.NoNeedToDefer: "on", rules.UntilWrong: "on", rules.DayOutside: "on"}
    if isinstance(refusal, rules.ProofOrWordsMissing | ProofTaken):
        given.errors.append(str(refusal))
    elif isinstance(refusal, rules.GroupNotHere) and "group" in form.fields:
        form.add_error("group", str(refusal))
    else:
        form.add_error(places.get(type(refusal)), str(refusal))


def _ask(request: DeskRequest, child: Child, shown: Shown) -> HttpResponse:
    """Show the form; the reading is logged, because the child stands in it."""
    now, form = timezone.now(), shown.form
    journal.log_reading(actor=request.officer, at=now, what="case.form", child_ids=[child.pk])
    seen = request.POST.get("version", "")
    context = {
        "child": child,
        "crumbs": crumbs_of(child, shown.title),
        "title": shown.title,
        "form": form,
        "version": seen if seen.isdecimal() else child.version,
        "consequences": CONSEQUENCES[shown.kind],
        "proofs": fields_of(request.officer, child, on=timezone.localdate(now), given=shown.given),
        "upload": UPLOAD,
        **shown.more,
    }
    wrong = (form.is_bound and form.errors) or shown.given.errors
    return render(request, "cases/file.html", context, status=422 if wrong else 200)
