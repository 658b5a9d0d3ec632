"""What was made regular by itself, cell by cell and by kind, and what was put back: to be looked at and undone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from miaoce.registry.intake.checks import TIDY_UNDONE
from miaoce.registry.intake.contents import Content, OpenRow
from miaoce.registry.intake.fields import FIELD, label
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.problems import masked_text, words_of
from miaoce.registry.intake.review import PAGE, open_rows
from miaoce.registry.intake.standing import shown_states
from miaoce.registry.intake.states import CHANGEABLE
from miaoce.registry.reference.codebook import Codebook


@dataclass(frozen=True, slots=True)
class TidiedText:
    """A text that was made regular (`after`), or that was put back as it was given (`is_undone`). Numbers are masked."""

    position: int
    becomes_id: UUID
    sheet: str
    number: int
    where: str
    name: str
    field: str
    label: str
    before: str
    after: str
    is_undone: bool
    may_undo: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """One column of the sheet: how many of its texts are tidied now, and how many were put back."""

    field: str
    label: str
    tidied: int
    undone: int


@dataclass(frozen=True)
class Tidied:
    """A page of what was tidied: every kind with its counts, and the texts of all kinds or of one."""

    kinds: list[Kind]
    texts: list[TidiedText]
    field: str
    page: int
    pages: int

    @property
    def total(self) -> int:
        """How many texts are tidied now, in all kinds."""
        return sum(kind.tidied for kind in self.kinds)

    @property
    def kind(self) -> Kind | None:
        """The kind that is looked at, if it is one."""
        return next((kind for kind in self.kinds if kind.field == self.field), None)


def tidied_of(batch: Batch, codebook: Codebook, *, field: str = "", page: int = 1) -> Tidied:
    """Return what normalising changed in a batch and what was undone, in the order of the sheet, one page of it."""
    rows = open_rows(batch)
    tidied, undone = Counter[str](), Counter[str]()
    for row in rows:
        tidied.update(text.field for text in row.content.tidied)
        undone.update(row.content.verbatim)
    kinds = [Kind(key, label(key), tidied[key], undone[key]) for key in FIELD if tidied[key] or undone[key]]
    cells = [(row, key) for row in rows for key in _touched(row.content) if field in ("", key)]
    pages = max(1, -(-len(cells) // PAGE))
    page = min(max(page, 1), pages)
    return Tidied(kinds, _texts(batch, cells[(page - 1) * PAGE : page * PAGE], codebook), field, page, pages)


def tidied_in(batch: Batch, rows: Iterable[OpenRow], codebook: Codebook, *, field: str = "") -> list[TidiedText]:
    """Return what normalising changed in these rows of a batch, and what was undone; of one kind when it is named."""
    return _texts(batch, [(row, key) for row in rows for key in _touched(row.content) if field in ("", key)], codebook)


def _touched(content: Content) -> list[str]:
    """Return the fields of a row that were tidied or put back, in the order of the registry."""
    keys = {text.field for text in content.tidied} | set(content.verbatim)
    return [key for key in FIELD if key in keys]


def _texts(batch: Batch, cells: list[tuple[OpenRow, str]], codebook: Codebook) -> list[TidiedText]:
    """Return cells as the page shows them."""
    states = shown_states({row.key: row.row for row, _ in cells}.values())
    return [
        TidiedText(
            position=row.row.position,
            becomes_id=row.row.becomes_id,
            sheet=row.row.sheet,
            number=row.row.number,
            where=batch.where(row.row),
            name=row.content.told("name"),
            field=key,
            label=label(key),
            before=masked_text(key, row.content.raw.get(key, "")),
            after=masked_text(key, _tidy_form(row.content, key, codebook)),
            is_undone=key in row.content.verbatim,
            may_undo=states[row.key] in CHANGEABLE,
        )
        for row, key in cells
    ]


def _tidy_form(content: Content, key: str, codebook: Codebook) -> str:
    """Return what a text was tidied to; of one that was put back, what it would be tidied to, where that is known."""
    if key not in content.verbatim:
        return content.told(key)
    offered = next((f.suggestion for f in content.own if f.code == TIDY_UNDONE and f.field == key), None)
    return words_of(key, offered, codebook) if offered else ""
