"""拆分: the county that answers for a record chooses what goes to the second child, sees every row that moves, gives words, does it."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.corrections import KEY_FIELDS
from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.children.rules import DocumentTaken
from miaoce.registry.corrections.rules import NotSound
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import queries, rules, splitting, states
from miaoce.registry.problems.models import ProblemRecord
from miaoce.registry.problems.splitting import Split
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import queries as vault
from miaoce.web.components.formats import table_day
from miaoce.web.components.parts import Crumb
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.problems.forms import Choices, SplitForm
from miaoce.web.problems.joining import Line, lines_of_split, may_split
from miaoce.web.problems.pages import visible_problem
from miaoce.web.problems.saying import version_of
from miaoce.web.said import say

DO = "do"
PLACES = {DocumentTaken: "id_number", rules.NothingChosen: "stays", rules.WordsMissing: "words"}
"""Which field says why a split is refused; the rest stands above the form."""


@page(Permission.PROBLEM_DECIDE, act=Permission.PROBLEM_DECIDE)
def split(request: DeskRequest, problem_id: UUID) -> HttpResponse:
    """Ask what goes; POST shows every row that would move, and with the same choices sent once more (`act=do`) does it."""
    one, now = visible_problem(request, problem_id), timezone.now()
    found = queries.detail(request.officer, one.pk, on=timezone.localdate(now))
    if found is None:
        raise Http404
    if not may_split(request.officer, found):
        raise states.StepNotAllowed(state=states.label_of(one.state), verb="拆分")
    child = get_object_or_404(Child.objects.select_related("kindergarten"), pk=splitting.record_of(one))
    form = _form(request, child)
    lines: Sequence[Line] = ()
    if request.method == "POST" and form.is_valid():
        try:
            wanted = _wanted(request, one, child, form)
            if request.POST.get("act") == DO and request.POST.get("seen") == _seen(wanted):
                _do(request, wanted, form.cleaned_data["words"])
                say(request, "已拆分，第二名幼儿有了自己的学籍和学籍号。")
                return redirect("problem", one.pk)
            lines = lines_of_split(splitting.preview(request.officer, wanted, at=now), wanted)
        except Refusal as refusal:
            _explain(form, refusal)
    journal.log_reading(actor=request.officer, at=now, what="problem.split", child_ids=[child.pk])
    context = {
        "problem": one, "child": child, "form": form, "lines": lines, "seen": _seen(wanted) if lines else "",
        "crumbs": [Crumb("问题学籍", reverse("problems")), Crumb(states.KINDS[one.kind], reverse("problem", args=[one.pk])), Crumb("拆分")],
    }  # fmt: skip
    return render(request, "problems/split.html", context, status=422 if form.errors else 200)


def _form(request: DeskRequest, child: Child) -> SplitForm:
    """Return the form with what the record has."""
    given = [request.POST] if request.method == "POST" else []
    return SplitForm(reference.codebook(timezone.localdate()), _stays(child), _guardians(child), *given)


def _stays(child: Child) -> Choices:
    """Return the stays of a record in words, the oldest first."""
    found = Enrolment.objects.filter(child_id=child.pk).exclude(state=stays.WITHDRAWN).order_by("started_on", "pk")
    return [
        (
            str(stay.pk),
            f"{stay.kindergarten.name} {stay.group.name if stay.group else ''} {table_day(stay.started_on)} "
            + (f"至 {table_day(stay.ended_on)}" if stay.ended_on else "在读"),
        )
        for stay in found.select_related("kindergarten", "group")
    ]


def _guardians(child: Child) -> Choices:
    """Return the guardians of a record: their relation and name, which a county that decides sees."""
    book, safe = reference.codebook(timezone.localdate()), vault.open_safe([child.pk])
    found = Guardian.objects.filter(child_id=child.pk).order_by("position")
    return [
        (
            str(one.pk),
            f"{book.name('relation', one.relation)} {safe.open(child.pk, 'guardian', 'name', one.pk, bytes(one.name))}",
        )
        for one in found
    ]


def _wanted(request: DeskRequest, one: ProblemRecord, child: Child, form: SplitForm) -> Split:
    """Return the split that the form asks for; COR-05 where who the second child is does not come out sound."""
    given = form.cleaned_data
    texts = {key: given[key] for key in KEY_FIELDS}
    seen = request.POST.get("child_version", "")
    return Split(
        one.pk, version_of(request), child.pk, int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
        splitting.checked(texts=texts, child=child, on=timezone.localdate()), tuple(given["stays"]), tuple(given["guardians"]),
    )  # fmt: skip


def _seen(wanted: Split) -> str:
    """Return a mark of what a preview showed: other choices are shown anew before they are done."""
    chosen = sorted(key.hex for key in (*wanted.stays, *wanted.guardians))
    return hashlib.sha256(":".join([str(wanted.version), *chosen]).encode()).hexdigest()


def _do(request: DeskRequest, wanted: Split, words: str) -> None:
    """Do it, or raise why not."""
    with journal.process("problem.split", actor=request.officer, at=timezone.now()) as process:
        parted = splitting.split(splits=[wanted], words=words, process=process)
    for refusal in parted.refused.values():
        raise refusal


def _explain(form: SplitForm, refusal: Refusal) -> None:
    """Say at the right place why it cannot be done."""
    if isinstance(refusal, NotSound):
        for key, words in refusal.findings.items():
            form.add_error(key if key in form.fields else None, words.partition("：")[2])
        return
    form.add_error(PLACES.get(type(refusal)), str(refusal))
