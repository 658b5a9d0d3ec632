"""升班: the plan for the turn of the school year, which a person reads and changes before it happens; and taking it back."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import queries, turning
from miaoce.registry.enrolments.graduation import here_of
from miaoce.registry.enrolments.models import YearPlan
from miaoce.registry.enrolments.rules import GRADUATES, PlanChanged
from miaoce.registry.journal import actions as journal
from miaoce.web.approvals.forms import identifier
from miaoce.web.enrolments.results import crumbs_of
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say

OUT = "-"  # how a form says that a child is left out; nothing at all means that the field was not sent


@page(Permission.ENROLMENT_CHANGE, act=Permission.ENROLMENT_CHANGE)
def turn(request: DeskRequest) -> HttpResponse:
    """Show the plan of the coming school year (or of the one that began); POST draws, changes, runs or undoes it."""
    starts_on = turning.first_day(timezone.localdate())
    plan = turning.plan_of(here_of(request.officer), starts_on)
    if request.method == "POST":
        return _act(request, plan)
    context: dict[str, Any] = {
        "plan": plan,
        "starts_on": starts_on,
        "has_begun": timezone.localdate() >= starts_on,
        "crumbs": crumbs_of("升班"),
        "flashes": heard(request),
    }
    return render(request, "enrolments/turn.html", context | (_shown(request, plan) if plan else {}))


def _shown(request: DeskRequest, plan: YearPlan) -> dict[str, Any]:
    """Return the children of a plan by the class they go to, and each class with size and norm; the reading is logged."""
    ids = [UUID(hex=child) for child in plan.moves]
    mine = Child.objects.visible_to(request.officer).only("id", "name", "born_on", "pinyin")
    children = sorted(mine.filter(pk__in=ids), key=lambda child: (child.pinyin, child.pk))
    if children:
        found = [child.pk for child in children]
        journal.log_reading(actor=request.officer, at=timezone.now(), what="enrolment.choose", child_ids=found)
    groups, sizes = queries.group_names(ids), Counter(plan.moves.values())
    rows: dict[str, list[tuple[Child, str]]] = {name: [] for name in [*(g["name"] for g in plan.groups), GRADUATES]}
    for child in children:
        rows[plan.moves[child.pk.hex]].append((child, groups.get(child.pk, "")))
    classes = [
        (one["name"], one["size_norm"], sizes[one["name"]], sizes[one["name"]] - one["size_norm"], rows[one["name"]])
        for one in plan.groups
    ]
    return {
        "classes": classes,
        "left_out": rows[GRADUATES],
        "names": [one["name"] for one in plan.groups],
        "moving": sum(count for name, count in sizes.items() if name),
        "is_draft": plan.state == YearPlan.DRAFT,
        "out": OUT,
    }


def _act(request: DeskRequest, plan: YearPlan | None) -> HttpResponse:
    """Do what a button says: one call of the domain."""
    act, now = request.POST.get("act", ""), timezone.now()
    if act == "draw":
        with journal.process("year_plan.draw", actor=request.officer, at=now) as process:
            turning.draw(kindergarten_id=here_of(request.officer), process=process)
        say(request, "方案排好了。请看一遍，改好后再升班。")
        return redirect("turn")
    if plan is None or request.POST.get("version") != str(plan.version):
        raise PlanChanged
    if act == "undo":
        with journal.process("child.turn_back", actor=request.officer, at=now) as process:
            done = turning.undo(plan=plan, process=process)
        say(request, f"已撤回升班，{len(done.done)} 名回到原来的班。")
        return redirect("turn")
    moves = _moves(request, plan)
    if moves:
        with journal.process("year_plan.change", actor=request.officer, at=now) as process:
            plan = turning.change(plan=plan, version=plan.version, moves=moves, process=process)
    if act != "run":
        say(request, f"已改 {len(moves)} 名，还没有升班。" if moves else "没有改动。")
        return redirect("turn")
    with journal.process("child.turn", actor=request.officer, at=now) as process:
        turning.run(plans=[plan], process=process)
    return redirect("enrolment-done", process_id=process.pk)


def _moves(request: DeskRequest, plan: YearPlan) -> dict[UUID, str]:
    """Return the children whose class was changed in the form."""
    moves = dict[UUID, str]()
    for name, value in request.POST.items():
        child = identifier(name.removeprefix("to-")) if name.startswith("to-") else None
        wanted = GRADUATES if value == OUT else str(value)
        if child is not None and plan.moves.get(child.hex) != wanted:
            moves[child] = wanted
    return moves
