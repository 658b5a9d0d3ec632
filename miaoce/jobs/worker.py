"""The worker: sweeps the tables for work that is due. The tables are the queue (docs/adr/0003-the-tables-are-the-queue.md).

Each duty claims its work by conditional update inside one transaction, so several workers may run and any may be killed.
"""

import logging
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from miaoce.registry import rows
from miaoce.registry.access import repeats
from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import proofs, watching
from miaoce.registry.corrections import documents
from miaoce.registry.enrolments import numbering
from miaoce.registry.handover import webhooks
from miaoce.registry.intake import actions as intake
from miaoce.registry.journal import actions as journal
from miaoce.registry.matching import holding, keeping, running
from miaoce.registry.messages import actions as messages
from miaoce.registry.messages import reminders
from miaoce.registry.problems import closing, finding
from miaoce.registry.transfers import switching

log = logging.getLogger("miaoce.jobs")
PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Duty:
    """Something that is done again and again: `work` returns how much it did, `every` is the pause in seconds.

    What is `long` may take minutes at a time (a file of a whole county); nothing else should wait behind it.
    """

    name: str
    work: Callable[[], int]
    every: float
    long: bool = False


def issue_numbers() -> int:
    """Issue the numbers that are due."""
    now = timezone.now()
    if not numbering.is_due(at=now):
        return 0
    with journal.process("number.issue", actor=the_system("赋号"), at=now) as process:
        return numbering.issue_due(process=process)


def read_files() -> int:
    """Read files that wait or whose reader died, then large ones that were asked to be read once more."""
    now = timezone.now()
    return intake.read_waiting(actor=the_system("读取"), at=now) + intake.carry_out_waiting(at=now)


def send_ordered() -> int:
    """Submit what kindergartens asked for and a page should not wait for, or what a dead worker left half-way."""
    return intake.send_ordered(at=timezone.now())


def expire_batches() -> int:
    """Erase batches that nobody touched for thirty days."""
    return intake.expire(actor=the_system("清理"), at=timezone.now())


def switch_transfers() -> int:
    """Switch the transfers whose objection window is over."""
    now = timezone.now()
    if not switching.is_due(at=now):
        return 0
    with journal.process("transfer.switch", actor=the_system("转园"), at=now) as process:
        return switching.switch_due(process=process)


def send_messages() -> int:
    """Send the messages that wait."""
    now = timezone.now()
    return messages.send_waiting(actor=the_system("消息"), at=now) if messages.is_due(at=now) else 0


def make_reminders() -> int:
    """Make the daily digest of a working day, once, from the time that the operator set."""
    now = timezone.now()
    if settings.DIGEST_AT == "off" or not reminders.is_due(at=now, from_time=time.fromisoformat(settings.DIGEST_AT)):
        return 0
    with journal.process("reminder.make", actor=the_system("每日提醒"), at=now) as process:
        return reminders.make(process=process)


def send_reminders() -> int:
    """Send the digests that wait."""
    now = timezone.now()
    if not reminders.is_waiting(at=now):
        return 0
    return reminders.send_waiting(actor=the_system("每日提醒"), at=now, address=settings.ADDRESS)


def forget_answers() -> int:
    """Erase the answers kept for repeated requests whose days are over."""
    return repeats.forget(before=timezone.now() - timedelta(days=repeats.KEEP_DAYS))


def clean_proofs() -> int:
    """Erase proofs that no case took."""
    now = timezone.now()
    if not proofs.is_due(at=now):
        return 0
    with journal.process("proof.clean", actor=the_system("清理"), at=now) as process:
        return proofs.clean(process=process)


def sweep_proofs() -> int:
    """Delete the bytes of proofs that nobody answers for."""
    return proofs.sweep(at=timezone.now())


def tell_subscribers() -> int:
    """Tell subscribers what changed in their scope."""
    return webhooks.deliver(at=timezone.now())


def watch_clocks() -> int:
    """Remind and escalate; nothing is decided."""
    now = timezone.now()
    if not watching.is_due(on=timezone.localdate(now)):
        return 0
    with journal.process("clock.mark", actor=the_system("时限提醒"), at=now) as process:
        return watching.mark(process=process)


