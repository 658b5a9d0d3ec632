"""Batches: the list, one, its rows, submitting what is ready, taking back what the county has not opened."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from miaoce.api import cursors
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, reads, writes
from miaoce.api.v1.row_schemas import BatchOut, RowOut, RowState, batch_out
from miaoce.api.v1.rows import log_rows, rows_out
from miaoce.api.v1.schemas import CursorParam, Given, LimitParam, Page
from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import actions as intake
from miaoce.registry.intake import listing
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.rules import SEND_BY_PROGRAM, PromiseMissing

router = Router(tags=["batches"])
_P = Permission
BATCHES, ROWS = "batches", "rows"
RowIds = Annotated[
    list[Annotated[UUID, Field(strict=False)]] | None,
    Field(min_length=1, max_length=20_000, description="不给就是全部。"),
]


class BatchesOut(Page):
    """A page of batches, the newest first."""

    batches: Sequence[BatchOut]


class RowsPage(Page):
    """A page of rows, in the order they came in."""

    rows: Sequence[RowOut]


class SubmitIn(Given):
    """Which ready rows to submit, and the promise that what they say is true."""

    promise: Annotated[bool, Field(description="已核对户口簿等证件，信息真实（true 才提交）。")]
    rows: RowIds = None


class RecallIn(Given):
    """Which submitted rows to take back."""

    rows: RowIds = None


class NotDone(Schema):
    """A row that was left where it is, and why."""

    row: UUID
    words: str


class SentOut(Schema):
    """What was done, row by row, and the batch as it stands now.

    `undated` are the rows submitted without an entry date: their two months count from the day of submission.
    """

    done: Sequence[UUID]
    undated: Sequence[UUID]
    not_done: Sequence[NotDone]
    batch: BatchOut


@reads(router, "/batches", _P.INTAKE_VIEW, name="batches_list", summary="本园送入的各批", answer=BatchesOut)
def batches(request: ApiRequest, cursor: CursorParam = None, limit: LimitParam = 50) -> BatchesOut:
    """最新的在前。表格、粘贴、单个登记和接口送入的都在这里。"""
    before = cursors.uuid_position(BATCHES, cursor)
    found = cursors.sliced(
        BATCHES, listing.batches(request.officer, before=before, limit=limit + 1), limit, lambda sums: sums.batch.pk.hex
    )
    return BatchesOut(batches=[batch_out(sums) for sums in found.items], next=found.following)


@reads(router, "/batches/{batch_id}", _P.INTAKE_VIEW, name="batches_show", summary="一批", answer=BatchOut)
def show(request: ApiRequest, batch_id: UUID) -> BatchOut:
    """一批的状态和各状态的行数。"""
    return batch_out(listing.summed([_own(request, batch_id)])[0])


@reads(router, "/batches/{batch_id}/rows", _P.INTAKE_VIEW, name="rows_list", summary="一批的各行", answer=RowsPage)
def rows(
    request: ApiRequest,
    batch_id: UUID,
    state: Annotated[RowState | None, Query(description="只要这个状态的行。")] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> RowsPage:
    """按送入的顺序。县里退回的行带着原因和原话。"""
    batch, after = _own(request, batch_id), cursors.position(f"{ROWS}:{batch_id.hex}", cursor)
    found = listing.lines(batch, state=state or "", after=None if after is None else int(after), limit=limit + 1)
    page = cursors.sliced(f"{ROWS}:{batch_id.hex}", found, limit, lambda line: line.open.row.position)
    log_rows(request, page.items)
    return RowsPage(rows=rows_out(request, page.items), next=page.following)


@writes(
    router, "/batches/{batch_id}/submit", _P.INTAKE_SUBMIT, name="batches_submit", summary="提交可提交的行",
    answer=SentOut, key=True,
)  # fmt: skip
def submit(request: ApiRequest, batch_id: UUID, given: SubmitIn) -> SentOut:
    """可提交的行送县里审批，其余留在原处。再提交一次不会重复。一次最多提交 1000 行，多的用 `rows` 分几次。"""
    if not given.promise:
        raise PromiseMissing
    batch = _own(request, batch_id)
    with process(request, "intake.submit") as doing:
        sent = intake.submit(batch=batch, process=doing, row_ids=given.rows, most=SEND_BY_PROGRAM)
    return _sent_out(request, batch_id, sent)


@writes(
    router, "/batches/{batch_id}/recall", _P.INTAKE_SUBMIT, name="batches_recall", summary="撤回提交", answer=SentOut
)
def recall(request: ApiRequest, batch_id: UUID, given: RecallIn) -> SentOut:
    """县里还没有打开的可以撤回，撤回后又是可提交。"""
    batch = _own(request, batch_id)
    with process(request, "intake.recall") as doing:
        sent = intake.recall(batch=batch, process=doing, row_ids=given.rows)
    return _sent_out(request, batch_id, sent)


def _own(request: ApiRequest, batch_id: UUID) -> Batch:
    """Return one of the caller's batches; 404 for a foreign or unknown one."""
    batch = Batch.objects.visible_to(request.officer).filter(pk=batch_id).first()
    if batch is None:
        raise Http404
    return batch


def _sent_out(request: ApiRequest, batch_id: UUID, sent: intake.Sent) -> SentOut:
    """Return what was done, with the sums of the batch after it."""
    return SentOut(
        done=sent.done,
        undated=sent.undated,
        not_done=[NotDone(row=row, words=words) for row, words in sent.refused.items()],
        batch=batch_out(listing.summed([_own(request, batch_id)])[0]),
    )
