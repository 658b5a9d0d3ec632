"""What moved in the cases of a unit since a point: the journal is the feed (journal.feeds)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.journal.models import Event

VERBS = (
    "number.exhausted", "number.issued", "proposal.approved", "proposal.opened", "proposal.recalled", "proposal.returned",
    "proposal.submitted", "proposal.withdrawn",
)  # fmt: skip


@dataclass(frozen=True)
class Moved:
    """Cases that moved, as they stand now, each once; `last` is the event to go on from, None when there was none."""

    cases: Sequence[Proposal]
    last: UUID | None
    has_more: bool


def moved_since(actor: Officer, *, after: UUID | None, limit: int, state: str = "") -> Moved:
    """Return the cases of the officer's unit that moved behind a point of the journal. Two statements.

    `limit` counts events; a case that moved twice among them comes once.
    """
    mine = Proposal.objects.visible_to(actor)
    mine = mine.filter(state=state) if state else mine
    events = Event.objects.filter(child_id__in=mine.values("child_id"), verb__in=VERBS)
    if after is not None:
        events = events.filter(pk__gt=after)
    found = list(events.order_by("id").values_list("id", "child_id")[: limit + 1])
    page = found[:limit]
    cases = {case.child_id: case for case in mine.filter(child_id__in={child for _, child in page})}
    order = dict.fromkeys(child for _, child in reversed(page))
    told = [cases[child] for child in reversed(order) if child in cases]
    return Moved(told, page[-1][0] if page else None, len(found) > limit)
