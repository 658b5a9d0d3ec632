"""A county's kindergartens: the list as of a day, one of them, its name and licence, its end, and children to be placed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field

from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, reads, writes
from miaoce.api.problems import facts_of
from miaoce.api.v1.corrections import Id
from miaoce.api.v1.enrolments import NotChanged
from miaoce.api.v1.schemas import MOST, Coded, Day, Given
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import counting, places, queries, rehoming
from miaoce.registry.enrolments.places import Ending
from miaoce.registry.enrolments.rehoming import Rehomed
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal

router = Router(tags=["institutions"])
_P = Permission
PlaceName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]


class HeadsOut(Schema):
    """A kindergarten as it was on the day, and how many children attended it then."""

    id: UUID
    code: str
    name: str
    children: int


class InstitutionsOut(Schema):
    """The kindergartens that stood under the county on the day; `unplaced` wait on its own list today."""

    on: date
    kindergartens: Sequence[HeadsOut]
    unplaced: int


class InstitutionGroup(Schema):
    """A group of this school year or one in which children still sit, with its size."""

    id: UUID
    name: str
    kind: str
    size: int
    size_norm: int


class InstitutionOut(Schema):
    """A kindergarten as it is today; `can_take_over` says whether children of a place that ends may go on here."""

    id: UUID
    code: str
    name: str
    closed_on: date | None
    licence_number: str
    licence_from: date | None
    licence_to: date | None
    can_take_over: bool
    groups: Sequence[InstitutionGroup]


class RenameIn(Given):
    """A new name from a day on; the code stays."""

    name: PlaceName
    on: Day


class LicenceIn(Given):
    """A new licence from a day on; without `licence_to` it has no end."""

    number: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    licence_from: Day
    licence_to: Day | None = None
    on: Day


class UnlicenceIn(Given):
    """The licence is withdrawn from a day on."""

    on: Day


class HomeIn(Given):
    """Where the children of a group go on: a group of this county, or null for the county's own list."""

    group: Id
    to: Id | None


class InstitutionEndIn(Given):
    """close, merge (into others), or split (only the groups named go). Groups of a place that ends and are not named go on the list."""

    kind: Literal["close", "merge", "split"]
    on: Day
    homes: Annotated[list[HomeIn], Field(max_length=200)] = []


class InstitutionPlaceIn(Given):
    """Children of the county's own list, and the group that takes them in."""

    children: Annotated[list[Id], Field(min_length=1, max_length=MOST)]
    group: Id


class UnplacedOut(Schema):
    """Children on the county's own list, by name."""

    children: Sequence["UnplacedChild"]


class UnplacedChild(Schema):
    """A child whose kindergarten ended and that nobody took in yet."""

    id: UUID
    name: str
    born_on: date
    former: Coded | None


class RehomedOut(Schema):
    """What happened to the children: who has a new group, who is on the county's list, who stays and why."""

    process: UUID
    moved: Sequence[UUID]
    listed: Sequence[UUID]
    not_done: Sequence[NotChanged]


@reads(
    router, "/institutions", _P.INSTITUTION_CHANGE, name="institutions_list", summary="全县幼儿园和在园人数", answer=InstitutionsOut
)  # fmt: skip
def institutions(request: ApiRequest, on: Annotated[date | None, Query()] = None) -> InstitutionsOut:
    """某一天（默认今天）的名称、归属和在园人数。"""
    today = localdate(request.at)
    day = min(on or today, today)
    unit = request.officer.unit_id
    return InstitutionsOut(
        on=day,
        kindergartens=[
            HeadsOut(id=one.place.id, code=one.place.code, name=one.place.name, children=one.count)
            for one in counting.heads_of([unit] if unit else [], on=day)
        ],
        unplaced=rehoming.on_list(unit).count() if unit else 0,
    )


@reads(
    router, "/institutions/unplaced", _P.INSTITUTION_CHANGE, name="institutions_unplaced", summary="待安置的幼儿", answer=UnplacedOut
)  # fmt: skip
def unplaced(request: ApiRequest) -> UnplacedOut:
    """原来的幼儿园已停办、还没有接收班级的幼儿，最多 200 名。"""
    waiting = rehoming.on_list(request.officer.unit_id or UUID(int=0)).visible_to(request.officer)
    children = list(waiting.select_related("kindergarten").order_by("pinyin", "id")[:MOST])
    if children:
        ids = [child.pk for child in children]
        journal.log_reading(actor=request.officer, at=request.at, what="child.list", child_ids=ids)
    return UnplacedOut(children=[_waiting(child) for child in children])


def _waiting(child: Child) -> UnplacedChild:
    """Return a child of the county's list."""
    place = child.kindergarten
    former = Coded(code=place.code, name=place.name) if place is not None else None
    return UnplacedChild(id=child.pk, name=child.name, born_on=child.born_on, former=former)


@writes(
    router, "/institutions/place", _P.INSTITUTION_CHANGE, name="institutions_place", summary="安置幼儿", answer=RehomedOut,
    key=True,
)  # fmt: skip
def place(request: ApiRequest, given: InstitutionPlaceIn) -> RehomedOut:
    """把待安置名单里的幼儿安置到本县一个班，从今天起。"""
    with process(request, "child.place") as doing:
        chosen = dict.fromkeys(given.children, given.group)
        done = rehoming.place(chosen=chosen, on=localdate(request.at), process=doing)
    return _rehomed(doing.pk, done)


