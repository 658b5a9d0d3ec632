"""The work desk: one for each role, made of blocks that stand on their own."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from miaoce.registry.access import queries as access
from miaoce.registry.access.models import Appointment
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import (
    ANALYST,
    ARBITER,
    AUDITOR,
    COUNTY_REVIEWER,
    HEALTH_WORKER,
    PRINCIPAL,
    REGISTRAR,
    SCHOOL_REGISTRAR,
    Permission,
)
from miaoce.registry.approvals.states import LABELS
from miaoce.registry.institutions import queries as institutions
from miaoce.web.audit.found import Search, latest
from miaoce.web.components.parts import Flash
from miaoce.web.desk import county, kindergarten
from miaoce.web.desk.blocks import block
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.problems import todos as problems
from miaoce.web.progress.figures import STATES, table_for
from miaoce.web.staff.browsers import is_too_old


@page(Permission.DESK_VIEW)
def desk(request: DeskRequest) -> HttpResponse:
    """Show what waits for the officer's role; a role without a desk of its own gets the plain one."""
    if is_too_old(request):
        return render(request, "old_browser.html")
    now = timezone.localtime(timezone.now())
    template, blocks = DESKS.get(request.officer.role_code, ("desk/plain.html", _nothing))
    context = {"today": now.date(), "now": now, "flashes": _ending(request, now.date()), **blocks(request.officer, now)}
    return render(request, template, context)


def _ending(request: DeskRequest, on: date) -> list[Flash]:
    """Say that the officer's appointment ends soon, while it can still be renewed."""
    held: list[Appointment] = request.appointments  # type: ignore[attr-defined]  # set by OfficerMiddleware
    mine = next((one for one in held if one.pk == request.officer.appointment_id), None)
    left = access.days_left(mine, on=on) if mine is not None else None
    if mine is None or left is None:
        return []
    words = f"您在这里的任职 {mine.to_on:%-m月%-d日} 到期，还有 {left} 天，之后进不来。请联系上一级续任。"
    return [Flash(words, "warn")]


def _nothing(_officer: Officer, _now: datetime) -> dict[str, Any]:
    """Return the blocks of a role that has none."""
    return {}


def _kindergarten(officer: Officer, now: datetime) -> dict[str, Any]:
    """Return the blocks of a registrar and of a principal."""
    on = now.date()
    return {
        "year": block(lambda: institutions.school_year_of(on)),
        "progress": block(lambda: kindergarten.progress(officer, on=on)),
        "todos": block(lambda: kindergarten.todos(officer, on=on)),
        "waiting": block(lambda: kindergarten.waiting(officer, on=on)),
        "classes": block(lambda: kindergarten.classes(officer, on=on)),
    }


def _county(officer: Officer, now: datetime) -> dict[str, Any]:
    """Return the blocks of a county's reviewer."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "todos": block(lambda: county.todos(officer, on=now.date())),
        "figures": block(lambda: county.figures(officer, midnight=midnight)),
        "places": block(lambda: county.places(officer)),
        "watched": block(lambda: county.watched(officer, on=now.date())),
        "recall_minutes": settings.RECALL_MINUTES,
    }


def _arbiter(officer: Officer, now: datetime) -> dict[str, Any]:
    """Return the blocks of who decides between counties."""
    return {"todos": block(lambda: [row for _, row in problems.todos(officer, on=now.date())])}


def _analyst(officer: Officer, _now: datetime) -> dict[str, Any]:
    """Return the blocks of an analyst: counts by place, small cells hidden."""
    return {
        "table": block(lambda: table_for(officer)),
        "columns": [LABELS[state] for state in STATES],
    }


def _auditor(officer: Officer, now: datetime) -> dict[str, Any]:
    """Return the blocks of an auditor: who was shown what today."""
    return {"readings": block(lambda: latest(officer, Search(day=_day(now))))}


def _day(now: datetime) -> date:
    """Return the local day of a moment."""
    return now.date()


Blocks = Callable[[Officer, datetime], dict[str, Any]]
DESKS: dict[str, tuple[str, Blocks]] = {
    REGISTRAR.code: ("desk/kindergarten.html", _kindergarten),
    PRINCIPAL.code: ("desk/kindergarten.html", _kindergarten),
    HEALTH_WORKER.code: ("desk/plain.html", _nothing),
    COUNTY_REVIEWER.code: ("desk/county.html", _county),
    ARBITER.code: ("desk/arbiter.html", _arbiter),
    ANALYST.code: ("desk/analyst.html", _analyst),
    SCHOOL_REGISTRAR.code: ("desk/school.html", _nothing),
    AUDITOR.code: ("desk/auditor.html", _auditor),
}
