"""Transfers on a desk: what the unit has to do, from its open clocks, and what it waits for from others."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Literal

from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Clock
from miaoce.registry.reference import queries as reference
from miaoce.registry.transfers import queries, states
from miaoce.web.components.formats import due_words, short_day
from miaoce.web.components.parts import TodoRow
from miaoce.web.desk.urgency import urgency_of

TURNS = {
    "guardian": ("等监护人确认转园", "把确认码交给监护人；监护人同意后才能往下办", "去看"),
    "release": ("转园待核办", "监护人已同意，孩子要转走。没有交清费用不能作为不同意的理由", "去核办"),
    "accept": ("转园待受理", "转出园已同意，请选班", "去受理"),
    "county_out": ("转园待核准", "两所幼儿园都已办理", "去核准"),
    "county_in": ("转园待核准", "转出县已核准", "去核准"),
    "objection": ("转园有异议", "监护人或转出园提出了异议，请核实后处理", "去处理"),
    "place": ("转入班级要重选", "选的是上一学年的班，重选后就转入", "去选班"),
}
"""What the clock of a step asks of its owner: title, detail, button."""

CLOSED = ("转园待代办", "转出园已停办，由县里代为办理", "去办理")
SILENT = ("转出园过了时限还没核办", "县里可以催办，也可以代为办理；系统不会自动办", "去看")


def todos(officer: Officer, *, on: date) -> list[tuple[date, TodoRow]]:
    """Return what a unit has to do in transfers, alike ones together, each with its nearest due day. Two statements."""
    by_step: dict[str, list[Clock]] = defaultdict(list)
    for clock in queries.waiting_for(officer):
        by_step[clock.step].append(clock)
    rows = [
        _row(CLOSED if step == "release" and officer.is_county else TURNS[step], some, on, is_wrong=step == "objection")
        for step, some in by_step.items()
    ]
    if officer.is_county and (late := queries.silent_kindergartens(officer, on=on)):
        rows.append(_row(SILENT, late, on, is_wrong=True))
    return rows


def _row(words: tuple[str, str, str], some: Sequence[Clock], on: date, *, is_wrong: bool) -> tuple[date, TodoRow]:
    """Return one to-do with its day: to the case itself where there is only one."""
    due_on, (title, detail, action) = some[0].due_on, words
    left = reference.working_days_between(on, due_on)
    where = reverse("transfer", args=[some[0].case_id]) if len(some) == 1 else reverse("transfers")
    urgency = urgency_of(left)
    tone: Literal["", "fix", "due"] = "fix" if is_wrong else "due" if urgency else ""
    return due_on, TodoRow(len(some), title, detail, where, action, due_words(due_on, left), tone, urgency)


def waiting(officer: Officer) -> list[tuple[str, str, str]]:
    """Return what others do in the unit's transfers as rows: who, what, until when. Two statements."""
    by_label: dict[str, list[date]] = defaultdict(list)
    for state, due_on in queries.standing_elsewhere(officer):
        by_label[states.LABELS[state]].append(due_on or date.max)
    rows = []
    for label, days in by_label.items():
        nearest = min(days)
        until = f"{short_day(nearest)}前要办完" if nearest != date.max else "没有异议就转入"
        rows.append((f"转园：{label}", f"{len(days)} 件", until))
    return rows
