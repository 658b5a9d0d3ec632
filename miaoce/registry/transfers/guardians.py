"""What a guardian does with a code: looks, names the kindergarten, agrees or not, takes back, disputes.

A code that does not fit is an answer (TRF-14) and no error, so that its count stays; everything else refuses as elsewhere.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.transfers import actions, codes, rules, states
from miaoce.registry.transfers.models import Transfer, TransferCode
from miaoce.registry.transfers.moving import Moved, Values, move
from miaoce.registry.transfers.states import STEPS


@dataclass(frozen=True)
class Spoken:
    """The words by which a guardian speaks: a code, and the end of the number on record. `transfer_id` where an address names it."""

    code: str
    ending: str
    transfer_id: UUID | None = None


@dataclass(frozen=True)
class Heard:
    """What a guardian's words led to. `follow` is the code for later, shown once; `purpose` says what the code may do."""

    transfer: Transfer | None = None
    refusal: Refusal | None = None
    purpose: str = ""
    follow: str = ""


@transaction.atomic
def look(*, spoken: Spoken, process: Process) -> Heard:
    """Return the transfer of a code that fits; the reading is logged before it is shown."""
    code, transfer = _open(spoken, process)
    if code is None or transfer is None:
        return Heard(refusal=rules.CodeWrong())
    journal.log_reading(actor=process.actor, at=process.at, what="transfer.guardian", child_ids=[transfer.child_id])
    return Heard(transfer, purpose=code.purpose)


@transaction.atomic
def consent(*, spoken: Spoken, process: Process, kindergarten_id: UUID | None = None) -> Heard:
    """Agree to a transfer; where the guardian began it, to the kindergarten named. The code is spent.

    Refuses TRF-16 for a kindergarten that may not take children, TRF-01 where nobody waits for the guardian.
    """
    code, transfer = _open(spoken, process, codes.CONFIRM)
    if code is None or transfer is None:
        return Heard(refusal=rules.CodeWrong())
    new: dict[str, object] = {"confirmed_at": process.at, "guardian_id": code.guardian_id}
    verb = "apply" if transfer.state == states.INVITED else "confirm"
    if verb == "apply":
        place = _receiver(kindergarten_id, transfer, journal.day_of(process))
        new |= {"to_kindergarten_id": place.pk, "to_office_id": place.office_id}
    codes.spend(code=code, process=process)
    done = _one(verb, transfer, process, new)
    return Heard(done, purpose=codes.FOLLOW, follow=codes.follow_code(transfer=done, process=process))


def _receiver(kindergarten_id: UUID | None, transfer: Transfer, on: date) -> Kindergarten:
    """Return the kindergarten that a guardian named; TRF-16 for one that may not take the child."""
    place = Kindergarten.objects.filter(pk=kindergarten_id).first() if kindergarten_id else None
    if place is None or place.pk == transfer.from_kindergarten_id or not place.is_licensed(on):
        raise rules.ReceiverNotThere
    return place


@transaction.atomic
def decline(*, spoken: Spoken, process: Process) -> Heard:
    """Say that the child stays. The code is spent and the transfer is over."""
    code, transfer = _open(spoken, process, codes.CONFIRM)
    if code is None or transfer is None:
        return Heard(refusal=rules.CodeWrong())
    codes.spend(code=code, process=process)
    return Heard(_one("decline", transfer, process, {"guardian_id": code.guardian_id}))


@transaction.atomic
def take_back(*, spoken: Spoken, process: Process) -> Heard:
    """Take a transfer back, until the switch."""
    code, transfer = _open(spoken, process, codes.FOLLOW)
    if code is None or transfer is None:
        return Heard(refusal=rules.CodeWrong())
    return Heard(_one("take_back", transfer, process, {}), purpose=codes.FOLLOW)


@transaction.atomic
def dispute(*, spoken: Spoken, words: str, process: Process) -> Heard:
    """Object within the window: the switch stops until the county has looked. Refuses TRF-11 without words."""
    actions.must_say_something(words)
    code, transfer = _open(spoken, process, codes.FOLLOW)
    if code is None or transfer is None:
        return Heard(refusal=rules.CodeWrong())
    return Heard(_one("dispute", transfer, process, {}, words), purpose=codes.FOLLOW)


def _open(spoken: Spoken, process: Process, purpose: str = "") -> tuple[TransferCode | None, Transfer | None]:
    """Return the code and its transfer; nothing for a code that does not fit or is for something else."""
    code = codes.check(text=spoken.code, ending=spoken.ending, process=process, transfer_id=spoken.transfer_id)
    if code is None or (purpose and code.purpose != purpose):
        return None, None
    return code, Transfer.objects.filter(pk=code.transfer_id).first()


def _one(verb: str, transfer: Transfer, process: Process, new: Values, words: str = "") -> Transfer:
    """Take one step with the one transfer of a code, or raise why not."""
    moved: Moved = move(
        verb, {transfer.pk: transfer.version}, process, values=lambda _: new, words=words[: rules.LONGEST_WORDS]
    )
    for refusal in moved.refused.values():
        raise refusal
    return moved.done[0]


def verbs_of(transfer: Transfer, purpose: str) -> list[str]:
    """Return what a guardian may do now with a code of a purpose."""
    allowed = {"apply", "confirm", "decline"} if purpose == codes.CONFIRM else {"take_back", "dispute"}
    return [verb for verb in STEPS if verb in allowed and transfer.state in STEPS[verb].sources]
