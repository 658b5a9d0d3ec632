"""Corrections: other data changed at once, key data by case with proofs, decided by the county."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.timezone import localdate
from ninja import Header, Query, Router, Schema
from pydantic import Field

from miaoce.api import cursors, problems
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import Answer, process, reads, writes
from miaoce.api.problems import facts_of
from miaoce.api.v1.children import router as children_router
from miaoce.api.v1.schemas import Coded, CursorParam, Day, Given, LimitParam, Page, SomeTexts, Text, Texts
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import listing, proofs, proofs_rules
from miaoce.registry.approvals.cases import Moved
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.states import CASE_LABELS
from miaoce.registry.children.models import Child
from miaoce.registry.children.queries import viewer_of
from miaoce.registry.corrections import actions, edits, queries
from miaoce.registry.corrections.rules import ChangedMeanwhile
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference

router = Router(tags=["corrections"])
_P = Permission
Id = Annotated[UUID, Field(strict=False)]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=40, pattern=r'^(W/)?"[0-9]{1,9}"$', description='读到的 version，写成 "3"。'),
]
Tab = Literal["waiting", "back", "done"]


class EditIn(Given):
    """What to write into the fields of the record; an empty text empties a field. Key data go by a correction."""

    values: SomeTexts


class EditedOut(Schema):
    """The child in its new version."""

    id: UUID
    version: int


class ProofIn(Given):
    """A photograph (JPEG, PNG, WebP, HEIC) or a PDF of up to ten pages, as base64; `kind` of the list proof."""

    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    content: Annotated[str, Field(min_length=4, max_length=1_900_000, pattern=r"^[A-Za-z0-9+/=]*$")]


class ProofOut(Schema):
    """A proof as it was taken in: drawn anew, page by page."""

    id: UUID
    kind: str
    pages: int


class CorrectionIn(Given):
    """Which key data are to be what, why (list correction_reason), since when, and the proofs."""

    values: SomeTexts
    reason: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    true_since: Day | None = None
    words: Text = ""
    proofs: Annotated[list[Id], Field(max_length=proofs_rules.MOST_FREE)] = []


class ComparedOut(Schema):
    """One field before and after, masked as on the page."""

    field: str
    label: str
    before: str
    after: str
    differs: bool


class CorrectionOut(Schema):
    """A correction in a version; `fields` name what it changes."""

    id: UUID
    child: UUID
    version: int
    state: str
    state_name: str
    fields: Sequence[str]
    reason: Coded
    effective_on: date
    filed_at: datetime
    decided_at: datetime | None


class CorrectionShown(CorrectionOut):
    """A correction with before and after side by side."""

    compared: Sequence[ComparedOut]
    words: str
    proofs: Sequence[ProofOut]
    returned: str


class CorrectionMendIn(CorrectionIn):
    """A correction that came back, mended: values that are not given stay as they were asked for; proofs are added."""

    values: Texts = {}  # here none has to be given
    version: Version


class CorrectionsOut(Page):
    """Corrections of the caller's unit: what waits by its due day, what is done the newest first."""

    corrections: Sequence[CorrectionOut]


class CaseSeen(Given):
    """A correction in the version that was seen."""

    id: Id
    version: Version


Cases = Annotated[list[CaseSeen], Field(min_length=1, max_length=200)]


class CorrectionsTakeBackIn(Given):
    """Corrections that the kindergarten takes back before they are agreed to."""

    corrections: Cases


class CorrectionsDecideIn(Given):
    """agree, or send_back with reasons of the list refusal_reason, or words."""

    decision: Literal["agree", "send_back"]
    corrections: Cases
    reasons: Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]], Field(max_length=20)] = []
    words: Text = ""


class CaseNotMoved(Schema):
    """A correction that did not move, and why."""

    id: UUID
    code: str
    detail: str
    facts: Mapping[str, object]


class CasesMovedOut(Schema):
    """What a decision did."""

    done: Sequence[UUID]
    not_done: Sequence[CaseNotMoved]


