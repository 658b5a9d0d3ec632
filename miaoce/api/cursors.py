"""Page cursors: where a list goes on, signed, so that a caller can neither read a meaning into one nor make one up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.core import signing

from miaoce.api.problems import CursorUnknown

T = TypeVar("T")


@dataclass(frozen=True)
class Slice(Generic[T]):
    """A page of something, and the cursor behind it (None at the end)."""

    items: Sequence[T]
    following: str | None


def written(of: str, position: str | int) -> str:
    """Return the cursor of a list for a position in it."""
    return signing.Signer(salt=f"cursor:{of}").sign_object(position)


def position(of: str, cursor: str | None) -> str | int | None:
    """Return the position that a cursor of this list stands for; API-10 for any other text."""
    if cursor is None:
        return None
    try:
        found = signing.Signer(salt=f"cursor:{of}").unsign_object(cursor)
    except (signing.BadSignature, ValueError):
        raise CursorUnknown from None
    if not isinstance(found, str | int):
        raise CursorUnknown
    return found


def uuid_position(of: str, cursor: str | None) -> UUID | None:
    """Return the id that a cursor of this list stands for."""
    found = position(of, cursor)
    return None if found is None else UUID(hex=str(found))


def sliced(of: str, found: Sequence[T], limit: int, key: Callable[[T], str | int]) -> Slice[T]:
    """Cut one more than `limit` down to the page; the cursor names the last of it."""
    page = found[:limit]
    return Slice(page, written(of, key(page[-1])) if len(found) > limit else None)
