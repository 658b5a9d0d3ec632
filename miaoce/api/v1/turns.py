"""The turn of the school year (升班): the plan drawn, read, changed, carried out, taken back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.timezone import localdate
from ninja import Router, Schema
from pydantic import Field

from miaoce.api import problems
from miaoce.api.keys import ApiRequest, own_kindergarten
from miaoce.api.operations import Answer, process, reads, writes
from miaoce.api.v1.corrections import Id, IfMatch, Version
from miaoce.api.v1.enrolments import StaysChangedOut, changed_out
from miaoce.api.v1.schemas import Given, one_of
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import queries, rules, turning
from miaoce.registry.enrolments.models import YearPlan
from miaoce.registry.journal import actions as journal

router = Router(tags=["turn"])
_P = Permission
MOST = 5_000
ClassName = Annotated[str, Field(max_length=30, pattern=r"^[^\x00]*$")]


class TurnClass(Schema):
    """A class of the coming year: how many will sit in it, and its norm."""

    name: str
    kind: str
    size_norm: int
    size: int


class TurnMove(Schema):
    """A child of the plan: the class it sits in and the one it goes to, "" where it is left out."""

    child: UUID
    name: str
    born_on: date
    group: str
    to: str


class TurnOut(Schema):
    """The plan in a version. It happens on `starts_on` or later."""

    id: UUID
    version: int
    state: Annotated[str, one_of("draft", "done")]
    school_year: str
    starts_on: date
    classes: Sequence[TurnClass]
    children: Sequence[TurnMove]


class TurnMoveIn(Given):
    """A child and the class of the plan that it is to go to, "" to leave it out."""

    child: Id
    to: ClassName


class TurnChangeIn(Given):
    """What is to be different in the plan."""

    moves: Annotated[list[TurnMoveIn], Field(min_length=1, max_length=MOST)]


class TurnDrawIn(Given):
    """Nothing has to be said."""


class TurnIn(Given):
    """The plan in the version that was read."""

    version: Version


@reads(router, "/enrolments/turn", _P.ENROLMENT_CHANGE, name="turn_show", summary="升班方案", answer=TurnOut)
def show(request: ApiRequest) -> TurnOut:
    """这次升班的方案（6 月起是下个学年的）；还没有排时 404。"""
    return _out(request, _plan(request))


@writes(
    router, "/enrolments/turn", _P.ENROLMENT_CHANGE, name="turn_draw", summary="排升班方案", answer=TurnOut, status=201,
    key=True,
)  # fmt: skip
def draw(request: ApiRequest, body: TurnDrawIn) -> TurnOut:  # noqa: ARG001  an empty body
    """照规则重新排：小→中→大按班，托班和混龄按出生日期。已经升班的照旧答出来，不改。"""
    with process(request, "year_plan.draw") as doing:
        plan = turning.draw(kindergarten_id=own_kindergarten(request.officer).pk, process=doing)
    return _out(request, plan)


@writes(
    router, "/enrolments/turn", _P.ENROLMENT_CHANGE, name="turn_change", summary="改升班方案", answer=TurnOut, method="PATCH",
    key=False,
)  # fmt: skip
def change(request: ApiRequest, given: TurnChangeIn, if_match: IfMatch = None) -> Answer | HttpResponse:
    """写明哪几名去哪个班（classes 里的名称），""表示不随班升。方案改过时答 412。"""
    if if_match is None:
        raise problems.VersionMissing
    plan, version = _plan(request), int(if_match.removeprefix("W/").strip('"'))
    if plan.version != version:
        current = {"version": plan.version, "state": plan.state}
        return problems.refused(
            request, problems.Changed(), {"current": current, "yours": given.model_dump(mode="json")["moves"]}
        )
    moves = {one.child: one.to for one in given.moves}
    with process(request, "year_plan.change") as doing:
        plan = turning.change(plan=plan, version=version, moves=moves, process=doing)
    return Answer(_out(request, plan), headers={"ETag": f'"{plan.version}"'})


@writes(
    router, "/enrolments/turn/run", _P.ENROLMENT_CHANGE, name="turn_run", summary="升班", answer=StaysChangedOut, key=True
)  # fmt: skip
def run(request: ApiRequest, given: TurnIn) -> StaysChangedOut:
    """照方案升班，从学年第一天起算。方案排好以后离园、换班的逐名说明，其余照办。"""
    plan = _read(request, given)
    with process(request, "child.turn") as doing:
        done = turning.run(plans=[plan], process=doing)
    return changed_out(doing, done)


@writes(
    router, "/enrolments/turn/undo", _P.ENROLMENT_CHANGE, name="turn_undo", summary="撤回升班", answer=StaysChangedOut, key=True
)  # fmt: skip
def undo(request: ApiRequest, given: TurnIn) -> StaysChangedOut:
    """回到升班前的班。升班以后有人又办了别的变动，就不能整体撤回（ENR-16）。"""
    plan = _read(request, given)
    with process(request, "child.turn_back") as doing:
        done = turning.undo(plan=plan, process=doing)
    return changed_out(doing, done)


def _plan(request: ApiRequest) -> YearPlan:
    """Return the plan of the caller's kindergarten; 404 where none was drawn."""
    place = own_kindergarten(request.officer)
    plan = turning.plan_of(place.pk, turning.first_day(localdate(request.at)))
    if plan is None:
        raise Http404
    return plan


def _read(request: ApiRequest, given: TurnIn) -> YearPlan:
    """Return the plan in the version that was read; ENR-15 for another."""
    plan = _plan(request)
    if plan.version != given.version:
        raise rules.PlanChanged
    return plan


def _out(request: ApiRequest, plan: YearPlan) -> TurnOut:
    """Return a plan as a program reads it; the reading is logged."""
    ids = [UUID(hex=child) for child in plan.moves]
    mine = {child.pk: child for child in Child.objects.visible_to(request.officer).filter(pk__in=ids)}
    if mine:
        journal.log_reading(actor=request.officer, at=request.at, what="enrolment.choose", child_ids=list(mine))
    groups, sizes = queries.group_names(ids), Counter(plan.moves.values())
    return TurnOut(
        id=plan.pk,
        version=plan.version,
        state=plan.state,
        school_year=plan.school_year.name,
        starts_on=plan.school_year.starts_on,
        classes=[TurnClass(**_class(one, sizes)) for one in plan.groups],
        children=[
            TurnMove(child=pk, name=child.name, born_on=child.born_on, group=groups.get(pk, ""), to=plan.moves[pk.hex])
            for pk, child in sorted(mine.items(), key=lambda pair: (pair[1].pinyin, pair[0]))
        ],
    )


def _class(one: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return a class of a plan with its size."""
    return {
        "name": one["name"], "kind": one["kind"], "size_norm": one["size_norm"], "size": sizes.get(one["name"], 0)
    }  # fmt: skip
