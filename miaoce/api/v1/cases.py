"""Deferral (缓学), cancellation (注销) and restoration (恢复): filed on proof, mended, taken back, decided by the county."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import Http404
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field

from miaoce.api import cursors
from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, reads, writes
from miaoce.api.v1.corrections import Cases as Chosen
from miaoce.api.v1.corrections import CasesMovedOut, Id, ProofOut, Tab, Version, moved_out, own
from miaoce.api.v1.schemas import Coded, CursorParam, Day, Given, LimitParam, Page, Text, one_of
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import listing, proofs_rules
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.states import CASE_KINDS, CASE_LABELS, IN_HAND
from miaoce.registry.enrolments import casefile, casework
from miaoce.registry.enrolments.caseeffects import KINDS
from miaoce.registry.enrolments.casework import Asked
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.transfers import filing

router = Router(tags=["cases"])
_P = Permission
LIST = "cases"
Kind = Literal["deferral", "cancellation", "restoration"]


class StandingIn(Given):
    """What is asked for: `reason` of the list case_reason, whose first word is the kind.

    `on` is the day from which it is true; of a deferral the 1 September until which primary school waits. `group` is where a
    restored child sits again. `words` say which paper was seen where no proof is given. `version` is the child's.
    """

    version: Version
    reason: Annotated[str, Field(pattern=r"^[a-z_]{1,20}\.[a-z_]{1,20}$")]
    on: Day
    group: Id | None = None
    words: Text = ""
    proofs: Annotated[list[Id], Field(max_length=proofs_rules.MOST_FREE)] = []


class StandingMendIn(StandingIn):
    """A case that came back, whole again; `case_version` is the case's. Proofs are added to those there."""

    case_version: Version


class StandingCaseOut(Schema):
    """A case in a version; `until` only of a deferral, `due_on` while somebody has to act."""

    id: UUID
    child: UUID
    version: int
    kind: Annotated[str, one_of(*KINDS)]
    kind_name: str
    state: str
    state_name: str
    reason: Coded
    effective_on: date
    until: date | None
    due_on: date | None
    filed_at: datetime
    decided_at: datetime | None


class StandingChange(Schema):
    """One thing that a case changes."""

    label: str
    before: str
    after: str


class StandingShown(StandingCaseOut):
    """A case with what it changes side by side."""

    changes: Sequence[StandingChange]
    words: str
    proofs: Sequence[ProofOut]
    returned: str


class StandingsOut(Page):
    """Cases of the caller's unit: what waits by its due day, what is done the newest first."""

    cases: Sequence[StandingCaseOut]


class StandingsDecideIn(Given):
    """agree, or send_back with reasons of the list refusal_reason, or words."""

    decision: Literal["agree", "send_back"]
    cases: Chosen
    reasons: Annotated[list[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]], Field(max_length=20)] = []
    words: Text = ""


class StandingsTakeBackIn(Given):
    """Cases that the kindergarten takes back before they are agreed to."""

    cases: Chosen


@writes(
    router, "/children/{child_id}/cases", _P.CASE_FILE, name="cases_file", summary="申请缓学、注销或恢复学籍", answer=StandingCaseOut,
    status=201, key=True,
)  # fmt: skip
def file(request: ApiRequest, child_id: UUID, given: StandingIn) -> StandingCaseOut:
    """要有佐证，或写明看过哪份证明；县里核准后才生效。死亡、失踪一交上去，就不再给监护人发消息，其他在办的变动随之终止。"""
    child = own(request, child_id)
    with process(request, "case.file") as doing:
        moved = filing.file(asked=[_asked(child.pk, given)], process=doing)
    if child.pk in moved.refused:
        raise moved.refused[child.pk]
    return StandingCaseOut(**_line(request, _with_due_day(moved.done[0])))


@writes(
    router,
    "/cases/{case_id}/refile",
    _P.CASE_FILE,
    name="cases_refile",
    summary="补正后再交",
    answer=StandingCaseOut,
    key=True,
)
def refile(request: ApiRequest, case_id: UUID, given: StandingMendIn) -> StandingCaseOut:
    """县里退回的，按意见改好再交。种类不能换，其他都可以改。"""
    case = _own(request, case_id)
    with process(request, "case.refile") as doing:
        moved = casework.refile(
            chosen={case.pk: given.case_version}, asked={case.pk: _asked(case.child_id, given)}, process=doing
        )
    if case.pk in moved.refused:
        raise moved.refused[case.pk]
    return StandingCaseOut(**_line(request, _with_due_day(moved.done[0])))


