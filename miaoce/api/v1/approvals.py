"""The county's cases: the list, choosing many with a spot check, deciding, taking a decision back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field, WithJsonSchema, model_validator

from miaoce.api import cursors
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, reads, writes
from miaoce.api.problems import facts_of
from miaoce.api.v1.child_schemas import SexOut
from miaoce.api.v1.registrations import CaseStateOut
from miaoce.api.v1.schemas import Coded, CursorParam, Given, LimitParam, Page, Text
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import actions as approvals
from miaoce.registry.approvals import decisions as decided
from miaoce.registry.approvals import queries, states
from miaoce.registry.approvals.actions import Outcome
from miaoce.registry.approvals.models import Proposal, Selection
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook

router = Router(tags=["approvals"])
_P = Permission
CASES, MOST_CASES = "approvals", 500
Id = Annotated[UUID, Field(strict=False)]


class Remark(Schema):
    """What the checks had to remark."""

    code: str
    message: str


class CaseOut(Schema):
    """A registration case as the reviewer sees it. `risk`: 0 nothing, 1 a remark, 2 look at it, 3 a decided duplicate."""

    id: UUID
    version: int
    state: CaseStateOut
    state_name: str
    risk: int
    flags: Sequence[str]
    remarks: Sequence[Remark]
    child: UUID
    name: str
    sex: SexOut
    born_on: date
    document_kind: Coded
    kindergarten: Coded
    group: str
    entered_on: date
    counts_from_submission: bool
    due_on: date
    submitted_at: datetime
    decision: UUID | None


class CasesOut(Page):
    """A page of cases, the risky ones first and among them the oldest."""

    cases: Sequence[CaseOut]


class CaseIn(Given):
    """A case in the version that was seen."""

    id: Id
    version: Annotated[int, Field(ge=1, le=1_000_000_000)]


Cases = Annotated[list[CaseIn], Field(min_length=1, max_length=MOST_CASES)]


class SelectIn(Given):
    """Cases to be approved together."""

    cases: Cases


class SelectionOut(Schema):
    """What was chosen. From twenty clean cases on, `sample` names five that must be looked at before approving."""

    id: UUID
    chosen: int
    sample: Sequence[UUID]
    seen: Sequence[UUID]


class LookIn(Given):
    """Which case of the sample is looked at."""

    case: Id


class LookOut(Schema):
    """The case, and the selection after it."""

    case: CaseOut
    selection: SelectionOut


class DecideIn(Given):
    """approve or return, for cases by their versions or for a selection (one of the two)."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["cases"]}, {"required": ["selection"]}]})

    decision: Literal["approve", "return"]
    cases: Cases = []
    selection: Annotated[Id | None, WithJsonSchema({"type": "string", "format": "uuid"})] = None
    reasons: Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]], Field(max_length=16)] = []
    words: Text = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        """Take cases or a selection, not both and not neither."""
        if bool(self.cases) == (self.selection is not None):
            raise ValueError("cases or selection")
        return self


class NotDecided(Schema):
    """A case that was left as it is, and why."""

    id: UUID
    code: str
    detail: str
    facts: Mapping[str, Any]


class DecidedOut(Schema):
    """What was decided. `decision` takes it back within the recall minutes; numbers are issued after them."""

    decision: UUID
    done: Sequence[UUID]
    not_done: Sequence[NotDecided]


class TakeBackIn(Given):
    """Which decision."""

    decision: Id


