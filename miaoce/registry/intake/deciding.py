"""Deciding a possible duplicate on the spot: the same child, different children, or later."""

from uuid import UUID

from django.db import transaction

from miaoce.registry.intake import rules, states
from miaoce.registry.intake.contents import OpenRow, write
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.working import Work, begin, settle
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.transfers import actions as transfers

SAME, DIFFERENT, LATER = "same", "different", "later"


@transaction.atomic
def decide_duplicate(*, batch: Batch, row_id: UUID, choice: str, other: str, process: Process) -> list[OpenRow]:
    """Decide about a row that waits as a possible duplicate of `other` (a child's id in hex, or "row:" and a row's id).

    same: with a child elsewhere the row is put aside as a wish to transfer; with a child here or another row it is a
    repetition and stays. different: the process's reason stays on record (INT-08 without one) and the row goes on; with one document
    that cannot be (INT-07). later: nothing changes. Returns the rows that came out different.
    """
    work = begin(batch, process)
    row = work.changeable(row_id)
    must_be_a_match(work, row, other)
    if choice == LATER:
        return []
    if choice == SAME:
        _same(work, row, other, process)
        changed = [row, *settle(work, [])]
    else:
        _must_be_two(work, row, other, process.reason)
        row.content.decisions.append({"other": other, "choice": DIFFERENT, "reason": process.reason.strip()})
        changed = settle(work, [row])
    out = {line.key: line for line in changed}
    write(list(out.values()), work.safe)
    after = {"choice": choice, "other": other, "state": row.row.state}
    journal.note(process, [Change("row.decided", "row", row.key, after=after)])
    return list(out.values())


def must_be_a_match(work: Work, row: OpenRow, other: str) -> None:
    """Refuse (INT-13) to decide about a child, and (INT-17) about a row, that this row was not found to be like."""
    if other.startswith("row:"):
        work.row(_row_id(other))
    elif other not in {match["child"] for match in row.content.alike}:
        raise rules.NoSuchMatch(where=work.where(row))


def _row_id(other: str) -> UUID:
    """Return the id of a row as a decision names it; INT-17 for what is none."""
    try:
        return UUID(hex=other.removeprefix("row:"))
    except ValueError:
        raise rules.NoSuchRow from None


def _same(work: Work, row: OpenRow, other: str, process: Process) -> None:
    """Put the row aside: as a wish to transfer from another kindergarten, or as a repetition of what is here."""
    match = next((m for m in row.content.alike if m["child"] == other), None)
    row.content.decisions.append({"other": other, "choice": SAME, "reason": ""})
    if match is not None and match["place"] != work.kindergarten.pk.hex:
        transfers.wish(child_id=UUID(hex=other), kindergarten_id=work.kindergarten.pk, row_id=row.key, process=process)
        row.row.state = work.shown[row.key] = states.ASIDE
    else:
        row.row.state = work.shown[row.key] = states.REPEATED


def _must_be_two(work: Work, row: OpenRow, other: str, reason: str) -> None:
    """Refuse two children with one document (INT-07), and a decision without a reason (INT-08)."""
    number = row.content.values.get("id_number")
    if other.startswith("row:"):
        theirs = work.row(_row_id(other)).content.values.get("id_number")
        is_same = bool(number) and number == theirs
    else:
        is_same = any(m["child"] == other and m["by"] == "document" for m in row.content.alike)
    if is_same:
        raise rules.SameDocument
    if not reason.strip():
        raise rules.ReasonMissing
