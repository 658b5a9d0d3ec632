"""What counties do: approve, release in the place of a silent or closed kindergarten, decide about an objection."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.models import Clock
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import codes, rules, states
from miaoce.registry.transfers.actions import say_no
from miaoce.registry.transfers.models import Transfer
from miaoce.registry.transfers.moving import Moved, move, visible

VERBS = ("approve", "approve_out", "approve_in")


def another(process: Process) -> Callable[[Transfer], Refusal | None]:
    """Return the rule that whoever asked for a child or took it does not decide for a county (TRF-03)."""
    staff = process.actor.staff_id

    def why_not(transfer: Transfer) -> Refusal | None:
        return states.SameHands() if staff is not None and staff in {transfer.opened_by, transfer.accepted_by} else None

    return why_not


@transaction.atomic
def approve(*, chosen: Mapping[UUID, int], process: Process, objection_days: int) -> Moved:
    """Approve for the actor's county: once within a county, otherwise the old county first and then the new one.

    With the last approval the objection window begins; guardians are told where messages can be sent.
    """
    require(process.actor, Permission.TRANSFER_DECIDE)
    by_verb: dict[str, dict[UUID, int]] = {verb: {} for verb in VERBS}
    for pk, state, is_within in _standing(chosen, process):
        is_second = state == states.FORWARDED
        verb = "approve_in" if is_second else states.approval_of(is_within_a_county=is_within)
        by_verb[verb][pk] = chosen[pk]
    missing = {pk: version for pk, version in chosen.items() if not any(pk in some for some in by_verb.values())}
    by_verb["approve"] |= missing  # refused there like any that is not the county's
    out, taken = {"out_decided_at": process.at, "out_decided_by": process.actor.staff_id}, Moved()
    until = {"switch_at": process.at + timedelta(days=objection_days)}
    in_ = {"in_decided_at": process.at, "in_decided_by": process.actor.staff_id}
    values = {"approve": {**out, **until}, "approve_out": out, "approve_in": {**in_, **until}}
    for verb in VERBS:
        taken.join(_approve(verb, by_verb[verb], values[verb], process))
    codes.tell_news(transfers=[t for t in taken.done if t.state == states.WINDOW], process=process)
    return taken


def _standing(chosen: Mapping[UUID, int], process: Process) -> list[tuple[UUID, str, bool]]:
    """Return state and shape of the transfers that the actor's county is a party to."""
    found = visible(process).filter(pk__in=list(chosen))
    return [(t.pk, t.state, t.is_within_a_county) for t in found]


def _approve(verb: str, chosen: Mapping[UUID, int], new: Mapping[str, Any], process: Process) -> Moved:
    """Take one of the three approvals."""
    return move(verb, chosen, process, values=lambda _: new, why_not=another(process)) if chosen else Moved()


@transaction.atomic
def release_for(*, chosen: Mapping[UUID, int], process: Process, words: str = "") -> Moved:
    """Release in the place of a kindergarten that is silent past its day, or closed; never by a machine (ux.md §6).

    Refuses alone TRF-13 while the kindergarten still has time.
    """
    require(process.actor, Permission.TRANSFER_DECIDE)
    today = journal.day_of(process)
    running = Clock.objects.filter(case_id__in=list(chosen), step="release", stopped_at=None)
    due = dict(running.values_list("case_id", "due_on"))
    old = visible(process).filter(pk__in=list(chosen)).values("from_kindergarten_id")
    closed = set(Kindergarten.objects.filter(pk__in=old, closed_on__lte=today).values_list("pk", flat=True))

    def why_not(transfer: Transfer) -> Refusal | None:
        try:
            rules.must_be_overdue(
                due_on=due.get(transfer.pk), today=today, is_closed=transfer.from_kindergarten_id in closed
            )
        except rules.NotOverdue as refusal:
            return refusal
        return another(process)(transfer)

    new = {"released_at": process.at, "released_by": process.actor.staff_id, "is_released_by_county": True}
    return move("release_for", chosen, process, values=lambda _: new, why_not=why_not, words=words)


@transaction.atomic
def resume(*, chosen: Mapping[UUID, int], words: str, process: Process) -> Moved:
    """Let transfers go on whose objection has no ground; the window ends as it would have, or now if that is over.

    Refuses TRF-11 without words: all parties read why.
    """
    if not words.strip():
        raise rules.WordsMissing

    def values(transfer: Transfer) -> Mapping[str, Any]:
        return {"switch_at": max(transfer.switch_at or process.at, process.at)}

    return move("resume", chosen, process, values=values, why_not=another(process), words=words)


@transaction.atomic
def reject(*, chosen: Mapping[UUID, int], reasons: Sequence[str], words: str, process: Process) -> Moved:
    """Say no for the actor's county, also after an objection. Refuses all TRF-09, TRF-10; alone TRF-01 to TRF-03."""
    require(process.actor, Permission.TRANSFER_DECIDE)
    forwarded = {pk for pk, state, _ in _standing(chosen, process) if state == states.FORWARDED}
    moved = Moved()
    for verb, some in (
        ("reject", {pk: v for pk, v in chosen.items() if pk not in forwarded}),
        ("reject_in", {pk: v for pk, v in chosen.items() if pk in forwarded}),
    ):
        if some:
            why_not = another(process)
            moved.join(say_no(verb, some, reasons=reasons, words=words, process=process, why_not=why_not))
    return moved
