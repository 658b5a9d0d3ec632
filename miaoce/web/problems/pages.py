"""The one page of a problem that both kindergartens and both counties see: records side by side, words, rail, choices."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import reveal as revealing
from miaoce.registry.children.models import Child
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import listing, queries, states
from miaoce.registry.problems.models import ProblemRecord
from miaoce.registry.problems.queries import Detail
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.web.components.parts import Crumb, Flash
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.problems import joining, showing
from miaoce.web.problems.choosing import DECIDE, SAME, Way, ways_of
from miaoce.web.problems.filters import Asked
from miaoce.web.problems.forms import WordsForm
from miaoce.web.problems.rail import rail_of
from miaoce.web.problems.showing import Page
from miaoce.web.refusals import refused
from miaoce.web.said import heard, say


def visible_problem(request: DeskRequest, problem_id: UUID) -> ProblemRecord:
    """Return a problem that the officer may see; 404 for every other id, foreign or unknown."""
    return get_object_or_404(ProblemRecord.objects.visible_to(request.officer), pk=problem_id)


@page(Permission.PROBLEM_VIEW)
def problem(request: DeskRequest, problem_id: UUID) -> HttpResponse:
    """One problem. `?choice=` opens what a choice will do, to be confirmed; `?all=1` sets the whole cluster side by side."""
    return problem_page(request, visible_problem(request, problem_id))


def problem_page(
    request: DeskRequest,
    one: ProblemRecord,
    *,
    more: dict[str, Any] | None = None,
    why_not: Refusal | None = None,
    forms: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show a problem: whole for a browser, the part that changes for htmx. `why_not` is what refused a step.

    `forms` are those that were sent and came back with something to mend, `more` what else stands on it.
    """
    status = why_not.http if why_not else 422 if forms else 200
    context = context_of(request, one, "" if request.method == "POST" else request.GET.get("choice", ""))
    context |= {"back_form": WordsForm(auto_id="back_%s"), **(forms or {})}
    context["flashes"] = [] if request.headers.get("HX-Request") else heard(request)
    context |= {"told": Flash(str(why_not), "bad") if why_not else None, **(more or {})}
    if request.headers.get("HX-Request"):
        is_choice = request.method == "GET" and request.headers.get("HX-Target") == "bar"
        return render(request, f"problems/_{'chosen' if is_choice else 'swapped'}.html", context, status=status)
    return render(request, "problems/problem.html", context, status=status)


def context_of(request: DeskRequest, one: ProblemRecord, choice: str) -> dict[str, Any]:
    """Log the reading and return what the page of a problem needs."""
    officer, now = request.officer, timezone.now()
    on, asked = timezone.localdate(now), Asked.of(request.POST if request.method == "POST" else request.GET)
    journal.log_reading(actor=officer, at=now, what="problem.page", child_ids=list(one.child_ids))
    found = queries.detail(officer, one.pk, on=on)
    if found is None:
        raise Http404
    cluster = showing.cluster_of(officer, found, on=on) if request.GET.get("all") else None
    if cluster is not None:
        journal.log_reading(actor=officer, at=now, what="problem.cluster", child_ids=list(cluster.child_ids))
    shown, ways = showing.shown_of(found, officer, cluster=cluster, on=on), ways_of(found, officer, on=on)
    chosen = next((way for way in ways if way.code == choice and way.post_to), None)
    following = listing.following(officer, asked.listed(officer, on=on), after=one.pk)
    return {
        "shown": shown,
        "problem": found.problem,
        "ways": ways,
        "chosen": chosen,
        "asked": asked,
        "rail": rail_of(found, on=on),
        "crumbs": [Crumb("问题学籍", reverse("problems")), Crumb(shown.kind)],
        "title": title_of(shown),
        "may_send_back": "send_back" in found.verbs,
        "may_say": "say" in found.verbs,
        "preview": _preview(request, found, chosen, now),
        "joined": joining.joined_of(officer, found),
        "parted": joining.parted_of(found),
        "may_split": joining.may_split(officer, found),
        "next_url": f"{reverse('problem', args=[following])}{asked.query()}" if following else "",
        "reasons": reference.codebook(on).entries("reveal_reason"),
    }


def _preview(request: DeskRequest, found: Detail, chosen: Way | None, at: datetime) -> joining.Preview | None:
    """Return what the merge would do that is being chosen."""
    if chosen is None or (chosen.code, chosen.post_to) != (SAME, DECIDE):
        return None
    given = request.GET
    return joining.preview_of(request.officer, found, keep=given.get("keep", ""), stay=given.get("stay", ""), at=at)


def title_of(shown: Page) -> str:
    """Return what the page asks, or what became of it."""
    problem = shown.found.problem
    if problem.state in states.IN_HAND:
        return "是不是同一名？" if problem.is_pair else f"{shown.names}：{shown.kind}"
    return shown.label


def go_on(request: DeskRequest, one: ProblemRecord, words: str, *, is_merged: bool = False) -> HttpResponse:
    """Say what was done and lead to the next problem: in place for htmx, by a redirect otherwise; to the list when all is done."""
    asked, on = Asked.of(request.POST), timezone.localdate()
    following = listing.following(request.officer, asked.listed(request.officer, on=on), after=one.pk)
    where = reverse("problem", args=[following]) if following else reverse("problems")
    where += asked.query(q="")
    if not request.headers.get("HX-Request"):
        say(request, words)
        return redirect(where)
    more = {"told": Flash(words), "merged": one if is_merged else None}
    if following is None:
        answer = render(request, "problems/_finished.html", more)
    else:
        answer = problem_page(request, visible_problem(request, following), more=more)
    answer["HX-Push-Url"] = where
    return answer


@page(Permission.PROBLEM_VIEW, act=Permission.CHILD_REVEAL)
def reveal(request: DeskRequest, problem_id: UUID) -> HttpResponse:
    """Show one masked value of a record for a reason, logged before; only of a record that the officer's unit answers for."""
    one, now = visible_problem(request, problem_id), timezone.now()
    if request.method != "POST":
        return redirect("problem", problem_id)
    found = queries.detail(request.officer, one.pk, on=timezone.localdate(now))
    what = request.POST.get("what", "")
    asks = showing.shown_of(found, request.officer, cluster=None, on=timezone.localdate(now)).asks if found else []
    label = dict(asks).get(what)
    if label is None:
        raise Http404
    child_id, _, key = what.partition(":")
    reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
    book = reference.codebook(timezone.localdate(now))
    try:
        value = revealing.reveal(
            child=Child.objects.get(pk=UUID(hex=child_id)), field=key, reason=reason, words=words, book=book,
            actor=request.officer, at=now,
        )  # fmt: skip
    except (revealing.ReasonNeeded, revealing.WordsNeeded) as refusal:
        answer = refused(request, refusal)
        answer["HX-Reswap"] = "innerHTML"
        return answer
    context = {"problem": one, "label": label, "value": value}
    template = "problems/_opened.html" if request.headers.get("HX-Request") else "problems/opened.html"
    return render(request, template, context)
