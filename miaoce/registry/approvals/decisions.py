"""Reads of what a county decided and chose: decisions with what still stands by them, selections before a bulk decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Proposal, ProposalQuerySet, Selection
from miaoce.registry.approvals.queries import PAGE, PlaceCount, by_kindergarten
from miaoce.registry.journal.models import Event, Process
from miaoce.registry.rows import CHUNK


@dataclass(frozen=True)
class Decision:
    """A decision of the county: who, when, what, how many cases still stand by it."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_name: str
    kind: str
    standing: int

    def recall_minutes_left(self, *, now: datetime, recall_minutes: int) -> int:
        """Return the minutes in which it may still be taken back, 0 when they are over."""
        left = self.at + timedelta(minutes=recall_minutes) - now
        return max(-(-int(left.total_seconds()) // 60), 0) if self.standing else 0


DECISIONS = ("approval.approve", "approval.return")


def decisions_of(
    actor: Officer, *, since: datetime | None = None, before: UUID | None = None, most: int = PAGE
) -> list[Decision]:
    """Return the decisions of the officer's unit, the newest first. Two statements."""
    doings = Process.objects.filter(unit_id=actor.unit_id, kind__in=DECISIONS)
    if since is not None:
        doings = doings.filter(at__gte=since)
    if before is not None:
        moment = doings.filter(pk=before).values_list("at", flat=True).first()
        doings = doings.filter(Q(at__lt=moment) | Q(at=moment, id__lt=before)) if moment else doings
    return _with_counts(actor, list(doings.order_by("-at", "-id")[:most]))


def _with_counts(actor: Officer, doings: Sequence[Process]) -> list[Decision]:
    """Return decisions with the number of cases that still stand by each."""
    cases = Proposal.objects.visible_to(actor).filter(decision_id__in=[doing.pk for doing in doings])
    standing = dict(cases.order_by().values_list("decision_id").annotate(Count("id")))
    return [Decision(d.pk, d.at, d.actor_id, d.actor_name, d.kind, standing.get(d.pk, 0)) for d in doings]


def decision(actor: Officer, decision_id: UUID) -> Decision:
    """Return one decision of the officer's unit; DoesNotExist for a foreign or unknown one. Two statements."""
    doing = Process.objects.get(pk=decision_id, unit_id=actor.unit_id, kind__in=DECISIONS)
    return _with_counts(actor, [doing])[0]


def decided_cases(
    actor: Officer, decision_id: UUID, *, after: UUID | None = None
) -> tuple[list[Proposal], UUID | None]:
    """Return a page of the cases that stand by a decision, in the order of their ids, and where the next begins."""
    cases = Proposal.objects.visible_to(actor).filter(decision_id=decision_id)
    cases = cases.filter(pk__gt=after) if after else cases
    found = list(cases.select_related("kindergarten").order_by("id")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def refusals_of(decision_id: UUID) -> list[Event]:
    """Return what a decision could not do, with the reason in `after`: {"code", "words"}."""
    return list(Event.objects.filter(process_id=decision_id, verb="proposal.refused").order_by("id"))


def selection_of(actor: Officer, selection_id: UUID) -> Selection:
    """Return what the officer chose; DoesNotExist for a colleague's, a foreign or an unknown one."""
    if actor.unit_id is None:
        raise Selection.DoesNotExist
    return Selection.objects.get(pk=selection_id, office_id=actor.unit_id, staff_id=actor.staff_id)


def chosen_cases(actor: Officer, selection: Selection) -> ProposalQuerySet:
    """Return the cases of a selection that the officer may see."""
    return Proposal.objects.visible_to(actor).filter(pk__in=[UUID(hex=case) for case, _ in selection.items])


def spread_of(actor: Officer, selection: Selection) -> list[PlaceCount]:
    """Return how a selection spreads over kindergartens; one statement for each 2,000 cases."""
    ids, found = [UUID(hex=case) for case, _ in selection.items], dict[UUID, PlaceCount]()
    for start in range(0, len(ids), CHUNK):
        part = Proposal.objects.visible_to(actor).filter(pk__in=ids[start : start + CHUNK])
        for one in by_kindergarten(part):
            old = found.get(one.kindergarten_id)
            found[one.kindergarten_id] = one if old is None else _joined(old, one)
    return sorted(found.values(), key=lambda one: one.name)


def _joined(one: PlaceCount, two: PlaceCount) -> PlaceCount:
    """Return two counts of one kindergarten as one."""
    return PlaceCount(
        one.kindergarten_id,
        one.code,
        one.name,
        one.waiting + two.waiting,
        one.risky + two.risky,
        min((m for m in (one.oldest_at, two.oldest_at) if m), default=None),
        min((d for d in (one.due_on, two.due_on) if d), default=None),
    )