@reads(router, "/cases", _P.CASE_VIEW, name="cases_list", summary="缓学、注销、恢复", answer=StandingsOut)
def listed(
    request: ApiRequest,
    tab: Annotated[Tab, Query()] = "waiting",
    kind: Annotated[Kind | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> StandingsOut:
    """waiting：待县里核准；back：退回补正；done：已办。先到期的在前，已办的新交的在前。"""
    mine = casefile.mine(request.officer)
    found = mine.filter(state__in=listing.TABS[tab], kind__in=[kind] if kind else KINDS)
    after = cursors.uuid_position(f"{LIST}:{tab}", cursor)
    page, following = listing.page_of(found, tab=tab, after=after, among=mine, most=limit)
    if page:
        ids = [case.child_id for case in page]
        journal.log_reading(actor=request.officer, at=request.at, what="case.list", child_ids=ids)
    return StandingsOut(
        cases=[StandingCaseOut(**_line(request, case)) for case in page],
        next=cursors.written(f"{LIST}:{tab}", following.hex) if following else None,
    )


@reads(
    router, "/cases/{case_id}", _P.CASE_VIEW, name="cases_show", summary="一件缓学、注销或恢复", answer=StandingShown
)
def show(request: ApiRequest, case_id: UUID) -> StandingShown:
    """前后对照、看过的证明、佐证。先记入查看记录。"""
    case = _own(request, case_id)
    journal.log_reading(actor=request.officer, at=request.at, what="case.page", child_ids=[case.child_id])
    book = reference.codebook(localdate(request.at))
    found = casefile.opened(case, book=book)
    reasons = [book.name("refusal_reason", code) for code in case.return_reasons]
    return StandingShown(
        **_line(request, _with_due_day(case)),
        changes=[StandingChange(label=one.label, before=one.before, after=one.after) for one in found.changes],
        words=found.words,
        proofs=[ProofOut(id=proof.pk, kind=proof.kind, pages=proof.pages) for proof in found.proofs],
        returned="；".join([*reasons, *([case.return_words] if case.return_words else [])]),
    )


@writes(
    router, "/case-decisions", _P.CASE_DECIDE, name="cases_decide", summary="核准或退回缓学、注销、恢复", answer=CasesMovedOut,
    key=True,
)  # fmt: skip
def decide(request: ApiRequest, given: StandingsDecideIn) -> CasesMovedOut:
    """逐件办，没办成的带原因。核准后当场生效。"""
    chosen = {one.id: one.version for one in given.cases}
    with process(request, f"case.{given.decision}") as doing:
        if given.decision == "agree":
            moved = casework.agree(chosen=chosen, process=doing)
        else:
            moved = casework.send_back(chosen=chosen, reasons=given.reasons, words=given.words, process=doing)
    return moved_out(moved)


@writes(
    router, "/case-withdrawals", _P.CASE_FILE, name="cases_withdraw", summary="撤回缓学、注销、恢复的申请", answer=CasesMovedOut
)  # fmt: skip
def take_back(request: ApiRequest, given: StandingsTakeBackIn) -> CasesMovedOut:
    """县里核准之前可以撤回。逐件办，没办成的带原因。"""
    with process(request, "case.take_back") as doing:
        moved = casework.take_back(chosen={one.id: one.version for one in given.cases}, process=doing)
    return moved_out(moved)


def _asked(child_id: UUID, given: StandingIn) -> Asked:
    """Return what is asked for, in the domain's words."""
    return Asked(
        child_id, given.version, given.reason, given.on, given.group, given.words, tuple(given.proofs)
    )  # fmt: skip


def _own(request: ApiRequest, case_id: UUID) -> Case:
    """Return a case that the caller's unit is a party to; 404 for every other."""
    case = casefile.mine(request.officer).filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case


def _with_due_day(case: Case) -> Case:
    """Return a case with its due day, as it comes from a list."""
    (found,), _ = listing.page_of(Case.objects.filter(pk=case.pk))
    return found


def _line(request: ApiRequest, case: Case) -> dict[str, Any]:
    """Return a case of a list: codes and days, nothing sealed."""
    book = reference.codebook(localdate(request.at))
    until = case.facts.get("until")
    return {
        "id": case.pk, "child": case.child_id, "version": case.version, "kind": case.kind, "kind_name": CASE_KINDS[case.kind],
        "state": case.state, "state_name": CASE_LABELS[case.state],
        "reason": Coded(code=case.facts["reason"], name=book.name("case_reason", case.facts["reason"])),
        "effective_on": case.effective_on, "until": date.fromisoformat(until) if until else None,
        "due_on": getattr(case, "due_on", None) if case.state in IN_HAND else None,
        "filed_at": case.filed_at, "decided_at": case.decided_at,
    }  # fmt: skip
