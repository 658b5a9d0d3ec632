"""Identifiers of rows: UUID version 7, made by the application, never by a database (docs/architecture.md)."""

import secrets
from collections.abc import Iterator
from uuid import UUID, SafeUUID

from uuid_utils import uuid7

DAY = 24 * 60 * 60 * 1000  # in milliseconds, as the first 48 bits of an identifier count
_SAFE = SafeUUID.unknown  # looking it up took longer than drawing the bits, a dozen times for each child


def new_id() -> UUID:
    """Return a new UUIDv7. Rows made later sort later; 62 random bits keep it unguessable."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", uuid7().int)
    object.__setattr__(made, "is_safe", _SAFE)
    return made


def ids_after(last: UUID | None) -> Iterator[UUID]:
    """Yield new identifiers that sort behind `last` and behind one another, also where this machine's clock runs behind.

    A clock that is more than a day behind is not followed: it is wrong, and `miaoce check` says so.
    """
    first = new_id()
    if last is None or first > last or _milliseconds(last) - _milliseconds(first) > DAY:
        yield first
        while True:
            yield new_id()
    moment, number = _milliseconds(last) + 1, 0
    while True:
        yield _put_together(moment, number)
        number += 1


def _milliseconds(known: UUID) -> int:
    """Return the moment that an identifier names, in milliseconds since 1970."""
    return known.int >> 80


def _put_together(moment: int, number: int) -> UUID:
    """Return an identifier of a moment: a serial number in the 42 bits behind it, 32 random bits at its end."""
    low = ((number & 0x3FFFFFFF) << 32) | secrets.randbits(32)
    return UUID(int=(moment << 80) | (7 << 76) | ((number >> 30) << 64) | (2 << 62) | low)
