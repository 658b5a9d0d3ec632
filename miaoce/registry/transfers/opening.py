"""How a transfer begins: by the receiving kindergarten, which was told number and name, or by the guardian with a code.

Nobody browses: the only way to a child of another kindergarten is its number together with its name or birth date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from miaoce.registry import rows
from miaoce.registry.access.officers import Denied, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims, clocks
from miaoce.registry.approvals.models import ChangeClaim
from miaoce.registry.children.models import Child
from miaoce.registry.children.numbers import holder_of
from miaoce.registry.children.rules import FULL_WIDTH
from miaoce.registry.enrolments import states as standings
from miaoce.registry.enrolments.rules import must_be_licensed
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import codes, moving, rules, states
from miaoce.registry.transfers.models import SeekingDay, Transfer, TransferWish
from miaoce.registry.transfers.moving import KIND


@dataclass(frozen=True)
class Told:
    """What a guardian told the receiving kindergarten: the number, and the name or the birth date."""

    number: str
    name: str = ""
    born_on: date | None = None


@dataclass
class Opened:
    """What opening did: the transfers, and by child (by wish) why others were not opened."""

    done: list[Transfer] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The transfer that was asked for, or why not. A miss is counted, so it is an answer and not an error."""

    transfer: Transfer | None
    refusal: Refusal | None


@transaction.atomic
def ask_for(*, told: Told, process: Process, code_days: int) -> Answer:
    """Find the child that was told of and open its transfer to the actor's kindergarten.

    A number that does not exist and one with another name answer alike (TRF-04); after ten misses on a day the kindergarten
    waits for the next (TRF-05). Raises as `request` does for the one child.
    """
    child, refusal = seek(told=told, process=process)
    if child is None:
        return Answer(None, refusal)
    opened = request(child_ids=[child.pk], process=process, code_days=code_days)
    for refused in opened.refused.values():
        raise refused
    return Answer(opened.done[0], None)


def seek(*, told: Told, process: Process) -> tuple[Child | None, Refusal | None]:
    """Return the child that was told of, or why it cannot be said who that is (TRF-04, TRF-05); misses are counted.

    Refuses ACC-01 and ENR-01. The finding is logged as a reading before anything is done with it.
    """
    here = _own_kindergarten(process)
    today = SeekingDay.objects.filter(unit_id=here.pk, day=journal.day_of(process))
    SeekingDay.objects.bulk_create([SeekingDay(unit_id=here.pk, day=journal.day_of(process))], ignore_conflicts=True)
    if not today.filter(tries__lt=rules.MOST_MISSES).update(tries=F("tries") + 1):
        return None, rules.TooManyMisses()
    child = _found(told)
    if child is None:
        row, used = today.values_list("pk", "tries").get()
        journal.note(process, [Change("transfer.missed", "seeking_day", row, after={"tries": used})])
        return None, rules.NoSuchChild(left=rules.MOST_MISSES - used)
    today.update(tries=F("tries") - 1)
    journal.log_reading(actor=process.actor, at=process.at, what="transfer.sought", child_ids=[child.pk])
    return child, None


def _found(told: Told) -> Child | None:
    """Return the child of the whole register that has a number, any it ever had, and the name or birth date told beside it."""
    holder = holder_of(told.number.translate(FULL_WIDTH).replace(" ", ""))
    child = None if holder is None else Child.objects.filter(pk=holder).exclude(standing=standings.NONE).first()
    name, born_on = (child.name, child.born_on) if child is not None else ("", date.min)
    is_right = rules.is_that_child(name=name, born_on=born_on, given_name=told.name, given_born_on=told.born_on)
    return child if is_right else None


def _own_kindergarten(process: Process) -> Kindergarten:
    """Return the kindergarten that the actor works at; ACC-01 for others, ENR-01 without a licence."""
    require(process.actor, Permission.TRANSFER_HANDLE)
    here = Kindergarten.objects.filter(pk=process.actor.unit_id).first() if process.actor.is_kindergarten else None
    if here is None:
        raise Denied(permission=Permission.TRANSFER_HANDLE)
    must_be_licensed(is_licensed=here.is_licensed(journal.day_of(process)))
    return here


