"""The journal's tables are append-only: triggers on SQLite; on PostgreSQL rights do it (journal/guards.py)."""

from django.db import migrations

from miaoce.registry.journal.guards import APPEND_ONLY, LIST_ONLY_SPREADS, sqlite_triggers


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for statement in sqlite_triggers():
            schema_editor.execute(statement)


def lift(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table in (*APPEND_ONLY, LIST_ONLY_SPREADS):
            for verb in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunPython(guard, lift)]
