"""How rows stand after they were submitted: the county's case decides, so it is read and never copied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.intake import states
from miaoce.registry.intake.models import Row
from miaoce.registry.rows import CHUNK

BY_CASE = {
    cases.SUBMITTED: states.SENT,
    cases.APPROVED: states.SENT,
    cases.RETURNED: states.RETURNED,
    cases.NUMBERED: states.DONE,
    cases.WITHDRAWN: states.READY,
}
"""What a row that was sent is, by the state of its case."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a row's case says to the registrar."""

    state: str
    reasons: tuple[str, ...]
    words: str
    is_opened: bool


def cases_of(child_ids: Iterable[UUID]) -> Mapping[UUID, Case]:
    """Return the cases of children to be, one statement for each 2,000."""
    wanted, found = list(child_ids), {}
    for start in range(0, len(wanted), CHUNK):
        columns = ("child_id", "state", "return_reasons", "return_words", "opened_at")
        for child, state, reasons, words, opened in Proposal.objects.filter(
            child_id__in=wanted[start : start + CHUNK]
        ).values_list(*columns):
            found[child] = Case(state, tuple(reasons), words, opened is not None)
    return found


def shown_state(state: str, case: Case | None) -> str:
    """Return the state of a row as people see it."""
    return BY_CASE[case.state] if state == states.SENT and case is not None else state


def shown_states(rows: Iterable[Row]) -> dict[UUID, str]:
    """Return the state of each row as people see it, by row id."""
    rows = list(rows)
    found = cases_of(row.becomes_id for row in rows if row.state == states.SENT)
    return {row.pk: shown_state(row.state, found.get(row.becomes_id)) for row in rows}
