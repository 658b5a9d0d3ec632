"""Moving transfers along their one table of steps: claimed by conditional update, noted, and the next clock started.

Every verb of the room comes through `move`; it takes a batch, and each transfer that cannot move is refused alone.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from miaoce.registry import rows
from miaoce.registry.access.officers import require
from miaoce.registry.approvals import claims, clocks
from miaoce.registry.approvals.clocks import Ticking
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import states
from miaoce.registry.transfers.models import Transfer, TransferCode, TransferNote, TransferQuerySet
from miaoce.registry.transfers.parties import parties_of, unit_of
from miaoce.registry.transfers.states import STEPS, Party, Step
from miaoce.registry.vault import queries as vault

KIND = "transfer"
PAST = {
    "apply": "confirmed", "confirm": "confirmed", "decline": "declined", "take_back": "called_off", "dispute": "objected",
    "release": "released", "release_for": "released", "refuse": "turned_down", "object": "objected",
    "revoke": "called_off", "accept": "accepted", "refuse_place": "turned_down", "withdraw": "called_off",
    "approve": "approved", "approve_out": "forwarded", "approve_in": "approved", "reject": "turned_down",
    "reject_in": "turned_down", "resume": "resumed", "stop": "stopped", "switch": "switched", "end": "ended",
}  # fmt: skip
STEP_CLOCKS = sorted({step for step, _ in states.CLOCKS.values()} | {states.PLACE_AGAIN})
Values = Mapping[str, Any]


@dataclass
class Moved:
    """What a step did: the transfers that moved, and why each of the others did not."""

    done: list[Transfer] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)

    def join(self, other: "Moved") -> None:
        """Add what another part of the same act did."""
        self.done += other.done
        self.refused |= other.refused


def visible(process: Process) -> TransferQuerySet:
    """Return what the actor is a party to; a guardian's code and the worker have named their transfers already."""
    is_unit = process.actor.unit_id is not None
    return Transfer.objects.visible_to(process.actor) if is_unit else Transfer.objects.all()


def move(
    verb: str,
    chosen: Mapping[UUID, int],
    process: Process,
    *,
    values: Callable[[Transfer], Values] | None = None,
    why_not: Callable[[Transfer], Refusal | None] | None = None,
    words: str = "",
) -> Moved:
    """Take one step with transfers (id → version seen), inside the caller's transaction.

    `values` are the columns that the step writes besides, `why_not` what else refuses one, `words` a note that all read.
    """
    step, moved = STEPS[verb], Moved()
    require(process.actor, step.permission)
    found: dict[UUID, Transfer] = {}
    ids = list(chosen)
    for first in range(0, len(ids), rows.CHUNK):
        found |= {t.pk: t for t in visible(process).filter(pk__in=ids[first : first + rows.CHUNK])}
    wanted: dict[UUID, Values] = {}
    for pk, version in chosen.items():
        transfer = found.get(pk)
        if transfer is None:
            moved.refused[pk] = states.StepNotAllowed(state="不在本单位名单里", verb=step.label)
        elif refusal := _refusal(transfer, version, step, process) or (why_not(transfer) if why_not else None):
            moved.refused[pk] = refusal
        else:
            wanted[pk] = {"state": step.target, **_ending(step, process), **(values(transfer) if values else {})}
    rewrite([found[pk] for pk in wanted], wanted, moved, process, sources=step.sources, past=PAST[verb])
    write_notes(moved.done, verb, step.party, words, process)
    follow(moved.done, process)
    return moved


def rewrite(
    transfers: Sequence[Transfer],
    wanted: Mapping[UUID, Values],
    moved: Moved,
    process: Process,
    *,
    sources: Collection[str],
    past: str,
) -> None:
    """Write columns of transfers where they still stand in the version seen, and note it; the others changed since (TRF-02)."""
    alike = defaultdict[tuple[int, str], list[Transfer]](list)
    for transfer in transfers:
        alike[transfer.version, repr(sorted(wanted[transfer.pk].items()))].append(transfer)
    for some in alike.values():
        gone = _claimed(some, sources, wanted[some[0].pk])
        moved.refused |= {t.pk: states.ChangedSinceShown() for t in some if t.pk not in gone}
        moved.done += [t for t in some if t.pk in gone]
    changes = []
    for transfer in moved.done:
        new = {**wanted[transfer.pk], "version": transfer.version + 1}
        changes.append(journal.changed(f"transfer.{past}", transfer, new=new, child_id=transfer.child_id))
        for name, value in new.items():
            setattr(transfer, name, value)
    journal.note(process, changes)


def _refusal(transfer: Transfer, version: int, step: Step, process: Process) -> Refusal | None:
    """Return why a transfer does not take a step: where it stands, whose step it is, what was seen of it."""
    within = transfer.is_within_a_county
    parties = parties_of(process.actor, transfer)
    if step.verb not in states.available(transfer.state, parties, is_within_a_county=within):
        label = states.label_of(transfer.state, is_within_a_county=within)
        return states.StepNotAllowed(state=label, verb=step.label)
    return states.ChangedSinceShown() if transfer.version != version else None


