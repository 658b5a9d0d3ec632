"""Clocks: who has until when. Working days by the official calendar, terms by province; a clock reminds, it never decides.

Terms are dated rows of the code list `clock` (code "transfer.release"); a province's own term is a row whose code begins
with its two digits ("99/transfer.release").
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from miaoce.registry import rows
from miaoce.registry.approvals.models import Clock
from miaoce.registry.institutions.models import Office
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook

OVERALL = "overall"


@dataclass(frozen=True)
class Ticking:
    """A clock to start: `kind` and `step` name the term ("transfer", "release"); `owner_id` acts, `office_id` is its county."""

    case_id: UUID
    kind: str
    child_id: UUID
    step: str
    owner_id: UUID
    office_id: UUID
    case_kind: str = ""


def term_of(kind: str, step: str, *, province: str, on: date) -> int:
    """Return the working days that a step has in a province (its two digits) on a day."""
    return _term(reference.codebook(on), kind, step, province)


def _term(book: Codebook, kind: str, step: str, province: str) -> int:
    """Return a term of the list: the province's own row, else the one for all."""
    own = book.extra("clock", f"{province}/{kind}.{step}")  # noqa: S610 - a code list, no SQL
    return int((own or book.extra("clock", f"{kind}.{step}"))["working_days"])  # noqa: S610 - a code list, no SQL


def start(*, ticking: Sequence[Ticking], process: Process) -> list[Clock]:
    """Start clocks on the day of the process. A fixed number of statements however many."""
    if not ticking:
        return []
    on, calendar = journal.day_of(process), reference.calendar()
    book = reference.codebook(on)
    codes = dict(Office.objects.filter(pk__in={t.office_id for t in ticking}).values_list("id", "code"))
    clocks = []
    for t in ticking:
        days = _term(book, t.kind, t.step, codes[t.office_id][:2])
        clocks.append(
            Clock(
                case_id=t.case_id, case_kind=t.case_kind or t.kind, child_id=t.child_id, step=t.step, owner_id=t.owner_id,
                office_id=t.office_id, started_on=on, working_days=days, due_on=calendar.add(on, days),
            )
        )  # fmt: skip
    rows.insert(clocks)
    journal.note(process, [journal.made("clock.started", clock, child_id=clock.child_id) for clock in clocks])
    return clocks


def stop(
    *,
    case_ids: Collection[UUID],
    process: Process,
    steps: Collection[str] | None = None,
    child_ids: Collection[UUID] | None = None,
) -> int:
    """Stop the open clocks of cases, or only of some steps or children, and return how many. A to-do is gone when its clock stops."""
    running = [clock for clock in _running(case_ids, steps) if child_ids is None or clock.child_id in child_ids]
    stopped = {"stopped_at": process.at}
    Clock.objects.filter(pk__in=[clock.pk for clock in running], stopped_at=None).update(**stopped)
    journal.note(
        process, [journal.changed("clock.stopped", clock, new=stopped, child_id=clock.child_id) for clock in running]
    )
    return len(running)


def _running(case_ids: Collection[UUID], steps: Collection[str] | None) -> Sequence[Clock]:
    """Return the open clocks of cases."""
    found: list[Clock] = []
    wanted = list(case_ids)
    for first in range(0, len(wanted), rows.CHUNK):
        open_ones = Clock.objects.filter(case_id__in=wanted[first : first + rows.CHUNK], stopped_at=None)
        found += open_ones if steps is None else open_ones.filter(step__in=steps)
    return found
