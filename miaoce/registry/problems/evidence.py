"""The proofs that sides filed with a problem: shown to who filed them and to the offices that decide, not to the other side."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.problems.models import ProblemRecord, ProblemSide


def proofs_of(actor: Officer, problem_id: UUID) -> Sequence[ProofFile]:
    """Return the proofs of a problem that the officer may see: its own unit's, all of them for the office that decides.

    A scan shows more of the other child than deciding needs, so the other kindergarten is told how many there are and what kind
    they are by the side's `proofs` and no more.
    """
    problem = ProblemRecord.objects.visible_to(actor).filter(pk=problem_id).first()
    if problem is None:
        return ()
    sides = ProblemSide.objects.filter(problem_id=problem.pk)
    if actor.unit_id != problem.office_id:
        sides = sides.filter(Q(kindergarten_id=actor.unit_id) | Q(office_id=actor.unit_id))
    return list(ProofFile.objects.filter(case_id__in=sides.values("pk"), erased_at=None).order_by("id"))


def proof(actor: Officer, problem_id: UUID, proof_id: UUID) -> ProofFile | None:
    """Return one proof of a problem, None where the officer may not see it. Whoever shows it logs it first (proofs.look)."""
    return next((one for one in proofs_of(actor, problem_id) if one.pk == proof_id), None)
