"""The one moment of a transfer: the old stay ends, the new one begins the same day, the record moves. One transaction.

The worker's act, after the objection window, set-based and conditional: two workers, a late objection or a kill leave each
child with exactly one open stay.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims, clocks
from miaoce.registry.approvals.clocks import Ticking
from miaoce.registry.approvals.models import ChangeClaim, Clock
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.transfers import codes, states
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.moving import KIND, Moved, move, rewrite

TRANSFERRED_IN = "2"  # list entry_kind


class AnotherWorker(RuntimeError):
    """Somebody changed the ground first; this transaction rolls back and the next sweep sees what is left."""


def is_due(*, at: datetime) -> bool:
    """Say whether a transfer waits for its switch at a moment."""
    return Transfer.objects.filter(state=states.WINDOW, switch_at__lte=at).exists()


@transaction.atomic
def switch_due(*, process: Process, limit: int = 500) -> int:
    """Switch the transfers whose window is over and return how many were looked at.

    Where the child is no longer where it was, the transfer ends; where the receiving kindergarten may take nobody any more,
    it stops for the county; where the group is of a past school year, the kindergarten is asked for another and all waits.
    """
    require(process.actor, Permission.TRANSFER_DECIDE)
    on = journal.day_of(process)
    due = list(
        Transfer.objects.filter(state=states.WINDOW, switch_at__lte=process.at).order_by("switch_at", "id")[:limit]
    )
    held = claims.in_hand([t.child_id for t in due])
    old = {stay.child_id: stay for stay in _open_stays([t.child_id for t in due])}
    grounded = [t for t in due if t.child_id in old and _stands(t, old[t.child_id], held)]
    gone = [t for t in due if t not in grounded]
    ready, closed, unplaced = _sorted(grounded, on)
    unplaced += [t for t in ready if old[t.child_id].started_on > on]  # a stay that lies ahead is not ended yet
    ready = [t for t in ready if old[t.child_id].started_on <= on]
    _one_by_one("end", gone, process, "幼儿已不在转出园，转园终止。")
    _one_by_one("stop", closed, process, "转入园已停办或许可证到期，由县里处理。")
    _ask_for_places([t for t in unplaced if old[t.child_id].started_on <= on], process)
    _put_off(unplaced, process)
    moved = move("switch", {t.pk: t.version for t in ready}, process, values=lambda _: {"switched_on": on})
    if moved.refused:
        raise AnotherWorker
    _move_stays(moved.done, old, on, process)
    _move_children(moved.done, process)
    codes.tell_news(transfers=moved.done, process=process)
    return len(due)


def _open_stays(child_ids: Sequence[UUID]) -> QuerySet[Enrolment]:
    """Return the open stays of children who attend."""
    return Enrolment.objects.filter(child_id__in=child_ids, ended_on=None, state=stays.ATTENDING)


def _stands(transfer: Transfer, stay: Enrolment, held: dict[UUID, ChangeClaim]) -> bool:
    """Say whether the child is where the transfer takes it from, and the transfer still holds it."""
    claim = held.get(transfer.child_id)
    return stay.kindergarten_id == transfer.from_kindergarten_id and claim is not None and claim.case_id == transfer.pk


def _sorted(transfers: Sequence[Transfer], on: date) -> tuple[list[Transfer], list[Transfer], list[Transfer]]:
    """Return those that can be switched, those whose receiver may take nobody, those whose group is not of this year."""
    places = Kindergarten.objects.in_bulk([t.to_kindergarten_id for t in transfers if t.to_kindergarten_id])
    groups = set(Group.objects.of_day(on).filter(pk__in=[t.group_id for t in transfers]).values_list("pk", flat=True))
    found: tuple[list[Transfer], list[Transfer], list[Transfer]] = ([], [], [])
    for transfer in transfers:
        place = places.get(transfer.to_kindergarten_id) if transfer.to_kindergarten_id else None
        licensed = place is not None and place.is_licensed(on)
        found[1 if not licensed else 0 if transfer.group_id in groups else 2].append(transfer)
    return found


def _one_by_one(verb: str, transfers: Sequence[Transfer], process: Process, words: str) -> None:
    """End or stop transfers that cannot be switched, with words that all parties read."""
    moved = move(verb, {t.pk: t.version for t in transfers}, process, words=words)
    if moved.refused:
        raise AnotherWorker


def _ask_for_places(transfers: Sequence[Transfer], process: Process) -> None:
    """Start the clock of receiving kindergartens that have to choose another group; once each."""
    running = Clock.objects.filter(case_id__in=[t.pk for t in transfers], step=states.PLACE_AGAIN, stopped_at=None)
    asked = set(running.values_list("case_id", flat=True))
    ticking = [
        Ticking(t.pk, KIND, t.child_id, states.PLACE_AGAIN, t.to_kindergarten_id, t.to_office_id)
        for t in transfers
        if t.pk not in asked and t.to_kindergarten_id and t.to_office_id
    ]
    clocks.start(ticking=ticking, process=process)


def _put_off(transfers: Sequence[Transfer], process: Process) -> None:
    """Look again tomorrow at what cannot be switched yet."""
    moved, tomorrow = Moved(), {"switch_at": process.at + timedelta(days=1)}
    wanted = {t.pk: tomorrow for t in transfers}
    rewrite(transfers, wanted, moved, process, sources=[states.WINDOW], past="put_off")
    if moved.refused:
        raise AnotherWorker


def _move_stays(transfers: Sequence[Transfer], old: dict[UUID, Enrolment], on: date, process: Process) -> None:
    """Close every old stay and open the new one on the same day."""
    closing = [old[t.child_id] for t in transfers]
    way = stays.STAY_STEPS["transfer"]
    new = {"state": way.target, "ended_on": on}
    standing = Enrolment.objects.filter(pk__in=[s.pk for s in closing], state__in=way.sources)
    if standing.update(**new) != len(closing):
        raise AnotherWorker
    opened = [_new_stay(t, old[t.child_id], on) for t in transfers]
    rows.insert(opened)
    changes = [
        journal.changed("enrolment.transferred", s, new=new, child_id=s.child_id, effective_on=on) for s in closing
    ]
    changes += [journal.made("enrolment.opened", s, child_id=s.child_id, effective_on=on) for s in opened]
    journal.note(process, changes)


def _new_stay(transfer: Transfer, old: Enrolment, on: date) -> Enrolment:
    """Return the stay that begins at the receiving kindergarten."""
    if transfer.to_kindergarten_id is None or transfer.group_id is None:
        raise LookupError("a decided transfer has both (transfer_decided_with_three_consents)")
    return Enrolment(
        child_id=transfer.child_id, kindergarten_id=transfer.to_kindergarten_id, group_id=transfer.group_id,
        state=stays.ATTENDING, started_on=on, entry_kind=TRANSFERRED_IN, boarding=old.boarding,
    )  # fmt: skip


def _move_children(transfers: Sequence[Transfer], process: Process) -> None:
    """Let the record follow: who answers for each child from now on (籍随人走). One statement, however many."""
    ids = [t.child_id for t in transfers]
    children = Child.objects.in_bulk(ids)
    places = dict(
        Kindergarten.objects.filter(pk__in={t.to_kindergarten_id for t in transfers}).values_list("pk", "office_id")
    )
    now = Transfer.objects.filter(pk__in=[t.pk for t in transfers], child_id=OuterRef("pk"))
    moved = Child.objects.filter(pk__in=ids, standing__in=stays.STEPS["transfer"].sources).update(
        kindergarten_id=Subquery(now.values("to_kindergarten_id")[:1]),
        office_id=Subquery(now.values("to_kindergarten__office_id")[:1]),
        version=F("version") + 1,
        changed_at=process.at,
    )
    if moved != len(ids):
        raise AnotherWorker
    versions = dict(Child.objects.filter(pk__in=ids).values_list("pk", "version"))  # as the rows hold them by now
    changes = []
    for transfer in transfers:
        child, place = children[transfer.child_id], transfer.to_kindergarten_id
        new = {
            "kindergarten_id": place, "office_id": places[place] if place else None, "version": versions[child.pk],
            "changed_at": process.at,
        }  # fmt: skip
        changes.append(
            journal.changed("child.transferred", child, new=new, child_id=child.pk, effective_on=transfer.switched_on)
        )
    journal.note(process, changes)


@transaction.atomic
def end_for(*, child_ids: Sequence[UUID], words: str, process: Process) -> int:
    """End the open transfers of children whose ground is gone (death, merger of records) and return how many.

    For the system as actor, before another room makes its change; `words` say why, and all parties read them.
    """
    standing = Transfer.objects.filter(child_id__in=list(child_ids), state__in=states.OPEN)
    moved = move("end", dict(standing.values_list("pk", "version")), process, words=words)
    return len(moved.done)
