"""变更: one list of all changes that a county decides, by kind and by what is due first; one case of 缓学, 注销, 恢复 before and after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import listing, states
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.states import CASE_KINDS, CASE_LABELS, CASE_STEPS, CORRECTION
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import caseeffects, casefile, casework
from miaoce.registry.enrolments.casefile import Opened
from miaoce.registry.intake.fields import label
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.approvals.forms import identifier, picked
from miaoce.web.children.pages import crumbs_of
from miaoce.web.children.words import returned_words
from miaoce.web.components.formats import age, due_words, moment, table_day
from miaoce.web.components.parts import Check, CompareRow, Crumb, KeyValue, Tab
from miaoce.web.desk.urgency import urgency_of
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.proofs.taking import lines_of
from miaoce.web.said import heard, say

TABS = {listing.WAITING: "待县里核准", listing.BACK: "退回补正", listing.DONE: "已办"}
SHORT = {
    "": "全部",
    CORRECTION: "关键信息",
    states.DEFERRAL: "缓学",
    states.CANCELLATION: "注销",
    states.RESTORATION: "恢复",
}


@dataclass(frozen=True)
class Row:
    """A case in the list; `may_pick` where it may be agreed to from here."""

    case: Case
    url: str
    name: str
    kind: str
    what: str
    place: str
    due: str
    urgency: str
    may_pick: bool


def case_of(request: DeskRequest, case_id: UUID) -> Case:
    """Return a case of 缓学, 注销 or 恢复 that the officer's unit is a party to; 404 for every other."""
    found = casefile.mine(request.officer).select_related("kindergarten", "office")
    return get_object_or_404(found, pk=case_id)


@page(Permission.CASE_VIEW, act=Permission.CASE_DECIDE)
def cases(request: DeskRequest) -> HttpResponse:
    """List the cases of a tab and a kind, fifty a page; POST agrees to those that are ticked, in the versions shown."""
    officer, now = request.officer, timezone.now()
    if request.method == "POST":
        return _agree_to_picked(request)
    tab, kind = request.GET.get("tab", ""), request.GET.get("kind", "")
    tab, kind = tab if tab in TABS else listing.WAITING, kind if kind in CASE_KINDS else ""
    found, following = listing.page_of(
        listing.cases(officer, tab, kind), tab=tab, after=identifier(request.GET.get("after", "")),
        among=listing.cases(officer),
    )  # fmt: skip
    rows = _rows_of(found, officer, timezone.localdate(now))
    if rows:
        children = [row.case.child_id for row in rows]
        journal.log_reading(actor=officer, at=now, what="case.list", child_ids=children)
    kinds, tabs = listing.counts_of(officer, tab=tab, kind=kind)
    context = {
        "rows": rows,
        "tab": tab,
        "kind": kind,
        "kinds": [Tab(SHORT[one], _address(tab, one), one == kind, count) for one, count in kinds.items()],
        "tabs": [Tab(TABS[one], _address(one, kind), one == tab, count) for one, count in tabs.items()],
        "following": f"{_address(tab, kind)}&after={following}" if following else "",
        "in_county": officer.is_county,
        "may_pick": any(row.may_pick for row in rows),
        "flashes": heard(request),
    }
    return render(request, "cases/list.html", context)


def _address(tab: str, kind: str) -> str:
    """Return the address of a part of the list."""
    return f"?{urlencode({'tab': tab, **({'kind': kind} if kind else {})})}"


def _agree_to_picked(request: DeskRequest) -> HttpResponse:
    """Agree to what was ticked, say what was done and what was not, and show the list again."""
    with journal.process("case.agree", actor=request.officer, at=timezone.now()) as process:
        moved = casework.agree(chosen=picked(request.POST.getlist("pick")), process=process)
    if moved.done:
        say(request, f"已核准 {len(moved.done)} 件，已生效。")
    for refusal in moved.refused.values():
        say(request, str(refusal), "warn")
    kind = request.POST.get("kind", "")
    return redirect(f"{reverse('cases')}{_address(listing.WAITING, kind if kind in CASE_KINDS else '')}")


def _rows_of(found: list[Case], officer: Officer, on: date) -> list[Row]:
    """Return cases as rows. One statement."""
    names = dict(Child.objects.filter(pk__in={case.child_id for case in found}).values_list("pk", "name"))
    book, days = reference.codebook(on), reference.calendar().between
    return [_row(case, names.get(case.child_id, ""), officer, book, partial(days, on)) for case in found]