@writes(
    children_router, "/children/{child_id}", _P.CHILD_CORRECT, name="children_edit", summary="改一名幼儿的其他信息", answer=EditedOut,
    method="PATCH", key=False,
)  # fmt: skip
def edit(request: ApiRequest, child_id: UUID, given: EditIn, if_match: IfMatch = None) -> Answer | HttpResponse:
    """曾用名、民族、户籍、住址、健康、监护人等，当场生效。别人改过同一项时答 412，请再读一次对照。"""
    if if_match is None:
        raise problems.VersionMissing
    child, version = own(request, child_id), int(if_match.removeprefix("W/").strip('"'))
    with process(request, "child.edit") as doing:
        outcome = edits.edit(requests=[edits.Request(child.pk, version, given.values)], process=doing)
    refusal = outcome.refused.get(child.pk)
    if isinstance(refusal, ChangedMeanwhile):
        current = {"version": child.version, "changed": str(refusal)}
        return problems.refused(request, problems.Changed(), {"current": current, "yours": given.values})
    if refusal is not None:
        raise refusal
    child.refresh_from_db(fields=["version"])
    return Answer(EditedOut(id=child.pk, version=child.version), headers={"ETag": f'"{child.version}"'})


@writes(
    router, "/children/{child_id}/proofs", _P.CASE_FILE, name="proofs_keep", summary="上传佐证", answer=ProofOut, status=201,
    key=False,
)  # fmt: skip
def keep(request: ApiRequest, child_id: UUID, given: ProofIn) -> ProofOut:
    """照片或 PDF，用 base64。系统重新绘制后加密保存，原文件不留。同一份再传一次，答的还是那一份。"""
    child = own(request, child_id)
    try:
        drawing = proofs.draw(base64.b64decode(given.content, validate=True))
    except binascii.Error:
        raise proofs_rules.ProofUnreadable from None
    with process(request, "proof.keep") as doing:
        (proof,) = proofs.keep(fresh=[proofs.Fresh(child.pk, given.kind, drawing)], process=doing)
    return ProofOut(id=proof.pk, kind=proof.kind, pages=proof.pages)


@writes(
    router, "/children/{child_id}/corrections", _P.CASE_FILE, name="corrections_file", summary="申请关键信息变更",
    answer=CorrectionOut, status=201, key=True,
)  # fmt: skip
def file(request: ApiRequest, child_id: UUID, given: CorrectionIn) -> CorrectionOut:
    """姓名、性别、出生日期、证件类型和号码（name、sex、birth_date、id_type、id_number），要有佐证，县里核准后才改。"""
    child = own(request, child_id)
    asked = actions.Request(
        child.pk, given.values, given.reason, given.true_since, given.words, tuple(given.proofs)
    )  # fmt: skip
    with process(request, "correction.file") as doing:
        moved = actions.file(requests=[asked], process=doing)
    if child.pk in moved.refused:
        raise moved.refused[child.pk]
    return CorrectionOut(**_line(request, moved.done[0]))


@writes(
    router, "/corrections/{correction_id}/refile", _P.CASE_FILE, name="corrections_refile", summary="补正后再交",
    answer=CorrectionOut, key=True,
)  # fmt: skip
def refile(request: ApiRequest, correction_id: UUID, given: CorrectionMendIn) -> CorrectionOut:
    """县里退回的，按意见改好再交。没写的项照上次申请的。"""
    case = _correction(request, correction_id)
    before = queries.wanted_of(case)
    asked = actions.Request(
        case.child_id, {**before, **given.values}, given.reason, given.true_since, given.words, tuple(given.proofs)
    )  # fmt: skip
    with process(request, "correction.refile") as doing:
        moved = actions.refile(chosen={case.pk: given.version}, requests={case.pk: asked}, process=doing)
    if case.pk in moved.refused:
        raise moved.refused[case.pk]
    return CorrectionOut(**_line(request, moved.done[0]))


@reads(router, "/corrections", _P.CASE_VIEW, name="corrections_list", summary="关键信息变更", answer=CorrectionsOut)
def listed(
    request: ApiRequest, tab: Annotated[Tab, Query()] = "waiting", cursor: CursorParam = None, limit: LimitParam = 50
) -> CorrectionsOut:
    """waiting：待县里核准；back：退回补正；done：已办。先到期的在前，已办的新交的在前。"""
    after, mine = cursors.uuid_position(f"corrections:{tab}", cursor), queries.corrections(request.officer)
    found = queries.corrections(request.officer, tab)
    page, following = listing.page_of(found, tab=tab, after=after, among=mine, most=limit)
    return CorrectionsOut(
        corrections=[CorrectionOut(**_line(request, case)) for case in page],
        next=cursors.written(f"corrections:{tab}", following.hex) if following else None,
    )


