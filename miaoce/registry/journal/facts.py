"""A row as the journal keeps it: plain JSON values, sealed columns as the ciphertext the row itself holds."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from miaoce.registry.rows import Line

Row = TypeVar("Row", bound=models.Model)
Facts = dict[str, Any]
Beside = tuple[str, str, Facts | None]
"""Columns of another row that an event changed too: its noun, its id as hex, the columns; None where the row is gone."""

ALSO = "also"  # where the rows beside an event's own stand in `after`
GONE = "deleted"
INTO = "into"  # the other record of a merge or split, beside the columns that it changed


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; moments in universal time, as the tables give them back."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return value


def facts_of(row: models.Model) -> Facts:
    """Return the columns of a row by name, without its key, which the event names, and without empty ones."""
    values = row.__dict__
    return facts_of_line({name: values[name] for name in columns_of(type(row))})


def facts_of_line(line: Line) -> Facts:
    """Return the columns of a row that is no model (rows.insert_lines), as `facts_of` does."""
    return {
        name: value if type(value) is str else plain(value)
        for name, value in line.items()
        if value is not None and value != "" and name != "id"
    }


def row_of(model: type[Row], key: UUID, facts: Facts) -> Row:
    """Return a row as facts tell it, not saved: the other way round of `facts_of`."""
    values = {
        field.attname: _back(field, facts[field.attname])
        for field in model._meta.concrete_fields
        if facts.get(field.attname) is not None
    }
    return model(**{**values, "pk": key})


def whole(row: models.Model) -> Facts:
    """Return every column of a row, its key and empty ones too, so that exactly this row can be written again."""
    return {field.attname: plain(row.__dict__[field.attname]) for field in row._meta.concrete_fields}


def row_again(model: type[Row], image: Facts) -> Row:
    """Return a row as `whole` kept it, not saved."""
    fields = model._meta.concrete_fields
    return model(**{f.attname: None if image[f.attname] is None else _back(f, image[f.attname]) for f in fields})


def _back(field: Any, value: Any) -> Any:
    """Return what a column holds from what the journal keeps of it."""
    target = field.target_field if field.is_relation else field
    if isinstance(target, models.UUIDField):
        return UUID(hex=value)
    if isinstance(target, models.DateTimeField):
        return datetime.fromisoformat(value)
    if isinstance(target, models.DateField):
        return date.fromisoformat(value)
    return b64decode(value) if isinstance(target, models.BinaryField) else value


def beside(noun: str, key: UUID, new: Mapping[str, Any] | None) -> Beside:
    """Return what an event changed of a row that is not its own; `new` None says that the row is gone."""
    return noun, key.hex, None if new is None else {name: plain(value) for name, value in new.items()}


def difference(before: Facts, after: Facts) -> tuple[Facts, Facts]:
    """Return the columns in which two states of a row differ, as each holds them; None where one holds nothing."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}


def subject_of(row: models.Model) -> str:
    """Return the noun that events of a row's table use: child_number for ChildNumber."""
    return noun_of(type(row))


@cache
def noun_of(model: type[models.Model]) -> str:
    """Return the name of a model in words parted by underscores."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in model.__name__).lstrip("_")


@cache
def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """Return the names of a table's columns, without its key."""
    return tuple(field.attname for field in model._meta.concrete_fields if not field.primary_key)