def _row(case: Case, name: str, officer: Officer, book: Codebook, days_to: Callable[[date], int]) -> Row:
    """Return one case as a row; `case.due_on` came with it (approvals.listing)."""
    due_on, waits = getattr(case, "due_on", None), case.state in states.IN_HAND
    left = days_to(due_on) if due_on and waits else 0
    is_correction = case.kind == CORRECTION
    what = "、".join(label(key) for key in case.facts.get("fields", [])) if is_correction else ""
    decides = officer.may(Permission.CASE_DECIDE) and case.state == states.FILED and case.filed_by != officer.staff_id
    return Row(
        case,
        reverse("correction" if is_correction else "case", args=[case.pk]),
        name,
        CASE_KINDS[case.kind],
        what or book.name("case_reason", case.facts.get("reason", "")),
        case.kindergarten.name if case.kindergarten else "",
        due_words(due_on, left) if due_on and waits else moment(case.decided_at or case.filed_at),
        urgency_of(left) if due_on and waits else "",
        decides and not is_correction,
    )


@page(Permission.CASE_VIEW)
def case(request: DeskRequest, case_id: UUID) -> HttpResponse:
    """One case: where the child stands before and after, the words and proofs, and the buttons of its state."""
    found, now = case_of(request, case_id), timezone.now()
    journal.log_reading(actor=request.officer, at=now, what="case.page", child_ids=[found.child_id])
    book = reference.codebook(timezone.localdate(now))
    return render(request, "cases/case.html", _context(request, casefile.opened(found, book=book), book))


def _context(request: DeskRequest, found: Opened, book: Codebook) -> dict[str, Any]:
    """Return what the page of a case shows; the panel is the one of corrections (corrections/_panel.html)."""
    case, officer = found.case, request.officer
    steps = {verb for verb, step in CASE_STEPS.items() if case.state in step.sources and officer.may(step.permission)}
    if case.filed_by == officer.staff_id:  # whoever filed does not decide
        steps -= {"agree", "send_back"}
    kind = CASE_KINDS[case.kind]
    columns = ("变更前", "变更后") if case.state == states.AGREED else ("现在", "核准后")
    return {
        "case": case,
        "child": found.child,
        "crumbs": [Crumb("变更", reverse("cases")), Crumb(found.child.name)]
        if officer.is_county
        else crumbs_of(found.child, kind),
        "kind": kind,
        "state": CASE_LABELS[case.state],
        "columns": columns,
        "compared": [CompareRow(one.label, [one.before, one.after], one.before != one.after) for one in found.changes],
        "facts": _facts(found, timezone.localdate()),
        "checks": _checks(found),
        "lines": lines_of(found.proofs, book),
        "returned": returned_words(case.return_reasons, case.return_words, book)
        if case.state == states.SENT_BACK
        else "",
        "pick": f"{case.pk}:{case.version}",
        "steps": steps,
        "reasons": book.entries("reveal_reason"),
        "reason": "check_document",
        "numbers": [],
        "flashes": heard(request),
    }


def _facts(found: Opened, on: date) -> list[KeyValue]:
    """Return the lines under the comparison."""
    case, child = found.case, found.child
    due = due_words(found.due_on, reference.working_days_between(on, found.due_on)) if found.due_on else ""
    pairs = {
        "原因": found.reason,
        "从哪天起" if case.kind != states.DEFERRAL else "缓学到": case.facts.get("until") or table_day(found.day),
        "看过的证明": found.words,
        "出生日期": f"{table_day(child.born_on)}（{age(child.born_on, on)}）",
        "提交": f"{case.kindergarten.name if case.kindergarten else ''} {moment(case.filed_at)}",
        "办理期限": due,
        "决定": moment(case.decided_at) if case.decided_at else "",
    }
    return [KeyValue(name, value) for name, value in pairs.items() if value]


def _checks(found: Opened) -> list[Check]:
    """Return what the county should look at, checked once more by the server."""
    case, count = found.case, len(found.proofs)
    checks = [Check(f"有 {count} 份佐证", True) if count else Check("没有佐证文件，只写了看过哪份证明", None)]
    if case.kind == states.DEFERRAL:
        year = int(case.facts["until"][:4]) - 1
        checks.append(Check(f"{year} 年 8 月 31 日前满 6 周岁，不缓学就要入小学", True))
    if case.facts["reason"] == caseeffects.MISTAKE:
        checks.append(Check("作废后不能恢复，要重新登记", None))
    elif case.kind == states.CANCELLATION:
        checks.append(Check("失踪的找回后，可以凭证明恢复学籍", None))
    return checks
