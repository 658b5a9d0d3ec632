"""Cases with a clock as to-dos of the desk: one row a kind, with the nearest due day. Other rooms' kinds have rows of their own."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import listing, watching
from miaoce.registry.approvals.states import CANCELLATION, CASE_KINDS, CORRECTION, DEFERRAL, RESTORATION
from miaoce.registry.reference import queries as reference
from miaoce.web.components.formats import due_words
from miaoce.web.components.parts import TodoRow
from miaoce.web.desk.urgency import Urgency, urgency_of

SENT_BACK, PLACEMENT = "sent_back", "placement"
KINDS = {
    SENT_BACK: (
        "{count} 条小学发回的更正",
        "孩子已升学，小学发现登记有误。请核对后更正或说明。",
        "sent-back",
        "去处理",
    ),
    PLACEMENT: ("{count} 名待安置", "原来的幼儿园已停办，还没有接收的班级。", "institution-unplaced", "去安置"),
}
DECIDED = {
    CORRECTION: "对照佐证，核准后当场改好",
    DEFERRAL: "监护人已交证明，核准后学籍保留到那年 9 月",
    CANCELLATION: "核对证明后核准，或退回补证明",
    RESTORATION: "核对原因后核准，或退回补证明",
}
"""What a county does with each kind that it decides."""


@dataclass(frozen=True)
class _Waiting:
    """How much of a kind waits for the unit, and until when."""

    kind: str
    count: int
    due_on: date
    due: str
    urgency: Urgency


def todos(officer: Officer, *, on: date) -> list[tuple[date, TodoRow]]:
    """Return the kinds of cases that wait for the officer's unit, each with its nearest due day. One statement."""
    acts = Permission.CASE_DECIDE if officer.is_county else Permission.CASE_FILE
    wanted = [*KINDS, *(CASE_KINDS if officer.may(acts) else ())] if officer.may(Permission.CASE_VIEW) else []
    if not wanted:
        return []
    counted = watching.mine(officer).filter(case_kind__in=wanted).order_by().values_list("case_kind")
    rows = []
    for kind, count, due_on in counted.annotate(Count("id"), Min("due_on")):
        left = reference.working_days_between(on, due_on)
        one = _Waiting(kind, count, due_on, due_words(due_on, left), urgency_of(left))
        rows.append((due_on, _decided(one, officer) if kind in DECIDED else _other(one)))
    return rows


def _other(one: _Waiting) -> TodoRow:
    """Return the row of a kind that has a page of its own."""
    title, detail, where, action = KINDS[one.kind]
    return TodoRow(one.count, title.format(count=one.count), detail, reverse(where), action, one.due, "", one.urgency)


def _decided(one: _Waiting, officer: Officer) -> TodoRow:
    """Return the row of a kind that a county decides: what waits for the county, or what came back to the kindergarten."""
    tab = listing.WAITING if officer.is_county else listing.BACK
    where = f"{reverse('cases')}?{urlencode({'tab': tab, 'kind': one.kind})}"
    name = CASE_KINDS[one.kind]
    if officer.is_county:
        title, detail, action = f"{one.count} 件{name}待核准", DECIDED[one.kind], "去核准"
        return TodoRow(one.count, title, detail, where, action, one.due, "", one.urgency)
    title, detail = f"县里退回 {one.count} 件{name}", "按县里的意见补正后再交"
    return TodoRow(one.count, title, detail, where, "去补正", one.due, "fix", one.urgency)
