"""Identifiers of rows: UUID version 7, made by the application, never by a database (docs/architecture.md)."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    """Return a new UUIDv7. Rows made later sort later; 62 random bits keep it unguessable."""
    return uuid7()
