"""The verbs of the two kindergartens: the wish, release, acceptance, refusal, objection, withdrawal, notes."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from django.db import transaction

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import clocks
from miaoce.registry.approvals.models import Clock
from miaoce.registry.enrolments.rules import NotLicensed
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import facts_of
from miaoce.registry.journal.models import Process
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import codes, rules, states
from miaoce.registry.transfers.models import Transfer, TransferWish
from miaoce.registry.transfers.moving import Moved, move, rewrite, visible, write_notes
from miaoce.registry.transfers.parties import acting_as, parties_of
from miaoce.registry.transfers.states import Party


@transaction.atomic
def wish(*, child_id: UUID, kindergarten_id: UUID, row_id: UUID, process: Process) -> TransferWish:
    """Note that a child of the register came to this kindergarten. Wishing twice gives the same wish."""
    require(process.actor, Permission.INTAKE_EDIT)
    fresh = TransferWish(
        child_id=child_id,
        kindergarten_id=kindergarten_id,
        row_id=row_id,
        wished_at=process.at,
        wished_by=process.actor.staff_id,
    )
    TransferWish.objects.bulk_create([fresh], ignore_conflicts=True)
    standing = TransferWish.objects.get(child_id=child_id, kindergarten_id=kindergarten_id)
    if standing.pk == fresh.pk:
        journal.note(process, [journal.made("transfer.wished", fresh, child_id=child_id)])
    return standing


@transaction.atomic
def unwish(*, row_id: UUID, process: Process) -> int:
    """Take back the wish that a row was put aside with; return how many there were. One that became a transfer stays."""
    require(process.actor, Permission.INTAKE_EDIT)
    standing = list(TransferWish.objects.filter(row_id=row_id, kindergarten_id=process.actor.unit_id, transfer_id=None))
    TransferWish.objects.filter(pk__in=[wish.pk for wish in standing]).delete()
    gone = {"deleted": True}
    journal.note(
        process,
        [Change("transfer.unwished", "transfer_wish", w.pk, w.child_id, facts_of(w), {**gone}) for w in standing],
    )
    return len(standing)


@transaction.atomic
def release(*, chosen: Mapping[UUID, int], process: Process) -> Moved:
    """Let children go from the actor's kindergarten. The stay stays open until the switch."""

    def why_not(transfer: Transfer) -> Refusal | None:
        asked = not transfer.is_invited and transfer.opened_by is not None
        return states.SameHands() if asked and transfer.opened_by == process.actor.staff_id else None

    new = {"released_at": process.at, "released_by": process.actor.staff_id}
    return move("release", chosen, process, values=lambda _: new, why_not=why_not)


@transaction.atomic
def accept(*, chosen: Mapping[UUID, int], groups: Mapping[UUID, UUID], process: Process) -> Moved:
    """Take children into groups (transfer id → group id) of the actor's kindergarten.

    Refuses alone: TRF-12 for a group that is not its own or not of this school year, ENR-01 without a licence, TRF-03 for
    the person who released.
    """
    places = _groups(set(groups.values()), process)
    here = Kindergarten.objects.filter(pk=process.actor.unit_id).first()
    licensed = here is not None and here.is_licensed(journal.day_of(process))

    def why_not(transfer: Transfer) -> Refusal | None:
        if not licensed:
            return NotLicensed()
        if groups.get(transfer.pk) not in places:
            return rules.GroupNotHere()
        released = transfer.released_by is not None and transfer.released_by == process.actor.staff_id
        return states.SameHands() if released else None

    new = {"accepted_at": process.at, "accepted_by": process.actor.staff_id}
    return move("accept", chosen, process, values=lambda t: {**new, "group_id": groups[t.pk]}, why_not=why_not)


def _groups(group_ids: set[UUID], process: Process) -> set[UUID]:
    """Return those of some groups that belong to the actor's kindergarten and to the school year of the day."""
    mine = Group.objects.of_day(journal.day_of(process)).filter(kindergarten_id=process.actor.unit_id, pk__in=group_ids)
    return set(mine.values_list("pk", flat=True))


