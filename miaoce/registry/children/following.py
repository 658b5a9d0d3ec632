"""From a record that was merged to the one that was kept, and back: who asks for either finds one child."""

from collections.abc import Collection, Iterable
from uuid import UUID

from miaoce.registry.children.models import ChildMerge
from miaoce.registry.rows import CHUNK


def kept_of(child_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return for each record the one that it leads to: itself, unless it was merged. One statement, one more a merge of a merge."""
    found = {child: child for child in child_ids}
    step = _on(found)
    seen: set[UUID] = set()
    while step and not step.keys() <= seen:
        seen |= step.keys()
        found = {child: step.get(at, at) for child, at in found.items()}
        step = _on(found.values())
    return found


def _on(child_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return where records lead that were merged."""
    wanted, found = list(set(child_ids)), dict[UUID, UUID]()
    for start in range(0, len(wanted), CHUNK):
        merges = ChildMerge.objects.filter(gone_id__in=wanted[start : start + CHUNK], undone_at__isnull=True)
        found.update(merges.values_list("gone_id", "kept_id"))
    return found


def gone_into(child_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Return for each record itself and those that were merged into it: their readings and events are its own too."""
    found = {child: {child} for child in child_ids}
    frontier = {child: child for child in found}
    while frontier:
        merges = ChildMerge.objects.filter(kept_id__in=list(frontier), undone_at__isnull=True)
        reached = {gone: frontier[kept] for gone, kept in merges.values_list("gone_id", "kept_id")}
        frontier = {gone: child for gone, child in reached.items() if gone not in found[child]}
        for gone, child in frontier.items():
            found[child].add(gone)
    return found
