"""Problem records: the list, words, decisions, merges and their undoing; one of them last, for its address takes the rest."""

from collections.abc import Mapping, Sequence
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
from miaoce.api.problems import facts_of
from miaoce.api.v1.schemas import Coded, CursorParam, Given, LimitParam, Text
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import proofs_rules
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import deciding, listing, merging, queries, states, undoing
from miaoce.registry.problems.deciding import Said
from miaoce.registry.problems.merging import Merge
from miaoce.registry.problems.models import Joining, ProblemRecord
from miaoce.registry.problems.moving import Moved
from miaoce.registry.problems.queries import MINE, OTHERS, Filters, Shown, SideShown

router = Router(tags=["problems"])
_P = Permission
LIST, MOST = "problems", 100
Id = Annotated[UUID, Field(strict=False)]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]
Turn = Literal["mine", "others", "decided"]
Kind = Literal["same_document", "same_person", "check_digit", "not_known", "name_differs"]


class SideOut(Schema):
    """One record of a problem: whose it is, its name masked where it is another unit's, what was said."""

    child: UUID | None
    kindergarten: str
    county: str
    name: str
    said: str
    answer: str
    words: str
    said_at: datetime | None


class ProblemLine(Schema):
    """A problem in a version; `office` decides, `due_on` is the nearest day by which somebody has to act."""

    id: UUID
    version: int
    kind: Coded
    state: Coded
    is_mine: bool
    due_on: date | None
    sides: Sequence[SideOut]


class LineOut(Schema):
    """One attribute of the records side by side, in the order of `sides`; `words` say how they differ."""

    attribute: str
    label: str
    values: Sequence[str]
    differs: bool
    words: str


class ProblemOut(Schema):
    """A problem whole: why it was found, the records side by side, what may be done."""

    id: UUID
    version: int
    kind: Coded
    state: Coded
    office: str
    opened_at: datetime
    decided_at: datetime | None
    decided_words: str
    reasons: Sequence[str]
    sides: Sequence[SideOut]
    compared: Sequence[LineOut]
    steps: Sequence[str]


class ProblemsOut(Schema):
    """A page of problems."""

    problems: Sequence[ProblemLine]
    next: str | None


class SaidIn(Given):
    """The word of one's own kindergarten: `said` of a pair, words or proofs (uploaded before) by child."""

    id: Id
    version: Version
    said: Literal["same", "different", "unsure", ""] = ""
    words: Text = ""
    proofs: Annotated[
        dict[str, Annotated[list[Id], Field(max_length=proofs_rules.MOST_FREE)]], Field(max_length=2)
    ] = {}


class ProblemSayIn(Given):
    """Words about problems."""

    problems: Annotated[list[SaidIn], Field(min_length=1, max_length=MOST)]


class ProblemIn(Given):
    """A problem in the version that was seen."""

    id: Id
    version: Version


class ProblemDecideIn(Given):
    """different, accept or send_back, with words that all sides read; take_up needs none."""

    decision: Literal["different", "accept", "send_back", "take_up"]
    problems: Annotated[list[ProblemIn], Field(min_length=1, max_length=MOST)]
    words: Text = ""


class MergeIn(ProblemIn):
    """Which record is kept, and where two attend, whose stay goes on."""

    keep: Id
    stay: Id | None = None


class MergesIn(Given):
    """Merges to be done, with words that all sides read."""

    problems: Annotated[list[MergeIn], Field(min_length=1, max_length=MOST)]
    words: Text


class UndoIn(Given):
    """Problems whose merges are undone, with words that all sides read."""

    problems: Annotated[list[Id], Field(min_length=1, max_length=MOST)]
    words: Text


class ProblemNotMoved(Schema):
    """A problem that did not move, and why."""

    id: UUID
    code: str
    detail: str
    facts: Mapping[str, object]


class ProblemsMovedOut(Schema):
    """What a step did."""

    done: Sequence[UUID]
    not_done: Sequence[ProblemNotMoved]


class TouchedRowOut(Schema):
    """One row that a merge would touch: its table, its id, and what happens to it in words."""

    table: str
    id: str
    does: str


