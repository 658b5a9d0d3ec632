"""The worker: does what is due, survives a duty that fails, stops when asked."""

import os
import signal
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from miaoce.jobs import worker
from miaoce.jobs.worker import Duty
from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import ChildNumber
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process, ReadingOf
from tests.factories import children

pytestmark = pytest.mark.django_db


def test_a_sweep_with_nothing_due_writes_nothing():
    before = Process.objects.count()
    assert worker.issue_numbers() == worker.read_files() == 0
    assert Process.objects.count() == before


def test_a_sweep_numbers_whose_recall_minutes_are_over():
    child = children.make_child(state=states.APPROVED)
    Proposal.objects.filter(child_id=child.pk).update(number_after=timezone.now() + timedelta(minutes=5))
    assert worker.issue_numbers() == 0
    Proposal.objects.filter(child_id=child.pk).update(number_after=timezone.now() - timedelta(seconds=1))
    worker.run(once=True)
    assert ChildNumber.objects.filter(child_id=child.pk).count() == 1
    assert worker.issue_numbers() == 0


def test_a_sweep_spreads_readings():
    pair = [children.make_child().pk, children.make_child().pk]
    journal.log_reading(actor=the_system(), at=timezone.now(), what="child.list", child_ids=pair)
    worker.run(once=True)
    assert set(ReadingOf.objects.values_list("child_id", flat=True)) == set(pair)


def test_a_duty_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    def fail() -> int:
        raise DatabaseError("gone")

    monkeypatch.setattr(worker.connection, "close", lambda: None)
    assert worker.tick((Duty("a", fail, 1), Duty("b", lambda: 3, 1))) == 3
    assert [record.duty for record in caplog.records] == ["a"]


def test_two_workers_share_the_duties_between_them():
    long, short = worker.chosen("long"), worker.chosen("short")
    assert {duty.name for duty in long} == {
        "read files", "submit rows", "renew all match records", "match the register",
    }  # fmt: skip
    assert not set(long) & set(short)
    assert set(long) | set(short) == set(worker.chosen("")) == set(worker.DUTIES)


def test_a_worker_stops_when_asked(monkeypatch: pytest.MonkeyPatch):
    swept = threading.Event()

    def once() -> int:
        swept.set()
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    kept = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(worker, "DUTIES", (Duty("once", once, 60),))
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    try:
        worker.run()
    finally:
        signal.signal(signal.SIGTERM, kept[0])
        signal.signal(signal.SIGINT, kept[1])
    assert swept.is_set()
