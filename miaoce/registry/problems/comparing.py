"""The records of a problem side by side: cells masked for who looks, differences in words, made from the clear values inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.problems.differing import DIFFERENT, ONE_MISSING, SAME, in_words
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer, shown, surname_of
from miaoce.registry.vault.safe import Safe

NAMED = 2  # guardians that are set side by side
LINES: tuple[tuple[str, str, str], ...] = (
    ("name", "姓名", "name"), ("former_name", "曾用名", "name"), ("sex", "性别", ""), ("born_on", "出生日期", "date"),
    ("document_kind", "证件类型", ""), ("document", "证件号", "number"), ("number", "学籍号", ""),
    ("guardians", "监护人", ""), ("phones", "监护人手机", ""), ("stay", "就读", ""), ("recorded", "登记日期", ""),
)  # fmt: skip
"""Each line: its key, its label, and how its values are compared (differing.in_words)."""

UNCOMPARED = frozenset({"number", "stay", "recorded"})
"""Lines that are shown to decide by and are different by their nature."""


@dataclass(frozen=True)
class Line:
    """One attribute of the records side by side: `cells` in the order of the records, `words` how they differ."""

    key: str
    label: str
    cells: tuple[str, ...]
    words: str = ""
    differs: bool = False


@dataclass(frozen=True)
class _Opened:
    """The clear values of one child, and the cells as its viewer sees them."""

    values: Mapping[str, str]
    cells: Mapping[str, str]


def lines_of(viewers: Mapping[UUID, Viewer], *, on: date) -> list[Line]:
    """Return the records of children side by side, each as its viewer may see it; the caller logs the reading first.

    Of a foreign record a name is shown in full only where it is the same as another one's that is shown. Five statements.
    """
    children = Child.objects.select_related("kindergarten").in_bulk(list(viewers))
    ids = [child for child in viewers if child in children]
    safe, families, places = vault.open_safe(ids), _families(ids), _stays(ids)
    book = reference.codebook(on)
    opened = []
    for pk in ids:
        values = _values(children[pk], families.get(pk, ()), places.get(pk), safe, book)
        opened.append(_Opened(values, _cells(values, viewers[pk])))
    return [_line(key, label, kind, opened) for key, label, kind in LINES]


def _line(key: str, label: str, kind: str, opened: Sequence[_Opened]) -> Line:
    """Return one line; a name that another record shares is shown as it is, for nothing is told by it."""
    values = [one.values[key] for one in opened]
    cells = [one.cells[key] for one in opened]
    if key in {"name", "former_name"}:
        in_full = {value for value, cell in zip(values, cells, strict=True) if value and value == cell}
        cells = [value if value in in_full else cell for value, cell in zip(values, cells, strict=True)]
    if len(opened) < 2 or key in UNCOMPARED:
        return Line(key, label, tuple(cells))
    told = {in_words(kind, values[0], other) for other in values[1:]}
    words = told.pop() if len(told) == 1 else DIFFERENT
    return Line(key, label, tuple(cells), words, words not in {"", SAME, ONE_MISSING})


def _values(
    child: Child, family: Sequence[Guardian], stay: Enrolment | None, safe: Safe, book: Codebook
) -> dict[str, str]:
    """Return the clear values of a child by line."""
    pk, number = child.pk, child.number
    document = child.document_number
    names = [safe.open(pk, "guardian", "name", one.pk, bytes(one.name)) for one in family]
    phones = [safe.open(pk, "guardian", "phone", one.pk, bytes(one.phone)) for one in family if one.phone]
    return {
        "name": child.name, "former_name": child.former_name, "sex": book.name("sex", child.sex),
        "born_on": child.born_on.isoformat(), "document_kind": book.name("document", child.document_kind),
        "document": safe.open(pk, "child", "document_number", pk, bytes(document)) if document else "",
        "number": safe.open(pk, "child", "number", pk, bytes(number)) if number else "",
        "guardians": "、".join(sorted(names)), "phones": "、".join(sorted(phones)),
        "stay": _where(child, stay), "recorded": f"{child.recorded_at:%Y-%m-%d}",
    }  # fmt: skip


def _cells(values: Mapping[str, str], viewer: Viewer) -> dict[str, str]:
    """Return the values as a viewer sees them."""
    is_full = viewer is not Viewer.COMPARING
    names = [one for one in values["guardians"].split("、") if one]
    phones = [one for one in values["phones"].split("、") if one]
    return {
        **values,
        "name": shown(Field.NAME, values["name"], viewer),
        "former_name": shown(Field.NAME, values["former_name"], viewer),
        "document": shown(Field.DOCUMENT, values["document"], viewer),
        "number": shown(Field.NUMBER, values["number"], viewer),
        "guardians": "、".join(name if is_full else f"{surname_of(name)}某" for name in names),
        "phones": "、".join(shown(Field.PHONE, phone, viewer) for phone in phones),
    }


def _where(child: Child, stay: Enrolment | None) -> str:
    """Return where a child is or was last, in words."""
    if stay is None:
        return child.kindergarten.name
    until = f" 至 {stay.ended_on:%Y-%m}" if stay.ended_on else " 入园"
    label = stays.LABELS[stay.state]
    return f"{stay.kindergarten.name} {stay.group.name}（{stay.started_on:%Y-%m}{until}，{label}）"


def _families(ids: Sequence[UUID]) -> dict[UUID, list[Guardian]]:
    """Return the guardians of children that are set side by side."""
    found: dict[UUID, list[Guardian]] = {}
    for one in Guardian.objects.filter(child_id__in=ids).order_by("position"):
        found.setdefault(one.child_id, []).append(one)
    return {child: family[:NAMED] for child, family in found.items()}


def _stays(ids: Sequence[UUID]) -> dict[UUID, Enrolment]:
    """Return the stay of each child that counts now: the open one, else the newest."""
    found = Enrolment.objects.filter(child_id__in=ids).exclude(state=stays.WITHDRAWN)
    some = sorted(
        found.select_related("group", "kindergarten"),
        key=lambda stay: (stay.ended_on is None, stay.ended_on or stay.started_on, stay.pk),
    )
    return {stay.child_id: stay for stay in some}
