"""A row as the journal keeps it: plain JSON values, sealed columns as the ciphertext the row itself holds."""

from base64 import b64encode
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if value is None or isinstance(value, str | int | bool | list | dict):
        return value
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime | date):
        return value.isoformat()
    return b64encode(bytes(value)).decode()


def facts_of(row: models.Model) -> dict[str, Any]:
    """Return the columns of a row by name, empty ones left out."""
    facts = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if value is not None and value != "":
            facts[field.attname] = plain(value)
    return facts
