"""Splits: one record that served two children, decided on a problem. Its address stands before the one of a single problem."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from django.utils.timezone import localdate
from ninja import Router, Schema
from pydantic import Field

from miaoce.api.keys import ApiRequest
from miaoce.api.operations import process, writes
from miaoce.api.problems import facts_of
from miaoce.api.v1.problems import Id, ProblemIn, ProblemNotMoved, Version
from miaoce.api.v1.schemas import Given, Name, Text
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.problems import splitting, states
from miaoce.registry.problems.models import ProblemRecord
from miaoce.registry.problems.moving import UNKNOWN
from miaoce.registry.problems.splitting import Split
from miaoce.registry.refusals import Refusal

router = Router(tags=["problems"])
_P = Permission
MOST = 50


class SecondIn(Given):
    """Key data of the second child, as a row of intake has them; without papers id_type is 暂无证件 or none."""

    name: Name
    sex: Name
    birth_date: Name
    id_type: Name
    id_number: Text = ""


class SplitIn(ProblemIn):
    """The problem that a split is decided on, the record in the version seen, who the second child is and what is its own."""

    child_version: Version
    second: SecondIn
    stays: Annotated[list[Id], Field(min_length=1, max_length=MOST)]
    guardians: Annotated[list[Id], Field(max_length=MOST)] = []


class SplitsIn(Given):
    """Splits, with words that all sides read."""

    problems: Annotated[list[SplitIn], Field(min_length=1, max_length=MOST)]
    words: Text


class PartedOut(Schema):
    """A problem whose record was split, and both records."""

    id: UUID
    child: UUID
    new_child: UUID


class SplitsOut(Schema):
    """What was split."""

    done: Sequence[PartedOut]
    not_done: Sequence[ProblemNotMoved]


@writes(
    router, "/problems/split", _P.PROBLEM_DECIDE, name="problems_split", summary="拆分", answer=SplitsOut, key=True
)  # fmt: skip
def split(request: ApiRequest, given: SplitsIn) -> SplitsOut:
    """裁定一条学籍是两名幼儿用的，由学籍所在的县拆分：第二名另建一条、另发学籍号，选定的就读和监护人归它。不能撤销，交佐证的人不能裁定。"""
    done, not_done = list[PartedOut](), list[ProblemNotMoved]()
    wanted: dict[UUID, Split] = {}
    for one in given.problems:
        try:
            wanted[one.id] = _wanted(request, one)
        except Refusal as refusal:
            not_done.append(_not_done(one.id, refusal))
    with process(request, "problem.split") as doing:
        parted = splitting.split(splits=list(wanted.values()), words=given.words, process=doing)
    for pk, one_split in wanted.items():
        if one_split.child_id in parted.done:
            done.append(PartedOut(id=pk, child=one_split.child_id, new_child=parted.done[one_split.child_id]))
        else:
            not_done.append(_not_done(pk, parted.refused[one_split.child_id]))
    return SplitsOut(done=done, not_done=not_done)


def _wanted(request: ApiRequest, one: SplitIn) -> Split:
    """Return the split that is asked for: PRB-01 for a problem or record that the caller does not see, COR-05 by field."""
    problem = ProblemRecord.objects.visible_to(request.officer).filter(pk=one.id).first()
    mine = Child.objects.visible_to(request.officer).select_related("kindergarten")
    child = mine.filter(pk=splitting.record_of(problem)).first() if problem else None
    if problem is None or child is None:
        raise states.StepNotAllowed(state=UNKNOWN, verb="拆分")
    values = splitting.checked(texts=one.second.model_dump(), child=child, on=localdate(request.at))
    return Split(problem.pk, one.version, child.pk, one.child_version, values, tuple(one.stays), tuple(one.guardians))


def _not_done(pk: UUID, refusal: Refusal) -> ProblemNotMoved:
    """Return why a problem did not move."""
    return ProblemNotMoved(id=pk, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
