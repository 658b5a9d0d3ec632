"""What waits for a county: cases by risk and due day, the two-month clocks, which kindergartens they come from."""

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import decisions as decided
from miaoce.registry.approvals import queries as approvals
from miaoce.registry.enrolments import queries as enrolments
from miaoce.registry.reference import queries as reference
from miaoce.web.approvals.pages import capped_words
from miaoce.web.clocks import todos as clocked
from miaoce.web.components.formats import due_words, short_day
from miaoce.web.components.parts import Kpi, TodoRow
from miaoce.web.desk import transfers
from miaoce.web.desk.kindergarten import clocks
from miaoce.web.desk.urgency import clock_tone, urgency_of
from miaoce.web.problems import todos as problems

PLACES = 12


def todos(officer: Officer, *, on: date) -> list[TodoRow]:
    """Return what the county has to do, what runs out first at the head. Twelve statements."""
    dated = [
        *clocked.todos(officer, on=on), *transfers.todos(officer, on=on), *problems.todos(officer, on=on),
    ]  # fmt: skip
    return [*_registrations(officer, on), *(row for _, row in sorted(dated, key=lambda pair: pair[0]))]


def _registrations(officer: Officer, on: date) -> list[TodoRow]:
    """Return the registrations that wait."""
    where = reverse("approvals")
    waiting, due_on, oldest = approvals.waiting_at_county(officer)
    if not waiting or due_on is None:
        return []
    clock = clocks(officer, at=approvals.AT_COUNTY, on=on)
    left = reference.working_days_between(on, due_on)
    urgency = urgency_of(left)
    risky = approvals.capped(approvals.waiting_in(officer, approvals.LOOK))
    rows = []
    if clock.red or clock.warn:
        passed = f"{clock.red} 名已满两个月，" if clock.red else ""
        detail = f"{passed}建籍要在入园两个月内办完。"
        title = f"{clock.red + clock.warn} 名入园快两个月"
        tone = clock_tone(clock.red)
        rows.append(
            TodoRow(clock.red + clock.warn, title, detail, where, "去审批", due_words(due_on, left), tone, urgency)
        )
    if risky:
        title = f"{capped_words(risky)} 名要细看"
        detail = "可能重复、暂无证件或有提醒的，逐名看过再决定"
        rows.append(TodoRow(risky, title, detail, f"{where}?tab={approvals.LOOK}", "去细看", "", "fix"))
    clean = approvals.capped(approvals.waiting_in(officer, approvals.CLEAN))
    easy = f"；其中 {capped_words(clean)} 名无异常，可以成批批准" if clean else ""
    detail = f"最早一件 {short_day(oldest)} 提交{easy}"
    rows.append(
        TodoRow(waiting, f"{waiting:,} 名待审批", detail, where, "去审批", due_words(due_on, left), "", urgency)
    )
    return rows


def watched(officer: Officer, *, on: date) -> list[tuple[str, str, str]]:
    """Return what kindergartens have to do and the county looks on, as rows: who, what, until when. One statement."""
    count, due_on = enrolments.whereto_count(officer)
    if not count or due_on is None:
        return []
    left = reference.working_days_between(on, due_on)
    return [("各幼儿园", f"{count} 名离园幼儿去向还不清楚", due_words(due_on, left))]


def figures(officer: Officer, *, midnight: datetime) -> list[Kpi]:
    """Return what was decided today. Two statements."""
    made = decided.decisions_of(officer, since=midnight, most=2_000)
    approved = sum(one.standing for one in made if one.kind == "approval.approve")
    returned = sum(one.standing for one in made if one.kind == "approval.return")
    return [
        Kpi("今天批准", f"{approved:,} 名", f"{settings.RECALL_MINUTES} 分钟后赋学籍号"),
        Kpi("今天退回", f"{returned:,} 名", "园里改好后会再次提交"),
    ]


def places(officer: Officer) -> Sequence[approvals.PlaceCount]:
    """Return the kindergartens with waiting cases, the nearest due day first. One statement."""
    return approvals.by_kindergarten(approvals.waiting_in(officer, approvals.PENDING), most=PLACES)
