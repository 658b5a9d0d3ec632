"""The read log under many at once: one commit for those who wait together, and no answer before its entry is kept."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import readings
from miaoce.registry.journal.models import Reading, ReadingOf

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SEEKERS = 6


def look(what: str = "child.list", *, children: int = 2) -> None:
    """Log a reading and see, from this very thread, that it is there."""
    ids = [new_id() for _ in range(children)]
    made = journal.log_reading(actor=the_system(), at=timezone.now(), what=what, child_ids=ids)
    assert Reading.objects.filter(pk=made).exists()


def at_once(work: Callable[[int], None]) -> list[Exception]:
    """Do a work in some threads at once and return what went wrong in them."""
    broken: list[Exception] = []

    def one(number: int) -> None:
        try:
            work(number)
        except Exception as error:  # noqa: BLE001  the test's own thread: whatever it was is looked at
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(SEEKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return broken


@pytest.fixture
def companies(monkeypatch) -> list[list[str]]:
    """What each commit wrote. The first one lingers until everybody else stands behind it."""
    seen, write, together = list[list[str]](), readings._write, readings._Together()

    def watched(entries: Sequence[readings._Entry]) -> None:
        seen.append([entry.reading.what for entry in entries])
        until = time.monotonic() + 30 * (len(seen) == 1 and together._front.locked())
        while len(entries) + len(together._waiting) < SEEKERS and time.monotonic() < until:
            time.sleep(0.005)
        write(entries)

    monkeypatch.setattr(readings, "_write", watched)
    monkeypatch.setattr(readings, "_together", together)
    return seen


def test_who_waits_while_one_commits_is_written_by_one_commit_more(companies):
    assert at_once(lambda number: look(f"list {number}")) == []
    assert len(companies) == 2
    assert sorted(what for company in companies for what in company) == [f"list {number}" for number in range(SEEKERS)]
    assert Reading.objects.count() == SEEKERS


def test_one_child_and_lists_share_a_commit(companies):
    assert at_once(lambda number: look(children=1 + number % 2)) == []
    assert len(companies) == 2
    assert ReadingOf.objects.count() == Reading.objects.filter(is_spread=True).count() == SEEKERS // 2


def test_an_entry_that_the_database_refuses_fails_its_own_request_and_no_other(companies, monkeypatch):
    """Two readings with one id: their company fails, and each is tried by itself."""
    ids = [new_id() for _ in range(SEEKERS - 1)]
    drawn = iter([*ids, ids[-1]])
    monkeypatch.setattr(readings, "new_id", lambda: next(drawn))
    [error] = at_once(lambda _: look())
    assert isinstance(error, IntegrityError)
    assert set(Reading.objects.values_list("pk", flat=True)) == set(ids)


def test_nobody_is_answered_while_nothing_can_be_written(companies, monkeypatch):
    def full(entries: Sequence[readings._Entry]) -> None:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(readings, "_write", full)
    assert [type(error) for error in at_once(lambda _: look())] == [DatabaseError] * SEEKERS
    assert not Reading.objects.exists()


def test_inside_a_transaction_the_entry_is_part_of_it(companies):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        look("child.reveal", children=1)
        raise ZeroDivisionError
    assert not Reading.objects.exists()
    assert companies == [["child.reveal"]]
    assert readings._together._waiting == []
