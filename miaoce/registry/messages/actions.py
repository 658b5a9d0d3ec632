"""Writing messages: put one beside what it tells of, in the same transaction; the worker sends it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localtime

from miaoce.registry import rows
from miaoce.registry.access.officers import Officer
from miaoce.registry.children.models import Guardian
from miaoce.registry.children.silence import quiet
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.messages import rules
from miaoce.registry.messages.models import GIVEN_UP, SENT, WAITING, Message
from miaoce.registry.messages.senders import Sender, sender
from miaoce.registry.vault import queries as vault

PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Draft:
    """A message to be sent about a case. `text` names nobody (ux.md §7)."""

    child_id: UUID
    guardian_id: UUID
    case_id: UUID
    kind: str
    text: str


@transaction.atomic
def queue(*, drafts: Sequence[Draft], process: Process) -> list[Message]:
    """Put messages beside what happened, to be sent by the worker; nothing where no way of sending is set up."""
    silent = quiet({draft.child_id for draft in drafts})
    drafts = [draft for draft in drafts if draft.child_id not in silent]
    if sender() is None or not drafts:
        return []
    safe = vault.open_safe([draft.child_id for draft in drafts])
    made = []
    for draft in drafts:
        row = Message(
            id=new_id(), child_id=draft.child_id, guardian_id=draft.guardian_id, case_id=draft.case_id, kind=draft.kind,
            made_at=process.at, not_before_at=process.at,
        )  # fmt: skip
        row.text = safe.seal(draft.child_id, "message", "text", row.pk, draft.text)
        made.append(row)
    rows.insert(made)
    journal.note(process, [Change("message.queued", "message", m.pk, m.child_id, after={"kind": m.kind}) for m in made])
    return made


def is_due(*, at: datetime) -> bool:
    """Say whether a message waits to be sent at a moment."""
    return Message.objects.filter(state=WAITING, not_before_at__lte=at).exists()


def send_waiting(*, actor: Officer, at: datetime, limit: int = 100) -> int:
    """Send what waits and return how many were taken. Each message is claimed alone, by moving its next try on.

    A worker that dies between sending and writing sends once more after the pause; a message is given up after five tries.
    """
    way = sender()
    if way is None or (way.is_quiet_at_night and not rules.is_daytime(localtime(at))):
        return 0
    due = list(Message.objects.filter(state=WAITING, not_before_at__lte=at).order_by("not_before_at", "id")[:limit])
    silent = quiet({message.child_id for message in due})
    phones = _phones([message for message in due if message.child_id not in silent])
    return sum(_send(way, message, phones.get(message.guardian_id, ""), actor, at) for message in due)


def _send(way: Sender, message: Message, phone: str, actor: Officer, at: datetime) -> bool:
    """Claim, send and note one message."""
    waiting = Message.objects.filter(pk=message.pk, state=WAITING, tries=message.tries)
    if not waiting.update(tries=message.tries + 1, not_before_at=at + PAUSE) or message.text is None:
        return False
    text = vault.open_safe([message.child_id]).open(
        message.child_id, "message", "text", message.pk, bytes(message.text)
    )
    taken = bool(phone) and way.send(phone=phone, text=text)
    over = not taken and message.tries + 1 >= rules.MOST_TRIES
    if not taken and not over:
        return False
    state = SENT if taken else GIVEN_UP
    new = {"state": state, "sent_at": at if taken else None}
    if not (taken and way.keeps_text):
        new["text"] = None
    with journal.process("message.send", actor=actor, at=at) as process:
        if Message.objects.filter(pk=message.pk, state=WAITING).update(**new):
            after = {"state": state}
            journal.note(process, [Change(f"message.{state}", "message", message.pk, message.child_id, after=after)])
    return taken


def _phones(messages: Sequence[Message]) -> dict[UUID, str]:
    """Return the phone of each guardian that has one; two statements."""
    found = list(Guardian.objects.filter(pk__in={m.guardian_id for m in messages}, phone__isnull=False))
    safe = vault.open_safe([guardian.child_id for guardian in found])
    return {g.pk: safe.open(g.child_id, "guardian", "phone", g.pk, bytes(g.phone)) for g in found if g.phone}
