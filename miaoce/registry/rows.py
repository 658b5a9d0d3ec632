"""Putting many rows into a table: COPY on PostgreSQL, bulk_create elsewhere. Same rows, same constraints."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

CHUNK = 2_000
COPY_FROM = 50  # below this a plain INSERT is as fast


def insert(objects: Sequence[models.Model]) -> None:
    """Insert new rows of one model inside the caller's transaction; a broken constraint raises IntegrityError."""
    if not objects:
        return
    model = type(objects[0])
    if connection.vendor == "postgresql" and len(objects) >= COPY_FROM:
        _copy(model, objects)
    else:
        model._default_manager.bulk_create(objects, batch_size=CHUNK)


def _copy(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """PostgreSQL's bulk road; bulk_create in `insert` is its portable twin."""
    fields = [f for f in model._meta.concrete_fields if not isinstance(getattr(objects[0], f.attname), DatabaseDefault)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    prepare: list[tuple[str, Any]] = [(field.attname, field.get_db_prep_save) for field in fields]
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for thing in objects:
            copy.write_row([save(getattr(thing, name), connection) for name, save in prepare])
