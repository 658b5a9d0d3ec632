"""Proof files: kept when they come in, taken by a case, looked at for a reason, cleaned when no case took them.

A file is drawn first (`draw`, outside of any transaction), then kept. No file goes out as it came in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, Value, When

from miaoce.registry import rows
from miaoce.registry.access.officers import Denied, Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import proofs_files, proofs_rules
from miaoce.registry.approvals.proofs_drawing import Drawing
from miaoce.registry.approvals.proofs_files import draw, limits_of_today
from miaoce.registry.approvals.proofs_models import ProofFile, ProofFileQuerySet
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault

__all__ = ["Fresh", "attach", "clean", "draw", "drop", "is_due", "keep", "limits_of_today", "look", "pages_of", "sweep"]

UNFINISHED = timedelta(days=1)
CLEANED_AT_ONCE = 500


@dataclass(frozen=True)
class Fresh:
    """A proof that came in: of which child, what it is (a code of the list `proof`), and what was drawn of it."""

    child_id: UUID
    kind: str
    drawing: Drawing


@transaction.atomic
def keep(*, fresh: Sequence[Fresh], process: Process) -> list[ProofFile]:
    """Keep proofs of children that the actor may see, and return them in order; the same file again gives the one kept.

    Refuses PRF-08 for an unknown kind, PRF-12 where enough of a child lie unused.
    """
    _must_file(process.actor)
    book = reference.codebook(journal.day_of(process))
    if any(book.entry("proof", one.kind) is None for one in fresh):
        raise proofs_rules.UnknownProofKind
    safe = vault.open_safe([one.child_id for one in fresh])
    digests = [proofs_files.digest_of(one.child_id, one.drawing) for one in fresh]
    made = []
    for one, digest in zip(fresh, digests, strict=True):
        size = proofs_files.store(child_id=one.child_id, digest=digest, drawing=one.drawing, safe=safe)
        made.append(
            ProofFile(
                child_id=one.child_id, kind=one.kind, came_as=one.drawing.came_as, pages=len(one.drawing.pages), size=size,
                digest=digest, uploaded_at=process.at, uploaded_by=process.actor.staff_id, unit_id=process.actor.unit_id,
            )
        )  # fmt: skip
    ProofFile.objects.bulk_create(made, batch_size=rows.CHUNK, ignore_conflicts=True)
    kept = {
        (proof.child_id, proof.digest): proof
        for proof in ProofFile.objects.free().filter(child_id__in={one.child_id for one in fresh}, digest__in=digests)
    }
    ours = {proof.pk for proof in made}
    journal.note(
        process,
        [journal.made("proof.kept", proof, child_id=proof.child_id) for proof in kept.values() if proof.pk in ours],
    )
    _must_be_few({one.child_id for one in fresh})
    return [kept[one.child_id, digest] for one, digest in zip(fresh, digests, strict=True)]


def _must_file(actor: Officer) -> None:
    """Refuse (ACC-01) whoever files neither cases nor transfers."""
    if not actor.may(Permission.TRANSFER_HANDLE):
        require(actor, Permission.CASE_FILE)


def _must_be_few(child_ids: Collection[UUID]) -> None:
    """Refuse (PRF-12) a child with more unused proofs than anybody needs; counted after, so that two at once count too."""
    counted = ProofFile.objects.free().filter(child_id__in=child_ids).values_list("child_id")
    most = max((count for _, count in counted.annotate(count=Count("id"))), default=0)
    if most > proofs_rules.MOST_FREE:
        raise proofs_rules.TooManyFree(count=most - 1)


@transaction.atomic
def attach(*, wanted: Mapping[UUID, tuple[UUID, Collection[UUID]]], process: Process) -> None:
    """Let cases take proofs: case → (child, ids of proofs). Two statements however many.

    Each proof must be free, of that child, and brought in by the actor's unit; otherwise all is refused (PRF-09).
    """
    of_case = {proof: (case, child) for case, (child, proofs) in wanted.items() for proof in proofs}
    if not of_case:
        return
    found = ProofFile.objects.free().filter(pk__in=list(of_case), unit_id=process.actor.unit_id)
    ready = [proof for proof in found if proof.child_id == of_case[proof.pk][1]]
    to_case = [When(child_id=child, then=Value(case)) for case, (child, _) in wanted.items()]
    taken = (
        ProofFile.objects.free()
        .filter(pk__in=[proof.pk for proof in ready])
        .update(case_id=models.Case(*to_case, output_field=models.UUIDField()), attached_at=process.at)
    )
    if taken != len(of_case):
        raise proofs_rules.ProofTaken
    journal.note(
        process,
        [
            journal.changed(
                "proof.attached", proof, new={"case_id": of_case[proof.pk][0], "attached_at": process.at},
                child_id=proof.child_id,
            )
            for proof in ready
        ],
    )  # fmt: skip


@transaction.atomic
def drop(*, proof_ids: Collection[UUID], process: Process) -> int:
    """Give up proofs of the actor's unit that no case took; return how many. Their bytes go at the next cleaning."""
    _must_file(process.actor)
    return _erase(ProofFile.objects.free().filter(pk__in=list(proof_ids), unit_id=process.actor.unit_id), process)


