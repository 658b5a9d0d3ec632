"""The daily digest (每日提醒): on working days from 08:30 each officer for whose unit something waits is told, once, in counts.

It names nobody and nothing but counts (ux.md §7, Notifications), and leads to the desk. The day is claimed by insert, so that
two workers, or one that was started again, tell once; each reminder is then sent like a message, claimed alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils.timezone import localtime

from miaoce.registry import rows
from miaoce.registry.access.models import Appointment
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import ROLES, Permission
from miaoce.registry.approvals import states
from miaoce.registry.approvals.clocks import OVERALL
from miaoce.registry.approvals.models import Clock, Proposal
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.messages import rules
from miaoce.registry.messages.actions import PAUSE
from miaoce.registry.messages.models import GIVEN_UP, SENT, WAITING, Reminder, ReminderDay
from miaoce.registry.messages.senders import Sender, sender
from miaoce.registry.reference import queries as reference

LATEST = time(18, 0)  # a worker that was down in the morning still tells until then
ACTS = (Permission.CASE_FILE, Permission.CASE_DECIDE, Permission.INTAKE_SUBMIT, Permission.HANDOVER_CLAIM)
TOLD = tuple(code for code, role in sorted(ROLES.items()) if any(one in role.permissions for one in ACTS))
"""The roles that have something to do: nobody is told of what only others can do."""


@dataclass(frozen=True)
class Counts:
    """What waits for a unit."""

    waiting: int = 0
    today: int = 0
    late: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.waiting + other.waiting, self.today + other.today, self.late + other.late)


def is_due(*, at: datetime, from_time: time) -> bool:
    """Say whether the digest of the local day is still to be made: a working day, from the time set until 18:00. One statement."""
    local = localtime(at)
    if sender() is None or not from_time <= local.time() < LATEST or not reference.calendar().is_working(local.date()):
        return False
    return not ReminderDay.objects.filter(day=local.date()).exists()


@transaction.atomic
def make(*, process: Process) -> int:
    """Make the day's reminders and return how many; none where another worker was faster. A fixed number of statements."""
    on = journal.day_of(process)
    if not rows.insert_new(ReminderDay, ("id", "day", "made_at"), [(new_id(), on, process.at)]):
        return 0
    counts = counts_by_unit(on)
    units = [Q(**{f"{kind}__in": list(counts)}) for kind in ("office_id", "kindergarten_id", "school_id")]
    held = Appointment.objects.in_force(on).filter(units[0] | units[1] | units[2], role__in=TOLD, staff__is_active=True)
    made: dict[tuple[UUID, UUID], Reminder] = {}
    for one in held.order_by("id"):
        unit = one.office_id or one.kindergarten_id or one.school_id
        if unit is None or (one.staff_id, unit) in made:  # two roles at one unit are told once
            continue
        count = counts[unit]
        made[one.staff_id, unit] = Reminder(
            staff_id=one.staff_id, unit_id=unit, day=on, waiting=count.waiting, due_today=count.today, late=count.late,
            made_at=process.at, not_before_at=process.at,
        )  # fmt: skip
    rows.insert(list(made.values()))
    journal.note(
        process, [Change("reminder.made", "reminder", one.pk, after={"day": f"{on}"}) for one in made.values()]
    )
    return len(made)


def counts_by_unit(on: date) -> Mapping[UUID, Counts]:
    """Return what waits for each unit for which something waits: its open clocks, and registrations. Three statements."""
    found: dict[UUID, Counts] = {}
    late = {"today": Count("id", filter=Q(due_on=on)), "late": Count("id", filter=Q(due_on__lt=on))}
    running = Clock.objects.filter(stopped_at=None).exclude(step=OVERALL).order_by().values_list("owner_id")
    counted: list[Any] = [running.annotate(all=Count("id"), **late)]  # of two tables: unit, and three counts
    for place, standing in (("office_id", states.SUBMITTED), ("kindergarten_id", states.RETURNED)):
        proposals = Proposal.objects.filter(state=standing).order_by().values_list(place)
        counted.append(proposals.annotate(all=Count("id"), **late))
    for rows_of in counted:
        for unit, *figures in rows_of:
            found[unit] = found.get(unit, Counts()) + Counts(*figures)
    return found


def words_of(reminder: Reminder, *, address: str) -> str:
    """Return what a reminder says: counts, why it came, and where to go."""
    pressing = [
        f"{count} 件{word}" for count, word in ((reminder.due_today, "今天到期"), (reminder.late, "已超期")) if count
    ]
    more = f"，其中 {'、'.join(pressing)}" if pressing else ""
    where = f"请登录办理：{address}" if address else "请登录系统办理。"
    return f"【学前学籍】{reminder.day:%-m月%-d日}您的单位有 {reminder.waiting} 件等着办{more}。超期的会告知上一级。{where}"


def is_waiting(*, at: datetime) -> bool:
    """Say whether a reminder waits to be sent at a moment."""
    return Reminder.objects.filter(state=WAITING, not_before_at__lte=at).exists()


def send_waiting(*, actor: Officer, at: datetime, address: str, limit: int = 200) -> int:
    """Send the reminders that wait and return how many were taken; given up after five tries, or when their day is over."""
    way = sender()
    if way is None:
        return 0
    due = Reminder.objects.filter(state=WAITING, not_before_at__lte=at).order_by("not_before_at", "id")
    found = list(due.select_related("staff")[:limit])
    return sum(_send(way, reminder, actor, at, address) for reminder in found)


def _send(way: Sender, reminder: Reminder, actor: Officer, at: datetime, address: str) -> bool:
    """Claim, send and note one reminder. Its receiver is the account; the operator's gateway knows where its person reads."""
    waiting = Reminder.objects.filter(pk=reminder.pk, state=WAITING, tries=reminder.tries)
    if not waiting.update(tries=reminder.tries + 1, not_before_at=at + PAUSE):
        return False
    is_today = reminder.day == localtime(at).date() and reminder.staff.is_active
    to = f"account:{reminder.staff.username}"
    taken = is_today and way.send(phone=to, text=words_of(reminder, address=address))
    if not taken and is_today and reminder.tries + 1 < rules.MOST_TRIES:
        return False
    new = {"state": SENT if taken else GIVEN_UP, "sent_at": at if taken else None}
    with journal.process("reminder.send", actor=actor, at=at) as process:
        if Reminder.objects.filter(pk=reminder.pk, state=WAITING).update(**new):
            change = Change(f"reminder.{new['state']}", "reminder", reminder.pk, after={"state": new["state"]})
            journal.note(process, [change])
    return taken
