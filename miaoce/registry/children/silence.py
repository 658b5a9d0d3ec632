"""About whom nothing is sent: children whose record was cancelled, and those reported dead or missing from that moment on."""

from collections.abc import Collection
from uuid import UUID

from miaoce.registry.approvals.models import Case, ChangeClaim
from miaoce.registry.approvals.states import CANCELLATION
from miaoce.registry.children.models import Child

SILENT = frozenset({"cancellation.death", "cancellation.missing"})
"""Reasons (list case_reason) after which nothing is sent about a child any more, from the moment they are filed."""

GONE = ("cancelled", "void", "merged")  # where such a child stands (enrolments.states)


def quiet(child_ids: Collection[UUID]) -> set[UUID]:
    """Return the children about whom nothing is sent. Three statements."""
    wanted = list(child_ids)
    gone = Child.objects.filter(pk__in=wanted, standing__in=GONE).values_list("pk", flat=True)
    held = ChangeClaim.objects.filter(child_id__in=wanted, kind=CANCELLATION).values_list("case_id", flat=True)
    reported = Case.objects.filter(pk__in=list(held), facts__reason__in=sorted(SILENT))
    return {*gone, *reported.values_list("child_id", flat=True)}
