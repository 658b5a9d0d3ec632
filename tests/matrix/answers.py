"""Asking, and making two answers comparable: what changes with every answer by nature is taken out."""

import re
from http.cookies import SimpleCookie
from typing import Any

from django.test import Client

from tests.matrix.world import Identity, undone

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_ALWAYS_NEW = [
    (re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), b"<id>"),
    (re.compile(rb"\b[0-9a-f]{32}\b"), b"<id>"),
    (re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"'), b"<csrf>"),
    (re.compile(rb'name="kept" value="[^"]+"'), b"<kept>"),
    (re.compile(rb"\?key=[^\"]+"), b"?key=<key>"),
    (re.compile(rb'"trace":\s*"[0-9a-f]+"'), b"<trace>"),
    (re.compile(rb"/rows/[0-9]+/"), b"/rows/<n>/"),
]


def ask(
    client: Client, who: Identity, method: str, address: str, body: dict[str, Any] | None = None, **headers: str
) -> Any:
    """Send one request as somebody and undo what it did."""
    client.cookies = SimpleCookie({"sessionid": who.cookie} if who.cookie else {})
    if who.token:
        headers["HTTP_AUTHORIZATION"] = f"Bearer {who.token}"
    with undone():
        if method == "POST" and "content_type" not in headers:
            return client.post(address, body or {}, **headers)
        return client.generic(method, address, body or b"", **headers)


def content(answer: Any) -> bytes:
    """Return the bytes of an answer."""
    return b"".join(answer) if answer.streaming else answer.content


def comparable(answer: Any) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    """Return status, bytes and headers without ids, tokens, traces and moments."""
    found = _steady(content(answer))
    kept = ("Content-Type", "Cache-Control", "Vary", "Allow", "Location", "Content-Security-Policy", "ETag")
    headers = tuple((name, _steady(answer[name].encode()).decode()) for name in kept if answer.has_header(name))
    return answer.status_code, found, headers


def _steady(found: bytes) -> bytes:
    """Take out what changes by nature."""
    for pattern, word in _ALWAYS_NEW:
        found = pattern.sub(word, found)
    return found
