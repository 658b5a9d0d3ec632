"""Reads of transfers: lists by whose turn it is, the notes of one, its clocks, who it is about as a party may see it.

Every function that opens sealed values says so; whoever shows them logs the reading first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import clocks
from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Group
from miaoce.registry.transfers import states
from miaoce.registry.transfers.models import Transfer, TransferNote, TransferQuerySet, TransferWish
from miaoce.registry.transfers.moving import KIND
from miaoce.registry.transfers.parties import parties_of
from miaoce.registry.transfers.states import Party
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer
from miaoce.registry.vault.masking import shown as masked
from miaoce.registry.vault.safe import Safe

PAGE = 50
MOST = 1_000  # to-dos that a desk counts
MINE, OTHERS, DONE = "mine", "others", "done"
TABS = {MINE: "要我办", OTHERS: "等别人办", DONE: "已办结"}


def listed(actor: Officer, tab: str) -> TransferQuerySet:
    """Return the transfers of a tab that an officer may see: to act on, waiting for others, over."""
    seen = Transfer.objects.visible_to(actor)
    if tab == DONE:
        return seen.exclude(state__in=states.OPEN)
    mine = Q(pk__in=_turn(actor).values("case_id"))
    return seen.filter(mine, state__in=states.OPEN) if tab == MINE else seen.filter(~mine, state__in=states.OPEN)


def _turn(actor: Officer) -> QuerySet[Clock]:
    """Return the running clocks by which an officer's unit has to act."""
    if actor.unit_id is None:
        return Clock.objects.none()
    running = Clock.objects.filter(owner_id=actor.unit_id, case_kind=KIND, stopped_at=None)
    return running.exclude(step=clocks.OVERALL)


@dataclass(frozen=True)
class Page:
    """A page of transfers, the newest first, and the id behind which the next begins."""

    transfers: Sequence[Transfer]
    following: UUID | None


def page_of(
    transfers: TransferQuerySet, *, among: TransferQuerySet, before: UUID | None = None, most: int = PAGE
) -> Page:
    """Return up to `most` transfers with their places; one statement, two behind a cursor.

    The cursor is an id of one of `among`; any other leads to the first page.
    """
    is_known = before is not None and among.filter(pk=before).exists()
    wanted = transfers.filter(pk__lt=before) if is_known and before else transfers
    found = list(with_places(wanted).order_by("-id")[: most + 1])
    return Page(found[:most], found[most - 1].pk if len(found) > most else None)


def with_places(transfers: TransferQuerySet) -> TransferQuerySet:
    """Return transfers with both kindergartens and offices read along."""
    return transfers.select_related("from_kindergarten", "from_office", "to_kindergarten", "to_office")


def clocks_of(transfer_ids: Collection[UUID]) -> dict[UUID, Clock]:
    """Return the running clock of the present step of each transfer; one statement."""
    running = Clock.objects.filter(case_id__in=list(transfer_ids), stopped_at=None).exclude(step=clocks.OVERALL)
    return {clock.case_id: clock for clock in running.order_by("id")}


def overall_of(transfer_id: UUID) -> Clock | None:
    """Return the clock over the whole transfer, None before consent and after the last approval."""
    return Clock.objects.filter(case_id=transfer_id, step=clocks.OVERALL, stopped_at=None).first()


def open_transfer_of(child_id: UUID) -> Transfer | None:
    """Return the transfer of a child that is in hand, None when there is none."""
    return with_places(Transfer.objects.filter(child_id=child_id, state__in=states.OPEN)).first()


def waiting_for(actor: Officer) -> list[Clock]:
    """Return the running clocks by which an officer's unit has to act in transfers, the nearest day first; one statement."""
    return list(_turn(actor).order_by("due_on", "id")[:MOST])


def silent_kindergartens(actor: Officer, *, on: date) -> list[Clock]:
    """Return the clocks of the county's own kindergartens that let the day of a release pass, the oldest first; one statement."""
    if actor.unit_id is None:
        return []
    late = Clock.objects.filter(office_id=actor.unit_id, case_kind=KIND, step="release", stopped_at=None, due_on__lt=on)
    return list(late.exclude(owner_id=actor.unit_id).order_by("due_on", "id")[:MOST])


def standing_elsewhere(actor: Officer) -> list[tuple[str, date | None]]:
    """Return state and due day of the officer's open transfers that others act on; two statements."""
    found = list(listed(actor, OTHERS).values_list("pk", "state")[:MOST])
    due = {pk: clock.due_on for pk, clock in clocks_of([pk for pk, _ in found]).items()}
    return [(state, due.get(pk)) for pk, state in found]


def wishes_of(actor: Officer, *, most: int = 200) -> list[TransferWish]:
    """Return what intake put aside at the officer's kindergarten and no transfer was made of yet, the oldest first."""
    if not actor.is_kindergarten or actor.unit_id is None:
        return []
    return list(TransferWish.objects.filter(kindergarten_id=actor.unit_id, transfer_id=None).order_by("id")[:most])