def recompute_clocks() -> int:
    """Count open clocks anew where the calendar has changed."""
    if not watching.shifted():
        return 0
    with journal.process("clock.recompute", actor=the_system("时限提醒"), at=timezone.now()) as process:
        return watching.recompute(process=process)


def check_documents() -> int:
    """Ask the outside register about documents."""
    return documents.check_due(actor=the_system("核验"), at=timezone.now())


def renew_match_records() -> int:
    """Bring up to date what is compared of children who were written without matching being told."""
    return keeping.renew_changed(at=timezone.now())


def renew_all_match_records() -> int:
    """Bring up to date every record of matching that is behind: after an upgrade, a new key, a worker that stood still."""
    return keeping.renew_behind(at=timezone.now()) + holding.sweep(before=timezone.now() - timedelta(days=1))


def match_register() -> int:
    """Look through the register for children with two records, once a night."""
    now = timezone.now()
    if not running.is_due(at=now):
        return 0
    return running.run_night(actor=the_system("查重"), at=now, now=timezone.now)


def open_problems() -> int:
    """Lay before people what matching and the outside register found."""
    if not finding.is_due():
        return 0
    with journal.process("problem.open", actor=the_system("查重"), at=timezone.now()) as process:
        return finding.open_due(process=process)


def follow_problems() -> int:
    """Let problems in hand follow what happened to their records and cases."""
    if not closing.is_due():
        return 0
    with journal.process("problem.follow", actor=the_system("问题学籍"), at=timezone.now()) as process:
        return closing.follow_all(process=process)


DUTIES = (
    Duty("read files", read_files, 0.5, long=True),
    Duty("submit rows", send_ordered, 0.5, long=True),
    Duty("issue numbers", issue_numbers, 1.0),
    Duty("switch transfers", switch_transfers, 2.0),
    Duty("send messages", send_messages, 1.0),
    Duty("make reminders", make_reminders, 60.0),
    Duty("send reminders", send_reminders, 5.0),
    Duty("spread readings", journal.spread_readings, 2.0),
    Duty("tell subscribers", tell_subscribers, 5.0),
    Duty("watch clocks", watch_clocks, 60.0),
    Duty("recompute clocks", recompute_clocks, 3600.0),
    Duty("expire batches", expire_batches, 3600.0),
    Duty("forget answers", forget_answers, 3600.0),
    Duty("check documents", check_documents, 5.0),
    Duty("renew match records", renew_match_records, 5.0),
    Duty("renew all match records", renew_all_match_records, 3600.0, long=True),
    Duty("match the register", match_register, 600.0, long=True),
    Duty("open problems", open_problems, 60.0),
    Duty("follow problems", follow_problems, 60.0),
    Duty("clean proofs", clean_proofs, 3600.0),
    Duty("sweep proofs", sweep_proofs, 86400.0),
    Duty("note sizes", rows.note_sizes, 3600.0),
)


def tick(duties: tuple[Duty, ...] = DUTIES) -> int:
    """Do each duty once and return how much was done. A duty that fails is logged and does not stop the others."""
    done = 0
    for duty in duties:
        try:
            done += duty.work()
        except (DatabaseError, numbering.AnotherWorker, switching.AnotherWorker):
            log.exception("duty failed", extra={"duty": duty.name})
            connection.close()
    return done


def chosen(only: str) -> tuple[Duty, ...]:
    """Return the duties of a worker that does only the `long` or only the `short` ones, or (empty) all."""
    return tuple(duty for duty in DUTIES if not only or duty.long == (only == "long"))


def run(*, once: bool = False, only: str = "") -> None:
    """Work until SIGTERM or SIGINT, or with `once` until a sweep finds nothing. `only`: long or short duties (chosen)."""
    duties, stop = chosen(only), threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    if once:
        while tick(duties):
            pass
        return
    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    clock = 0.0
    due = dict.fromkeys((duty.name for duty in duties), 0.0)
    while not stop.is_set():
        now_due = tuple(duty for duty in duties if due[duty.name] <= clock)
        busy = tick(now_due)
        for duty in now_due:
            due[duty.name] = clock + duty.every
        close_old_connections()
        if not busy:
            stop.wait(PAUSE_SECONDS)
        clock += PAUSE_SECONDS
