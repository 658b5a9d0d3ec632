"""A merge before and after: every row that it would move, what it moved, and the way back; the rows of a split, and what it made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.states import LIVING, standing_word
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.problems import merging, splitting, states
from miaoce.registry.problems.merging import Merge
from miaoce.registry.problems.models import Joining, MovedRow
from miaoce.registry.problems.planning import Plan, Planned
from miaoce.registry.problems.queries import Detail, SideShown
from miaoce.registry.problems.relations import TITLES
from miaoce.registry.problems.splitting import Split
from miaoce.registry.refusals import Refusal
from miaoce.web.approvals.forms import identifier
from miaoce.web.components.formats import moment, table_day

SPLITS = frozenset({"split", "split_merged"})
UNDO_GROUNDS = ("点错了", "后来的证明显示是两名幼儿", "监护人有异议，核实后是两名幼儿")


@dataclass(frozen=True)
class Line:
    """One row that a merge touches: which table, which row, what happens to it."""

    what: str
    which: str
    does: str


@dataclass(frozen=True)
class Preview:
    """A merge as it would be done. `why_not` says why it cannot be; `stays` whose open stay may go on, where both attend."""

    kept_id: UUID
    kept: str
    other_id: UUID
    lines: Sequence[Line] = ()
    stays: Sequence[tuple[UUID, str]] = ()
    stay_of: UUID | None = None
    why_not: str = ""


@dataclass(frozen=True)
class Joined:
    """A merge that was done and stands: which record was kept, how much it moved, who may undo it."""

    joining: Joining
    kept: str
    gone: str
    counts: Sequence[tuple[str, int]]
    may_undo: bool
    grounds: Sequence[str] = UNDO_GROUNDS


@dataclass(frozen=True)
class Parted:
    """A split that was done: both records."""

    kept_id: UUID
    new_id: UUID


def preview_of(officer: Officer, found: Detail, *, keep: str, stay: str, at: datetime) -> Preview:
    """Return what a merge would do; kept is the record that is named, else the one with a formal number, else the older."""
    problem, sides = found.problem, {side.side.child_id: side for side in found.sides}
    children = Child.objects.in_bulk(list(sides))
    attending = dict(
        Enrolment.objects.filter(child_id__in=list(sides), ended_on=None).values_list("child_id", "started_on")
    )
    wanted = identifier(keep)
    kept_id = wanted if wanted in sides and wanted else _likelier(children)
    other_id = next(child for child in sides if child != kept_id)
    both = len(attending) == len(sides)
    stay_of = (
        identifier(stay) if identifier(stay) in attending else max(attending, key=attending.__getitem__, default=None)
    )
    stays = [(child, sides[child].kindergarten) for child in attending] if both else []
    title = _title(sides[kept_id])
    try:
        plan = merging.preview(officer, Merge(problem.pk, problem.version, kept_id, stay_of), at=at)
    except Refusal as refusal:
        return Preview(kept_id, title, other_id, why_not=str(refusal))
    return Preview(kept_id, title, other_id, lines_of(plan) if plan else [], stays, stay_of)


def _likelier(children: dict[UUID, Child]) -> UUID:
    """Return the record that is kept where nobody says which: the one with a formal number, else the older one."""
    return min(children.values(), key=lambda child: (child.number_kind != "G", child.recorded_at)).pk


def _title(side: SideShown) -> str:
    return f"{side.kindergarten}的{side.name}"


def lines_of(plan: Plan) -> list[Line]:
    """Return every row of a plan in words."""
    holders = [row.after if row.after is not None else row.before for row in plan.rows]
    places: set[UUID] = {one.kindergarten_id for one in holders if isinstance(one, Child | Enrolment)}
    names = dict(Kindergarten.objects.filter(pk__in=places).values_list("pk", "name"))
    return [Line(TITLES.get(row.noun, row.noun), _which(row, names), _does(row, plan)) for row in plan.rows]


def lines_of_split(rows: Sequence[Planned], wanted: Split) -> list[Line]:
    """Return every row of a split in words; what is made for the second child comes behind its record."""
    places = {
        one.kindergarten_id for row in rows for one in (row.before, row.after) if isinstance(one, Child | Enrolment)
    }
    names = dict(Kindergarten.objects.filter(pk__in=places).values_list("pk", "name"))
    lines = []
    for row in rows:
        title, which = TITLES.get(row.noun, row.noun), _which(row, names)
        if row.model is not Child:
            lines.append(Line(title, which, "转到新的一条"))
        elif row.before is not None:
            where = names.get(row.after.kindergarten_id, "")
            lines.append(
                Line(title, which, f"原来的一条，号码不变；以后是“{standing_word(row.after.standing)}”，{where}")
            )
        else:
            lines.append(Line(title, which, "新的一条"))
            lines.append(Line(TITLES["child_number"], "第二名幼儿的", "新发一个"))
            if wanted.values.get("id_number"):
                lines.append(Line(TITLES["document_claim"], "第二名幼儿的证件", "归新的一条"))
    return lines


def _does(row: Planned, plan: Plan) -> str:
    """Return what happens to a row."""
    if row.model is Child:
        return "并入另一条，旧地址和旧号指向保留的" if row.key == plan.gone.pk else "保留"
    return row.does


def _which(row: Planned, names: dict[UUID, str]) -> str:
    """Return in few words which row it is; nothing sealed."""
    one: Any = row.before if row.before is not None else row.after
    if row.model is Child:
        return names.get(one.kindergarten_id, "")
    if row.model is Enrolment:
        until = f"至 {table_day(row.after.ended_on)}" if row.after and row.after.ended_on else "在读"
        return f"{names.get(one.kindergarten_id, '')} {table_day(one.started_on)} {until}"
    if row.noun == "guardian":
        return f"第 {one.position} 监护人"
    if row.noun == "child_number":
        return {"G": "正式学籍号", "L": "临时学籍号"}.get(one.kind, "学籍号")
    if row.noun == "case":
        return f"{KINDS.get(one.kind, one.kind)} {moment(one.filed_at)}"
    if row.noun == "clock":
        return f"{table_day(one.started_on)} 起"
    return ""


def joined_of(officer: Officer, found: Detail) -> Joined | None:
    """Return what a merge did; None where the records of a problem are two. Two statements."""
    if found.problem.state != states.MERGED:
        return None
    joining = Joining.objects.filter(problem_id=found.problem.pk, kind=Joining.MERGE, undone_at=None).first()
    if joining is None:
        return None
    sides = {side.side.child_id: side for side in found.sides}
    moved = MovedRow.objects.filter(joining_id=joining.pk).order_by().values_list("noun").annotate(Count("pk"))
    counts = [(TITLES.get(noun, noun), count) for noun, count in sorted(moved)]
    may_undo = officer.may(Permission.PROBLEM_DECIDE) and officer.unit_id == joining.office_id
    return Joined(joining, _title(sides[joining.kept_id]), _title(sides[joining.gone_id]), counts, may_undo)


def may_split(officer: Officer, found: Detail) -> bool:
    """Say whether the officer's county may split the record of a problem as it stands."""
    mine = Child.objects.visible_to(officer).filter(pk=splitting.record_of(found.problem), standing__in=LIVING)
    offices = set(mine.values_list("office_id", flat=True))
    return not SPLITS.isdisjoint(found.verbs) and officer.unit_id in offices


def parted_of(found: Detail) -> Sequence[Parted]:
    """Return the splits that were decided on a problem."""
    done = Joining.objects.filter(problem_id=found.problem.pk, kind=Joining.SPLIT).order_by("pk")
    return [Parted(one.kept_id, one.gone_id) for one in done]
