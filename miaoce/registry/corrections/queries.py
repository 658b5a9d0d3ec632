"""Reads of corrections: the list of a unit, one case with before and after side by side, one number in full for a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import listing
from miaoce.registry.approvals.models import Case, CaseQuerySet, Clock
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.approvals.states import CORRECTION
from miaoce.registry.children.corrections import KEY_FIELDS
from miaoce.registry.children.models import Child
from miaoce.registry.children.reveal import NothingToShow
from miaoce.registry.intake.fields import label
from miaoce.registry.intake.problems import words_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer, shown


@dataclass(frozen=True)
class Compared:
    """One field of the key data as it stood and as it is wanted, masked for the viewer."""

    field: str
    label: str
    before: str
    after: str
    differs: bool


@dataclass(frozen=True)
class Opened:
    """A correction with what is sealed in it. `after` holds the wanted values in full and is for forms, never for showing."""

    case: Case
    child: Child
    rows: Sequence[Compared]
    words: str
    remarks: Sequence[str]
    proofs: Sequence[ProofFile]
    due_on: date | None
    before: Mapping[str, str]
    after: Mapping[str, str]


def corrections(actor: Officer, tab: str = "") -> CaseQuerySet:
    """Return the corrections that an officer's unit is a party to, of one tab (approvals.listing) or all."""
    return listing.cases(actor, tab, CORRECTION)


def opened(case: Case, *, viewer: Viewer, book: Codebook) -> Opened:
    """Open a correction that the officer may see. Four statements; whoever shows it has logged the reading."""
    safe = vault.open_safe([case.child_id])
    wanted: dict[str, Any] = safe.open_json(case.child_id, "case", "wanted", case.pk, bytes(case.wanted or b""))
    words = ""
    if case.words is not None:
        words = safe.open(case.child_id, "case", "words", case.pk, bytes(case.words))
    clock = Clock.objects.filter(case_id=case.pk, stopped_at=None).order_by("due_on").first()
    return Opened(
        case=case,
        child=Child.objects.select_related("kindergarten").get(pk=case.child_id),
        rows=[_compared(key, wanted["before"], wanted["after"], viewer, book) for key in KEY_FIELDS],
        words=words,
        remarks=wanted.get("remarks", []),
        proofs=list(ProofFile.objects.filter(case_id=case.pk, erased_at=None).order_by("id")),
        due_on=clock.due_on if clock else None,
        before=wanted["before"],
        after=wanted["after"],
    )


def wanted_of(case: Case) -> Mapping[str, str]:
    """Return the values that a correction asks for, in full: for mending it, never for showing."""
    safe = vault.open_safe([case.child_id])
    wanted: dict[str, Any] = safe.open_json(case.child_id, "case", "wanted", case.pk, bytes(case.wanted or b""))
    return dict(wanted["after"])


def _compared(
    key: str, before: Mapping[str, str], after: Mapping[str, str], viewer: Viewer, book: Codebook
) -> Compared:
    """Put one field side by side."""
    one, two = before.get(key, ""), after.get(key, "")
    if key != "id_number":
        return Compared(key, label(key), words_of(key, one, book), words_of(key, two, book), one != two)
    first, second = shown(Field.DOCUMENT, one, viewer), shown(Field.DOCUMENT, two, viewer)
    if one != two and first == second:
        second += "（不同的几位在遮住的部分）"
    return Compared(key, label(key), first, second, one != two)


def reveal(*, case: Case, which: str, reason: str, actor: Officer, at: datetime) -> str:
    """Log and return a document number of a case in full: `which` is before or after. Refuses ACC-01 and CHD-05.

    `reason` are words as the log keeps them (children.reveal.reason_words).
    """
    require(actor, Permission.CHILD_REVEAL)
    safe = vault.open_safe([case.child_id])
    wanted = safe.open_json(case.child_id, "case", "wanted", case.pk, bytes(case.wanted or b""))
    number: str = wanted.get(which, {}).get("id_number", "")
    if not number:
        raise NothingToShow
    journal.log_reading(actor=actor, at=at, what="correction.document", child_ids=[case.child_id], reason=reason)
    return number
