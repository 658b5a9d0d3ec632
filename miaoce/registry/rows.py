"""Putting many rows into a table, and writing columns of many rows back: one statement's shape, many values.

PostgreSQL takes rows by COPY, SQLite by executemany; bulk_create would build every value anew through the compiler. Same
rows, same constraints, tested on both.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

CHUNK = 2_000
COPY_FROM = 20  # below this a plain INSERT is as fast

Prepare = Callable[[Any], Any]


def insert(objects: Sequence[models.Model]) -> None:
    """Insert new rows of one model inside the caller's transaction; a broken constraint raises IntegrityError."""
    if not objects:
        return
    model = type(objects[0])
    if len(objects) < COPY_FROM:
        model._default_manager.bulk_create(objects)
    elif connection.vendor == "postgresql":
        _copy(model, objects)
    else:
        _many(model, objects)


def rewrite(objects: Sequence[models.Model], columns: Sequence[str]) -> None:
    """Write these columns of known rows back by primary key, inside the caller's transaction."""
    if not objects:
        return
    model, quote = type(objects[0]), connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if field.name in set(columns)]
    prepare = _prepared(model, connection.vendor)
    values = [(field.attname, prepare[field.attname]) for field in fields]
    key = model._meta.pk
    setters = ", ".join(f"{quote(_column(field))} = %s" for field in fields)
    statement = f"UPDATE {quote(model._meta.db_table)} SET {setters} WHERE {quote(_column(key))} = %s"  # noqa: S608 - names of our own models
    pk = prepare[key.attname]
    with connection.cursor() as cursor:
        cursor.executemany(
            statement, [(*(turn(getattr(row, name)) for name, turn in values), pk(row.pk)) for row in objects]
        )


def _copy(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """PostgreSQL's bulk road; _many is its twin for SQLite."""
    quote = connection.ops.quote_name
    columns, prepare = _columns(model)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as copy,
    ):
        for row in objects:
            values = row.__dict__
            copy.write_row([turn(values[name]) for name, turn in prepare])


def _many(model: type[models.Model], objects: Sequence[models.Model]) -> None:
    """SQLite's bulk road."""
    quote = connection.ops.quote_name
    columns, prepare = _columns(model)
    marks = ", ".join(["%s"] * len(prepare))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks})",  # noqa: S608 - names of our own models
            [[turn(row.__dict__[name]) for name, turn in prepare] for row in objects],
        )


def _column(field: Any) -> str:
    """Return the name of a field's column."""
    return str(field.column)


def _columns(model: type[models.Model]) -> tuple[str, list[tuple[str, Prepare]]]:
    """Return the columns of a table, quoted, and how each value is prepared, in the same order."""
    names = (_column(field) for field in model._meta.concrete_fields)
    columns = ", ".join(connection.ops.quote_name(name) for name in names)
    return columns, list(_prepared(model, connection.vendor).items())


@lru_cache(maxsize=256)
def _prepared(model: type[models.Model], vendor: str) -> dict[str, Prepare]:
    """Return for each column how its value becomes one that the driver takes; cheap kinds skip the field's own code."""
    return {field.attname: _turn(field, vendor) for field in model._meta.concrete_fields}


def _turn(field: Any, vendor: str) -> Prepare:
    """Return the preparation of one field."""
    target = field.target_field if field.is_relation else field
    if isinstance(target, models.JSONField):
        return _json
    plain = (models.CharField, models.TextField, models.IntegerField, models.BooleanField)
    if isinstance(target, plain) or (
        vendor == "postgresql" and isinstance(target, models.UUIDField | models.DateField)
    ):
        return _as_it_is
    if isinstance(target, models.UUIDField):
        return _hex
    return lambda value: target.get_db_prep_save(value, connection)


def _as_it_is(value: Any) -> Any:
    return value


def _hex(value: Any) -> Any:
    return None if value is None else value.hex


def _json(value: Any) -> Any:
    return None if value is None else json.dumps(value, ensure_ascii=False)
