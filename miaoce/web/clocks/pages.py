"""办理时限: what waits for me, for others, what is late, what has lain for half a year; for offices above, counts by county."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import watching
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.approvals.models import Clock
from miaoce.registry.approvals.watching import Waiting
from miaoce.registry.enrolments import cleaning
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.components.formats import due_words
from miaoce.web.components.parts import KeyValue
from miaoce.web.desk.urgency import urgency_of
from miaoce.web.permissions import DeskRequest, page

MOST = 100
WORDS = KINDS | {
    "destination": "离园去向",
    "placement": "停办后安置",
    "sent_back": "小学发回的更正",
    "problem": "问题学籍",
}
TERMS = frozenset({"transfer", "destination", "placement", "sent_back", "problem"})
"""Kinds whose terms stand under their own name in the code list clock; those of all others stand under "case"."""
WHERE = {
    "transfer": ("transfer", True), "correction": ("correction", True), "sent_back": ("sent-back-answer", True),
    "placement": ("institution-unplaced", False), "destination": ("destinations", False),
    "deferral": ("case", True), "cancellation": ("case", True), "restoration": ("case", True),
    "problem": ("problem", True),
}  # fmt: skip
"""Where each kind of case is handled, and whether the address names the case."""


def steps_of(on: date) -> dict[str, str]:
    """Return what each step of each kind is called (code list clock)."""
    return {entry.code: entry.name for entry in reference.codebook(on).entries("clock")}


def address_of(clock: Clock) -> str:
    """Return where a clock's case is handled, the child's page where the kind has no page of its own."""
    name, by_case = WHERE.get(clock.case_kind, ("child", False))
    try:
        if name == "child":
            return reverse("child", args=[clock.child_id])
        return reverse(name, args=[clock.case_id] if by_case else [])
    except NoReverseMatch:
        return reverse("child", args=[clock.child_id])


def rows_of(found: list[Waiting], on: date) -> list[dict[str, Any]]:
    """Return to-dos as the page shows them: no name of a child."""
    steps = steps_of(on)
    return [
        {
            "kind": WORDS.get(one.clock.case_kind, one.clock.case_kind),
            "step": steps.get(f"{_family(one.clock)}.{one.clock.step}", one.clock.step),
            "owner": one.owner,
            "url": address_of(one.clock),
            "due": due_words(one.clock.due_on, one.left),
            "urgency": urgency_of(one.left),
            "began": one.clock.started_on,
        }
        for one in found
    ]


def _family(clock: Clock) -> str:
    """Return the kind under which a clock's term stands in the code list."""
    return clock.case_kind if clock.case_kind in TERMS else "case"


@page(Permission.CASE_VIEW)
def clocks(request: DeskRequest) -> HttpResponse:
    """What waits for my unit and for others, by due day."""
    officer, on = request.officer, timezone.localdate()
    lists = {
        "mine": watching.lines(watching.mine(officer), on=on, most=MOST),
        "others": watching.lines(watching.others(officer), on=on, most=MOST),
        "stale": watching.lines(watching.stale(officer, on=on), on=on, most=MOST),
    }
    children = {one.clock.child_id for found in lists.values() for one in found}
    journal.log_reading(actor=officer, at=timezone.now(), what="clock.list", child_ids=sorted(children))
    context: dict[str, Any] = {name: rows_of(found, on) for name, found in lists.items()}
    why = cleaning.reasons([one.clock for one in lists["stale"]], on=on)
    for row, one in zip(context["stale"], lists["stale"], strict=True):
        row["why"] = why[one.clock.pk]
    context["late"] = [row for row in (*context["mine"], *context["others"]) if row["urgency"] == "late"]
    return render(request, "clocks/clocks.html", context | {"digest": _digest(officer, on), "most": MOST, "today": on})


def _digest(officer: Officer, on: date) -> list[KeyValue]:
    """Return the day's digest in lines."""
    told = watching.digest_of(officer, on=on)
    lines = [
        KeyValue("等我们办", f"{told.waiting} 件"),
        KeyValue("今天到期", f"{told.due_today} 件"),
        KeyValue("已超期", f"{told.late} 件"),
    ]
    return [*lines, KeyValue("园里超期、已告知县里", f"{told.told} 件")] if officer.is_county else lines


@page(Permission.CLOCK_WATCH)
def ageing(request: DeskRequest) -> HttpResponse:
    """Who is late: a county by unit, an office above by county; counts only."""
    on = timezone.localdate()
    context = {"rows": watching.ageing(request.officer, on=on), "today": on}
    return render(request, "clocks/ageing.html", context)
