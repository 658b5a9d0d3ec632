"""Reading the body of a request: JSON in UTF-8, not larger than needed, each name once."""

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from miaoce.api.problems import MOST_BYTES, BodyTooLarge, NotJson, Unreadable


class Bodies(Parser):
    """The parser of every operation with a body."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return what the body says. Refuses another type (API-05), too much (API-06) and broken JSON (API-07)."""
        if request.content_type != "application/json":
            raise NotJson
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise BodyTooLarge(megabytes=MOST_BYTES >> 20)
        try:
            return json.loads(request.body.decode(), object_pairs_hook=_each_once, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise Unreadable from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that says the same name twice, because programs read it differently."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(text: str) -> Any:
    """Refuse NaN and the infinities, which JSON does not have."""
    raise ValueError(text)