class PreviewOut(Schema):
    """Every row that a merge would touch, as it would be done now."""

    keep: UUID
    rows: Sequence[TouchedRowOut]
    counts: Mapping[str, int]


def _visible(request: ApiRequest, problem_id: UUID) -> ProblemRecord:
    """Return a problem that the caller may see; 404 for a foreign or unknown one."""
    found = ProblemRecord.objects.visible_to(request.officer).filter(pk=problem_id).first()
    if found is None:
        raise Http404
    return found


def _side(side: SideShown) -> SideOut:
    """Return one side; the id of another unit's record is not told."""
    own = side.side
    return SideOut(
        child=own.child_id if side.is_mine else None, kindergarten=side.kindergarten, county=side.county, name=side.name,
        said=own.said, answer=own.answer, words=side.words, said_at=own.said_at,
    )  # fmt: skip


def _heads(problem: ProblemRecord) -> dict[str, Any]:
    """Return what a line and a whole problem have in common."""
    return {
        "id": problem.pk,
        "version": problem.version,
        "kind": Coded(code=problem.kind, name=states.KINDS[problem.kind]),
        "state": Coded(code=problem.state, name=states.LABELS[problem.state]),
    }


def _line(one: Shown) -> ProblemLine:
    """Return a problem of a list."""
    sides = [_side(side) for side in one.sides]
    return ProblemLine(**_heads(one.problem), is_mine=one.is_mine, due_on=one.due_on, sides=sides)


@reads(router, "/problems", _P.PROBLEM_VIEW, name="problems_list", summary="问题学籍", answer=ProblemsOut)
def problems(
    request: ApiRequest,
    turn: Annotated[Turn, Query()] = "mine",
    kind: Annotated[Kind | None, Query()] = None,
    cursor: CursorParam = None,
    limit: LimitParam = 50,
) -> ProblemsOut:
    """mine：轮到本单位；others：等别人；decided：已办结。先到期的在前，办结的新的在前。"""
    of, is_decided = f"{LIST}:{turn}:{kind or ''}", turn == "decided"
    after = cursors.uuid_position(of, cursor)
    filters = Filters(kind=kind or "", turn=turn if turn in {MINE, OTHERS} else "")
    among = sorted(states.LABELS.keys() - states.IN_HAND) if is_decided else ()
    found = listing.listed(request.officer, filters, among=among, on=localdate(request.at))
    page = listing.page_of(request.officer, found, is_decided=is_decided, after=after, most=limit)
    if page.problems:
        journal.log_reading(actor=request.officer, at=request.at, what="api.problems", child_ids=page.child_ids)
    following = cursors.written(of, page.following.hex) if page.following else None
    return ProblemsOut(problems=[_line(one) for one in page.problems], next=following)


@writes(
    router, "/problems/say", _P.PROBLEM_HANDLE, name="problems_say", summary="说明和佐证", answer=ProblemsMovedOut, key=True
)  # fmt: skip
def say(request: ApiRequest, given: ProblemSayIn) -> ProblemsMovedOut:
    """本园说明：是同一名、不是同一名、拿不准，或为证件交佐证。各方都说明后，自动交共同的主管部门。变更和删除走它们自己的接口。"""
    words_of = [
        Said(
            one.id, one.version, said=one.said, words=one.words,
            proofs={UUID(child): tuple(ids) for child, ids in one.proofs.items() if _is_id(child)},
        )
        for one in given.problems
    ]  # fmt: skip
    with process(request, "problem.say") as doing:
        return _moved(deciding.say(words_of=words_of, process=doing))


