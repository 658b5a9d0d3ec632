"""What may stand where, so that tables can be spread by child: read from the database, for what was migrated counts."""

from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import connection

from miaoce.registry.journal.guards import APPEND_ONLY
from tests.consistency.test_models import CLAIMS, TABLES

pytestmark = pytest.mark.django_db

CLAIM_TABLES = {apps.get_model("registry", name)._meta.db_table for name in CLAIMS}
OURS = {table._meta.db_table for table in TABLES}


@dataclass(frozen=True)
class Unique:
    """A rule that no two rows may break: on which columns, and whether it is the primary key."""

    table: str
    name: str
    columns: frozenset[str]
    primary: bool


def asked(statement: str, *values: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def uniques() -> set[Unique]:
    """Return every unique rule of our tables, partial ones included, as the database itself lists them."""
    if connection.vendor == "postgresql":
        rows = asked(
            "SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,"
            " array_agg(a.attname::text), i.indisprimary"
            " FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
            " WHERE i.indisunique GROUP BY i.indrelid, i.indexrelid, i.indisprimary"
        )
    else:
        rows = []
        for table in OURS:
            for name, origin in asked('SELECT name, origin FROM pragma_index_list(%s) WHERE "unique" = 1', table):
                columns = [row[0] for row in asked("SELECT name FROM pragma_index_info(%s)", name)]
                rows.append((table, name, columns, origin == "pk"))
    return {Unique(table, name, frozenset(columns), primary) for table, name, columns, primary in rows if table in OURS}


def links() -> set[tuple[str, str]]:
    """Return (table, table it points at) of every foreign key of ours."""
    if connection.vendor == "postgresql":
        rows = asked(
            "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
        )
        return {(table, target) for table, target in rows if table in OURS}
    return {
        (table, row[0]) for table in OURS for row in asked('SELECT "table" FROM pragma_foreign_key_list(%s)', table)
    }


def names() -> str:
    """Return the names of all constraints and unique indexes, as one text to look into."""
    if connection.vendor == "postgresql":
        return repr(asked("SELECT conname FROM pg_constraint") + asked("SELECT indexname FROM pg_indexes"))
    return repr(asked("SELECT name, sql FROM sqlite_master"))


def columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} LIMIT 0")
        return {column[0] for column in cursor.description}


def child_tables() -> set[str]:
    """Return the tables whose rows belong to one child each, the child's own among them."""
    return {"registry_child"} | {table for table in OURS - CLAIM_TABLES if "child_id" in columns(table)}


def test_there_are_tables_of_children():
    assert child_tables() >= {"registry_child", "registry_guardian", "registry_enrolment", "registry_childnumber"}
    assert Unique("registry_enrolment", "one_open_enrolment_per_child", frozenset({"child_id"}), False) in uniques()


def test_every_unique_rule_of_a_child_table_holds_within_the_child():
    """A primary key is a UUID made by the application: (child_id, id) replaces it where rows are spread, and holds."""
    rules = {rule for rule in uniques() if rule.table in child_tables() and not rule.primary}
    assert {rule for rule in rules if "child_id" not in rule.columns} == set()


def test_no_foreign_key_leads_to_a_child():
    """Neither from another child's row nor from a place: a child's rows are found by child_id, on one machine."""
    assert links()
    assert {(table, target) for table, target in links() if target in child_tables() | CLAIM_TABLES} == set()


def test_the_journal_points_at_no_live_row():
    assert {(table, target) for table, target in links() if table in APPEND_ONLY} == set()


def test_every_named_constraint_of_the_models_is_in_the_database():
    held = names()
    assert [c.name for table in TABLES for c in table._meta.constraints if c.name not in held] == []


def test_postgresql_has_no_triggers_and_sqlite_guards_the_journal():
    """Citus refuses triggers and they halve COPY: rights guard there. A file knows no rights: triggers guard here."""
    if connection.vendor == "postgresql":
        assert asked("SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal") == []
    else:
        assert {row[0] for row in asked("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")} >= set(
            APPEND_ONLY
        )


def test_the_engine_runs_as_shipped():
    """SQLite: full sync, write-ahead log, foreign keys. PostgreSQL: UTF-8, and names compared by their bytes."""
    if connection.vendor == "postgresql":
        assert asked("SHOW server_encoding") == [("UTF8",)]
        return
    values = {name: asked(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "foreign_keys", "synchronous")}
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}