def _ending(step: Step, process: Process) -> Values:
    """Return what a step writes that ends a transfer."""
    return {} if step.target in states.OPEN else {"ended_at": process.at}


def _claimed(transfers: Sequence[Transfer], sources: Collection[str], new: Values) -> set[UUID]:
    """Move transfers with one version and values together; where somebody was faster with one, one by one."""
    version, pks, gone = transfers[0].version, [t.pk for t in transfers], set[UUID]()
    for first in range(0, len(pks), rows.CHUNK):
        part = pks[first : first + rows.CHUNK]
        with transaction.atomic():
            together = _standing(part, version, sources).update(**new, version=version + 1) == len(part)
            transaction.set_rollback(not together)
        if together:
            gone.update(part)
        else:
            gone.update(pk for pk in part if _standing([pk], version, sources).update(**new, version=version + 1))
    return gone


def _standing(pks: Sequence[UUID], version: int, sources: Collection[str]) -> TransferQuerySet:
    """Return the transfers that stand where something leads on, in the version seen."""
    return Transfer.objects.filter(pk__in=pks, version=version, state__in=sources)


def write_notes(transfers: Sequence[Transfer], verb: str, party: Party, words: str, process: Process) -> None:
    """Keep words beside transfers, sealed under each child's key."""
    if not words.strip() or not transfers:
        return
    safe = vault.open_safe([t.child_id for t in transfers])
    notes = []
    for transfer in transfers:
        unit = unit_of(party, transfer)
        note = TransferNote(
            id=new_id(), child_id=transfer.child_id, transfer_id=transfer.pk, verb=verb, party=party, unit_id=unit,
            at=process.at,
        )  # fmt: skip
        note.words = safe.seal(transfer.child_id, "transfer_note", "words", note.pk, words.strip())
        notes.append(note)
    rows.insert(notes)
    journal.note(process, [journal.made("transfer.noted", note, child_id=note.child_id) for note in notes])


def follow(transfers: Sequence[Transfer], process: Process) -> None:
    """Stop the clocks of the step that is done and start the next one's; what is over lets go of the child and its codes."""
    ids = [t.pk for t in transfers]
    over = [t for t in transfers if t.state not in states.OPEN]
    decided = {t.pk for t in transfers if t.state in {states.WINDOW, states.STOPPED}} | {t.pk for t in over}
    clocks.stop(case_ids=ids, process=process, steps=STEP_CLOCKS)
    clocks.stop(case_ids=decided, process=process, steps=[clocks.OVERALL])
    claims.release(case_ids=[t.pk for t in over])
    void_codes(over, process)
    closed = _closed([t for t in transfers if t.state == states.CONFIRMED], process)
    ticking = [tick(t, closed) for t in transfers if t.state in states.CLOCKS]
    ticking += [
        Ticking(t.pk, KIND, t.child_id, clocks.OVERALL, t.to_office_id, t.to_office_id)
        for t in transfers
        if t.state == states.CONFIRMED and t.to_office_id is not None
    ]
    clocks.start(ticking=ticking, process=process)


def _closed(transfers: Sequence[Transfer], process: Process) -> set[UUID]:
    """Return the old kindergartens among them that are closed: their county acts in their place from the beginning."""
    ids = {t.from_kindergarten_id for t in transfers}
    found = Kindergarten.objects.filter(pk__in=ids, closed_on__lte=journal.day_of(process)) if ids else ()
    return {one.pk for one in found}


def tick(transfer: Transfer, closed: Collection[UUID]) -> Ticking:
    """Return the clock of whoever has to act next."""
    step, party = states.CLOCKS[transfer.state]
    if party is Party.OLD and transfer.from_kindergarten_id in closed:
        party = Party.OLD_COUNTY
    owner = unit_of(party, transfer)
    office = transfer.to_office_id if party in {Party.NEW, Party.NEW_COUNTY} else transfer.from_office_id
    if owner is None or office is None:
        raise LookupError("who has to act in an open state is a unit (states.CLOCKS)")
    return Ticking(transfer.pk, KIND, transfer.child_id, step, owner, office)


def void_codes(transfers: Sequence[Transfer], process: Process) -> None:
    """Let the codes that consent count no longer; what a guardian looks with counts until its day."""
    ids = [t.pk for t in transfers]
    found = list(TransferCode.objects.filter(transfer_id__in=ids, purpose="confirm", used_at=None, voided_at=None))
    new = {"voided_at": process.at}
    TransferCode.objects.filter(pk__in=[code.pk for code in found], used_at=None, voided_at=None).update(**new)
    journal.note(
        process, [journal.changed("transfer_code.voided", code, new=new, child_id=code.child_id) for code in found]
    )
