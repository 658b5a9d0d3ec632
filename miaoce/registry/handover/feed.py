"""The change feed: what happened to the children in somebody's scope, as CloudEvents without a personal value.

Read straight from the journal, so that nothing is told late or twice over because of a copy. A cursor repeats the last
minutes rather than missing what a long transaction wrote (journal.feeds); receivers know an event again by its id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission, Scope
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.handover.models import Handover
from miaoce.registry.journal.facts import ALSO, INTO
from miaoce.registry.journal.models import Event

UNTOLD = ("clock.started", "clock.stopped", "proposal.opened", "proposal.refused")
"""Facts of the register's own housekeeping, of no use to other programs."""


@dataclass(frozen=True)
class Told:
    """One event as it is told: which fact of which child, when true, when learned, and which columns changed."""

    id: UUID
    verb: str
    child_id: UUID
    subject: str
    subject_id: UUID
    effective_on: str
    recorded_at: datetime
    changed: Sequence[str]
    into: str = ""

    def as_cloud_event(self) -> dict[str, Any]:
        """Return the event by CloudEvents 1.0; `data` names columns and ids, never what stands in them.

        Of a record that was merged or split (child.merged, child.unmerged, child.split) `into` names the other one.
        """
        into = {"into": f"{UUID(hex=self.into)}"} if self.into else {}
        return {
            "specversion": "1.0",
            "id": f"{self.id}",
            "source": f"/{settings.SENDER}",
            "type": f"cn.miaoce.{self.verb}",
            "subject": f"children/{self.child_id}",
            "time": self.recorded_at.isoformat(),
            "datacontenttype": "application/json",
            "data": {
                "child": f"{self.child_id}", "subject": self.subject, "subject_id": f"{self.subject_id}",
                "effective_on": self.effective_on, "changed": list(self.changed), **into,
            },
        }  # fmt: skip


def scope_of(*, unit_id: UUID, scope: str) -> Q:
    """Return the condition of the events that a unit may be told: of the children it answers for now, of the stays it had,
    of the records it took over. Whoever moved away is told of only as far as the stay here goes."""
    if scope == Scope.SCHOOL:
        return Q(child_id__in=Handover.objects.filter(school_id=unit_id).values("child_id"))
    if scope == Scope.KINDERGARTEN:
        here = Enrolment.objects.filter(kindergarten_id=unit_id)
        return Q(child_id__in=Child.objects.filter(kindergarten_id=unit_id).values("pk")) | Q(
            subject="enrolment", subject_id__in=here.values("pk")
        )
    here = Enrolment.objects.filter(kindergarten__office_id=unit_id)
    return Q(child_id__in=Child.objects.filter(office_id=unit_id).values("pk")) | Q(
        subject="enrolment", subject_id__in=here.values("pk")
    )


def events_for(actor: Officer, *, after: UUID | None, limit: int) -> list[Told]:
    """Return up to `limit` events of the officer's scope behind an event, in the order of their ids. One statement.

    Refuses ACC-01. No reading is logged: nothing personal is told.
    """
    require(actor, Permission.FEED_READ)
    if actor.unit_id is None or not (actor.is_kindergarten or actor.is_county or actor.role.scope is Scope.SCHOOL):
        return []
    return told(unit_id=actor.unit_id, scope=actor.role.scope, after=after, limit=limit)


def told(*, unit_id: UUID, scope: str, after: UUID | None, limit: int, until: UUID | None = None) -> list[Told]:
    """Return events of a unit's scope behind one event and before another, in the order of their ids."""
    found = Event.objects.filter(scope_of(unit_id=unit_id, scope=scope), child_id__isnull=False).exclude(
        verb__in=UNTOLD
    )
    if after is not None:
        found = found.filter(pk__gt=after)
    if until is not None:
        found = found.filter(pk__lt=until)
    columns = ("id", "verb", "child_id", "subject", "subject_id", "effective_on", "recorded_at", "before", "after")
    return [
        Told(pk, verb, child, subject, row, on.isoformat(), at, _changed(before, after_), after_.get(INTO, ""))
        for pk, verb, child, subject, row, on, at, before, after_ in found.order_by("pk").values_list(*columns)[:limit]
    ]


def _changed(before: dict[str, Any], after: dict[str, Any]) -> Sequence[str]:
    """Return the names of the columns that a fact changed; none for a new row."""
    told = {name for name in after if name not in {ALSO, INTO}}
    return sorted(name for name in told if before.get(name) != after[name]) if before else ()