def look(*, proof: ProofFile, reason: str, actor: Officer, at: datetime) -> None:
    """Log that an officer is about to be shown a proof that it may see (visible_to is asked before), and why.

    Refuses ACC-01. `reason` are words as the log keeps them (children.reveal.reason_words).
    """
    require(actor, Permission.CHILD_REVEAL)
    if not reason:
        raise Denied(permission=Permission.CHILD_REVEAL)
    if proof.erased_at is not None:
        raise proofs_rules.ProofGone
    journal.log_reading(actor=actor, at=at, what=f"proof:{proof.kind}", child_ids=[proof.child_id], reason=reason)


def pages_of(proof: ProofFile) -> tuple[bytes, ...]:
    """Return the pages of a proof, each a JPEG. Whoever shows them has logged it (look). PRF-10 when they are gone."""
    safe = vault.open_safe([proof.child_id])
    return proofs_files.fetch(child_id=proof.child_id, digest=proof.digest, safe=safe).pages


def is_due(*, at: datetime) -> bool:
    """Say whether proofs lie unused for too long."""
    return _left(at).exists()


def _left(at: datetime) -> ProofFileQuerySet:
    """Return the proofs that no case took for a week."""
    return ProofFile.objects.free().filter(uploaded_at__lt=at - timedelta(days=proofs_rules.FREE_DAYS))


@transaction.atomic
def clean(*, process: Process) -> int:
    """Erase what no case took for a week; return how many. For the worker, which sweeps the bytes later."""
    return _erase(_left(process.at)[:CLEANED_AT_ONCE], process)


def sweep(*, at: datetime) -> int:
    """Delete files that no proof answers for, because it was erased or a process died before it was written; return how many.

    Those of the last day are left alone: their row may be on its way.
    """
    left, gone = list(proofs_files.stored(before=at - UNFINISHED)), 0
    for first in range(0, len(left), rows.CHUNK):
        gone += _remove_unknown(left[first : first + rows.CHUNK])
    return gone


def _remove_unknown(paths: Sequence[Path]) -> int:
    """Delete files that no proof answers for."""
    names = {path.name.split(".")[0] for path in paths}
    living = set(ProofFile.objects.filter(digest__in=names, erased_at__isnull=True).values_list("digest", flat=True))
    unknown = [path for path in paths if path.name not in living]
    for path in unknown:
        path.unlink(missing_ok=True)
    return len(unknown)


def _erase(proofs: "models.QuerySet[ProofFile]", process: Process) -> int:
    """Mark proofs as erased; a proof that a case takes at this moment stays."""
    found, new = list(proofs), {"erased_at": process.at}
    ProofFile.objects.free().filter(pk__in=[proof.pk for proof in found]).update(**new)
    gone = set(ProofFile.objects.filter(pk__in=[proof.pk for proof in found], **new).values_list("pk", flat=True))
    erased = [proof for proof in found if proof.pk in gone]
    journal.note(
        process, [journal.changed("proof.erased", proof, new=new, child_id=proof.child_id) for proof in erased]
    )
    return len(erased)
