"""What came of a change: back to the one child, or a page that says for how many it was done and for whom not, and why."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import queries
from miaoce.registry.enrolments.steps import Outcome
from miaoce.registry.journal import actions as journal
from miaoce.web.components.parts import Crumb
from miaoce.web.enrolments.choosing import Chosen
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say

SHOWN = 200
TITLES = {
    "child.regroup": "调班",
    "child.leave": "离园",
    "child.readmit": "再入园",
    "child.graduate": "毕业",
    "child.turn": "升班",
}
"""Kinds of processes whose results are shown, and what they are called."""


def crumbs_of(here: str, chosen: Chosen | None = None) -> list[Crumb]:
    """Return the path to a page of this section: from the one child, or from the list."""
    if chosen is not None and len(chosen) == 1:
        child = chosen.rows[0]
        return [Crumb("幼儿", "/children/"), Crumb(child.name, f"/children/{child.id}/"), Crumb(here)]
    return [Crumb("幼儿", "/children/"), Crumb(here)]


def answer(
    request: DeskRequest, *, chosen: Chosen, done: Outcome, process_id: UUID, form: forms.Form, said: str
) -> HttpResponse | None:
    """Return where a change leads to: the child, the page of results, or (None) the form again with the reason in it."""
    if len(chosen) == 1 and done.refused:
        form.add_error(None, str(next(iter(done.refused.values()))))
        return None
    if len(chosen) == 1:
        say(request, said)
        return redirect("child", child_id=chosen.rows[0].id)
    return redirect("enrolment-done", process_id=process_id)


@page(Permission.ENROLMENT_CHANGE)
def done(request: DeskRequest, process_id: UUID) -> HttpResponse:
    """Say what a change did; 404 for a foreign or unknown one."""
    found = queries.result_of(request.officer, process_id, kinds=TITLES)
    if found is None:
        raise Http404
    mine = Child.objects.visible_to(request.officer).only("id", "name", "standing", "state")
    children = mine.in_bulk([*found.done[:SHOWN], *list(found.refused)[:SHOWN]])
    if children:
        journal.log_reading(actor=request.officer, at=timezone.now(), what="enrolment.done", child_ids=sorted(children))
    groups = queries.group_names(child for child in found.done[:SHOWN] if child in children)
    context = {
        "crumbs": crumbs_of("结果"),
        "title": TITLES[found.kind],
        "found": found,
        "lines": [(children[child], groups.get(child, "")) for child in found.done[:SHOWN] if child in children],
        "refused": [(children.get(child), words) for child, words in list(found.refused.items())[:SHOWN]],
    }
    return render(request, "enrolments/done.html", context)
