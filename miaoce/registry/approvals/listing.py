"""Reads of the changes a county decides (Case): one list of all kinds, what is due first at the head, by cursor.

Behind each kind stand a room and a page of their own; the list knows only where a case stands and until when it waits.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from miaoce.registry import rows
from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Case, CaseQuerySet, Clock

PAGE, MOST = 50, 999
WAITING, BACK, DONE = "waiting", "back", "done"
TABS: Mapping[str, Sequence[str]] = {
    WAITING: [states.FILED],
    BACK: [states.SENT_BACK],
    DONE: [states.AGREED, states.TAKEN_BACK, states.ENDED],
}
"""Where a case can stand, with the states that each holds."""


def cases(actor: Officer, tab: str = "", kind: str = "") -> CaseQuerySet:
    """Return the cases that an officer's unit is a party to, of one tab and one kind or of all."""
    mine = Case.objects.visible_to(actor)
    if tab:
        mine = mine.filter(state__in=TABS[tab])
    return mine.filter(kind=kind) if kind else mine


def page_of(
    found: CaseQuerySet,
    *,
    tab: str = "",
    after: UUID | None = None,
    among: CaseQuerySet | None = None,
    most: int = PAGE,
) -> tuple[list[Case], UUID | None]:
    """Return a page and the id behind which the next one begins. One statement, two behind a cursor.

    What waits comes by its due day (`Case.due_on` is set on each row), what is done or of every tab the newest first. A cursor
    names a case `among` those that the officer may see; it may have moved on since.
    """
    if tab in {WAITING, BACK}:
        return _by_due_day(found, after, among, most)
    if after is not None:
        found = found.filter(id__lt=after)
    cases = list(_with_due_day(found).select_related("kindergarten").order_by("-id")[: most + 1])
    return cases[:most], cases[most - 1].pk if len(cases) > most else None


def _by_due_day(
    found: CaseQuerySet, after: UUID | None, among: CaseQuerySet | None, most: int
) -> tuple[list[Case], UUID | None]:
    """Return a page of what waits."""
    dated = _with_due_day(found)
    if after is not None:
        named = (dated if among is None else _with_due_day(among)).filter(pk=after)
        due_on = named.values_list("due_on", flat=True).first()
        if due_on is not None:
            dated = dated.filter(Q(due_on__gt=due_on) | Q(due_on=due_on, id__gt=after))
    cases = list(dated.select_related("kindergarten").order_by("due_on", "id")[: most + 1])
    return cases[:most], cases[most - 1].pk if len(cases) > most else None


def _with_due_day(found: CaseQuerySet) -> Any:  # a queryset with a column more than its type knows
    """Add the due day of the step that a case stands at; of one that ended, of its last step."""
    last = Clock.objects.filter(case_id=OuterRef("pk")).order_by("-id").values("due_on")[:1]
    return found.annotate(due_on=Subquery(last))


def counts_of(actor: Officer, *, tab: str, kind: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many cases each kind has in a tab ("" for all kinds), and each tab of a kind; at most `MOST`. One statement."""
    kinds = ["", *states.CASE_KINDS]
    asked = [*(cases(actor, tab, one) for one in kinds), *(cases(actor, one, kind) for one in TABS)]
    counts = rows.counted(asked, most=MOST)
    return dict(zip(kinds, counts, strict=False)), dict(zip(TABS, counts[len(kinds) :], strict=True))
