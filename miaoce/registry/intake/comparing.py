"""Two records side by side, masked to what is needed to decide whether they are one child (ux.md §7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.intake.contents import OpenRow
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.problems import words_of
from miaoce.registry.intake.review import open_rows
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer, shown, surname_of

FIELDS = ("name", "sex", "birth_date", "id_type", "id_number", "guardian1_name", "guardian1_phone", "stay")
LABELS = ("姓名", "性别", "出生日期", "证件类型", "证件号", "监护人", "监护人手机", "就读")


@dataclass(frozen=True)
class Side:
    """One record of a comparison: its title and its cells in the order of LABELS. `key` names it for the decision."""

    key: str
    title: str
    cells: tuple[str, ...]
    compared: tuple[str, ...]
    child_id: UUID | None = None
    is_here: bool = True
    same_document: bool = False


@dataclass(frozen=True)
class Comparison:
    """A row beside the record it could be."""

    row: OpenRow
    mine: Side
    other: Side

    @property
    def lines(self) -> list[tuple[str, Sequence[str], bool]]:
        """Each field with both cells and whether they differ."""
        return [
            (label, (mine, other), bool(a and b and a != b))
            for label, mine, other, a, b in zip(
                LABELS, self.mine.cells, self.other.cells, self.mine.compared, self.other.compared, strict=True
            )
        ]


def compare(batch: Batch, row_id: UUID, codebook: Codebook) -> Comparison | None:
    """Return a row beside the record it could be: a child of the register before another row; None where there is none."""
    every = open_rows(batch)
    row = next((r for r in every if r.key == row_id), None)
    if row is None:
        return None
    settled = row.content.settled
    match = next((m for m in row.content.alike if m["child"] not in settled), None)
    if match is not None:
        other = _child(match, batch, row, codebook)
    else:
        twin = next((other for other, _ in twins_of(row, every)), None)
        other = None if twin is None else _row_side(twin, codebook, f"本次上传（{batch.where(twin.row)}）", row)
    if other is None:
        return None
    return Comparison(row, _row_side(row, codebook, f"本次上传（{batch.where(row.row)}）", row), other)


def compare_all(batch: Batch, row_id: UUID, codebook: Codebook) -> list[Comparison]:
    """Return a row beside every record it could be: children of the register, then rows of its batch."""
    every = open_rows(batch)
    row = next((r for r in every if r.key == row_id), None)
    if row is None:
        return []
    sides = [_child(match, batch, row, codebook) for match in row.content.alike]
    twins = twins_of(row, every) if any(finding.code.endswith("_IN_FILE") for finding in row.content.others) else ()
    sides += [_row_side(twin, codebook, f"本次上传（{batch.where(twin.row)}）", row) for twin, _ in twins]
    mine = _row_side(row, codebook, f"本次上传（{batch.where(row.row)}）", row)
    return [Comparison(row, mine, side) for side in sides if side is not None]


def twins_of(row: OpenRow, every: Iterable[OpenRow]) -> Iterator[tuple[OpenRow, str]]:
    """Return the other rows of a batch that are like this one, and by what: document (the number) or person."""
    mine = row.content.values
    for other in every:
        theirs = other.content.values
        if other.key == row.key:
            continue
        if mine.get("id_number") and mine["id_number"] == theirs.get("id_number"):
            yield other, "document"
        elif all(mine.get(key) and mine[key] == theirs.get(key) for key in ("name", "birth_date")):
            yield other, "person"


def _row_side(row: OpenRow, codebook: Codebook, title: str, against: OpenRow) -> Side:
    """Return a row of this batch; its own kindergarten sees it as on the review page."""
    content = row.content
    number, phone = content.values.get("id_number", ""), content.values.get("guardian1_phone", "")
    cells = (
        content.told("name"),
        words_of("sex", content.told("sex"), codebook),
        content.told("birth_date"),
        words_of("id_type", content.told("id_type"), codebook),
        shown(Field.DOCUMENT, number, Viewer.OWN),
        content.told("guardian1_name"),
        shown(Field.PHONE, phone, Viewer.OWN),
        f"本园 {content.told('class')}",
    )
    same = bool(number) and number == against.content.values.get("id_number")
    compared = (*cells[:4], number, cells[5][:1], "", cells[7])
    return Side(f"row:{row.key.hex}", title, cells, compared, same_document=same)


def _child(match: Mapping[str, str], batch: Batch, row: OpenRow, codebook: Codebook) -> Side | None:
    """Return a child of the register, masked for who looks: another kindergarten's is shown by the least that decides."""
    child = Child.objects.filter(pk=UUID(hex=match["child"])).select_related("kindergarten").first()
    if child is None:
        return None
    is_here = child.kindergarten_id == batch.kindergarten_id
    viewer = Viewer.OWN if is_here else Viewer.COMPARING
    safe = vault.open_safe([child.pk])
    number = child.document_number and safe.open(child.pk, "child", "document_number", child.pk, child.document_number)
    guardian = Guardian.objects.filter(child_id=child.pk).order_by("position").first()
    family = safe.open(child.pk, "guardian", "name", guardian.pk, bytes(guardian.name)) if guardian else ""
    phone = guardian and guardian.phone and safe.open(child.pk, "guardian", "phone", guardian.pk, bytes(guardian.phone))
    same_name = child.name == row.content.values.get("name")
    cells = (
        child.name if same_name else shown(Field.NAME, child.name, viewer),
        words_of("sex", child.sex, codebook),
        child.born_on.isoformat(),
        words_of("id_type", child.document_kind, codebook),
        shown(Field.DOCUMENT, number or "", viewer),
        family if is_here else f"{surname_of(family)}某" if family else "",
        shown(Field.PHONE, phone or "", viewer),
        _stay(child),
    )
    compared = (child.name, *cells[1:4], number or "", family[:1], "", cells[7])
    title = "本园已有" if is_here else "系统里已有"
    return Side(child.pk.hex, title, cells, compared, child.pk, is_here, match["by"] == "document")


def _stay(child: Child) -> str:
    """Return where the child is, in words."""
    stay = Enrolment.objects.filter(child_id=child.pk, ended_on=None).select_related("group").first()
    if stay is None:
        return child.kindergarten.name
    began = f"{stay.started_on:%Y-%m} 入园，{stays.LABELS[stay.state]}"
    return f"{child.kindergarten.name} {stay.group.name}（{began}）"
