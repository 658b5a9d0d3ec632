"""GET /codes/{list} and GET /regions: the code lists and regions as they are in force today."""

from collections.abc import Sequence
from typing import Annotated

from django.http import Http404
from django.utils.timezone import localdate
from ninja import Path, Query, Router, Schema

from miaoce.api.keys import ApiRequest
from miaoce.api.operations import reads
from miaoce.api.v1.schemas import one_of
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.rows import LISTS

router = Router(tags=["codes"])
NATION = "000000"
ListName = Annotated[str, one_of(*LISTS), Path(description="代码表的名字。")]
Under = Annotated[str, Query(pattern=r"^[0-9]{6}$", description="上级的六位代码；000000 是全国。")]


class CodeOut(Schema):
    """One code of a list and the words that mean it."""

    code: str
    name: str
    aliases: Sequence[str]


class CodesOut(Schema):
    """A code list in its own order."""

    list: str
    codes: Sequence[CodeOut]


class RegionOut(Schema):
    """A region (GB/T 2260). `leads_kindergartens`: its office approves registrations."""

    code: str
    name: str
    full_name: str
    level: str
    leads_kindergartens: bool


class RegionsOut(Schema):
    """The regions directly below one."""

    under: str
    regions: Sequence[RegionOut]


@reads(router, "/codes/{list_name}", name="codes_list", summary="一个代码表", answer=CodesOut)
def codes(request: ApiRequest, list_name: ListName) -> CodesOut:
    """今天有效的代码。带 If-None-Match 再问，没有变化时答 304。"""
    if list_name not in LISTS:
        raise Http404
    entries = reference.codebook(localdate(request.at)).entries(list_name)
    return CodesOut(list=list_name, codes=[CodeOut(code=e.code, name=e.name, aliases=list(e.aliases)) for e in entries])


@reads(router, "/regions", name="regions_list", summary="下级行政区划", answer=RegionsOut)
def regions(request: ApiRequest, under: Under = NATION) -> RegionsOut:
    """某地直接管的地方。不带 under 时是各省。没有这个代码时答 404。"""
    book = reference.codebook(localdate(request.at))
    if not book.region_level(under) and under != NATION:
        raise Http404
    found = sorted((row for row in book.regions.in_force().values() if row.parent == under), key=lambda row: row.code)
    return RegionsOut(
        under=under,
        regions=[
            RegionOut(
                code=row.code,
                name=row.name,
                full_name=book.region_name(row.code),
                level=row.level,
                leads_kindergartens=book.regions.leads_kindergartens(row.code),
            )
            for row in found
        ],
    )
