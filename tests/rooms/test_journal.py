"""The journal: one process, many events, nothing rewritten; readings before answers."""

from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import guards
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import facts_of
from miaoce.registry.journal.models import Event, Process, Reading, ReadingOf
from tests.factories.places import make_kindergarten

pytestmark = pytest.mark.django_db


def a_process(kind: str = "test.do") -> Process:
    with journal.process(kind, actor=the_system(), at=timezone.now(), reason="因为") as process:
        journal.note(process, [Change("child.recorded", "child", new_id(), new_id(), after={"a": 1})])
    return process


def test_a_process_owns_its_events():
    process = a_process()
    event = Event.objects.get(process_id=process.pk)
    assert (event.verb, event.after, event.recorded_at) == ("child.recorded", {"a": 1}, process.at)
    assert event.effective_on == timezone.localdate(process.at)


def test_a_process_that_raises_leaves_nothing():
    with (
        pytest.raises(ZeroDivisionError),
        journal.process("test.fail", actor=the_system(), at=timezone.now()) as process,
    ):
        journal.note(process, [Change("child.recorded", "child", new_id())])
        raise ZeroDivisionError
    assert not Process.objects.filter(kind="test.fail").exists()
    assert not Event.objects.exists()


def test_a_change_that_changes_nothing_is_not_written():
    with journal.process("test.same", actor=the_system(), at=timezone.now()) as process:
        same = Change("child.corrected", "child", new_id(), before={"a": 1}, after={"a": 1})
        assert journal.note(process, [same]) == 0
    assert not Event.objects.filter(process_id=process.pk).exists()


def test_facts_leave_out_what_is_empty_and_hold_only_json():
    place = make_kindergarten()
    facts = facts_of(place)
    assert facts["code"] == place.code
    assert facts["office_id"] == place.office_id.hex
    assert facts["licence_from"] == "2020-01-01"
    assert "licence_to" not in facts and "uscc" not in facts


@pytest.mark.parametrize("table", [*guards.APPEND_ONLY, guards.LIST_ONLY_SPREADS])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_sqlite_refuses_to_rewrite_the_journal(table: str, verb: str):
    """The triggers of the migration hold against raw SQL; on PostgreSQL rights do it (next test)."""
    triggers = {t.split()[2] for t in guards.sqlite_triggers()}
    if (table, verb) == (guards.LIST_ONLY_SPREADS, "UPDATE"):
        assert f"{table}_no_update" not in triggers, "a list is spread by an update"
        return
    assert f"{table}_no_{verb.lower()}" in triggers
    if connection.vendor != "sqlite":
        return
    fill_journal()
    column = "child_id" if "claim" in table or table.endswith("of") else "id"
    statement = f"UPDATE {table} SET {column} = {column}" if verb == "UPDATE" else f"DELETE FROM {table}"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def fill_journal() -> None:
    """One row in every guarded table."""
    from miaoce.registry.children.models import NumberClaim

    process = a_process()
    journal.log_reading(actor=the_system(), at=process.at, what="child.page", child_ids=[new_id()])
    NumberClaim.objects.create(digest="d" * 64, child_id=new_id(), claimed_at=process.at)


def test_the_application_role_of_postgresql_cannot_rewrite_the_journal():
    if connection.vendor != "postgresql":
        assert all("append-only" in statement for statement in guards.sqlite_triggers())
        return
    fill_journal()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE app_under_test")
        for statement in guards.grants("app_under_test"):
            cursor.execute(statement)
        cursor.execute("SET LOCAL ROLE app_under_test")
    for table in (*guards.APPEND_ONLY, guards.LIST_ONLY_SPREADS):
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET at = now()", f"TRUNCATE {table}"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    a_process("test.as_app")
    assert journal.spread_readings() == 0
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert Process.objects.filter(kind="test.as_app").exists()


@pytest.mark.parametrize("role", ["app; DROP TABLE x", "", 'a"b'])
def test_a_role_that_is_no_identifier_is_refused(role: str):
    with pytest.raises(ValueError, match="identifier"):
        guards.grants(role)


def test_one_child_is_spread_at_once_and_a_list_by_the_worker():
    now, one, two = timezone.now(), new_id(), new_id()
    journal.log_reading(actor=the_system(), at=now, what="child.page", child_ids=[one])
    listed = journal.log_reading(actor=the_system(), at=now, what="child.list", child_ids=[one, two])
    assert set(ReadingOf.objects.values_list("child_id", flat=True)) == {one}
    assert journal.spread_readings() == 1
    assert journal.spread_readings() == 0
    assert ReadingOf.objects.filter(reading_id=listed).count() == 2
    assert ReadingOf.objects.filter(child_id=one).count() == 2


def test_spreading_twice_doubles_nothing():
    """A worker killed between the rows and the mark starts again on the same reading."""
    reading = journal.log_reading(
        actor=the_system(), at=timezone.now(), what="child.list", child_ids=[new_id(), new_id()]
    )
    journal.spread_readings()
    Reading.objects.filter(pk=reading).update(is_spread=False)
    journal.spread_readings()
    assert ReadingOf.objects.filter(reading_id=reading).count() == 2


def test_ids_sort_by_time():
    made: list[UUID] = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 1000
