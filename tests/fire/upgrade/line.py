"""The line of migrations, and what the code of one step sees of the database of the next (trust R-15)."""

from dataclasses import dataclass
from typing import Any

from django.apps.registry import Apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import AutoField, Model, UUIDField

from miaoce.registry.ids import new_id
from miaoce.registry.journal.guards import APPEND_ONLY, LIST_ONLY_SPREADS

LABEL = "registry"


def steps() -> list[str]:
    """Return the names of the register's migrations, the oldest first."""
    graph = MigrationExecutor(connection).loader.graph
    return [name for label, name in graph.forwards_plan(graph.leaf_nodes(LABEL)[0]) if label == LABEL]


def move_to(step: str) -> None:
    """Migrate the register forwards or back to a step; a migration that cannot go back raises."""
    executor = MigrationExecutor(connection)
    executor.migrate([(LABEL, step)])


def apps_at(step: str) -> Apps:
    """Return the models as the code of a step had them."""
    return MigrationExecutor(connection).loader.project_state([(LABEL, step)]).apps


@dataclass(frozen=True)
class Broken:
    """A statement of the older code that the newer database does not take."""

    table: str
    statement: str
    why: str


def old_code_on_this_database(old: Apps, *, rows: int = 3) -> list[Broken]:
    """Read, write again and insert with the older code's models; return what the database of now refuses.

    Everything is rolled back. An insert is a row that is there, taken away and put in again with the columns that the
    older code knows, so that every constraint of now is asked.
    """
    broken = []
    for model in old.get_app_config(LABEL).get_models():
        for name, act in (("select", _select), ("update", _update), ("insert", _insert)):
            try:
                with transaction.atomic():
                    act(model, rows)
                    transaction.set_rollback(True)
            except DatabaseError as error:
                if name != "update" or "append-only" not in str(error):
                    broken.append(Broken(model._meta.db_table, name, str(error).splitlines()[0]))
    return broken


def _select(model: type[Model], rows: int) -> list[Any]:
    return list(model._default_manager.all()[:rows])


def _update(model: type[Model], rows: int) -> None:
    for row in _select(model, rows):
        row.save(force_update=True)


def _insert(model: type[Model], rows: int) -> None:
    found = _select(model, rows)
    if model._meta.db_table in (
        *APPEND_ONLY,
        LIST_ONLY_SPREADS,
    ):  # nothing is taken away there, not even to be put back
        for row in found[:1]:
            row.pk = _fresh(model)
            row.save(force_insert=True)
        return
    with connection.cursor() as cursor:
        column = connection.ops.quote_name(model._meta.pk.column)
        for row in found:
            key = model._meta.pk.get_db_prep_save(row.pk, connection)
            with connection.constraint_checks_disabled():
                cursor.execute(
                    f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)} WHERE {column} = %s", [key]
                )
            row.save(force_insert=True)


def _fresh(model: type[Model]) -> Any:
    """Return a key that no row of the table has."""
    if isinstance(model._meta.pk, AutoField):
        return None
    return new_id() if isinstance(model._meta.pk, UUIDField) else "0" * 64
