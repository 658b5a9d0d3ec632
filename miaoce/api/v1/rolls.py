"""GET /kindergartens/{code}/roll: who attended a kindergarten on any day."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import Http404
from django.utils.timezone import localdate
from ninja import Path, Query, Router, Schema

from miaoce.api.keys import ApiRequest
from miaoce.api.operations import reads
from miaoce.api.v1.child_schemas import SexOut
from miaoce.api.v1.schemas import Coded, Day
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.rules import DayToCome
from miaoce.registry.enrolments.history import Line, roll_on
from miaoce.registry.institutions import asof as places
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal

router = Router(tags=["children"])
Code = Annotated[str, Path(pattern=r"^[0-9]{10}$", description="10 位学校标识码。")]


class RollLine(Schema):
    """A child on the roll, as it was called that day. `is_here`: its record is still with this kindergarten.

    Where it went on, the birth date is null and the child itself answers 404.
    """

    id: UUID
    name: str
    sex: SexOut
    born_on: date | None
    group: str
    group_id: UUID
    started_on: date
    ended_on: date | None
    is_here: bool


class RollOut(Schema):
    """The whole roll of a kindergarten on a day, by class and name; the kindergarten as it was called that day."""

    as_of: date
    kindergarten: Coded
    children: Sequence[RollLine]


@reads(
    router,
    "/kindergartens/{code}/roll",
    Permission.CHILD_VIEW,
    name="roll_show",
    summary="某一天的名册",
    answer=RollOut,
)
def show(
    request: ApiRequest,
    code: Code,
    as_of: Annotated[Day | None, Query(description="看哪一天；不带就是今天。")] = None,
) -> RollOut:
    """某一天在园的全部幼儿，园名、班级、姓名按那一天。本园，县里为辖区内任一所。"""
    today = localdate(request.at)
    on = as_of or today
    place = _place(request.officer, code)
    if on > today:
        raise DayToCome(last=today)
    lines = roll_on(place.pk, on=on)
    if lines:
        ids = [line.child_id for line in lines]
        journal.log_reading(actor=request.officer, at=request.at, what="api.roll", child_ids=ids)
    then = places.places_of([place.pk], on=on)[place.pk]
    return RollOut(
        as_of=on, kindergarten=Coded(code=then.code, name=then.name), children=[_line_out(line) for line in lines]
    )


def _place(officer: Officer, code: str) -> Kindergarten:
    """Return the kindergarten that is asked about; 404 for a foreign or unknown one."""
    unit, place = officer.unit_id, Kindergarten.objects.filter(code=code).first()
    if place is None or unit != (place.pk if officer.is_kindergarten else place.office_id):
        raise Http404
    return place


def _line_out(line: Line) -> RollLine:
    """Return a line of the roll."""
    stay, then = line.stay, line.then
    return RollLine(
        id=line.child_id,
        name=then.name,
        sex=then.sex,
        born_on=then.born_on if line.is_here else None,
        group=stay.group.name,
        group_id=stay.group_id,
        started_on=stay.started_on,
        ended_on=stay.ended_on,
        is_here=line.is_here,
    )
