"""Problem records as to-dos of the desk: what waits for the unit, and sides that are silent past their day."""

from collections import defaultdict
from datetime import date

from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.models import Clock
from miaoce.registry.problems import queries
from miaoce.registry.reference import queries as reference
from miaoce.web.components.formats import due_words
from miaoce.web.components.parts import TodoRow
from miaoce.web.desk.urgency import urgency_of

TURNS = {
    "side": ("{count} 件问题学籍待本园说明", "可能重复，或证件有误。对照户口簿看一看，两个键办一件", "去说明"),
    "arbitration": ("{count} 件问题学籍待裁定", "各方都说明了。并排对比，两个键办一件", "去裁定"),
}


def todos(officer: Officer, *, on: date) -> list[tuple[date, TodoRow]]:
    """Return the problems that wait for the officer's unit, by what is asked of it, with the nearest due day. Two statements."""
    if officer.unit_id is None or not officer.may(Permission.PROBLEM_VIEW):
        return []
    by_step: dict[str, dict[object, Clock]] = defaultdict(dict)
    for clock in queries.waiting(officer).order_by("due_on", "id"):
        by_step[clock.step].setdefault(clock.case_id, clock)
    rows, between = [], reference.calendar().between
    for step, some in by_step.items():
        title, detail, action = TURNS[step]
        due_on = next(iter(some.values())).due_on
        left, count = between(on, due_on), len(some)
        urgency = urgency_of(left)
        words = due_words(due_on, left)
        row = TodoRow(
            count,
            title.format(count=count),
            detail,
            reverse("problems"),
            action,
            words,
            "due" if urgency else "",
            urgency,
        )
        rows.append((due_on, row))
    return rows
