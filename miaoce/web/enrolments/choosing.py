"""The children that a change is about: ticked in the list, or all that match its filters; who cannot take the step says why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from miaoce.registry.children.models import Child, ChildQuerySet
from miaoce.registry.enrolments import queries, rules, states
from miaoce.registry.journal import actions as journal
from miaoce.web.approvals.forms import identifier, picked
from miaoce.web.children.filters import Asked
from miaoce.web.permissions import DeskRequest

COLUMNS = ("id", "name", "sex", "born_on", "state", "standing", "version", "kindergarten_id")


@dataclass(frozen=True)
class Row:
    """A chosen child as the confirming page shows it; `why_not` is empty where the step may be tried."""

    id: UUID
    pick: str
    name: str
    sex: str
    born_on: str
    group: str
    why_not: str = ""


@dataclass(frozen=True)
class Chosen:
    """Who was chosen: those the step may be tried on, and the others."""

    rows: Sequence[Row] = field(default_factory=list)
    others: Sequence[Row] = field(default_factory=list)

    @property
    def versions(self) -> dict[UUID, int]:
        """Return the children with the versions that were shown."""
        return picked(row.pick for row in self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def chosen_of(request: DeskRequest, verb: str) -> Chosen:
    """Return the children that an address or a form chooses, among those the officer may see, and log the reading.

    A form carries the versions that its page showed. Refuses (ENR-07) more than may be changed in one act.
    """
    shown = picked(request.POST.getlist("pick")) if request.method == "POST" else {}
    mine = Child.objects.visible_to(request.officer)
    wanted = mine.filter(pk__in=shown) if shown else _asked_for(request.GET, mine)
    found = list(wanted.only(*COLUMNS).order_by("pinyin", "id")[: rules.AT_ONCE + 1])
    rules.must_not_be_too_many(len(found))
    if found:
        ids = [child.pk for child in found]
        journal.log_reading(actor=request.officer, at=timezone.now(), what="enrolment.choose", child_ids=ids)
    return split(found, verb, shown)


def split(found: Sequence[Child], verb: str, shown: Mapping[UUID, int]) -> Chosen:
    """Part children into those that stand where a step leads on and the others."""
    groups, label = queries.group_names(child.pk for child in found), states.STEPS[verb].label
    able, others = list[Row](), list[Row]()
    for child in found:
        can = verb in states.available(child.standing)
        why_not = "" if can else f"现在是“{states.standing_word(child.standing)}”，不能办{label}"
        row = Row(
            child.pk, f"{child.pk}:{shown.get(child.pk, child.version)}", child.name, "男" if child.sex == "1" else "女",
            child.born_on.isoformat(), groups.get(child.pk, ""), why_not,
        )  # fmt: skip
        (able if can else others).append(row)
    return Chosen(able, others)


def _asked_for(query: QueryDict, mine: ChildQuerySet) -> ChildQuerySet:
    """Return the children that the address of the list names: ticked ones, or all that its filters match."""
    if query.get("all") == "1":
        return Asked.of(query).applied(mine, in_county=False, on=timezone.localdate())
    ids = [identifier(text) for text in query.getlist("child")[: rules.AT_ONCE + 1]]
    return mine.filter(pk__in=[one for one in ids if one])
