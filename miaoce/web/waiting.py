"""How much waits behind an entry of the navigation: counted to a hundred, in one statement, for the whole page at once."""

import logging
from collections.abc import Callable, Mapping

from django.db import DatabaseError
from django.db.models import Model, QuerySet

from miaoce.registry import rows
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import listing
from miaoce.registry.approvals import queries as approvals
from miaoce.registry.intake import queries as intake
from miaoce.registry.problems import queries as problems

log = logging.getLogger(__name__)
MOST = 99  # beyond it 99+ says enough
Waiting = Callable[[Officer], QuerySet[Model]]
BEHIND: tuple[tuple[str, Permission, Waiting], ...] = (
    ("intake", Permission.INTAKE_EDIT, intake.rows_to_do),
    ("intake", Permission.INTAKE_EDIT, approvals.returned_to),
    ("approvals", Permission.APPROVAL_DECIDE, lambda officer: approvals.waiting_in(officer, approvals.PENDING)),
    (
        "problems",
        Permission.PROBLEM_VIEW,
        lambda officer: problems.narrowed(officer, problems.Filters(turn=problems.MINE)),
    ),
    ("cases", Permission.CASE_FILE, lambda officer: listing.cases(officer, listing.BACK)),
    ("cases", Permission.CASE_DECIDE, lambda officer: listing.cases(officer, listing.WAITING)),
)
"""Behind which entry, for whom, and what: a row of the query is one thing that waits."""


def counts_of(officer: Officer) -> Mapping[str, int]:
    """Return what waits for an officer by the name of the entry, at most `MOST` + 1 each.

    A page never fails by it: where the database does not answer there are no counts.
    """
    asked = [(name, waiting(officer)) for name, permission, waiting in BEHIND if officer.may(permission)]
    try:
        found = rows.counted([waiting for _, waiting in asked], most=MOST + 1)
    except DatabaseError:
        log.exception("the navigation could not be counted")
        return {}
    sums: dict[str, int] = {}
    for (name, _), count in zip(asked, found, strict=True):
        sums[name] = min(sums.get(name, 0) + count, MOST + 1)
    return sums


def words_of(count: int) -> str:
    """Return a count as the navigation shows it; nothing where nothing waits."""
    return f"{MOST}+" if count > MOST else str(count) if count else ""
