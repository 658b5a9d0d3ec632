"""Which values of a row are masked on its page, and opening one: one field, one row, a reason, logged before it is shown.

The field that has the problem stands open in its input, because to mend it is what the page is for; that is logged too, with
this purpose as the reason, once for each field and child, each time (docs/adr/0007).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.reveal import NothingToShow, reason_words
from miaoce.registry.intake import rules, states
from miaoce.registry.intake.contents import OpenRow
from miaoce.registry.intake.fields import CARE, FIELD, FIELDS
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.problems import shown_text
from miaoce.registry.intake.review import RowView
from miaoce.registry.intake.states import CHANGEABLE
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Shown
from miaoce.registry.reference.codebook import Codebook

SEALED = frozenset(field.key for field in FIELDS if field.sensitive)
PURPOSE = "登记核对"
Opened = tuple[str, UUID]  # a field and the child that it is about


def logged_as(key: str) -> str:
    """Return what the read log calls the showing of a field: the same word as for a child's own page."""
    return f"reveal:{key.replace('id_number', 'document_number')}"


def is_masked(key: str, actor: Officer) -> bool:
    """Say whether a field is masked for somebody by default. Health and disability are for a role with child:care."""
    return key in SEALED or (key in CARE and not actor.may(Permission.CHILD_CARE))


def opened_by_problems(views: Iterable[RowView]) -> list[Opened]:
    """Return the sealed fields that stand in inputs of the review page because something is wrong with them."""
    return [
        (problem.field, view.becomes_id)
        for view in views
        for problem in view.problems
        if problem.field in SEALED | CARE and problem.value
    ]


def closed_fields(row: OpenRow, actor: Officer, codebook: Codebook) -> list[str]:
    """Return the fields of a row that its page shows masked: what is sealed, not empty, and has no problem."""
    wrong = {finding.field for finding in row.content.findings}
    return [
        field.key
        for field in FIELDS
        if is_masked(field.key, actor) and field.key not in wrong and shown_text(field.key, row.content, codebook)
    ]


def showings(opened: Sequence[Opened]) -> list[Shown]:
    """Return what the read log holds of fields that are about to be shown to be mended: one entry for each, with the purpose."""
    return [Shown(logged_as(key), [child], PURPOSE) for key, child in dict.fromkeys(opened)]


def reveal(
    *,
    batch: Batch,
    row: OpenRow,
    state: str,
    key: str,
    reason: str,
    words: str,
    codebook: Codebook,
    actor: Officer,
    at: datetime,
) -> str:
    """Log and return what stands in one masked field of a row that may be changed (`state` as people see it).

    `reason` is a code of the list reveal_reason. Refuses ACC-01, CHD-03 to CHD-05 and INT-06, and then logs nothing.
    """
    require(actor, Permission.CHILD_REVEAL)
    if state not in CHANGEABLE:
        raise rules.RowNotFree(where=batch.where(row.row), state=states.ROW_LABELS[state])
    text = shown_text(key, row.content, codebook) if key in FIELD else ""
    if key not in SEALED or not text:
        raise NothingToShow
    said = reason_words(codebook, reason, words)
    journal.log_reading(what=logged_as(key), child_ids=[row.row.becomes_id], reason=said, actor=actor, at=at)
    return text