@reads(router, "/approvals", _P.APPROVAL_VIEW, name="approvals_list", summary="本县的审批", answer=CasesOut)
def cases(
    request: ApiRequest,
    tab: Annotated[Literal["pending", "look", "clean", "returned", "passed"], Query()] = "pending",
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> CasesOut:
    """先看有风险的，其中早提交的在前。tab 和页面上的分栏一样。"""
    after = cursors.uuid_position(f"{CASES}:{tab}", cursor)
    page = queries.page_of(
        queries.waiting_in(request.officer, tab),
        queries.Cursor(after) if after else None,
        among=Proposal.objects.visible_to(request.officer),
        most=limit,
    )
    following = cursors.written(f"{CASES}:{tab}", page.following.hex) if page.following else None
    return CasesOut(cases=cases_out(request, page.cases, "api.approvals"), next=following)


@writes(
    router, "/approvals/selections", _P.APPROVAL_DECIDE, name="selections_create", summary="选定一批待批准的",
    answer=SelectionOut, status=201,
)  # fmt: skip
def select(request: ApiRequest, given: SelectIn) -> SelectionOut:
    """一次批准二十名以上没有提示的，要先选定，把 sample 里的逐一看过，再用 selection 批准。"""
    shown = {case.id: case.version for case in given.cases}
    mine = Proposal.objects.visible_to(request.officer).filter(pk__in=shown)
    selection = approvals.choose(cases=mine, actor=request.officer, at=request.at, shown=shown)
    return _selection_out(selection)


@writes(
    router, "/approvals/selections/{selection_id}/look", _P.APPROVAL_DECIDE, name="selections_look",
    summary="看过抽查的一件", answer=LookOut,
)  # fmt: skip
def look(request: ApiRequest, selection_id: UUID, given: LookIn) -> LookOut:
    """回答这一件的内容，并记下看过。"""
    selection = _selection(request, selection_id)
    found = queries.cases_of(request.officer, [given.case] if given.case.hex in selection.sample else [])
    if not found:
        raise Http404
    shown = cases_out(request, found, "api.approval")
    approvals.see(selection=selection, child_case=given.case)
    return LookOut(case=shown[0], selection=_selection_out(selection))


@writes(
    router, "/approvals/decide", _P.APPROVAL_DECIDE, name="approvals_decide", summary="批准或退回", answer=DecidedOut,
    key=True,
)  # fmt: skip
def decide(request: ApiRequest, given: DecideIn) -> DecidedOut:
    """给 cases 或 selection 之一。读到之后有变动的、不在待审批的、自己提交的，逐件说明，其余照办。"""
    with process(request, f"approval.{given.decision}") as doing:
        chosen = _chosen(request, given, doing)
        if given.decision == "approve":
            outcome = enrolments.approve(chosen=chosen, process=doing, recall_minutes=settings.RECALL_MINUTES)
        else:
            outcome = enrolments.return_(chosen=chosen, reasons=given.reasons, words=given.words, process=doing)
    return _decided_out(doing, outcome)


@writes(
    router, "/approvals/recall", _P.APPROVAL_DECIDE, name="approvals_recall", summary="撤回一次决定", answer=DecidedOut
)
def take_back(request: ApiRequest, given: TakeBackIn) -> DecidedOut:
    """几分钟内可以撤回，撤回后又是待审批。"""
    with process(request, "approval.recall") as doing:
        recalled = enrolments.recall(decision_id=given.decision, process=doing, recall_minutes=settings.RECALL_MINUTES)
    return DecidedOut(decision=given.decision, done=[case.pk for case in recalled], not_done=[])


def cases_out(request: ApiRequest, cases: Sequence[Proposal], what: str) -> list[CaseOut]:
    """Log and return cases with their children."""
    ids = [case.child_id for case in cases]
    if ids:
        journal.log_reading(actor=request.officer, at=request.at, what=what, child_ids=ids)
    children = Child.objects.visible_to(request.officer).in_bulk(ids)
    groups = dict(Group.objects.filter(pk__in={case.group_id for case in cases}).values_list("pk", "name"))
    book = reference.codebook(localdate(request.at))
    return [_case_out(case, children[case.child_id], groups.get(case.group_id, ""), book) for case in cases]


def _case_out(case: Proposal, child: Child, group: str, book: Codebook) -> CaseOut:
    return CaseOut(
        id=case.pk,
        version=case.version,
        state=case.state,
        state_name=states.LABELS[case.state],
        risk=case.risk,
        flags=case.flags,
        remarks=[Remark(code=one["code"], message=one["message"]) for one in case.facts.get("remarks", [])],
        child=child.pk,
        name=child.name,
        sex=child.sex,
        born_on=child.born_on,
        document_kind=Coded(code=child.document_kind, name=book.name("document", child.document_kind)),
        kindergarten=Coded(code=case.kindergarten.code, name=case.kindergarten.name),
        group=group,
        entered_on=case.entered_on,
        counts_from_submission=case.counts_from_submission,
        due_on=case.due_on,
        submitted_at=case.submitted_at,
        decision=case.decision_id,
    )


def _chosen(request: ApiRequest, given: DecideIn, doing: Process) -> Mapping[UUID, int]:
    """Return the cases to decide. Many clean ones cannot be approved unless a spot check was looked at (APR-07)."""
    if given.selection is not None:
        return approvals.use(selection=_selection(request, given.selection), process=doing)
    shown = {case.id: case.version for case in given.cases}
    mine = Proposal.objects.visible_to(request.officer).filter(pk__in=shown, state=states.SUBMITTED, risk=0)
    if given.decision == "approve" and mine.count() >= approvals.SPOT_CHECK_FROM:
        raise states.SpotCheckMissing(count=approvals.SPOT_CHECK)
    return shown


def _selection(request: ApiRequest, selection_id: UUID) -> Selection:
    """Return the caller's own selection; 404 for every other."""
    try:
        return decided.selection_of(request.officer, selection_id)
    except Selection.DoesNotExist:
        raise Http404 from None


def _selection_out(selection: Selection) -> SelectionOut:
    return SelectionOut(id=selection.pk, chosen=len(selection.items), sample=selection.sample, seen=selection.seen)


def _decided_out(doing: Process, outcome: Outcome) -> DecidedOut:
    return DecidedOut(
        decision=doing.pk,
        done=[case.pk for case in outcome.done],
        not_done=[
            NotDecided(id=case, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
            for case, refusal in outcome.refused.items()
        ],
    )