@dataclass(frozen=True)
class Who:
    """Who a transfer is about, as one viewer may see it; every text is masked already, "" where nothing is shown."""

    name: str
    number: str
    born_on: str
    sex: str
    group: str
    stay: tuple[date, date | None] | None


def viewers(actor: Officer, transfer: Transfer) -> dict[Field, Viewer]:
    """Return in whose eyes each value is masked (ux.md §7): the two sides differ before consent and after the switch.

    Before the guardian agreed, the receiving side sees what any other kindergarten would. After the switch the old side
    keeps a stub: that a child was there, and until when.
    """
    parties = parties_of(actor, transfer)
    if Party.GUARDIAN in parties:
        return dict.fromkeys(Field, Viewer.PARENT)
    if not parties:
        return dict.fromkeys(Field, Viewer.ANALYST)
    has_moved = transfer.state == states.SWITCHED
    at_home = {Party.NEW, Party.NEW_COUNTY} if has_moved else {Party.OLD, Party.OLD_COUNTY}
    own = Viewer.OWN if actor.is_kindergarten else Viewer.COUNTY
    if parties & at_home:
        return dict.fromkeys(Field, own)
    if parties & {Party.OLD, Party.OLD_COUNTY} or transfer.state not in states.CONSENTED:
        return dict.fromkeys(Field, Viewer.OTHER)
    return {**dict.fromkeys(Field, Viewer.OTHER), Field.NAME: own, Field.BIRTH: Viewer.COMPARING}


def who_of(transfers: Sequence[Transfer], actor: Officer) -> dict[UUID, Who]:
    """Return who each transfer is about, masked for an officer: sealed numbers are opened. Five statements, however many."""
    ids = [t.child_id for t in transfers]
    children = Child.objects.in_bulk(ids)
    safe = vault.open_safe(ids)
    stays = _stays_there(transfers)
    return {
        t.pk: _who(children[t.child_id], stays.get(t.pk) if _sees_stay(actor, t) else None, viewers(actor, t), safe)
        for t in transfers
        if t.child_id in children
    }


def _stays_there(transfers: Sequence[Transfer]) -> dict[UUID, Enrolment]:
    """Return the last stay of each child at the old kindergarten, up to the switch."""
    places = {t.from_kindergarten_id for t in transfers}
    found = Enrolment.objects.filter(child_id__in=[t.child_id for t in transfers], kindergarten_id__in=places)
    last = {(s.child_id, s.kindergarten_id): s for s in found.select_related("group").order_by("started_on", "id")}
    return {t.pk: s for t in transfers if (s := last.get((t.child_id, t.from_kindergarten_id)))}


def _sees_stay(actor: Officer, transfer: Transfer) -> bool:
    """Say whether a viewer is told since when the child was at the old kindergarten: the old side always, others by consent."""
    parties = parties_of(actor, transfer)
    return bool(parties & {Party.OLD, Party.OLD_COUNTY}) or (bool(parties) and transfer.state in states.CONSENTED)


def _who(child: Child, stay: Enrolment | None, eyes: Mapping[Field, Viewer], safe: Safe) -> Who:
    """Return one child masked."""
    number = safe.open(child.pk, "child", "number", child.pk, bytes(child.number)) if child.number else ""
    is_plain = eyes[Field.BIRTH] in {Viewer.OWN, Viewer.COUNTY, Viewer.COMPARING, Viewer.PARENT}
    sees_group = eyes[Field.NAME] in {Viewer.OWN, Viewer.COUNTY, Viewer.PARENT}
    return Who(
        name=masked(Field.NAME, child.name, eyes[Field.NAME]),
        number=masked(Field.NUMBER, number, eyes[Field.NUMBER]),
        born_on=masked(Field.BIRTH, child.born_on.isoformat(), eyes[Field.BIRTH]),
        sex=child.sex if is_plain else "",
        group=stay.group.name if stay and sees_group else "",
        stay=(stay.started_on, stay.ended_on) if stay else None,
    )


@dataclass(frozen=True)
class Written:
    """A note as the parties read it."""

    at: datetime
    verb: str
    party: Party
    words: str


def notes_of(transfer: Transfer) -> list[Written]:
    """Open what the parties wrote to each other, the oldest first. Two statements."""
    notes = list(TransferNote.objects.filter(transfer_id=transfer.pk).order_by("id"))
    if not notes:
        return []
    safe = vault.open_safe([transfer.child_id])
    return [
        Written(
            n.at, n.verb, Party(n.party),
            safe.open(n.child_id, "transfer_note", "words", n.pk, bytes(n.words)),
        )
        for n in notes
    ]  # fmt: skip


def group_of(transfer: Transfer) -> Group | None:
    """Return the group that the receiving kindergarten chose."""
    return Group.objects.filter(pk=transfer.group_id).first() if transfer.group_id else None
