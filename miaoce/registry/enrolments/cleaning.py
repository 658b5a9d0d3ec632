"""Why a case has lain for half a year: its reasons in words, for the list that a county and a kindergarten clean up.

Who had the ball how long, how often it was returned, what never answered, who does not exist any more. Read from the clocks,
so that every kind of case has reasons.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.utils.timezone import localdate

from miaoce.registry.approvals import watching
from miaoce.registry.approvals.clocks import OVERALL
from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import states
from miaoce.registry.identity.models import DocumentCheck
from miaoce.registry.institutions.models import Kindergarten

BACK = "kindergarten"  # the step at which a county's case is with the kindergarten again
GONE = frozenset({states.CANCELLED, states.VOID, states.PROMOTED})


def reasons(found: Sequence[Clock], *, on: date) -> Mapping[UUID, list[str]]:
    """Return the reasons of each open clock's case, by the clock's id. Seven statements however many."""
    history: dict[UUID, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(case_id__in={c.case_id for c in found}).exclude(step=OVERALL).order_by("id"):
        history[clock.case_id].append(clock)
    names = watching.unit_names({clock.owner_id for some in history.values() for clock in some})
    closed = dict(
        Kindergarten.objects.filter(pk__in={c.owner_id for c in found}, closed_on__lte=on).values_list(
            "pk", "closed_on"
        )
    )
    children = {clock.child_id for clock in found}
    standings = dict(Child.objects.filter(pk__in=children).values_list("pk", "standing"))
    asked = DocumentCheck.objects.filter(child_id__in=children, answer="").order_by("-asked_at")
    unanswered = {check.child_id: check for check in asked}
    return {
        clock.pk: [
            *_held(history[clock.case_id], names, on),
            *_returned(history[clock.case_id]),
            *([f"{names[clock.owner_id]} {closed[clock.owner_id]} 已停办"] if clock.owner_id in closed else []),
            *_unanswered(unanswered.get(clock.child_id)),
            *_gone(standings.get(clock.child_id, "")),
            *_told(clock),
        ]
        for clock in found
    }


def _held(history: Sequence[Clock], names: Mapping[UUID, str], on: date) -> list[str]:
    """Return who had the ball how long, the longest first; whoever has it now is said to."""
    days, now = Counter[UUID](), {clock.owner_id for clock in history if clock.stopped_at is None}
    for clock in history:
        until = localdate(clock.stopped_at) if clock.stopped_at else on
        days[clock.owner_id] += max((until - clock.started_on).days, 0)
    return [
        f"{'现在在' if unit in now else '在'}{names.get(unit, '')}，共 {count} 天"
        for unit, count in days.most_common(3)
        if count
    ]  # fmt: skip


def _returned(history: Sequence[Clock]) -> list[str]:
    """Return how often a county sent the case back to be mended."""
    count = sum(clock.step == BACK and clock.case_kind in watching.DECIDED for clock in history)
    return [f"退回补正 {count} 次"] if count else []


def _unanswered(check: DocumentCheck | None) -> list[str]:
    """Return that the outside register has not answered about the child's document."""
    if check is None:
        return []
    return [f"证件核验从 {localdate(check.asked_at)} 起没有回音，已问 {check.tries} 次"]


def _gone(standing: str) -> list[str]:
    """Return that the child's record ended meanwhile."""
    return [f"这名幼儿{states.standing_word(standing)}，多半可以终止"] if standing in GONE else []


def _told(clock: Clock) -> list[str]:
    """Return who was told that it is late, and did not move it."""
    if clock.province_told_at is not None:
        return [f"{localdate(clock.province_told_at)} 已告知省里"]
    if clock.county_told_at is not None:
        return [f"{localdate(clock.county_told_at)} 已告知县里"]
    return ["还没有告知上一级"]
