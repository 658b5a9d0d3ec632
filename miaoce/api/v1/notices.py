"""What guardians of a child were told and agreed to: reading it, and recording one answer of one guardian."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import Http404
from django.utils.timezone import localdate
from ninja import Router, Schema
from pydantic import Field

from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, reads, writes
from miaoce.api.v1.children import own_child
from miaoce.api.v1.schemas import Coded, Given, one_of
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import notices, queries
from miaoce.registry.children.models import Child, NoticeText
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference

router = Router(tags=["children"])
_P = Permission
Id = Annotated[UUID, Field(strict=False)]
AnswerOut = Annotated[str, one_of(*notices.ANSWERS)]


class TextOut(Schema):
    """A text that counts today. The `notice` is told and needs no answer; the others are optional and are answered."""

    id: UUID
    kind: str
    version: str
    title: str


class StandingOut(Schema):
    """The last answer of a guardian to a text; `answer` is null when nothing was recorded."""

    kind: str
    answer: AnswerOut | None
    version: str | None
    channel: Annotated[str, one_of(*notices.CHANNELS)] | None
    at: datetime | None


class ToldOut(Schema):
    """A guardian, masked as on the page, with an answer for each text."""

    id: UUID
    name: str
    relation: Coded | None
    answers: Sequence[StandingOut]


class NoticesOut(Schema):
    """The texts of today, and how each guardian of the child stands to them."""

    texts: Sequence[TextOut]
    guardians: Sequence[ToldOut]


class NoticeIn(Given):
    """One answer: `served` to the notice; `given`, `refused` or `withdrawn` to another text. How it was given: `channel`."""

    guardian: Id
    text: Id
    answer: Literal["served", "given", "refused", "withdrawn"]
    channel: Literal["paper", "in_person", "phone", "message"]


@reads(
    router, "/children/{child_id}/notices", _P.CHILD_VIEW, name="notices_list", summary="告知与同意", answer=NoticesOut
)
def listed(request: ApiRequest, child_id: UUID) -> NoticesOut:
    """每位监护人对每份文本的最近一次记录。读一次记一次。"""
    child = own_child(request, child_id)
    journal.log_reading(actor=request.officer, at=request.at, what="api.notices", child_ids=[child.pk])
    return _standing(request, child)


@writes(
    router, "/children/{child_id}/notices", _P.CHILD_CONSENT, name="notices_record", summary="记录告知或同意",
    answer=NoticesOut,
)  # fmt: skip
def record(request: ApiRequest, child_id: UUID, given: NoticeIn) -> NoticesOut:
    """告知书只记已告知；可选事项记同意、不同意或撤回同意。不同意不影响建籍。"""
    child = own_child(request, child_id)
    text = NoticeText.objects.filter(pk=given.text).first()
    if text is None:
        raise Http404
    with process(request, "notice.record") as doing:
        _recorded(child, text, given, doing)
    return _standing(request, child)


def _recorded(child: Child, text: NoticeText, given: NoticeIn, doing: Process) -> None:
    """Record the answer: one call of the domain."""
    guardian, channel = given.guardian, given.channel
    if given.answer == notices.WITHDRAWN:
        notices.withdraw(child=child, guardian_id=guardian, kind=text.kind, channel=channel, process=doing)
    elif given.answer == notices.SERVED:
        notices.serve(child=child, guardian_id=guardian, text=text, channel=channel, process=doing)
    else:
        is_given = given.answer == notices.GIVEN
        notices.consent(child=child, guardian_id=guardian, text=text, is_given=is_given, channel=channel, process=doing)


def _standing(request: ApiRequest, child: Child) -> NoticesOut:
    """Return how the guardians of a child stand to the texts of today."""
    on = localdate(request.at)
    book = reference.codebook(on)
    family = queries.record_of(child, viewer=queries.viewer_of(request.officer)).guardians
    standings = notices.standings(child.pk, guardian_ids=[one.id for one in family], on=on)
    return NoticesOut(
        texts=[TextOut(id=t.pk, kind=t.kind, version=t.version, title=t.title) for t in notices.texts_of(on)],
        guardians=[
            ToldOut(
                id=one.id,
                name=one.name,
                relation=Coded(code=one.relation, name=book.name("relation", one.relation)) if one.relation else None,
                answers=[_answer(standing) for standing in standings if standing.guardian_id == one.id],
            )
            for one in family
        ],
    )


def _answer(standing: notices.Standing) -> StandingOut:
    """Return one standing."""
    last = standing.last
    return StandingOut(
        kind=standing.text.kind,
        answer=standing.answer or None,
        version=last.text.version if last else None,
        channel=last.channel if last else None,
        at=last.at if last else None,
    )
