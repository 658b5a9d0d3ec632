"""判定表: the rows in words with their verdicts, versions with their reasons; change, try out, put in force, take back."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal import actions as journal
from miaoce.registry.matching import revising
from miaoce.registry.matching.comparison import WIDTH
from miaoce.registry.matching.models import DRAFT, IN_FORCE, TABLE_STATES, VERDICTS, MatchTable
from miaoce.registry.refusals import Refusal
from miaoce.web.components.formats import moment
from miaoce.web.components.parts import Crumb, Tab, Tone
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.problems.forms import RevisionForm, WithdrawalForm
from miaoce.web.problems.quality import crumbs_of
from miaoce.web.said import heard, say

PAGE = 50
TONES: dict[str, Tone] = {"same": "dup", "review": "warn", "twin": "info", "different": ""}


def version_of(request: DeskRequest, table_id: UUID) -> MatchTable:
    """Return a version of the table; 404 for none."""
    return get_object_or_404(revising.versions(request.officer), pk=table_id)


def in_force(request: DeskRequest) -> MatchTable | None:
    """Return the version that decides now; None where the file alone does."""
    return revising.versions(request.officer).filter(state=IN_FORCE).first()


@page(Permission.OUTCOME_VIEW, act=Permission.OUTCOME_CHANGE)
def table(request: DeskRequest) -> HttpResponse:
    """Show the rows in use, fifty a page, by verdict; POST makes a version in which one row has another verdict."""
    current = in_force(request)
    form = RevisionForm(
        request.POST if request.method == "POST" else None, initial={"code": request.GET.get("code", "")}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            with journal.process(
                "table.draft", actor=request.officer, at=timezone.now(), reason=given["reason"]
            ) as process:
                made = revising.draft(outcomes={given["code"]: given["verdict"]}, bounds={}, process=process)
        except Refusal as refusal:
            if refusal.http == 403:
                raise
            form.add_error(None, str(refusal))
        else:
            say(request, f"已存成第 {made.number} 版草稿，还没有启用。先试算，再请另一位同事启用。")
            return redirect("match-version", made.pk)
    verdict = request.GET.get("verdict", "")
    verdict = verdict if verdict in VERDICTS else ""
    start = int(request.GET["start"]) if request.GET.get("start", "").isdecimal() else 0
    start = min(start, 100_000)
    rows = revising.lines(current, verdict=verdict, most=PAGE + 1, start=start)
    query = f"verdict={verdict}&" if verdict else ""
    context = {
        "rows": [(line, VERDICTS[line.verdict], TONES[line.verdict]) for line in rows[:PAGE]],
        "tabs": [
            Tab(words, f"?verdict={code}" if code else "?", code == verdict)
            for code, words in {"": "全部", **VERDICTS}.items()
        ],
        "current": current,
        "versions": [(one, TABLE_STATES[one.state]) for one in revising.versions(request.officer)[:20]],
        "form": form,
        "picked": next((line for line in rows if line.code == request.GET.get("code")), None),
        "previous": f"?{query}start={max(start - PAGE, 0)}" if start else "",
        "following": f"?{query}start={start + PAGE}" if len(rows) > PAGE else "",
        "crumbs": [*crumbs_of(request.officer), Crumb("匹配质量", reverse("match-quality")), Crumb("判定表")],
        "may_change": may_change(request),
        "flashes": heard(request),
    }
    return render(request, "problems/table.html", context, status=422 if form.errors else 200)


def may_change(request: DeskRequest) -> bool:
    """Say whether the officer may change the table: by its role, at a province or the nation."""
    return request.officer.may(Permission.OUTCOME_CHANGE) and request.officer.unit_level in revising.LEVELS


@page(Permission.OUTCOME_VIEW, act=Permission.OUTCOME_CHANGE)
def version(request: DeskRequest, table_id: UUID) -> HttpResponse:
    """One version: what it changes and why; POST tries it out, puts it in force, or takes it back with a reason."""
    one, act = version_of(request, table_id), request.POST.get("act", "")
    form = WithdrawalForm(request.POST if act == "withdraw" else None)
    trial = None
    if request.method == "POST":
        if act == "try":
            trial = revising.try_out(one, officer=request.officer, most=0)
        elif act == "force":
            with journal.process("table.put_in_force", actor=request.officer, at=timezone.now()) as process:
                revising.put_in_force(table_id=one.pk, process=process)
            say(request, f"第 {one.number} 版已启用，下一次查重按它判。")
            return redirect("match-version", one.pk)
        elif form.is_valid():
            with journal.process(
                "table.withdraw", actor=request.officer, at=timezone.now(), reason=form.cleaned_data["reason"]
            ) as process:
                revising.withdraw(table_id=one.pk, process=process)
            say(request, f"第 {one.number} 版已停用。")
            return redirect("match-version", one.pk)
    return render(
        request, "problems/version.html", _context(request, one, form, trial), status=422 if form.errors else 200
    )


def _context(
    request: DeskRequest, one: MatchTable, form: WithdrawalForm, trial: revising.Trial | None
) -> dict[str, Any]:
    """Return what the page of a version needs."""
    changed = [line for line in revising.lines(one, most=len(one.outcomes)) if line.code in one.outcomes]
    may = may_change(request)
    return {
        "version": one,
        "state": TABLE_STATES[one.state],
        "tone": "ok" if one.state == IN_FORCE else "info" if one.state == DRAFT else "",
        "rows": [(line, VERDICTS[line.shipped], VERDICTS[line.verdict]) for line in changed],
        "made": f"{moment(one.made_at)} {one.made_by_name}",
        "put": f"{moment(one.from_at)} {one.put_by_name}" if one.from_at else "",
        "form": form,
        "trial": trial,
        "moves": [(VERDICTS[old], VERDICTS[new], count) for (old, new), count in sorted(trial.counts.items())]
        if trial
        else [],
        "may_try": may and one.state == DRAFT,
        "may_force": may and one.state == DRAFT and one.made_by != request.officer.staff_id,
        "is_own": one.made_by == request.officer.staff_id,
        "may_withdraw": may and one.state in {DRAFT, IN_FORCE},
        "crumbs": [
            *crumbs_of(request.officer), Crumb("匹配质量", reverse("match-quality")),
            Crumb("判定表", reverse("match-table")), Crumb(f"第 {one.number} 版"),
        ],
        "flashes": heard(request),
        "width": WIDTH,
    }  # fmt: skip