@transaction.atomic
def regroup(*, chosen: Mapping[UUID, int], groups: Mapping[UUID, UUID], process: Process) -> Moved:
    """Choose other groups for children that were accepted, until the switch; the case stays where it stands. Refuses TRF-12."""
    require(process.actor, Permission.TRANSFER_HANDLE)
    places, moved = _groups(set(groups.values()), process), Moved()
    found = {t.pk: t for t in visible(process).filter(pk__in=list(chosen))}
    ready = []
    for pk, version in chosen.items():
        transfer = found.get(pk)
        is_party = transfer is not None and Party.NEW in parties_of(process.actor, transfer)
        if transfer is None or not is_party or transfer.state not in states.PLACEABLE:
            label = states.LABELS[transfer.state] if transfer else "不在本单位名单里"
            moved.refused[pk] = states.StepNotAllowed(state=label, verb="改选班级")
        elif groups.get(pk) not in places:
            moved.refused[pk] = rules.GroupNotHere()
        elif transfer.version != version:
            moved.refused[pk] = states.ChangedSinceShown()
        else:
            ready.append(transfer)
    asked = Clock.objects.filter(case_id__in=[t.pk for t in ready], step=states.PLACE_AGAIN, stopped_at=None)
    waiting = set(asked.values_list("case_id", flat=True))  # the switch waited for another group, and no longer does
    wanted = {t.pk: {"group_id": groups[t.pk], **({"switch_at": process.at} if t.pk in waiting else {})} for t in ready}
    rewrite(ready, wanted, moved, process, sources=states.PLACEABLE, past="regrouped")
    clocks.stop(case_ids=[t.pk for t in moved.done], process=process, steps=[states.PLACE_AGAIN])
    return moved


@transaction.atomic
def refuse(*, chosen: Mapping[UUID, int], reasons: Sequence[str], words: str, process: Process) -> Moved:
    """Say no for the actor's kindergarten, as the one that the child would leave or as the one that it would come to.

    Refuses all: TRF-09 without a reason of that party's list and a sentence, TRF-10 for fees. The guardian reads both.
    """
    by_verb: dict[str, dict[UUID, int]] = {"refuse": {}, "refuse_place": {}}
    new_to = visible(process).filter(pk__in=list(chosen), to_kindergarten_id=process.actor.unit_id)
    arriving = set(new_to.values_list("pk", flat=True))
    for pk, version in chosen.items():
        by_verb["refuse_place" if pk in arriving else "refuse"][pk] = version
    moved = Moved()
    for verb, some in by_verb.items():
        if some:
            moved.join(say_no(verb, some, reasons=reasons, words=words, process=process))
    return moved


def say_no(
    verb: str,
    chosen: Mapping[UUID, int],
    *,
    reasons: Sequence[str],
    words: str,
    process: Process,
    why_not: Callable[[Transfer], Refusal | None] | None = None,
) -> Moved:
    """End transfers with reasons of the list of the party whose step it is; guardians are told that something moved."""
    rules.must_be_reasoned(reasons=reasons, allowed=list(reasons_of(verb, process)), words=words)
    new = {"reasons": sorted(set(reasons))}
    moved = move(verb, chosen, process, values=lambda _: new, why_not=why_not, words=words)
    codes.tell_news(transfers=moved.done, process=process)
    return moved


def reasons_of(verb: str, process: Process) -> Mapping[str, str]:
    """Return the reasons that a step's party may give, code → words: the dated list transfer_refusal, column `by`."""
    by = {Party.OLD: "old", Party.NEW: "new"}.get(states.STEPS[verb].party, "county")
    entries = reference.codebook(journal.day_of(process)).entries("transfer_refusal")
    return {e.code: e.name for e in entries if by in e.extra.get("by", "").split("|")}


@transaction.atomic
def object_(*, chosen: Mapping[UUID, int], words: str, process: Process) -> Moved:
    """Object within the window: the switch stops until the county has looked. Refuses TRF-11 and TRF-10."""
    must_say_something(words)
    rules.must_not_be_about_fees(words)
    return move("object", chosen, process, words=words)


def must_say_something(words: str) -> None:
    """Refuse (TRF-11) nothing, or nothing but spaces."""
    if not words.strip():
        raise rules.WordsMissing


@transaction.atomic
def withdraw(*, chosen: Mapping[UUID, int], process: Process, words: str = "") -> Moved:
    """Take back, until the switch, what the actor's kindergarten asked for; the old one a code that was not used yet."""
    leaving = visible(process).filter(pk__in=list(chosen), from_kindergarten_id=process.actor.unit_id)
    mine = set(leaving.values_list("pk", flat=True))
    moved = Moved()
    for verb, some in (
        ("revoke", {pk: v for pk, v in chosen.items() if pk in mine}),
        ("withdraw", {pk: v for pk, v in chosen.items() if pk not in mine}),
    ):
        moved.join(move(verb, some, process, words=words))
    return moved


@transaction.atomic
def note(*, transfer_ids: Sequence[UUID], words: str, process: Process) -> Moved:
    """Write to the other parties, whatever the state. Refuses TRF-11; alone, whoever is no party (TRF-01)."""
    must_say_something(words)
    require(process.actor, Permission.TRANSFER_VIEW)
    found = {t.pk: t for t in visible(process).filter(pk__in=list(transfer_ids))}
    moved = Moved()
    for pk in transfer_ids:
        parties = acting_as(process.actor, found[pk]) if pk in found else frozenset()
        if not parties:
            moved.refused[pk] = states.StepNotAllowed(state="不在本单位名单里", verb="留言")
            continue
        write_notes([found[pk]], "note", sorted(parties)[0], words, process)
        moved.done.append(found[pk])
    return moved
