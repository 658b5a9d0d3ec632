"""Corrections as to-dos of the desk: what waits for the county, and what came back to the kindergarten."""

from datetime import date

from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.models import Clock
from miaoce.registry.approvals.states import CORRECTION
from miaoce.registry.corrections import queries
from miaoce.registry.reference import queries as reference
from miaoce.web.components.formats import due_words
from miaoce.web.components.parts import TodoRow
from miaoce.web.desk.urgency import urgency_of


def todos(officer: Officer, *, on: date) -> list[tuple[date, TodoRow]]:
    """Return the corrections that the officer's unit has to act on, with the nearest due day. Two statements."""
    in_county = officer.is_county
    if officer.unit_id is None or not officer.may(Permission.CASE_DECIDE if in_county else Permission.CASE_FILE):
        return []
    tab = queries.WAITING if in_county else queries.BACK
    count = queries.count_of(queries.corrections(officer, tab))
    clocks = Clock.objects.filter(owner_id=officer.unit_id, case_kind=CORRECTION, stopped_at=None)
    due_on = clocks.order_by("due_on").values_list("due_on", flat=True).first()
    if not count or due_on is None:
        return []
    left = reference.working_days_between(on, due_on)
    title = f"{count} 件信息变更待核准" if in_county else f"县里退回 {count} 件信息变更"
    words = "对照佐证，核准后当场改好" if in_county else "按县里的意见补正后再交"
    where = f"{reverse('corrections')}?tab={tab}"
    action = "去核准" if in_county else "去补正"
    row = TodoRow(
        count, title, words, where, action, due_words(due_on, left), "" if in_county else "fix", urgency_of(left)
    )
    return [(due_on, row)]
