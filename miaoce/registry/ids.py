"""Identifiers of rows: UUID version 7, made by the application, never by a database (docs/architecture.md)."""

from uuid import UUID, SafeUUID

from uuid_utils import uuid7

_SAFE = SafeUUID.unknown  # looking it up took longer than drawing the bits, a dozen times for each child


def new_id() -> UUID:
    """Return a new UUIDv7. Rows made later sort later; 62 random bits keep it unguessable."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", uuid7().int)
    object.__setattr__(made, "is_safe", _SAFE)
    return made
