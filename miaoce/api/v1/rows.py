"""Rows (one child each): bringing them in, reading one, mending it, deciding about a duplicate."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.timezone import localdate
from ninja import Header, Router, Schema
from pydantic import Field

from miaoce.api import problems
from miaoce.api.keys import ApiRequest, own_kindergarten
from miaoce.api.operations import Answer, process, reads, writes
from miaoce.api.v1.row_schemas import BatchOut, BesideOut, RowOut, batch_out, beside_out, row_out
from miaoce.api.v1.schemas import Given, Name, SomeTexts, Text, Texts
from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import actions as intake
from miaoce.registry.intake import comparing, listing
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.rules import RowChanged
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference

router = Router(tags=["rows"])
MOST_ROWS = 500
_P = Permission
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=40, pattern=r'^(W/)?"[0-9]{1,9}"$', description="读到这一行时的 ETag（版本）。"
    ),
]


class RowsIn(Given):
    """Up to 500 children, each by the field names of the intake contract."""

    name: Name = "接口"
    rows: Annotated[list[Texts], Field(min_length=1, max_length=MOST_ROWS)]


class RowsOut(Schema):
    """A batch with all of its rows, checked."""

    batch: BatchOut
    rows: Sequence[RowOut]


class MatchesOut(Schema):
    """A row beside every record it could be, to be decided about one by one."""

    row: UUID
    matches: Sequence[BesideOut]


class MendIn(Given):
    """What to write into the fields of a row; an empty text empties a field."""

    values: SomeTexts


class ChangedOut(Schema):
    """A row after it was changed, and the other rows of its batch that came out different by it."""

    row: RowOut
    others: Sequence[RowOut]


class DecisionIn(Given):
    """same: the same child (put aside as a wish to transfer, or as a repetition); different: two children, with a reason."""

    choice: Literal["same", "different", "later"]
    other: Annotated[
        str,
        Field(pattern=r"^(row:)?[0-9a-f]{32}$", description="matches 里给出的 other。", max_length=36, min_length=32),
    ]
    reason: Text = ""


@writes(
    router, "/rows", _P.INTAKE_EDIT, name="rows_submit", summary="送入一批幼儿，当场检查", answer=RowsOut, status=201,
    key=True,
)  # fmt: skip
def bring_in(request: ApiRequest, given: RowsIn) -> Answer:
    """每次最多 500 名。和上传表格走同一套检查，逐行回答状态、规范后的值、改写过的项和问题；还没有提交给县里。

    同样的内容已有一份没办完时，答 200 和原来那一份，不会多出一份。
    """
    place = own_kindergarten(request.officer)
    with process(request, "intake.receive") as doing:
        batch = intake.receive_rows(
            kindergarten=place, source=intake.API, rows=given.rows, name=given.name, process=doing
        )
    is_new = batch.created_at == request.at
    intake.read_batch(batch_id=batch.pk, actor=request.officer, at=request.at)
    batch.refresh_from_db()
    lines = listing.lines(batch, limit=MOST_ROWS)
    log_rows(request, lines)
    body = RowsOut(batch=batch_out(listing.summed([batch])[0]), rows=rows_out(request, lines))
    return Answer(body, 201 if is_new else 200, {"Location": f"/api/v1/batches/{batch.pk}"})


@reads(router, "/rows/{row_id}", _P.INTAKE_VIEW, name="rows_show", summary="一行", answer=RowOut)
def show(request: ApiRequest, row_id: UUID) -> Answer:
    """一行现在的样子。ETag 是它的版本，修改时放进 If-Match。"""
    _, line = _line(request, row_id)
    log_rows(request, [line])
    return _versioned(rows_out(request, [line])[0], line)


@reads(
    router, "/rows/{row_id}/matches", _P.INTAKE_VIEW, name="rows_matches", summary="一行和可能是同一名的记录并排",
    answer=MatchesOut,
)  # fmt: skip
def matches(request: ApiRequest, row_id: UUID) -> MatchesOut:
    """和页面的“并排对比”一样，别园幼儿只给判断要用的部分。每一名都记入查看记录。"""
    batch, line = _line(request, row_id)
    found = comparing.compare_all(batch, row_id, reference.codebook(localdate(request.at)))
    children = [one.other.child_id for one in found if one.other.child_id is not None]
    if found:
        shown = [line.open.row.becomes_id, *children]
        journal.log_reading(actor=request.officer, at=request.at, what="api.compare", child_ids=shown)
    return MatchesOut(row=row_id, matches=[beside_out(one) for one in found])


@writes(
    router, "/rows/{row_id}", _P.INTAKE_EDIT, name="rows_mend", summary="改一行", answer=ChangedOut, method="PATCH",
    key=False,
)  # fmt: skip
def mend(request: ApiRequest, row_id: UUID, given: MendIn, if_match: IfMatch = None) -> Answer | HttpResponse:
    """改完整批重新检查。版本不对时答 412，current 是现在的样子，yours 是您要写的，对照后再发。"""
    if if_match is None:
        raise problems.VersionMissing
    batch, line = _line(request, row_id)
    version = int(if_match.removeprefix("W/").strip('"'))
    if version != line.open.row.version:
        return _clash(request, line, given)
    try:
        with process(request, "row.mend") as doing:
            changed = intake.mend(batch=batch, row_id=row_id, values=given.values, version=version, process=doing)
    except RowChanged:  # somebody was faster between the look above and the hold on the batch
        return _clash(request, _line(request, row_id)[1], given)
    return _changed(request, batch, row_id, [row.key for row in changed])


@writes(
    router, "/rows/{row_id}/duplicate", _P.INTAKE_EDIT, name="rows_decide", summary="决定可能重复的一行",
    answer=ChangedOut,
)  # fmt: skip
def decide(request: ApiRequest, row_id: UUID, given: DecisionIn) -> Answer:
    """same：同一名幼儿；different：不是同一名，要写原因；later：先放着。"""
    batch, _ = _line(request, row_id)
    with process(request, "row.decide", reason=given.reason) as doing:
        changed = intake.decide_duplicate(
            batch=batch, row_id=row_id, choice=given.choice, other=given.other, process=doing
        )
    return _changed(request, batch, row_id, [row.key for row in changed])


def rows_out(request: ApiRequest, lines: Sequence[listing.Line]) -> list[RowOut]:
    """Return rows as they are answered."""
    book = reference.codebook(localdate(request.at))
    return [row_out(line, book) for line in lines]


def log_rows(request: ApiRequest, lines: Sequence[listing.Line]) -> None:
    """Log that children of the register are about to be shown by their rows."""
    if found := listing.child_ids(lines):
        journal.log_reading(actor=request.officer, at=request.at, what="api.rows", child_ids=found)


def _line(request: ApiRequest, row_id: UUID) -> tuple[Batch, listing.Line]:
    """Return one of the caller's rows; 404 for a foreign or unknown one."""
    try:
        return listing.line(request.officer, row_id)
    except Row.DoesNotExist:
        raise Http404 from None


def _versioned(body: Schema, line: listing.Line) -> Answer:
    return Answer(body, headers={"ETag": f'"{line.open.row.version}"'})


def _changed(request: ApiRequest, batch: Batch, row_id: UUID, changed: Sequence[UUID]) -> Answer:
    """Return a row after a change, with the others that came out different."""
    wanted = Row.objects.filter(batch=batch, pk__in={row_id, *changed}).order_by("position")
    lines = listing.opened_lines(batch, list(wanted))
    log_rows(request, lines)
    mine = next(line for line in lines if line.open.key == row_id)
    shown = rows_out(request, lines)
    body = ChangedOut(row=shown[lines.index(mine)], others=[row for row in shown if row.id != row_id])
    return _versioned(body, mine)


def _clash(request: ApiRequest, line: listing.Line, given: MendIn) -> HttpResponse:
    """Return both what stands there now and what was to be written."""
    log_rows(request, [line])
    current = rows_out(request, [line])[0].model_dump(mode="json")
    answer = problems.refused(request, problems.Changed(), {"current": current, "yours": given.values})
    answer["ETag"] = f'"{line.open.row.version}"'
    return answer
