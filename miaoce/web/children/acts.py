"""What may be done about a child now: the steps that lead on from where it stands, for a role, each with its page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import states

PAGES = {
    "regroup": ("regroup", "换到本园另一个班"),
    "leave": ("leave", "不再来园，写明去向"),
    "readmit": ("readmit", "又回来了，沿用学籍号"),
}
"""The page of a step (by its verb) and what it is for, in the order in which the child's page offers them."""

DECIDED = {
    "case-defer": ("缓学", "推迟入小学，凭证明由县里核准"),
    "case-restore": ("恢复学籍", "离园、毕业、注销办错了，或孩子找回了，凭证明由县里核准"),
    "case-cancel": ("注销学籍", "死亡、失踪或误建，凭证明由县里核准"),
}
"""The page of a kind of case and what it is for."""


@dataclass(frozen=True)
class Act:
    """One way on."""

    label: str
    words: str
    url: str


@dataclass(frozen=True)
class Acts:
    """What may be done, and what is in hand already: one change at a time (APR-08)."""

    ways: list[Act]
    in_hand: str = ""
    in_hand_url: str = ""


def acts_of(child: Child, officer: Officer) -> Acts:
    """Return the ways on from where a child stands. One statement."""
    held = claims.in_hand([child.pk]).get(child.pk)
    ways = []
    for verb in states.available(child.standing):
        step = states.STEPS[verb]
        if verb in PAGES and officer.may(step.permission) and child.kindergarten_id == officer.unit_id:
            name, words = PAGES[verb]
            ways.append(Act(step.label, words, f"{reverse(name)}?{urlencode({'child': child.pk})}"))
    order = [reverse(name) for name, _ in PAGES.values()]
    ways.sort(key=lambda act: order.index(act.url.partition("?")[0]))
    if (
        child.standing in states.LIVING
        and officer.may(Permission.CASE_FILE)
        and child.kindergarten_id == officer.unit_id
    ):
        words = "姓名、性别、出生日期、证件：带佐证，县里核准"
        ways.append(Act("关键信息变更", words, reverse("correction-new", args=[child.pk])))
    if held is None and _may_move_away(child, officer):
        url = f"{reverse('transfer-invite')}?{urlencode({'child': child.pk})}"
        ways.append(Act("转园", "给监护人转园码，由监护人写明转到哪里", url))
    is_transfer = held is not None and held.kind == "transfer" and officer.may(Permission.TRANSFER_VIEW)
    where = reverse("transfer", args=[held.case_id]) if held is not None and is_transfer else ""
    ways += _at_the_county(child, officer)
    return Acts(ways, KINDS[held.kind] if held else "", where)


def _at_the_county(child: Child, officer: Officer) -> list[Act]:
    """Return what a kindergarten may ask its county to decide about where a child stands."""
    if child.kindergarten_id != officer.unit_id or not officer.may(Permission.CASE_FILE):
        return []
    living = child.standing in states.LIVING
    offered = {
        "case-defer": living,
        "case-restore": child.standing in states.STEPS["restore"].sources,
        "case-cancel": living,
    }
    return [
        Act(label, words, reverse(name, args=[child.pk])) for name, (label, words) in DECIDED.items() if offered[name]
    ]


def _may_move_away(child: Child, officer: Officer) -> bool:
    """Say whether an officer may hand the guardian of a child a code for a transfer."""
    attends = child.standing in states.STEPS["transfer"].sources
    return attends and child.kindergarten_id == officer.unit_id and officer.may(Permission.TRANSFER_HANDLE)
