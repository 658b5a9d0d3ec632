"""What the page of a problem shows: records side by side, why they were found, what each side said, where the case stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.problems import evidence, queries, states
from miaoce.registry.problems.comparing import Line
from miaoce.registry.problems.parties import viewer_of
from miaoce.registry.problems.queries import Cluster, Detail, SideShown
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault.masking import Viewer
from miaoce.web.components.formats import due_words, moment
from miaoce.web.components.parts import CompareRow, KeyValue, Tone
from miaoce.web.problems.listing import TONES
from miaoce.web.proofs.taking import Line as ProofLine
from miaoce.web.proofs.taking import lines_of

CLEAR = {"document": "document_number", "number": "number"}
"""Which lines of the comparison stand masked and can be shown for a reason (children.reveal)."""
ADVICE = {
    states.CHECK_DIGIT: "证件号最后一位和前面对不上，多半是抄错了一位。请对照户口簿逐位核对。",
    states.NOT_KNOWN: "人口库里没有这个证件号。请对照户口簿核对；号码没错的，请监护人到派出所核实后交佐证。",
    states.NAME_DIFFERS: "证件号在人口库里是另一个姓名。请对照户口簿改其中一个；没错的，请监护人先到派出所核实。",
}


@dataclass(frozen=True)
class Column:
    """One record: whose it is, and which masked values of it the viewer may ask for."""

    child_id: UUID
    title: str
    is_mine: bool
    asks: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Said:
    """What one side says, and what it filed."""

    place: str
    county: str
    name: str
    saying: str
    answer: str
    words: str
    at: str
    due: str
    proofs: Sequence[ProofLine]
    more: int
    may_look: bool


@dataclass(frozen=True)
class Page:
    """A problem as its page shows it; every text is masked for the viewer."""

    found: Detail
    kind: str
    label: str
    tone: Tone
    names: str
    columns: Sequence[Column]
    rows: Sequence[CompareRow]
    advice: str
    said: Sequence[Said]
    facts: Sequence[KeyValue]
    cluster: Cluster | None = None
    differing: int = 0
    titles: Sequence[str] = field(default_factory=list)

    @property
    def asks(self) -> list[tuple[str, str]]:
        """The masked values that may be asked for: how a form names each, and its words."""
        return [
            (f"{column.child_id.hex}:{field}", f"{column.title} {label}")
            for column in self.columns
            for field, label in column.asks
        ]


def shown_of(found: Detail, officer: Officer, *, cluster: Cluster | None, on: date) -> Page:
    """Return what the page shows of a problem; with a cluster, all its records beside each other."""
    problem, book = found.problem, reference.codebook(on)
    columns = _columns(found, officer) if cluster is None else _many(cluster)
    rows = rows_of(found.lines if cluster is None else cluster.lines)
    proofs = evidence.proofs_of(officer, problem.pk)
    return Page(
        found=found, kind=states.KINDS[problem.kind], label=states.LABELS[problem.state], tone=TONES[problem.state],
        names=" / ".join(dict.fromkeys(side.name for side in found.sides)), columns=columns, rows=rows,
        advice=ADVICE.get(problem.kind, ""), said=[_said(side, found, proofs, officer=officer, book=book, on=on) for side in found.sides],
        facts=_facts(found), cluster=cluster, differing=sum(row.differs for row in rows), titles=[c.title for c in columns],
    )  # fmt: skip


def rows_of(lines: Sequence[Line]) -> list[CompareRow]:
    """Return the attributes as rows of a comparison; what nobody has is left out."""
    return [
        CompareRow(
            line.label, [cell or "没有" for cell in line.cells], line.differs, line.words if line.differs else ""
        )
        for line in lines
        if any(line.cells)
    ]


def _columns(found: Detail, officer: Officer) -> list[Column]:
    """Return the records of a problem."""
    cells = {line.key: line for line in found.lines if line.key in CLEAR}
    columns = []
    for place, side in enumerate(found.sides):
        viewer = viewer_of(officer, found.problem, side.side)
        may_ask = viewer is not Viewer.COMPARING and officer.may(Permission.CHILD_REVEAL)
        asks = [(CLEAR[key], line.label) for key, line in cells.items() if may_ask and line.cells[place]]
        columns.append(Column(side.side.child_id, title_of(side, officer), side.is_mine, asks))
    return columns


def title_of(side: SideShown, officer: Officer) -> str:
    """Return whose record it is; one's own kindergarten says so."""
    if officer.is_kindergarten and side.side.kindergarten_id == officer.unit_id:
        return "本园"
    return side.kindergarten if side.side.office_id == officer.unit_id else f"{side.kindergarten}（{side.county}）"


def _many(cluster: Cluster) -> list[Column]:
    """Return the records of a cluster, each with its kindergarten."""
    places: dict[UUID, tuple[str, bool]] = {}
    for one in cluster.problems:
        for side in one.sides:
            places[side.side.child_id] = (side.kindergarten, side.is_mine)
    return [Column(child, *places.get(child, ("", False))) for child in cluster.child_ids]


def _said(
    side: SideShown, found: Detail, proofs: Sequence[ProofFile], *, officer: Officer, book: Codebook, on: date
) -> Said:
    """Return one side's word with the proofs that the officer may know of; the offices may look at them."""
    own, clock = side.side, next((c for c in found.due if c.owner_id == side.side.kindergarten_id), None)
    due = due_words(clock.due_on, reference.working_days_between(on, clock.due_on)) if clock and not own.said_at else ""
    files = [proof for proof in proofs if proof.child_id == own.child_id]
    may_look = officer.may(Permission.PROBLEM_DECIDE)
    return Said(
        place=side.kindergarten, county=side.county, name=side.name,
        saying=states.SAYINGS.get(own.said, ""), answer=states.ANSWERS.get(own.answer, ""), words=side.words,
        at=moment(own.said_at), due=due, proofs=lines_of(files, book), more=len(own.proofs) - len(files), may_look=may_look,
    )  # fmt: skip


def _facts(found: Detail) -> list[KeyValue]:
    """Return the lines about the case."""
    problem = found.problem
    lines = {
        "由谁裁定": found.office,
        "发现": moment(problem.opened_at),
        "第几次核对": f"第 {problem.rounds} 次" if problem.rounds > 1 else "",
        "决定": moment(problem.decided_at) if problem.decided_at else "",
        "理由": found.decided_words,
    }
    return [KeyValue(label, value) for label, value in lines.items() if value]


def is_overdue(found: Detail, *, on: date) -> bool:
    """Say whether a side's time has run out without a word from it, so that the office may decide."""
    return found.problem.state == states.OPEN and any(clock.due_on < on for clock in found.due)


def cluster_of(officer: Officer, found: Detail, *, on: date) -> Cluster | None:
    """Return the cluster of a problem that is connected with others; None for one that stands alone."""
    return queries.cluster_of(officer, found.problem.pk, on=on) if found.clusters_with else None
