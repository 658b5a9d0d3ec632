"""What each choice about a problem will do, in words and counts, before anybody chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Case
from miaoce.registry.children.models import ChildNumber, Guardian
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.problems import states
from miaoce.registry.problems.queries import Detail

COUNTED = (("段就读", Enrolment), ("名监护人", Guardian), ("个学籍号", ChildNumber), ("件变动", Case))
"""What is counted of a record that would be merged into another: its unit with the noun, and its table."""


@dataclass(frozen=True)
class Choice:
    """One thing that may be done: its verb (a step, or `say` with what is said), its button, and what follows from it."""

    verb: str
    label: str
    effects: Sequence[str]


def choices_of(detail: Detail, actor: Officer) -> list[Choice]:
    """Return what the officer may choose about a problem, with what each choice will do. One statement a table counted."""
    del actor  # the steps offered were narrowed to the officer when the problem was read
    offered = [states.STEPS[verb] for verb in detail.verbs]
    holdings = _holdings(detail.problem.child_ids) if any(step.verb == "merge" for step in offered) else {}
    return [Choice(step.verb, step.label, _effects(step.verb, holdings)) for step in offered]


def _effects(verb: str, holdings: Mapping[UUID, str]) -> list[str]:
    """Return what follows from a step."""
    if verb == "merge":
        kept = [f"并入的一条有{words}，都转到保留的一条" for words in holdings.values()]
        return ["两条学籍并成一条，旧学籍号永远指向保留的一条", *kept, "可以撤销，撤销后逐行还原"]
    return list(EFFECTS.get(verb, ())) or [f"这件改为“{states.LABELS[states.STEPS[verb].target]}”"]


EFFECTS: dict[str, tuple[str, ...]] = {
    "say": ("说明和佐证两边都能看到", "每一方都说明后，自动交共同的主管部门"),
    "settle": ("两条学籍都保留，不再提示", "姓名、证件等依据有变动时会重新提示"),
    "take_up": ("不再等没有说明的一方", "由本单位裁定"),
    "send_back": ("退回各方补佐证，时限重新计算",),
    "part": ("两条学籍都保留，不再提示", "姓名、证件等依据有变动时会重新提示"),
    "accept": ("证件不改，按佐证留用", "这件办结"),
    "undo": ("两条学籍逐行还原到合并以前", "这件回到待佐证"),
}


def _holdings(child_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return in words what each record holds."""
    found: dict[UUID, list[str]] = {child: [] for child in child_ids}
    for unit, model in COUNTED:
        rows = model._default_manager.filter(child_id__in=child_ids).order_by().values_list("child_id")
        for child, count in rows.annotate(Count("pk")):
            found[child].append(f" {count} {unit}")
    return {child: "、".join(parts) + " " for child, parts in found.items()}
