"""Children: the list, a search, one record, one clear value for a reason. Every answer is logged as a reading first."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.http import Http404
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field

from miaoce.api import cursors
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import reads
from miaoce.api.v1.child_schemas import ChildLine, ChildOut, NumberKind, Sex, Standing, child_out, line_out, then_out
from miaoce.api.v1.registrations import CaseState
from miaoce.api.v1.schemas import MOST, Asked, CursorText, Day, Given, Page, Text
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import queries, search
from miaoce.registry.children.models import Child
from miaoce.registry.children.numbers import number_of
from miaoce.registry.children.queries import Filters
from miaoce.registry.children.reveal import reveal as reveal_value
from miaoce.registry.enrolments.history import child_on
from miaoce.registry.enrolments.queries import open_stays
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference

router = Router(tags=["children"])
_P = Permission
CHILDREN = "children"


class ChildrenOut(Page):
    """A page of children, in the order of their names' sounds."""

    children: Sequence[ChildLine]


class ChildrenAsked(Schema):
    """What a list is narrowed by. Nothing personal: names do not belong into addresses."""

    state: CaseState | None = None
    standing: Standing | None = None
    sex: Sex | None = None
    number_kind: NumberKind | None = None
    born_from: Day | None = None
    born_to: Day | None = None
    cursor: CursorText | None = None
    limit: Annotated[int, Field(ge=1, le=MOST, description="一页最多几条。")] = 50


class SearchIn(Given):
    """A name, pinyin or its initials, a number, a document or its last four. It stands in the body, not in the address."""

    words: Asked


class FoundOut(Schema):
    """What was found, at most fifty; `has_more` says that there are others."""

    children: Sequence[ChildLine]
    has_more: bool


class RevealIn(Given):
    """Which value, and why: a code of the list reveal_reason, with words where the list asks for them."""

    field: Literal[
        "number", "document_number", "address", "guardian1_document_number", "guardian1_phone",
        "guardian2_document_number", "guardian2_phone",
    ]  # fmt: skip
    reason: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    words: Text = ""


class RevealedOut(Schema):
    """One clear value. Show it for a minute at most and keep it nowhere."""

    child: UUID
    field: str
    value: str


@reads(router, "/children", _P.CHILD_VIEW, name="children_list", summary="幼儿名单", answer=ChildrenOut)
def children(request: ApiRequest, asked: Query[ChildrenAsked]) -> ChildrenOut:
    """本园（县里为全县）的幼儿。姓名不能放进网址，按姓名找请用 POST /children/search。"""
    after = cursors.uuid_position(CHILDREN, asked.cursor)
    mine = Child.objects.visible_to(request.officer)
    filters = Filters(
        state=asked.state or "",
        standing=asked.standing or "",
        sex=asked.sex or "",
        number_kind=asked.number_kind or "",
        born_from=asked.born_from,
        born_to=asked.born_to,
    )
    on = localdate(request.at)
    found = queries.filtered(mine, filters, in_county=not request.officer.is_kindergarten, on=on)
    page = queries.page_of(found, among=mine, after=after, most=asked.limit)
    following = cursors.written(CHILDREN, page.following.hex) if page.following else None
    return ChildrenOut(children=_lines(request, page.children, "api.children"), next=following)


@reads(
    router, "/children/search", _P.CHILD_VIEW, name="children_search", summary="找幼儿", answer=FoundOut, method="POST"
)
def find(request: ApiRequest, given: SearchIn) -> FoundOut:
    """按姓名、拼音或首字母、学籍号、证件号或后四位找。只读，不用 Idempotency-Key。"""
    found = search.find(actor=request.officer, text=given.words, on=localdate(request.at))
    return FoundOut(children=_lines(request, found.children, "api.search"), has_more=found.has_more)


@reads(router, "/children/{child_id}", _P.CHILD_VIEW, name="children_show", summary="一名幼儿", answer=ChildOut)
def show(
    request: ApiRequest,
    child_id: UUID,
    number: Annotated[Literal["masked", "full"], Query(description="full：完整学籍号，要有 child:print。")] = "masked",
    as_of: Annotated[Day | None, Query(description="看哪一天的情况；不带就是现在。")] = None,
    known_on: Annotated[Day | None, Query(description="按这一天为止登记的情况；不带就按现在知道的。")] = None,
) -> ChildOut:
    """和页面一样遮住证件号、电话等。每次读都记入查看记录。可以看任何一天的情况。"""
    child, officer = own_child(request, child_id), request.officer
    if as_of is not None or known_on is not None:
        return _then(request, child, number, as_of, known_on)
    full = number_of(child, officer) if number == "full" else ""
    what = "api.number" if number == "full" else "api.child"
    journal.log_reading(actor=officer, at=request.at, what=what, child_ids=[child.pk])
    record = queries.record_of(child, viewer=queries.viewer_of(officer))
    stay = open_stays([child.pk]).get(child.pk)
    book = reference.codebook(localdate(request.at))
    return child_out(child, record, full or record.number, stay, book=book, officer=officer)


@reads(
    router, "/children/{child_id}/reveal", _P.CHILD_REVEAL, name="children_reveal", summary="显示一项完整内容",
    answer=RevealedOut, method="POST",
)  # fmt: skip
def reveal(request: ApiRequest, child_id: UUID, given: RevealIn) -> RevealedOut:
    """一次一名一项，写明原因，先记入查看记录再回答。不用 Idempotency-Key：每显示一次就记一次，回答也不保存。"""
    child = own_child(request, child_id)
    value = reveal_value(
        child=child,
        field=given.field,
        reason=given.reason,
        words=given.words,
        book=reference.codebook(localdate(request.at)),
        actor=request.officer,
        at=request.at,
    )
    return RevealedOut(child=child.pk, field=given.field, value=value)


def _then(request: ApiRequest, child: Child, number: str, as_of: date | None, known_on: date | None) -> ChildOut:
    """Return a child as it was on a day, as known by a day. Refuses CHD-21 to CHD-23."""
    officer, today = request.officer, localdate(request.at)
    what = "api.number" if number == "full" else "api.child"
    journal.log_reading(actor=officer, at=request.at, what=what, child_ids=[child.pk])
    then = child_on(child.pk, on=as_of or today, today=today, known_on=known_on)
    full = number_of(then.child, officer) if number == "full" else ""
    record = queries.record_of(then.child, viewer=queries.viewer_of(officer), guardians=then.guardians)
    return then_out(then, record, full or record.number, book=reference.codebook(today), officer=officer)


def own_child(request: ApiRequest, child_id: UUID) -> Child:
    """Return a child that the caller may see; 404 for a foreign or unknown one."""
    child = Child.objects.visible_to(request.officer).select_related("kindergarten").filter(pk=child_id).first()
    if child is None:
        raise Http404
    return child


def _lines(request: ApiRequest, children: Sequence[Child], what: str) -> list[ChildLine]:
    """Log and return children of a list, their numbers masked."""
    ids = [child.pk for child in children]
    if ids:
        journal.log_reading(actor=request.officer, at=request.at, what=what, child_ids=ids)
    masked, stays = queries.masked_numbers(children, queries.viewer_of(request.officer)), open_stays(ids)
    return [line_out(child, masked.get(child.pk, ""), stays.get(child.pk)) for child in children]