@reads(
    router, "/corrections/{correction_id}", _P.CASE_VIEW, name="corrections_show", summary="一件关键信息变更",
    answer=CorrectionShown,
)  # fmt: skip
def show(request: ApiRequest, correction_id: UUID) -> CorrectionShown:
    """变更前后对照，证件号遮住。先记入查看记录。"""
    case = _correction(request, correction_id)
    journal.log_reading(actor=request.officer, at=request.at, what="correction.page", child_ids=[case.child_id])
    book = reference.codebook(localdate(request.at))
    found = queries.opened(case, viewer=viewer_of(request.officer), book=book)
    reasons = [book.name("refusal_reason", code) for code in case.return_reasons]
    return CorrectionShown(
        **_line(request, case),
        compared=[
            ComparedOut(field=row.field, label=row.label, before=row.before, after=row.after, differs=row.differs)
            for row in found.rows
        ],
        words=found.words,
        proofs=[ProofOut(id=proof.pk, kind=proof.kind, pages=proof.pages) for proof in found.proofs],
        returned="；".join([*reasons, *([case.return_words] if case.return_words else [])]),
    )


@writes(
    router, "/correction-decisions", _P.CASE_DECIDE, name="corrections_decide",
    summary="核准或退回关键信息变更", answer=CasesMovedOut, key=True,
)  # fmt: skip
def decide(request: ApiRequest, given: CorrectionsDecideIn) -> CasesMovedOut:
    """逐件办，没办成的带原因。核准后当场改好。"""
    chosen = {one.id: one.version for one in given.corrections}
    with process(request, f"correction.{given.decision}") as doing:
        if given.decision == "agree":
            moved = actions.agree(chosen=chosen, process=doing)
        else:
            moved = actions.send_back(chosen=chosen, reasons=given.reasons, words=given.words, process=doing)
    return moved_out(moved)


@writes(
    router, "/correction-withdrawals", _P.CASE_FILE, name="corrections_withdraw", summary="撤回关键信息变更", answer=CasesMovedOut
)  # fmt: skip
def take_back(request: ApiRequest, given: CorrectionsTakeBackIn) -> CasesMovedOut:
    """县里核准之前可以撤回。逐件办，没办成的带原因。"""
    with process(request, "correction.take_back") as doing:
        moved = actions.take_back(chosen={one.id: one.version for one in given.corrections}, process=doing)
    return moved_out(moved)


def moved_out(moved: Moved) -> CasesMovedOut:
    """Return what a step did."""
    return CasesMovedOut(
        done=[case.pk for case in moved.done],
        not_done=[
            CaseNotMoved(id=pk, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
            for pk, refusal in moved.refused.items()
        ],
    )


def own(request: ApiRequest, child_id: UUID) -> Child:
    """Return a child that the caller may see; 404 for a foreign or unknown one."""
    child = Child.objects.visible_to(request.officer).filter(pk=child_id).first()
    if child is None:
        raise Http404
    return child


def _correction(request: ApiRequest, correction_id: UUID) -> Case:
    """Return a correction that the caller's unit is a party to; 404 for every other."""
    case = queries.corrections(request.officer).filter(pk=correction_id).first()
    if case is None:
        raise Http404
    return case


def _line(request: ApiRequest, case: Case) -> dict[str, Any]:
    """Return a correction of a list: codes and days, nothing sealed."""
    book = reference.codebook(localdate(request.at))
    return {
        "id": case.pk, "child": case.child_id, "version": case.version, "state": case.state,
        "state_name": CASE_LABELS[case.state], "fields": case.facts["fields"],
        "reason": Coded(code=case.facts["reason"], name=book.name("correction_reason", case.facts["reason"])),
        "effective_on": case.effective_on, "filed_at": case.filed_at, "decided_at": case.decided_at,
    }  # fmt: skip
