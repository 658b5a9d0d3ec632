"""Cases of where a child stands (缓学, 注销, 恢复): the list of both sides, one case before and after, what may be done with it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import cases as approvals
from miaoce.registry.approvals.cases import Moved
from miaoce.registry.approvals.models import Case, CaseQuerySet
from miaoce.registry.approvals.states import CASE_KINDS, CASE_LABELS, CASE_STEPS, FILED, SENT_BACK
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import casework, states
from miaoce.registry.enrolments.casework import KINDS, Asked
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.transfers import filing
from miaoce.registry.vault import queries as vault
from miaoce.web.approvals.forms import ReturnForm, picked
from miaoce.web.cases.forms import CaseForm
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.children.words import returned_words
from miaoce.web.components.parts import CompareRow, Tab
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say

MOST = 200
TABS = {"filed": (FILED,), "back": (SENT_BACK,), "done": ("agreed", "taken_back", "ended")}
TAB_WORDS = {"filed": "待县里核准", "back": "退回补正", "done": "已办"}


def mine(officer: Officer) -> CaseQuerySet:
    """Return the cases of these kinds that an officer's unit is a party to."""
    return Case.objects.visible_to(officer).filter(kind__in=KINDS).select_related("kindergarten")


@page(Permission.CASE_VIEW, act=Permission.CASE_DECIDE)
def cases(request: DeskRequest) -> HttpResponse:
    """List the cases of a tab, the oldest first; POST agrees to those that are ticked, in the versions shown."""
    officer, now = request.officer, timezone.now()
    if request.method == "POST":
        with journal.process("case.agree", actor=officer, at=now) as process:
            moved = casework.agree(chosen=picked(request.POST.getlist("pick")), process=process)
        _tell(request, moved, "已核准 {count} 件，已生效。")
        return redirect("cases")
    tab = request.GET.get("tab", "") if request.GET.get("tab", "") in TABS else "filed"
    found = list(mine(officer).filter(state__in=TABS[tab]).order_by("filed_at", "id")[:MOST])
    if found:
        ids = [case.child_id for case in found]
        journal.log_reading(actor=officer, at=now, what="case.list", child_ids=ids)
    names = dict(Child.objects.filter(pk__in={case.child_id for case in found}).values_list("pk", "name"))
    book = reference.codebook(timezone.localdate(now))
    rows = [(c, names[c.child_id], CASE_KINDS[c.kind], book.name("case_reason", c.facts["reason"])) for c in found]
    tabs = [
        Tab(TAB_WORDS[one], f"?tab={one}", one == tab, mine(officer).filter(state__in=TABS[one])[:MOST].count())
        for one in TABS
    ]
    context = {
        "rows": rows, "tabs": tabs, "tab": tab, "labels": CASE_LABELS, "flashes": heard(request),
        "may_decide": tab == "filed" and officer.may(Permission.CASE_DECIDE),
    }  # fmt: skip
    return render(request, "cases/list.html", context)


def _tell(request: DeskRequest, moved: Moved, words: str) -> None:
    """Leave a message about what was done, and one for each that was not."""
    if moved.done:
        say(request, words.format(count=len(moved.done)))
    for refusal in moved.refused.values():
        say(request, str(refusal), "warn")


