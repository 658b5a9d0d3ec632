"""Working on an open batch: hold it, check changed rows again, compare all of them, ask the register."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F

from miaoce.registry.access.officers import Denied, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import registered, rolls, rules, states
from miaoce.registry.intake.contents import REGISTER_CODES, Content, OpenRow, opened
from miaoce.registry.intake.crosschecks import CLASS_SIZE, CROSS_CODES, SAME_CHILD, class_sizes, cross_check
from miaoce.registry.intake.findings import Finding, state_of
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.places import place_of
from miaoce.registry.intake.registered import Asked
from miaoce.registry.intake.standing import shown_states
from miaoce.registry.intake.states import CHANGEABLE
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.safe import Safe


@dataclass
class Work:
    """An open batch with its rows open, held until the transaction ends. `shown` are the states as people see them."""

    batch: Batch
    kindergarten: Kindergarten
    place: Place
    codebook: Codebook
    safe: Safe
    rows: list[OpenRow]
    shown: dict[UUID, str]

    def where(self, row: OpenRow) -> str:
        """Return how people find a row in what came in."""
        return self.batch.where(row.row)

    def row(self, row_id: UUID) -> OpenRow:
        """Return one row; INT-17 for a row of another batch, as for one that does not exist."""
        for row in self.rows:
            if row.key == row_id:
                return row
        raise rules.NoSuchRow

    def changeable(self, row_id: UUID) -> OpenRow:
        """Return a row whose values may be changed; INT-06 for the others."""
        row = self.row(row_id)
        if self.shown[row_id] not in CHANGEABLE:
            raise rules.RowNotFree(where=self.where(row), state=states.ROW_LABELS[self.shown[row_id]])
        return row


def hold(batch: Batch, process: Process, permission: Permission = Permission.INTAKE_EDIT) -> Batch:
    """Take a batch for the length of the transaction and return it as it is now.

    The update makes everybody else who writes to the batch wait, on both databases. Refuses another kindergarten's batch
    (ACC-01) and one that is not open (INT-05).
    """
    require(process.actor, permission)
    Batch.objects.filter(pk=batch.pk).update(version=F("version") + 1)
    now = Batch.objects.select_related("kindergarten").get(pk=batch.pk)
    if process.actor.staff_id is not None and now.kindergarten_id != process.actor.unit_id:
        raise Denied
    if now.state != states.OPEN and not (now.state == states.DISCARDED and not now.layout.get("erased")):
        raise rules.NotOpen(state=states.BATCH_LABELS[now.state])
    return now


def begin(batch: Batch, process: Process, permission: Permission = Permission.INTAKE_EDIT) -> Work:
    """Hold a batch and open all of its rows."""
    return opened_work(hold(batch, process, permission), on=journal.day_of(process))


def opened_work(batch: Batch, *, on: date) -> Work:
    """Open all rows of a batch that the caller holds, as they are on a day."""
    safe = vault.open_safe([batch.pk])
    found = list(Row.objects.filter(batch=batch).order_by("position"))
    return Work(
        batch=batch,
        kindergarten=batch.kindergarten,
        place=place_of(batch.kindergarten, on=on),
        codebook=reference.codebook(on),
        safe=safe,
        rows=opened(found, safe),
        shown=shown_states(found),
    )


def check_again(work: Work, changed: Iterable[OpenRow]) -> None:
    """Check the texts of changed rows again by themselves."""
    for row in changed:
        content = row.content
        checked = rolls.check_row(
            content.raw, place=work.place, codebook=work.codebook, verbatim=frozenset(content.verbatim)
        )
        content.values, content.tidied, content.own = checked.values, checked.tidied, checked.findings


def settle(work: Work, changed: Sequence[OpenRow]) -> list[OpenRow]:
    """Compare the rows with each other, ask the register about the changed ones, and return all that came out different.

    Rows with the county, put aside or set aside as no child keep their state; the register knows those with the county.
    """
    before = {row.key: (row.row.state, frozenset(row.content.others)) for row in work.rows}
    here = [row for row in work.rows if work.shown[row.key] in CHANGEABLE]
    compare(here)
    touched = {row.key for row in changed}
    stirred = {row.key for row in here if _waits(row.content.others) != _waits(before[row.key][1])}
    ask_register([row for row in here if row.key in touched | stirred], work.kindergarten.pk)
    measure(here, work.place, {key for key, state in work.shown.items() if state == states.RETURNED})
    for row in work.rows:
        if work.shown[row.key] in CHANGEABLE and (
            row.key in touched or (row.row.state in CHANGEABLE and _said(row) != before[row.key][1])
        ):
            row.row.state = state_for(row.content)
    return [row for row in work.rows if row.key in touched or (row.row.state, _said(row)) != before[row.key]]


def _waits(findings: Iterable[Finding]) -> bool:
    """Say whether comparing makes a row wait: one that does no more could be in the register by now."""
    return any(f.code in CROSS_CODES and not f.remark for f in findings)


def _said(row: OpenRow) -> frozenset[Finding]:
    """Return what comparing and the register said about a row, whatever the order it was said in."""
    return frozenset(row.content.others)


@dataclass(frozen=True, slots=True)
class Compared:
    """A row as the comparing of a whole batch wants it."""

    sheet: str
    row: int
    values: dict[str, str]


def _light(rows: Iterable[OpenRow]) -> list[Compared]:
    """Return rows as comparing wants them."""
    return [Compared(row.row.sheet, row.row.number, row.content.values) for row in rows]


def compare(rows: Sequence[OpenRow]) -> None:
    """Make the findings of comparing anew for rows that are children and still here."""
    for row, findings in zip(rows, cross_check(_light(rows)), strict=True):
        kept = [f for f in row.content.others if f.code not in CROSS_CODES]
        row.content.others = kept + [f for f in findings if not _is_settled(row.content, f)]


def measure(rows: Sequence[OpenRow], place: Place, returned: AbstractSet[UUID] = frozenset()) -> None:
    """Remark anew which rows make a class too large, once the register was asked.

    A row that is known, repeated or `returned` by the county adds nobody: the class counts that child already, or once.
    """
    for row in rows:
        row.content.others = [f for f in row.content.others if f.code != CLASS_SIZE]
    adding = [r for r in rows if r.key not in returned and not _adds_nobody(r.content)]
    for row, found in zip(adding, class_sizes(_light(adding), place.classes), strict=True):
        row.content.others += found


def _adds_nobody(content: Content) -> bool:
    return any(f.code == registered.KNOWN_HERE or (f.code == SAME_CHILD and not f.remark) for f in content.others)


def _is_settled(content: Content, finding: Finding) -> bool:
    """Say whether a person decided already that the two rows are different children."""
    return finding.code == "SAME_CHILD_IN_FILE" and any(
        d["choice"] == "different" and d["other"].startswith("row:") for d in content.decisions
    )


def ask_register(rows: Sequence[OpenRow], kindergarten_id: UUID) -> None:
    """Make the findings of the register anew for these rows."""
    answers = registered.ask(
        [Asked(row.content.values, row.row.becomes_id, row.content.settled) for row in rows],
        kindergarten_id=kindergarten_id,
    )
    for row, answer in zip(rows, answers, strict=True):
        kept = [f for f in row.content.others if f.code not in REGISTER_CODES]
        row.content.others, row.content.alike = kept + answer.findings, answer.alike


def state_for(content: Content) -> str:
    """Return the state that follows from what a row holds; a record that is here already needs nothing more."""
    if any(finding.code == registered.KNOWN_HERE for finding in content.others):
        return states.KNOWN
    return state_of(content.findings)
