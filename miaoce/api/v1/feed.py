"""What changed in the caller's scope: the feed by cursor, and where to be told by signed posts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from miaoce.api import cursors
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, reads, writes
from miaoce.api.v1.registrations import Since
from miaoce.api.v1.schemas import CursorParam, FeedPage, Given
from miaoce.registry.access.permissions import Permission
from miaoce.registry.handover import feed, webhooks
from miaoce.registry.handover.models import Subscription
from miaoce.registry.journal.feeds import resume_at

router = Router(tags=["feed"])
_P = Permission
FEED, MOST = "events", 1_000


class EventsOut(FeedPage):
    """A page of CloudEvents 1.0, in the order in which they were recorded. Ids and column names only, no personal value."""

    events: Sequence[Mapping[str, Any]]


class SubscribeIn(Given):
    """Where to post: https and public."""

    url: Annotated[str, Field(min_length=10, max_length=300, pattern=r"^https?://[!-~]+$")]


class SubscriptionOut(Schema):
    """A subscription. `secret` signs what is posted (Miaoce-Signature) and is told once; `failed_at` when it was parked."""

    id: UUID
    url: str
    made_at: datetime
    failed_at: datetime | None
    secret: str | None = None


class SubscriptionsOut(Schema):
    """The unit's subscriptions."""

    subscriptions: Sequence[SubscriptionOut]


class EndIn(Given):
    """Nothing has to be said."""


class EndedOut(Schema):
    """A subscription that ended."""

    id: UUID


@reads(router, "/events", _P.FEED_READ, name="events_list", summary="变动", answer=EventsOut)
def events(
    request: ApiRequest,
    since: Since = None,
    cursor: CursorParam = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="一页最多几条。")] = 100,
) -> EventsOut:
    """本单位范围内的变动，按记录先后。读到 next 为空，记下 since，下次从它读起；近五分钟的会再给一次，按 id 去重。"""
    after = cursors.uuid_position(FEED, cursor or since)
    found = feed.events_for(request.officer, after=after, limit=limit + 1)
    page = cursors.sliced(FEED, found, limit, lambda one: one.id.hex)
    resume = resume_at(page.items[-1].id if page.items else after, at=request.at)
    return EventsOut(
        events=[one.as_cloud_event() for one in page.items],
        next=page.following,
        since=cursors.written(FEED, resume.hex) if resume else None,
    )


def _out(one: Subscription, secret: str | None = None) -> SubscriptionOut:
    """Return a subscription as it is answered."""
    return SubscriptionOut(id=one.pk, url=one.url, made_at=one.made_at, failed_at=one.failed_at, secret=secret)


@reads(router, "/subscriptions", _P.FEED_READ, name="subscriptions_list", summary="推送地址", answer=SubscriptionsOut)
def subscriptions(request: ApiRequest) -> SubscriptionsOut:
    """本单位登记的推送地址。"""
    return SubscriptionsOut(subscriptions=[_out(one) for one in webhooks.of_unit(request.officer.unit_id)])


@writes(
    router, "/subscriptions", _P.FEED_READ, name="subscriptions_create", summary="登记推送地址", answer=SubscriptionOut,
    status=201, key=False,
)  # fmt: skip
def subscribe(request: ApiRequest, body: SubscribeIn) -> SubscriptionOut:
    """从现在起，本单位范围内的变动签名后推送到这个地址。密钥只给这一次；同一地址再登记会换新密钥。"""
    with process(request, "subscription.make") as doing:
        made, secret = webhooks.subscribe(url=body.url, process=doing)
    return _out(made, secret)


@writes(
    router, "/subscriptions/{subscription_id}/end", _P.FEED_READ, name="subscriptions_end", summary="停止推送", answer=EndedOut,
    key=False,
)  # fmt: skip
def end(request: ApiRequest, subscription_id: UUID, body: EndIn) -> EndedOut:  # noqa: ARG001  an empty body
    """不再推送到这个地址。"""
    mine = [one for one in webhooks.of_unit(request.officer.unit_id) if one.pk == subscription_id]
    if not mine:
        raise Http404
    with process(request, "subscription.end") as doing:
        webhooks.unsubscribe(subscription=mine[0], process=doing)
    return EndedOut(id=subscription_id)
