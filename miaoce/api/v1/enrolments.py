"""Changes of stays: group, leaving, return, graduation. Children are named with the versions that were read."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.timezone import localdate
from ninja import Router, Schema
from pydantic import Field, WithJsonSchema

from miaoce.api import problems
from miaoce.api.keys import ApiRequest, own_kindergarten
from miaoce.api.operations import process, reads, writes
from miaoce.api.problems import facts_of
from miaoce.api.v1.schemas import MOST, Asked, Coded, Day, Given, Name, Text
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import graduation, leaving, moving, queries, rules
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.enrolments.steps import Outcome
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.transfers import returning
from miaoce.registry.transfers.opening import Told

router = Router(tags=["enrolments"])
_P = Permission
Id = Annotated[UUID, Field(strict=False)]
CodeText = Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")]


class ChildIn(Given):
    """A child in the version that was read (`version` of the child)."""

    id: Id
    version: Annotated[int, Field(ge=1, le=1_000_000_000)]


Children = Annotated[list[ChildIn], Field(min_length=1, max_length=rules.AT_ONCE)]


class RegroupIn(Given):
    """Which children, into which group (`groups` of /kindergarten), from which day on (not after today)."""

    children: Children
    group: Id
    on: Day


class LeaveIn(Given):
    """Which children leave, from which day on they are not there any more, why and whereto (lists leave_reason, destination).

    `other` in either needs `words`.
    """

    children: Children
    on: Day
    reason: CodeText
    destination: CodeText
    words: Text = ""


class WheretoIn(Given):
    """Whereto children went (list destination, not `unknown`)."""

    children: Annotated[list[Id], Field(min_length=1, max_length=rules.AT_ONCE)]
    destination: CodeText
    words: Text = ""


class ReceiveIn(Given):
    """What the guardian told: the number, and the name or the birth date; the group and the day of the return."""

    number: Name
    name: Asked | None = None
    born_on: Annotated[Day | None, WithJsonSchema({"type": "string", "format": "date"})] = None
    group: Id
    on: Day


class OwedOut(Schema):
    """A child that left for nobody knows where, and by when its kindergarten should know."""

    id: UUID
    name: str
    kindergarten: Coded
    group: str
    left_on: date | None
    due_on: date


class DestinationsOut(Schema):
    """The destinations that are still owed."""

    children: Sequence[OwedOut]


class GraduateIn(Given):
    """Which children, and the day of graduation: from July on, not after today."""

    children: Children
    on: Day


class GraduateOut(Schema):
    """A child at the end of the school year; `code` and `detail` say why it goes on in kindergarten, null where it graduates."""

    id: UUID
    version: int
    name: str
    born_on: date
    group: str
    code: str | None
    detail: str | None


class GraduatesOut(Schema):
    """The school year that ends, the first day on which children may graduate from it, the usual day, and who could."""

    school_year: str
    from_on: date
    usual_on: date
    children: Sequence[GraduateOut]


class Changed(Schema):
    """A child that was changed, and its version now."""

    id: UUID
    version: int


class NotChanged(Schema):
    """A child that was left as it is, and why."""

    id: UUID
    code: str
    detail: str
    facts: Mapping[str, Any]


class StaysChangedOut(Schema):
    """What was done. `process` names it in the audit."""

    process: UUID
    done: Sequence[Changed]
    not_done: Sequence[NotChanged]


@writes(
    router, "/enrolments/regroup", _P.ENROLMENT_CHANGE, name="children_regroup", summary="调班", answer=StaysChangedOut, key=True
)  # fmt: skip
def regroup(request: ApiRequest, given: RegroupIn) -> StaysChangedOut:
    """把在园幼儿调到本园另一个班。办不了的逐名说明，其余照办。班额只提示，不拦。"""
    group = own_group(request, given.group)
    with process(request, "child.regroup") as doing:
        done = moving.regroup(chosen=versions_of(given.children), group=group, on=given.on, process=doing)
    return changed_out(doing, done)


@writes(
    router, "/enrolments/leave", _P.ENROLMENT_CHANGE, name="children_leave", summary="离园", answer=StaysChangedOut, key=True
)  # fmt: skip
def leave(request: ApiRequest, given: LeaveIn) -> StaysChangedOut:
    """在园幼儿离园。去向写 unknown 的，会一直列在 /enrolments/destinations 里，直到写明。"""
    how = Leaving(given.on, given.reason, given.destination, given.words)
    with process(request, "child.leave") as doing:
        done = leaving.leave(chosen=versions_of(given.children), leaving=how, process=doing)
    return changed_out(doing, done)


@reads(
    router, "/enrolments/destinations", _P.ENROLMENT_VIEW, name="destinations_list", summary="离园去向还不清楚的",
    answer=DestinationsOut,
)  # fmt: skip
def destinations(request: ApiRequest) -> DestinationsOut:
    """本园（县里为全县）离园时去向写“还不清楚”的幼儿，最先到期的在前，最多 200 名。"""
    found = queries.whereto_unknown(request.officer, most=MOST)
    if found:
        ids = [one.child.pk for one in found]
        journal.log_reading(actor=request.officer, at=request.at, what="enrolment.whereto", child_ids=ids)
    return DestinationsOut(
        children=[
            OwedOut(
                id=one.child.pk,
                name=one.child.name,
                kindergarten=Coded(code=one.stay.kindergarten.code, name=one.stay.kindergarten.name),
                group=one.stay.group.name,
                left_on=one.stay.ended_on,
                due_on=one.due_on,
            )
            for one in found
        ]
    )


@writes(
    router, "/enrolments/destinations", _P.ENROLMENT_CHANGE, name="destinations_name", summary="写明离园去向",
    answer=StaysChangedOut, key=True,
)  # fmt: skip
def name_destination(request: ApiRequest, given: WheretoIn) -> StaysChangedOut:
    """写明已离园幼儿的去向；待办随之消去。"""
    with process(request, "destination.name") as doing:
        done = leaving.name_destination(
            child_ids=given.children, destination=given.destination, words=given.words, process=doing
        )
    return changed_out(doing, done)


@writes(
    router, "/enrolments/readmit", _P.ENROLMENT_CHANGE, name="children_readmit", summary="再入园", answer=StaysChangedOut,
    key=True,
)  # fmt: skip
def readmit(request: ApiRequest, given: RegroupIn) -> StaysChangedOut:
    """本园离园的幼儿再入园，沿用原学籍号。"""
    group = own_group(request, given.group)
    with process(request, "child.readmit") as doing:
        done = leaving.readmit(chosen=versions_of(given.children), group=group, on=given.on, process=doing)
    return changed_out(doing, done)


@writes(
    router, "/enrolments/receive", _P.ENROLMENT_CHANGE, name="children_receive", summary="别的幼儿园离园的，在本园再入园",
    answer=StaysChangedOut, key=True,
)  # fmt: skip
def receive(request: ApiRequest, given: ReceiveIn) -> StaysChangedOut | HttpResponse:
    """凭监护人告诉的学籍号，加姓名或出生日期。对不上时 422，不说是哪一项；一天最多 10 次。还在园的要办转园。"""
    group = own_group(request, given.group)
    told = Told(given.number, given.name or "", given.born_on)
    with process(request, "child.readmit") as doing:
        answered = returning.take_in(told=told, group=group, on=given.on, process=doing)
    if answered.refusal is not None or answered.child_id is None:  # a miss is counted, so it is answered and not raised
        return problems.refused(request, answered.refusal or problems.NotHere())
    return changed_out(doing, Outcome([answered.child_id]))


@reads(
    router, "/enrolments/graduates", _P.ENROLMENT_CHANGE, name="graduates_list", summary="这个学年可以毕业的", answer=GraduatesOut
)  # fmt: skip
def graduates(request: ApiRequest) -> GraduatesOut:
    """大班的，和到 8 月 31 日满 6 周岁的在园幼儿。办不了的带原因。"""
    on = localdate(request.at)
    year = graduation.ending_year(request.officer, on=on)
    if year is None:
        raise Http404
    first, usual = graduation.usual_day(request.officer, year, on=on)
    found = graduation.candidates(request.officer, year)
    if found:
        ids = [one.child.pk for one in found]
        journal.log_reading(actor=request.officer, at=request.at, what="enrolment.choose", child_ids=ids)
    return GraduatesOut(
        school_year=year.name,
        from_on=first,
        usual_on=usual,
        children=[
            GraduateOut(
                id=one.child.pk,
                version=one.child.version,
                name=one.child.name,
                born_on=one.child.born_on,
                group=one.stay.group.name,
                code=one.why_not.code if one.why_not else None,
                detail=str(one.why_not) if one.why_not else None,
            )
            for one in found
        ],
    )


@writes(
    router, "/enrolments/graduate", _P.ENROLMENT_CHANGE, name="children_graduate", summary="毕业", answer=StaysChangedOut, key=True
)  # fmt: skip
def graduate(request: ApiRequest, given: GraduateIn) -> StaysChangedOut:
    """在园幼儿毕业。不到年龄的、缓学的、有变动在办的逐名说明，其余照办。"""
    with process(request, "child.graduate") as doing:
        done = graduation.graduate(chosen=versions_of(given.children), on=given.on, process=doing)
    return changed_out(doing, done)


def own_group(request: ApiRequest, group_id: UUID) -> Group:
    """Return a group of the caller's own kindergarten; 404 for every other."""
    here = Group.objects.select_related("school_year").filter(kindergarten=own_kindergarten(request.officer))
    group = here.filter(pk=group_id).first()
    if group is None:
        raise Http404
    return group


def versions_of(children: Sequence[ChildIn]) -> dict[UUID, int]:
    """Return children with the versions that were read."""
    return {child.id: child.version for child in children}


def changed_out(doing: Process, done: Outcome) -> StaysChangedOut:
    """Return what a change did."""
    versions = dict(Child.objects.filter(pk__in=done.done).values_list("pk", "version"))
    return StaysChangedOut(
        process=doing.pk,
        done=[Changed(id=child, version=versions[child]) for child in done.done],
        not_done=[
            NotChanged(id=child, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
            for child, refusal in done.refused.items()
        ],
    )
