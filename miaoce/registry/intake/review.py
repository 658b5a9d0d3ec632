"""The review of a batch: its rows as the registrar sees them, what is wrong with each, and how it can be mended."""

from base64 import b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from uuid import UUID

from miaoce.registry.intake import states
from miaoce.registry.intake.contents import Content, OpenRow, opened
from miaoce.registry.intake.fields import FIELD, label
from miaoce.registry.intake.findings import ENTRY_MISSING
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.problems import Problem, offer_of, problems_of, words_of
from miaoce.registry.intake.standing import Case, cases_of, shown_state
from miaoce.registry.intake.states import CHANGEABLE
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer, shown

PAGE = 300
ALIKE_FROM = 2
ALL, REMARK = "all", "remark"
ORDER = (
    states.RETURNED, states.FIX, states.DUPLICATE, REMARK, states.READY, states.KNOWN, states.SENT, states.DONE,
    states.ASIDE, states.REPEATED, states.IGNORED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as the review page shows it: masked where ux.md §7 says so."""

    id: UUID
    becomes_id: UUID
    number: int
    sheet: str
    position: int
    version: int
    state: str
    name: str
    sex: str
    born_on: str
    document: str
    group: str
    guardian: str
    phone: str
    problems: tuple[Problem, ...] = ()
    may_recall: bool = False
    is_set_aside: bool = False


@dataclass(frozen=True)
class Alike:
    """The same wrong text in several rows, to be mended at once."""

    field: str
    label: str
    wrong: str
    count: int
    suggestion: str
    offer: str


@dataclass
class Review:
    """A page of the review."""

    batch: Batch
    rows: list[RowView]
    counts: Counter[str]
    alike: list[Alike] = field(default_factory=list)
    tidied: int = 0
    undated: int = 0
    page: int = 1
    pages: int = 1

    @property
    def total(self) -> int:
        """How many rows were read; always the sum of the counts (remarks are among the ready)."""
        return sum(count for state, count in self.counts.items() if state != REMARK)


@dataclass(frozen=True, slots=True)
class Standing:
    """A row without its content: enough to count and to order."""

    id: UUID
    position: int
    state: str
    has_remark: bool
    lacks_entry: bool


def standings(batch: Batch) -> tuple[list[Standing], Mapping[UUID, Case]]:
    """Return every row of a batch with its state as people see it, and the cases of those sent, in two statements."""
    found = list(
        Row.objects.filter(batch=batch)
        .order_by("position")
        .values_list("id", "position", "state", "codes", "becomes_id")
    )
    cases = cases_of(child for _, _, state, _, child in found if state == states.SENT)
    out = [
        Standing(
            row,
            position,
            shown_state(state, cases.get(child)),
            bool(set(codes) - {ENTRY_MISSING}),
            ENTRY_MISSING in codes,
        )
        for row, position, state, codes, child in found
    ]
    return out, cases


def counts_of(rows: Sequence[Standing], batch: Batch) -> Counter[str]:
    """Count rows by state; the sum is the number of rows read, or this raises AssertionError."""
    counts = Counter(row.state for row in rows)
    if sum(counts.values()) != batch.rows_read:
        raise AssertionError(f"{batch.rows_read} rows were read and {sum(counts.values())} are counted")
    counts[REMARK] = sum(row.state == states.READY and row.has_remark for row in rows)
    return counts


def review(batch: Batch, codebook: Codebook, *, tab: str = ALL, page: int = 1) -> Review:
    """Return one page of a batch's review in four statements, the rows that need somebody first."""
    every, cases = standings(batch)
    counts = counts_of(every, batch)
    wanted = sorted((row for row in every if _belongs(row, tab)), key=_rank)
    pages = max(1, -(-len(wanted) // PAGE))
    page = min(max(page, 1), pages)
    part = wanted[(page - 1) * PAGE : page * PAGE]
    to_fix = [row.id for row in every if row.state == states.FIX][: 4 * PAGE] if page == 1 else []
    rows = {row.key: row for row in open_rows(batch, {row.id for row in part} | set(to_fix))}
    by_id = {row.id: row for row in part}
    return Review(
        batch=batch,
        rows=[
            view(rows[row.id], by_id[row.id].state, cases.get(rows[row.id].row.becomes_id), codebook) for row in part
        ],
        counts=counts,
        alike=_alike([rows[row] for row in to_fix], codebook),
        tidied=sum(len(rows[row.id].content.tidied) for row in part),
        undated=undated(every, CHANGEABLE),
        page=page,
        pages=pages,
    )


def undated(rows: Sequence[Standing], wanted: AbstractSet[str]) -> int:
    """Return how many rows in these states have no day of entry."""
    return sum(row.lacks_entry and row.state in wanted for row in rows)


def views_of(rows: Sequence[OpenRow], codebook: Codebook) -> list[RowView]:
    """Return rows that were just changed as the page shows them."""
    cases = cases_of(row.row.becomes_id for row in rows if row.row.state == states.SENT)
    return [
        view(row, shown_state(row.row.state, cases.get(row.row.becomes_id)), cases.get(row.row.becomes_id), codebook)
        for row in rows
    ]


def open_rows(batch: Batch, row_ids: set[UUID] | None = None) -> list[OpenRow]:
    """Return rows of a batch with their content open, in the order of the sheet."""
    found = Row.objects.filter(batch=batch).order_by("position")
    return opened(found if row_ids is None else found.filter(pk__in=row_ids), vault.open_safe([batch.pk]))


def _belongs(row: Standing, tab: str) -> bool:
    """Say whether a row stands under a tab."""
    if tab == ALL:
        return True
    if tab == REMARK:
        return row.state == states.READY and row.has_remark
    return row.state == tab


def _rank(row: Standing) -> tuple[int, int]:
    """Order rows: those that need somebody first, then as in the sheet."""
    state = REMARK if row.state == states.READY and row.has_remark else row.state
    return ORDER.index(state), row.position


def view(row: OpenRow, state: str, case: Case | None, codebook: Codebook) -> RowView:
    """Return one row as the page shows it."""
    content, own = row.content, Viewer.OWN
    return RowView(
        id=row.key,
        becomes_id=row.row.becomes_id,
        number=row.row.number,
        sheet=row.row.sheet,
        position=row.row.position,
        version=row.row.version,
        state=state,
        name=content.told("name"),
        sex=words_of("sex", content.told("sex"), codebook),
        born_on=content.told("birth_date"),
        document=shown(Field.DOCUMENT, content.told("id_number"), own) or _papers(content, codebook),
        group=content.told("class"),
        guardian=content.told("guardian1_name"),
        phone=shown(Field.PHONE, content.told("guardian1_phone"), own),
        problems=tuple(problems_of(content, state, case, codebook)),
        is_set_aside=state == states.IGNORED and _by_hand(content),
        may_recall=case is not None and case.state == "submitted" and not case.is_opened and state == states.SENT,
    )


def _by_hand(content: Content) -> bool:
    """Say whether a person set the row aside; otherwise it was read as no child."""
    return any(finding.code == "SET_ASIDE" for finding in content.own)


def _papers(content: Content, codebook: Codebook) -> str:
    """Return what stands instead of a number that there is not."""
    return codebook.name("document", "none") if content.values.get("id_type") == "none" else ""


def _alike(rows: Sequence[OpenRow], codebook: Codebook) -> list[Alike]:
    """Return the words no list has that stand in three rows or more, the most frequent first."""
    times: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        for finding in row.content.own:
            key = finding.field
            if key in FIELD and finding.code.endswith("_UNKNOWN") and (wrong := row.content.raw.get(key, "")):
                times[key, wrong, finding.suggestion or ""] += 1
    return [
        Alike(key, label(key), wrong, count, words_of(key, suggestion, codebook), offer_of(key))
        for (key, wrong, suggestion), count in times.most_common(5)
        if count >= ALIKE_FROM and (suggestion or offer_of(key))
    ]


def first_rows_of(batch: Batch) -> list[list[str]]:
    """Return the first rows of a refused file: number and cells."""
    sealed = batch.layout.get("first_rows")
    if not sealed:
        return []
    safe = vault.open_safe([batch.pk])
    rows: list[list[str]] = safe.open_json(batch.pk, "batch", "first_rows", batch.pk, b64decode(sealed))
    return [[str(cell) for cell in row] for row in rows]