def _is_id(text: str) -> bool:
    """Say whether a key is an id; any other names no child."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@writes(
    router, "/problems/decide", _P.PROBLEM_DECIDE, name="problems_decide", summary="裁定", answer=ProblemsMovedOut, key=True
)  # fmt: skip
def decide(request: ApiRequest, given: ProblemDecideIn) -> ProblemsMovedOut:
    """different：不是同一名；accept：采信佐证；send_back：退回补佐证；take_up：逾期未佐证的直接裁定。合并用 merge。"""
    chosen = {one.id: one.version for one in given.problems}
    with process(request, f"problem.{given.decision}") as doing:
        if given.decision == "take_up":
            return _moved(deciding.take_up(chosen=chosen, process=doing))
        act = {"different": deciding.part, "accept": deciding.accept, "send_back": deciding.send_back}[given.decision]
        return _moved(act(chosen=chosen, words=given.words, process=doing))


@writes(
    router, "/problems/merge", _P.PROBLEM_DECIDE, name="problems_merge", summary="合并", answer=ProblemsMovedOut, key=True
)  # fmt: skip
def merge(request: ApiRequest, given: MergesIn) -> ProblemsMovedOut:
    """裁定是同一名并合并。旧学籍号永远指向保留的一条；可以撤销。"""
    merges = [Merge(one.id, one.version, one.keep, one.stay) for one in given.problems]
    with process(request, "problem.same") as doing:
        return _moved(merging.merge(merges=merges, words=given.words, process=doing))


@writes(
    router, "/problems/undo", _P.PROBLEM_DECIDE, name="problems_undo", summary="撤销合并", answer=ProblemsMovedOut, key=True
)  # fmt: skip
def undo(request: ApiRequest, given: UndoIn) -> ProblemsMovedOut:
    """逐行还原到合并以前。合并后又改过的不能撤销，答 MRG-05。"""
    standing = Joining.objects.filter(problem_id__in=given.problems, kind=Joining.MERGE, undone_at=None)
    of = dict(standing.values_list("problem_id", "pk"))
    wanted = {of.get(pk, pk): pk for pk in given.problems}
    with process(request, "problem.undo") as doing:
        moved = undoing.undo(joining_ids=list(wanted), words=given.words, process=doing)
    return _moved(Moved(moved.done, {wanted[pk]: refusal for pk, refusal in moved.refused.items()}))


@reads(
    router, "/problems/{problem_id}/merge", _P.PROBLEM_DECIDE, name="problems_preview", summary="合并会移动什么",
    answer=PreviewOut,
)  # fmt: skip
def preview(
    request: ApiRequest,
    problem_id: UUID,
    keep: Annotated[UUID | None, Query()] = None,
    stay: Annotated[UUID | None, Query()] = None,
) -> PreviewOut:
    """逐行列出合并会动的每一行，什么也不写。不写 keep 就按先建的一条保留。不能合并的答 409 和原因（MRG-01 到 MRG-04）。"""
    one = _visible(request, problem_id)
    journal.log_reading(actor=request.officer, at=request.at, what="api.problem", child_ids=list(one.child_ids))
    kept = keep or one.one_id
    plan = merging.preview(request.officer, Merge(one.pk, one.version, kept, stay), at=request.at)
    if plan is None:
        raise Http404
    rows = [TouchedRowOut(table=row.noun, id=str(row.key), does=row.does) for row in plan.rows]
    return PreviewOut(keep=kept, rows=rows, counts=plan.counts())


@reads(
    router, "/problems/{problem_id}", _P.PROBLEM_VIEW, name="problems_show", summary="一件问题学籍", answer=ProblemOut
)
def show(request: ApiRequest, problem_id: UUID) -> ProblemOut:
    """并排对比，别的单位的资料遮住到够判断为止。先记入查看记录。"""
    one = _visible(request, problem_id)
    journal.log_reading(actor=request.officer, at=request.at, what="api.problem", child_ids=list(one.child_ids))
    found = queries.detail(request.officer, one.pk, on=localdate(request.at))
    if found is None:
        raise Http404
    return ProblemOut(
        **_heads(found.problem), office=found.office, opened_at=found.problem.opened_at, decided_at=found.problem.decided_at,
        decided_words=found.decided_words, reasons=found.reasons, sides=[_side(side) for side in found.sides],
        compared=[
            LineOut(attribute=line.key, label=line.label, values=line.cells, differs=line.differs, words=line.words)
            for line in found.lines
        ],
        steps=found.verbs,
    )  # fmt: skip


def _moved(moved: Moved) -> ProblemsMovedOut:
    """Return what a step did."""
    return ProblemsMovedOut(
        done=[one.pk for one in moved.done],
        not_done=[
            ProblemNotMoved(id=pk, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
            for pk, refusal in moved.refused.items()
        ],
    )
