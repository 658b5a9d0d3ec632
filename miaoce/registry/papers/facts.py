"""What stands on the papers, said once: page, PDF and API are all drawn from these rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from miaoce.registry.children.models import Child
from miaoce.registry.children.queries import records_for_papers
from miaoce.registry.enrolments.queries import open_stays
from miaoce.registry.reference.codebook import Codebook

ROLL_A_PAGE, CARDS_A_PAGE = 25, 8


@dataclass(frozen=True)
class Column:
    """One column of the class roll: heading, share of the width in the PDF."""

    label: str
    width: float


@dataclass(frozen=True)
class RollPage:
    """One sheet of the roll: its rows, each as long as COLUMNS."""

    number: int
    rows: Sequence[Sequence[str]]


COLUMNS = (
    Column("序号", 0.5),
    Column("姓名", 1.5),
    Column("性别", 0.5),
    Column("出生日期", 1.1),
    Column("民族", 0.9),
    Column("学籍号", 1.9),
    Column("入园日期", 1.1),
    Column("监护人", 1.7),
    Column("联系电话", 1.2),
)


@dataclass(frozen=True)
class Facts:
    """What the papers say of one child: number and telephone masked, or in full where a reason was given."""

    child_id: UUID
    name: str
    sex: str
    born_on: str
    ethnicity: str
    number: str
    number_kind: str
    entered_on: str
    group: str
    guardian: str
    phone: str

    def roll_row(self, place: int) -> list[str]:
        """Return the cells of the class roll, in the order of COLUMNS."""
        return [
            str(place), self.name, self.sex, self.born_on, self.ethnicity, self.number, self.entered_on,
            self.guardian, self.phone,
        ]  # fmt: skip

    def card_lines(self) -> list[tuple[str, str]]:
        """Return the lines under the name on the student card."""
        return [
            ("性别", f"{self.sex}　　{self.ethnicity}"),
            ("出生日期", self.born_on),
            ("班级", self.group),
            ("入园日期", self.entered_on),
            ("学籍号", self.number),
        ]


def facts_of(children: Sequence[Child], book: Codebook, *, is_full: bool) -> list[Facts]:
    """Open the records of children and return what papers say of them, in their order. Three statements."""
    records = records_for_papers(children, is_full=is_full)
    stays = open_stays(child.pk for child in children)
    facts = []
    for child in children:
        record, stay = records[child.pk], stays.get(child.pk)
        first = record.guardians[0] if record.guardians else None
        relation = f"（{book.name('relation', first.relation)}）" if first and first.relation else ""
        facts.append(
            Facts(
                child_id=child.pk,
                name=child.name,
                sex=book.name("sex", child.sex).removesuffix("性"),
                born_on=_day(child.born_on),
                ethnicity=book.name("ethnicity", child.ethnicity) if child.ethnicity else "",
                number=record.number,
                number_kind=child.number_kind,
                entered_on=_day(stay.started_on) if stay else "",
                group=stay.group.name if stay else "",
                guardian=f"{first.name}{relation}" if first else "",
                phone=first.phone if first else "",
            )
        )
    return facts


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def sheets(facts: Sequence[Facts]) -> list[RollPage]:
    """Return the roll as sheets of 25."""
    rows = [one.roll_row(place) for place, one in enumerate(facts, 1)]
    cuts = range(0, len(rows) or 1, ROLL_A_PAGE)
    return [RollPage(number, rows[start : start + ROLL_A_PAGE]) for number, start in enumerate(cuts, 1)]


def written(facts: Sequence[Facts], others: Mapping[str, str]) -> list[str]:
    """Return every text that a paper will show, for the look whether the fonts have its characters."""
    own = [text for one in facts for text in (one.name, one.guardian, one.group, one.ethnicity)]
    return [*own, *others.values()]
