"""GET /numbers: the numbers (学籍号) issued to the caller's own children, in full, as a feed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema

from miaoce.api import cursors
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import reads
from miaoce.api.v1.registrations import Since
from miaoce.api.v1.schemas import CursorParam, FeedPage, LimitParam, one_of
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import numbers
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.feeds import resume_at

router = Router(tags=["numbers"])
FEED = "numbers"


class NumberOut(Schema):
    """A number of a child: G formal, L temporary, J without a usable ID number. `to_on` is null while it holds."""

    id: UUID
    child: UUID
    kind: Annotated[str, one_of("G", "L", "J")]
    number: str
    issued_at: datetime
    from_on: date
    to_on: date | None


class NumbersOut(FeedPage):
    """A page of the feed, in the order of issue."""

    numbers: Sequence[NumberOut]


@reads(router, "/numbers", Permission.CHILD_PRINT, name="numbers_list", summary="已赋的学籍号", answer=NumbersOut)
def issued(request: ApiRequest, since: Since = None, cursor: CursorParam = None, limit: LimitParam = 50) -> NumbersOut:
    """本园幼儿的完整学籍号，按赋号先后。每次读都记入查看记录。近五分钟的下次会再给一次。"""
    after = cursors.uuid_position(FEED, cursor or since)
    found = numbers.issued_to(request.officer, after=after, limit=limit + 1)
    page = cursors.sliced(FEED, found, limit, lambda number: number.id.hex)
    if page.items:
        children = [number.child_id for number in page.items]
        journal.log_reading(actor=request.officer, at=request.at, what="api.numbers", child_ids=children)
    resume = resume_at(page.items[-1].id if page.items else after, at=request.at)
    return NumbersOut(
        numbers=[
            NumberOut(
                id=n.id, child=n.child_id, kind=n.kind, number=n.number, issued_at=n.issued_at, from_on=n.from_on, to_on=n.to_on
            )
            for n in page.items
        ],
        next=page.following,
        since=cursors.written(FEED, resume.hex) if resume else None,
    )  # fmt: skip
