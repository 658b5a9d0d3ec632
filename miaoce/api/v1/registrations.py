"""GET /registrations: what became of the children a kindergarten submitted, as a feed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.utils.timezone import localdate
from ninja import Query, Router, Schema

from miaoce.api import cursors
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import reads
from miaoce.api.v1.row_schemas import ReturnOut
from miaoce.api.v1.schemas import CursorParam, FeedPage, LimitParam, coded, one_of
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import changes, states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.feeds import resume_at
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook

router = Router(tags=["registrations"])
FEED = "registrations"
CaseState = Literal["submitted", "returned", "withdrawn", "approved", "numbered"]
CaseStateOut = Annotated[str, one_of(*states.LABELS)]


class RegistrationOut(Schema):
    """A registration case (建籍) as it stands now. `row` and `batch` are where the child came in, null when not known.

    `due_on` is two months after entry, or after the first submission where no entry date was given
    (`counts_from_submission`); `working_days_left` counts from today and is null once it is done.
    """

    id: UUID
    child: UUID
    row: UUID | None
    batch: UUID | None
    state: CaseStateOut
    state_name: str
    version: int
    entered_on: date
    counts_from_submission: bool
    due_on: date
    working_days_left: int | None
    submitted_at: datetime
    is_opened: bool
    decided_at: datetime | None
    returned: ReturnOut | None


class RegistrationsOut(FeedPage):
    """A page of the feed: each case once, as it stands now."""

    registrations: Sequence[RegistrationOut]


Since = Annotated[
    str | None, Query(max_length=400, pattern=r"^[!-~]+$", description="上一次读到最后时的 since；不带就从头读。")
]


@reads(
    router, "/registrations", Permission.INTAKE_VIEW, name="registrations_list", summary="提交后的结果",
    answer=RegistrationsOut,
)  # fmt: skip
def registrations(
    request: ApiRequest,
    since: Since = None,
    cursor: CursorParam = None,
    state: Annotated[CaseState | None, Query(description="只要现在是这个状态的。")] = None,
    limit: LimitParam = 50,
) -> RegistrationsOut:
    """有变动的在后面。退回的带原因和县里的原话。读到 next 为空，记下 since，下次从它读起；近五分钟的会再给一次。"""
    after = cursors.uuid_position(FEED, cursor or since)
    moved = changes.moved_since(request.officer, after=after, limit=limit, state=state or "")
    on = localdate(request.at)
    children = [case.child_id for case in moved.cases]
    origins = {
        child: (row, batch)
        for child, row, batch in Row.objects.filter(
            becomes_id__in=children, batch__in=Batch.objects.visible_to(request.officer)
        ).values_list("becomes_id", "id", "batch_id")
    }
    if children:
        journal.log_reading(actor=request.officer, at=request.at, what="api.registrations", child_ids=children)
    last = moved.last or after
    resume = resume_at(last, at=request.at)
    book = reference.codebook(on)
    return RegistrationsOut(
        registrations=[_out(case, origins.get(case.child_id, (None, None)), book, on) for case in moved.cases],
        next=cursors.written(FEED, moved.last.hex) if moved.last and moved.has_more else None,
        since=cursors.written(FEED, resume.hex) if resume else None,
    )


def _out(case: Proposal, origin: tuple[UUID | None, UUID | None], book: Codebook, on: date) -> RegistrationOut:
    """Return a case as it is answered."""
    is_done = case.state in {states.NUMBERED, states.WITHDRAWN}
    returned = None
    if case.state == states.RETURNED:
        reasons = coded(book, "refusal_reason", case.return_reasons)
        returned = ReturnOut(reasons=reasons, words=case.return_words)
    return RegistrationOut(
        id=case.pk,
        child=case.child_id,
        row=origin[0],
        batch=origin[1],
        state=case.state,
        state_name=states.LABELS[case.state],
        version=case.version,
        entered_on=case.entered_on,
        counts_from_submission=case.counts_from_submission,
        due_on=case.due_on,
        working_days_left=None if is_done else reference.working_days_between(on, case.due_on),
        submitted_at=case.submitted_at,
        is_opened=case.opened_at is not None,
        decided_at=case.decided_at,
        returned=returned,
    )