@reads(
    router, "/institutions/{kindergarten_id}", _P.INSTITUTION_CHANGE, name="institutions_show", summary="一所幼儿园",
    answer=InstitutionOut,
)  # fmt: skip
def show(request: ApiRequest, kindergarten_id: UUID) -> InstitutionOut:
    """现在的名称、许可证和班级。"""
    return _out(request, _own(request, kindergarten_id))


@writes(
    router, "/institutions/{kindergarten_id}/rename", _P.INSTITUTION_CHANGE, name="institutions_rename", summary="改名",
    answer=InstitutionOut, key=True,
)  # fmt: skip
def rename(request: ApiRequest, kindergarten_id: UUID, given: RenameIn) -> InstitutionOut:
    """从某天起用新名称；10 位标识码不变。"""
    garden = _own(request, kindergarten_id)
    with process(request, "institution.rename") as doing:
        places.rename(kindergarten=garden, name=given.name, on=given.on, process=doing)
    return _out(request, _own(request, kindergarten_id))


@writes(
    router, "/institutions/{kindergarten_id}/licence", _P.INSTITUTION_CHANGE, name="institutions_licence", summary="登记新许可证",
    answer=InstitutionOut, key=True,
)  # fmt: skip
def licence(request: ApiRequest, kindergarten_id: UUID, given: LicenceIn) -> InstitutionOut:
    """从某天起用新的办学许可证。"""
    garden = _own(request, kindergarten_id)
    with process(request, "institution.licence") as doing:
        places.licence(
            kindergarten=garden, number=given.number, licence_from=given.licence_from, licence_to=given.licence_to, on=given.on,
            process=doing,
        )  # fmt: skip
    return _out(request, _own(request, kindergarten_id))


@writes(
    router, "/institutions/{kindergarten_id}/unlicence", _P.INSTITUTION_CHANGE, name="institutions_unlicence",
    summary="收回许可证", answer=InstitutionOut, key=True,
)  # fmt: skip
def unlicence(request: ApiRequest, kindergarten_id: UUID, given: UnlicenceIn) -> InstitutionOut:
    """从某天起不能再提交幼儿；在园幼儿另行安置。"""
    garden = _own(request, kindergarten_id)
    with process(request, "institution.unlicence") as doing:
        places.withdraw_licence(kindergarten=garden, on=given.on, process=doing)
    return _out(request, _own(request, kindergarten_id))


@writes(
    router, "/institutions/{kindergarten_id}/end", _P.INSTITUTION_CHANGE, name="institutions_end", summary="停办、合并、分立",
    answer=RehomedOut, key=True,
)  # fmt: skip
def end(request: ApiRequest, kindergarten_id: UUID, given: InstitutionEndIn) -> RehomedOut:
    """写明每个班去哪里；没写的班，停办、合并时进县里的待安置名单，分立时留在本园。转园办理中的等转园办结。"""
    garden = _own(request, kindergarten_id)
    ending = Ending(garden, {home.group: home.to for home in given.homes})
    with process(request, f"institution.{given.kind}") as doing:
        if given.kind == "split":
            done = places.split(ending=ending, on=given.on, process=doing)
        else:
            done = places.close(ending=ending, on=given.on, process=doing, kind=given.kind)
    return _rehomed(doing.pk, done)


def _own(request: ApiRequest, kindergarten_id: UUID) -> Kindergarten:
    """Return a kindergarten that the caller's county answers for; 404 for every other."""
    officer = request.officer
    if not officer.is_county or officer.unit_id is None:
        raise Http404
    found = Kindergarten.objects.filter(office_id=officer.unit_id, pk=kindergarten_id).first()
    if found is None:
        raise Http404
    return found


def _out(request: ApiRequest, garden: Kindergarten) -> InstitutionOut:
    """Return a kindergarten as a program reads it."""
    today = localdate(request.at)
    groups = list(Group.objects.of_day(today).filter(kindergarten=garden).order_by("sort", "name"))
    sizes = {pk: heads.present for pk, heads in queries.heads_of([group.pk for group in groups]).items()}
    return InstitutionOut(
        id=garden.pk, code=garden.code, name=garden.name, closed_on=garden.closed_on,
        licence_number=garden.licence_number, licence_from=garden.licence_from, licence_to=garden.licence_to,
        can_take_over=garden.closed_on is None and garden.is_licensed(today),
        groups=[InstitutionGroup(**_group(group, sizes)) for group in groups],
    )  # fmt: skip


def _group(group: Group, sizes: Mapping[UUID, int]) -> dict[str, Any]:
    """Return a group with its size."""
    return {
        "id": group.pk, "name": group.name, "kind": group.kind, "size": sizes.get(group.pk, 0), "size_norm": group.size_norm
    }  # fmt: skip


def _rehomed(process_id: UUID, done: Rehomed) -> RehomedOut:
    """Return what re-homing did."""
    return RehomedOut(
        process=process_id,
        moved=done.moved,
        listed=done.listed,
        not_done=[
            NotChanged(id=child, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
            for child, refusal in done.refused.items()
        ],
    )
