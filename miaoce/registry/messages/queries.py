"""Reads of messages: whether one went out today, and the demonstration's inbox."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from miaoce.registry.children.models import Guardian
from miaoce.registry.messages import reminders
from miaoce.registry.messages.models import SENT, Message, Reminder
from miaoce.registry.vault import queries as vault
from miaoce.registry.vault.masking import Field, Viewer, shown


@dataclass(frozen=True)
class Shown:
    """A message as the demonstration's inbox shows it; the phone is masked."""

    at: datetime
    phone: str
    text: str


def told_since(case_ids: Collection[UUID], *, kind: str, since: datetime) -> set[UUID]:
    """Return the cases about which a message of a kind was made since a moment."""
    found = Message.objects.filter(case_id__in=list(case_ids), kind=kind, made_at__gte=since)
    return set(found.values_list("case_id", flat=True))


def inbox(*, most: int = 50) -> Sequence[Shown]:
    """Return the messages that the demonstration sent, the newest first. Three statements."""
    sent = list(Message.objects.filter(state=SENT, text__isnull=False).order_by("-id")[:most])
    safe = vault.open_safe([message.child_id for message in sent])
    guardians = Guardian.objects.in_bulk({message.guardian_id for message in sent})
    lines = []
    for message in sent:
        guardian = guardians.get(message.guardian_id)
        phone = ""
        if guardian is not None and guardian.phone is not None:
            phone = safe.open(guardian.child_id, "guardian", "phone", guardian.pk, bytes(guardian.phone))
        text = safe.open(message.child_id, "message", "text", message.pk, bytes(message.text or b""))
        lines.append(Shown(message.sent_at or message.made_at, shown(Field.PHONE, phone, Viewer.OWN), text))
    return lines


@dataclass(frozen=True)
class Told:
    """A daily digest as the demonstration's inbox shows it: to whom, and what it said."""

    at: datetime
    name: str
    text: str


def told(*, address: str, most: int = 20) -> Sequence[Told]:
    """Return the daily digests that the demonstration sent, the newest first. One statement."""
    sent = Reminder.objects.filter(state=SENT).select_related("staff").order_by("-id")[:most]
    return [Told(one.sent_at or one.made_at, one.staff.name, reminders.words_of(one, address=address)) for one in sent]
