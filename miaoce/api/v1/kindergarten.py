"""GET /kindergarten: the caller's own kindergarten, its licence, school year and classes."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.utils.timezone import localdate
from ninja import Router, Schema

from miaoce.api.keys import ApiRequest, own_kindergarten
from miaoce.api.operations import reads
from miaoce.api.v1.schemas import Coded
from miaoce.registry.access.permissions import Permission
from miaoce.registry.enrolments.queries import Heads, heads_of
from miaoce.registry.institutions.models import Group, SchoolYear
from miaoce.registry.reference import queries as reference

router = Router(tags=["kindergarten"])


class Licence(Schema):
    """The licence to run; only a kindergarten whose licence is valid may submit."""

    number: str
    valid_from: date | None
    valid_to: date | None
    is_valid: bool


class Year(Schema):
    """The school year that holds today."""

    name: str
    starts_on: date
    ends_on: date


class GroupOut(Schema):
    """A class (班级) of this school year: its norm, and how many children are in it or applied for."""

    id: UUID
    name: str
    kind: Coded
    size_norm: int
    size: int


class KindergartenOut(Schema):
    """A kindergarten by its 10-digit code (学校标识码)."""

    code: str
    name: str
    uscc: str
    region: Coded
    ownership: Coded
    licence: Licence
    school_year: Year | None
    groups: Sequence[GroupOut]


@reads(
    router, "/kindergarten", Permission.INTAKE_VIEW, name="kindergarten_show", summary="本园：执照、学年、班级",
    answer=KindergartenOut,
)  # fmt: skip
def show(request: ApiRequest) -> KindergartenOut:
    """本园的名称、执照、当前学年和班级。登记时班级名称要和这里的一致。"""
    on = localdate(request.at)
    place = own_kindergarten(request.officer)
    book, year = reference.codebook(on), SchoolYear.objects.filter(starts_on__lte=on, ends_on__gte=on).first()
    groups = list(Group.objects.of_day(on).filter(kindergarten=place).order_by("sort", "name"))
    heads = heads_of(group.pk for group in groups)
    return KindergartenOut(
        code=place.code,
        name=place.name,
        uscc=place.uscc,
        region=Coded(code=place.region_code, name=book.region_name(place.region_code)),
        ownership=Coded(code=place.ownership, name=book.name("ownership", place.ownership)),
        licence=Licence(
            number=place.licence_number,
            valid_from=place.licence_from,
            valid_to=place.licence_to,
            is_valid=place.is_licensed(on),
        ),
        school_year=Year(name=year.name, starts_on=year.starts_on, ends_on=year.ends_on) if year else None,
        groups=[
            GroupOut(
                id=g.pk,
                name=g.name,
                kind=Coded(code=g.kind, name=book.name("group_kind", g.kind)),
                size_norm=g.size_norm,
                size=heads.get(g.pk, Heads()).present,
            )
            for g in groups
        ],
    )
