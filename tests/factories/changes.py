"""Changes of key data as kindergartens file them and counties decide them."""

from datetime import date, datetime
from uuid import UUID

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import proofs
from miaoce.registry.approvals.cases import Moved
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.proofs_drawing import Drawing
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.children.models import Child
from miaoce.registry.corrections import actions as corrections
from miaoce.registry.corrections.actions import Request
from miaoce.registry.journal import actions as journal


def make_proof(
    child: Child, actor: Officer, at: datetime, text: str = "one", kind: str = "household_book"
) -> ProofFile:
    """Keep a proof of a child; different texts are different proofs."""
    drawing = Drawing("jpeg", (b"\xff\xd8\xff" + text.encode() + b"\xff\xd9",))
    with journal.process("proof.keep", actor=actor, at=at) as process:
        return proofs.keep(fresh=[proofs.Fresh(child.pk, kind, drawing)], process=process)[0]


def request(
    child: Child,
    proof: UUID | None,
    *,
    reason: str = "recorded_wrong",
    words: str = "",
    since: date | None = None,
    **texts: str,
) -> Request:
    """Return what is asked for."""
    return Request(child.pk, texts, reason, since, words, (proof,) if proof else ())


def file(child: Child, actor: Officer, at: datetime, *, proof: str = "one", **given: object) -> Moved:
    """File a correction with a proof of its own."""
    kept = make_proof(child, actor, at, proof)
    with journal.process("correction.file", actor=actor, at=at) as process:
        return corrections.file(requests=[request(child, kept.pk, **given)], process=process)  # type: ignore[arg-type]  # as request takes them


def agree(case: Case, actor: Officer, at: datetime) -> Moved:
    """Agree to a correction as it stands."""
    case.refresh_from_db()
    with journal.process("correction.agree", actor=actor, at=at) as process:
        return corrections.agree(chosen={case.pk: case.version}, process=process)


def correct(child: Child, registrar: Officer, reviewer: Officer, at: datetime, **given: object) -> Case:
    """File a correction and agree to it."""
    moved = file(child, registrar, at, **given)
    assert not moved.refused, moved.refused
    decided = agree(moved.done[0], reviewer, at)
    assert not decided.refused, decided.refused
    return decided.done[0]
