"""Columns of the child record that need more than Django's own."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class ByteOrderedField(models.CharField):  # type: ignore[type-arg]  # the stubs make it generic, Django does not
    """Text that both databases compare by its bytes, whatever the order of the database is set to.

    A prefix is then one range of the ordinary index (`prefix_range`), and a page cursor means the same on both.
    """

    description = "Text in the order of its bytes"

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Return Django's parameters with the byte order named where the database has several (SQLite's is that)."""
        collation = "C" if connection.vendor == "postgresql" else None
        return {**super().db_parameters(connection), "collation": collation}


LAST = "\U0010ffff"  # sorts behind every character, in UTF-8 bytes too, and no name holds it


def prefix_range(column: str, prefix: str) -> models.Q:
    """Return the condition that a byte-ordered column begins with a prefix, as a range that an index answers."""
    return models.Q(**{f"{column}__gte": prefix, f"{column}__lt": prefix + LAST})
