"""A row as the journal keeps it: plain JSON values, sealed columns as the ciphertext the row itself holds."""

from base64 import b64encode
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models

from miaoce.registry.rows import Line


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return value


def facts_of(row: models.Model) -> dict[str, Any]:
    """Return the columns of a row by name, empty ones left out."""
    values = row.__dict__
    return facts_of_line({name: values[name] for name in _columns(type(row))})


def facts_of_line(line: Line) -> dict[str, Any]:
    """Return the columns of a row that is no model (rows.insert_lines), empty ones left out."""
    return {
        name: value if type(value) is str else plain(value)
        for name, value in line.items()
        if value is not None and value != ""
    }


def subject_of(row: models.Model) -> str:
    """Return the noun that events of a row's table use: child_number for ChildNumber."""
    return _noun(type(row))


@cache
def _noun(model: type[models.Model]) -> str:
    """Return the name of a model in words parted by underscores."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in model.__name__).lstrip("_")


@cache
def _columns(model: type[models.Model]) -> tuple[str, ...]:
    """Return the names of a table's columns."""
    return tuple(field.attname for field in model._meta.concrete_fields)