@page(Permission.CASE_VIEW)
def case(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """One case: where the child stands before and after, the words and proofs, and the buttons of its state."""
    officer, now = request.officer, timezone.now()
    found = get_object_or_404(mine(officer), pk=case_id)
    journal.log_reading(actor=officer, at=now, what="case.page", child_ids=[found.child_id])
    child = Child.objects.get(pk=found.child_id)
    book = reference.codebook(timezone.localdate(now))
    words = ""
    if found.words is not None:
        safe = vault.open_safe([child.pk])
        words = safe.open(child.pk, "case", "words", found.pk, bytes(found.words))
    steps = [s.verb for s in CASE_STEPS.values() if found.state in s.sources and officer.may(s.permission)]
    context = {
        "case": found,
        "child": child,
        "crumbs": crumbs_of(child, CASE_KINDS[found.kind]),
        "kind": CASE_KINDS[found.kind],
        "label": CASE_LABELS[found.state],
        "reason": book.name("case_reason", found.facts["reason"]),
        "compared": _compared(found, child),
        "words": words,
        "returned": returned_words(found.return_reasons, found.return_words, book),
        "steps": steps,
        "columns": ["现在", "核准后"],
        "pick": f"{found.pk}:{found.version}",
        "flashes": heard(request),
    }
    return render(request, "cases/case.html", context)


def _compared(found: Case, child: Child) -> list[CompareRow]:
    """Return what the case changes: the standing, or until when school waits."""
    standing = states.standing_word(child.standing)
    if found.state in TABS["done"]:
        return [CompareRow("学籍", ["–", standing])]
    if until := found.facts.get("until"):
        then = standing if child.standing == states.ATTENDING else states.STANDINGS[states.DEFERRED]
        return [
            CompareRow("学籍", [standing, then], standing != then),
            CompareRow("缓学到", [f"{child.deferred_until_on or '没有缓学'}", until], True),
        ]
    verb = "void" if found.facts["reason"] == casework.MISTAKE else casework.VERBS[found.kind]
    then = states.standing_word(states.STEPS[verb].target)
    day = found.effective_on.isoformat()
    return [CompareRow("学籍", [standing, then], True), CompareRow("从哪天起", ["–", day], True)]


@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def new(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """Ask what is to be decided about a child and file it at the county."""
    child, on = visible_child(request, child_id), timezone.localdate()
    groups = institutions.groups_of(child.kindergarten_id, on=on)
    book = reference.codebook(on)
    form = CaseForm(book, groups, on, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        version = int(request.POST["version"]) if request.POST.get("version", "").isdecimal() else child.version
        asked = Asked(child.pk, version, given["reason"], given["on"], form.group_id, given["words"])
        with journal.process("case.file", actor=request.officer, at=timezone.now()) as process:
            moved = filing.file(asked=[asked], process=process)
        if moved.done:
            say(request, "已交给县里核准，核准后才生效。")
            return redirect("case", case_id=moved.done[0].pk)
        form.add_error(None, str(moved.refused[child.pk]))
    journal.log_reading(actor=request.officer, at=timezone.now(), what="case.page", child_ids=[child.pk])
    context = {"child": child, "form": form, "crumbs": crumbs_of(child, "缓学、注销、恢复")}
    return render(request, "cases/new.html", context, status=422 if form.errors else 200)


@page(Permission.CASE_VIEW, act=Permission.CASE_DECIDE)
def send_back(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Ask for reasons and words, and return a case to be mended."""
    found = get_object_or_404(mine(request.officer), pk=case_id)
    form = ReturnForm(reference.codebook(timezone.localdate()), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given, chosen = form.cleaned_data, _seen(request, found)
        with journal.process("case.send_back", actor=request.officer, at=timezone.now()) as process:
            moved = approvals.send_back(chosen=chosen, reasons=given["reasons"], words=given["words"], process=process)
        _tell(request, moved, "已退回，园里会看到原因。")
        return redirect("case", case_id=found.pk)
    context = {"case": found, "form": form, "pick": f"{found.pk}:{found.version}"}
    return render(request, "cases/send_back.html", context, status=422 if form.errors else 200)


@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def move(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """Take a case back, or send one that came back to the county again; GET leads to the case."""
    found = get_object_or_404(mine(request.officer), pk=case_id)
    if request.method == "POST":
        again = request.POST.get("act") == "refile"
        verb, words = (approvals.refile, "已再次交给县里。") if again else (approvals.take_back, "已撤回，没有改动。")
        with journal.process("case.move", actor=request.officer, at=timezone.now()) as process:
            moved = verb(chosen=_seen(request, found), process=process)
        _tell(request, moved, words)
    return redirect("case", case_id=found.pk)


def _seen(request: DeskRequest, found: Case) -> dict[UUID, int]:
    """Return the case in the version that the page showed."""
    return {found.pk: picked(request.POST.getlist("pick")).get(found.pk, 0)}