@transaction.atomic
def request(*, child_ids: Sequence[UUID], process: Process, code_days: int) -> Opened:
    """Open transfers of children to the actor's kindergarten and let each guardian be asked.

    Refuses ENR-01 for all; alone a child that is here already (TRF-06), does not attend (TRF-07) or has another change in
    hand (TRF-08). Whoever calls has made sure that the child was told of (ask_for) or found by its own document (begin).
    """
    here = _own_kindergarten(process)
    children = Child.objects.in_bulk(list(child_ids))
    opened, ready = Opened(), []
    for child_id in child_ids:
        child = children.get(child_id)
        if child is None or child.standing not in standings.STEPS["transfer"].sources:
            opened.refused[child_id] = rules.NotAttending()
        elif child.kindergarten_id == here.pk:
            opened.refused[child_id] = rules.AlreadyHere()
        else:
            ready.append(child)
    _open(ready, here, process, opened)
    codes.send(chosen=[t.pk for t in opened.done], process=process, days=code_days)
    return opened


@transaction.atomic
def begin(*, wish_ids: Sequence[UUID], process: Process, code_days: int) -> Opened:
    """Open transfers for children that intake found elsewhere and put aside (TransferWish). TRF-18 for a wish that is gone."""
    here = _own_kindergarten(process)
    wishes = {w.pk: w for w in TransferWish.objects.filter(pk__in=list(wish_ids), kindergarten=here, transfer_id=None)}
    opened = request(child_ids=[w.child_id for w in wishes.values()], process=process, code_days=code_days)
    by_child = {wish.child_id: wish for wish in wishes.values()}
    opened.refused = {by_child[child].pk: refusal for child, refusal in opened.refused.items()}
    opened.refused |= {pk: rules.WishGone() for pk in wish_ids if pk not in wishes}
    begun = {by_child[t.child_id].pk: t.pk for t in opened.done}
    claimed = ChangeClaim.objects.filter(child_id=OuterRef("child_id"), kind=KIND).values("case_id")[:1]
    if TransferWish.objects.filter(pk__in=begun, transfer_id=None).update(transfer_id=Subquery(claimed)) != len(begun):
        raise rules.WishGone
    changes = [
        journal.changed("transfer.begun", wishes[pk], new={"transfer_id": case}, child_id=wishes[pk].child_id)
        for pk, case in begun.items()
    ]
    journal.note(process, changes)
    return opened


@transaction.atomic
def invite(*, child_ids: Sequence[UUID], process: Process) -> Opened:
    """Open transfers whose guardians name the kindergarten; the actor's own children. The code is handed over afterwards.

    Refuses alone TRF-07 and TRF-08, and a foreign child like one that does not attend.
    """
    require(process.actor, Permission.TRANSFER_HANDLE)
    if not process.actor.is_kindergarten:
        raise Denied(permission=Permission.TRANSFER_HANDLE)
    mine = Child.objects.visible_to(process.actor).filter(standing__in=standings.STEPS["transfer"].sources)
    children = mine.in_bulk(list(child_ids))
    opened = Opened(refused={child: rules.NotAttending() for child in child_ids if child not in children})
    _open(list(children.values()), None, process, opened)
    return opened


def _open(children: Sequence[Child], receiver: Kindergarten | None, process: Process, opened: Opened) -> None:
    """Claim the children, write the transfers and start the clock of who has to reach the guardian."""
    cases = {child.pk: new_id() for child in children}
    held = claims.claim(cases=cases, kind=KIND, process=process)
    opened.refused |= {child: rules.OtherChangeInHand() for child in held}
    made = [
        Transfer(
            id=cases[child.pk], child_id=child.pk, state=states.REQUESTED if receiver else states.INVITED,
            is_invited=receiver is None, from_kindergarten_id=child.kindergarten_id, from_office_id=child.office_id,
            to_kindergarten=receiver, to_office_id=receiver.office_id if receiver else None,
            opened_at=process.at, opened_by=process.actor.staff_id,
        )
        for child in children
        if child.pk not in held
    ]  # fmt: skip
    rows.insert(made)
    verb = "transfer.requested" if receiver else "transfer.invited"
    journal.note(process, [journal.made(verb, t, child_id=t.child_id) for t in made])
    clocks.start(ticking=[moving.tick(t, frozenset()) for t in made], process=process)
    opened.done += made


def receivers(text: str, *, on: date, most: int = 20) -> Mapping[UUID, Kindergarten]:
    """Return the kindergartens that a guardian's words may mean and that may take children on a day: by code, or by name."""
    text = "".join(text.translate(FULL_WIDTH).split())
    if len(text) < 2:
        return {}
    by_code = text.isascii() and text.isdigit()
    found = Kindergarten.objects.filter(code=text) if by_code else Kindergarten.objects.filter(name__contains=text)
    open_ones = found.filter(closed_on=None).select_related("office").order_by("code")[:most]
    return {one.pk: one for one in open_ones if one.is_licensed(on)}
