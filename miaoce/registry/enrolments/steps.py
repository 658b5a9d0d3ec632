"""A step of a child's life in the register: who may take it, and moving the child and its stay together. Always in batches.

The child is moved first, by conditional update on the version seen and where it stands; that keeps everybody else off its
stays until the transaction ends. Then its stay is closed and, where it goes on, another is opened on the same day, so that
no child has two open stays and none is between two. Every verb that changes a stay goes this way.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.approvals import claims
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.children.models import Child, ChildQuerySet
from miaoce.registry.enrolments import rules, states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal

UNKNOWN = "不在本单位名单里"
Check = Callable[[Child, Enrolment], None]


@dataclass
class Outcome:
    """What a step did: the children that took it, and for each other one why not."""

    done: list[UUID] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


@dataclass
class Taken:
    """Children that a step may be tried on, with the stay it is about, and why the others stay as they are."""

    verb: str
    children: dict[UUID, Child]
    stays: dict[UUID, Enrolment]
    refused: dict[UUID, Refusal]

    def refuse(self, child_id: UUID, refusal: Refusal) -> None:
        """Leave a child as it is."""
        del self.children[child_id]
        self.refused[child_id] = refusal

    def only_if(self, check: Check) -> None:
        """Leave the children as they are for whom a check raises its refusal."""
        for child_id, child in list(self.children.items()):
            try:
                check(child, self.stays[child_id])
            except Refusal as refusal:
                self.refuse(child_id, refusal)

    def own_stays(self) -> list[Enrolment]:
        """Return the stays of the children that are left, in the order of the children."""
        return [self.stays[child_id] for child_id in self.children]


def visible(process: Process) -> ChildQuerySet:
    """Return the children that the actor may see; the system, which no unit employs, sees all."""
    everybody = Child.objects.all()
    return everybody if process.actor.role_code == "system" else everybody.visible_to(process.actor)


def take(
    verb: str,
    *,
    chosen: Mapping[UUID, int],
    among: ChildQuerySet,
    process: Process,
    beside: Collection[str] = (),
) -> Taken:
    """Return the children (id → version seen, 0 for whichever) that stand where a step leads on.

    Refused alone: who is not among those (ENR-02, foreign and unknown alike), stands elsewhere (ENR-02), changed since
    (ENR-03), or has another change in hand (APR-08) of a kind that is not named by `beside`.
    """
    step = states.STEPS[verb]
    require(process.actor, step.permission)
    found, stays = dict[UUID, Child](), dict[UUID, Enrolment]()
    for part in parts(sorted(chosen)):
        found.update(among.in_bulk(part))
        stays.update({stay.child_id: stay for stay in last_stays(part)})
    held = claims.in_hand(found)
    taken = Taken(verb, {}, stays, {})
    for child_id, version in chosen.items():
        child, claim = found.get(child_id), held.get(child_id)
        if child is None:
            taken.refused[child_id] = states.StepNotAllowed(state=UNKNOWN, verb=step.label)
        elif child.standing not in step.sources or child_id not in stays:
            taken.refused[child_id] = states.StepNotAllowed(state=states.standing_word(child.standing), verb=step.label)
        elif version not in {0, child.version}:
            taken.refused[child_id] = rules.ChangedSinceShown()
        elif claim is not None and claim.kind not in beside:
            taken.refused[child_id] = cases.ChangeInHand(kind=KINDS[claim.kind])
        else:
            taken.children[child_id] = child
    return taken


def last_stays(child_ids: Sequence[UUID]) -> Iterable[Enrolment]:
    """Return the stays of children; the last of each child is the one that counts now: the open one, else the newest."""
    found = Enrolment.objects.filter(child_id__in=child_ids).exclude(state=states.WITHDRAWN).select_related("group")
    return sorted(found, key=lambda stay: (stay.ended_on is None, stay.ended_on or stay.started_on, stay.pk))


def move(taken: Taken, *, verb: str, new: Mapping[str, Any], on: date | Mapping[UUID, date], process: Process) -> None:
    """Move the children: `new` columns, version + 1. Who was changed by somebody faster is refused (ENR-03).

    `verb` is the event's (child.left); `on` the day from which it is true, one for all or by child.
    """
    step = states.STEPS[taken.verb]
    values = {**new, "changed_at": process.at}
    by_version = defaultdict(list)
    for child in taken.children.values():
        by_version[child.version].append(child)
    changes: list[Change] = []
    for version, children in sorted(by_version.items()):
        now = {**values, "version": version + 1}
        moved = _moved(children, version, step.sources, now)
        for child in children:
            if child.pk not in moved:
                taken.refuse(child.pk, rules.ChangedSinceShown())
                continue
            day = on if isinstance(on, date) else on[child.pk]
            changes.append(journal.changed(verb, child, new=now, child_id=child.pk, effective_on=day))
            for name, value in now.items():
                setattr(child, name, value)
    journal.note(process, changes)


def _moved(
    children: Sequence[Child], version: int, sources: Collection[str], now: Mapping[str, Any]
) -> Collection[UUID]:
    """Move children seen in one version together; where somebody was faster with one, one by one."""
    gone: set[UUID] = set()
    for part in parts(sorted(child.pk for child in children)):
        with transaction.atomic():
            together = _update(part, version, sources, now) == len(part)
            transaction.set_rollback(not together)
        gone.update(part if together else (pk for pk in part if _update([pk], version, sources, now)))
    return gone


def _update(child_ids: Sequence[UUID], version: int, sources: Collection[str], now: Mapping[str, Any]) -> int:
    """Write the columns of children that stand where the step leads on, in the version seen; return how many did."""
    return Child.objects.filter(pk__in=child_ids, version=version, standing__in=sources).update(**now)


def close(
    stays: Sequence[Enrolment],
    *,
    verb: str,
    step: str,
    on: Mapping[UUID, date],
    process: Process,
    also: Mapping[str, Any] | None = None,
) -> None:
    """Close open stays by a step of STAY_STEPS, each on its child's day: it is true up to the day before.

    `verb` is the event's (enrolment.left); `also` are more columns, alike for all.
    """
    way = states.STAY_STEPS[step]
    by_day = defaultdict(list)
    for stay in stays:
        by_day[on[stay.child_id]].append(stay)
    changes = []
    for day, together in by_day.items():
        new = {"state": way.target, "ended_on": day, **(also or {})}
        _write(together, new, way)
        changes += [journal.changed(verb, stay, new=new, child_id=stay.child_id, effective_on=day) for stay in together]
    journal.note(process, changes)


def reopen(
    stays: Sequence[Enrolment], *, verb: str, step: str, process: Process, also: Mapping[str, Any] | None = None
) -> None:
    """Open closed stays again by a step of STAY_STEPS, as if they had never ended."""
    way = states.STAY_STEPS[step]
    new = {"state": way.target, "ended_on": None, **(also or {})}
    _write(stays, new, way)
    journal.note(
        process,
        [
            journal.changed(verb, stay, new=new, child_id=stay.child_id, effective_on=stay.ended_on)
            for stay in stays
        ],
    )  # fmt: skip


class StayMoved(RuntimeError):
    """A stay was changed beside its child: a bug, because every change of a stay moves the child first."""


def _write(stays: Sequence[Enrolment], new: Mapping[str, Any], way: cases.Step) -> None:
    """Write columns of stays that stand where a step leads on."""
    written = 0
    for part in parts([stay.pk for stay in stays]):
        written += Enrolment.objects.filter(pk__in=part, state__in=way.sources).update(**new)
    if written != len(stays):
        raise StayMoved(f"{len(stays) - written} of {len(stays)} stays")


def open_(stays: Sequence[Enrolment], *, verb: str, process: Process) -> None:
    """Open stays."""
    rows.insert(stays)
    journal.note(
        process,
        [journal.made(verb, stay, child_id=stay.child_id, effective_on=stay.started_on) for stay in stays],
    )


def outcome(taken: Taken, process: Process) -> Outcome:
    """Return what a step did, and note for whom it could not be done, so that the page behind it can say why.

    A refusal is noted about no child: an id that somebody tried must not leave a trace on the child behind it.
    """
    journal.note(
        process,
        [
            Change("enrolment.refused", "refusal", child_id, after={"code": refusal.code, "words": str(refusal)})
            for child_id, refusal in taken.refused.items()
        ],
    )
    return Outcome(list(taken.children), dict(taken.refused))


def parts(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    """Cut ids into lists that a statement takes."""
    return (ids[first : first + rows.CHUNK] for first in range(0, len(ids), rows.CHUNK))
