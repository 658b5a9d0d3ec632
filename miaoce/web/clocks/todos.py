"""Cases with a clock as to-dos of the desk: one row a kind, with the nearest due day. Other rooms' kinds have rows of their own."""

from datetime import date

from django.db.models import Count, Min
from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import watching
from miaoce.registry.reference import queries as reference
from miaoce.web.components.formats import due_words
from miaoce.web.components.parts import TodoRow
from miaoce.web.desk.urgency import urgency_of

KINDS = {
    "sent_back": (
        "{count} 条小学发回的更正",
        "孩子已升学，小学发现登记有误。请核对后更正或说明。",
        "sent-back",
        "去处理",
    ),
    "placement": ("{count} 名待安置", "原来的幼儿园已停办，还没有接收的班级。", "institution-unplaced", "去安置"),
    "deferral": ("{count} 件缓学申请", "监护人已交证明，请按期核准或退回。", "clocks", "去办"),
    "cancellation": ("{count} 件注销申请", "请核对证明后按期核准或退回。", "clocks", "去办"),
    "restoration": ("{count} 件恢复学籍申请", "请核对原因后按期核准或退回。", "clocks", "去办"),
}


def todos(officer: Officer, *, on: date) -> list[tuple[date, TodoRow]]:
    """Return the kinds of cases that wait for the officer's unit, each with its nearest due day. One statement."""
    if not officer.may(Permission.CASE_VIEW):
        return []
    counted = watching.mine(officer).filter(case_kind__in=list(KINDS)).order_by().values_list("case_kind")
    rows = []
    for kind, count, due_on in counted.annotate(Count("id"), Min("due_on")):
        title, detail, where, action = KINDS[kind]
        left = reference.working_days_between(on, due_on)
        row = TodoRow(
            count,
            title.format(count=count),
            detail,
            reverse(where),
            action,
            due_words(due_on, left),
            "",
            urgency_of(left),
        )
        rows.append((due_on, row))
    return rows
