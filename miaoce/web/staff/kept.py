"""Words that somebody sent after the session had ended: carried through signing in, never stored here.

The browser carries them in a signed, packed hidden field, so that nothing personal is written to the session table or to
an address. Files cannot be carried; the page says so.
"""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SALT = "miaoce.kept-words"
LONGEST = 400_000  # characters of the packed field
SECONDS = 3600


@dataclass(frozen=True)
class Kept:
    """A request that waits for its sender to sign in: where it went and its fields."""

    path: str
    fields: list[tuple[str, str]]


def keep(request: HttpRequest) -> str:
    """Return the fields of a POST as one signed text; empty when there is nothing to carry or too much of it."""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
        if isinstance(value, str)
    ]
    packed = signing.dumps([request.get_full_path(), fields], salt=SALT, compress=True)
    return packed if fields and len(packed) <= LONGEST else ""


def unpack(text: str) -> Kept | None:
    """Return what was kept; nothing when it is empty, older than an hour or was not packed here."""
    if not text:
        return None
    try:
        path, fields = signing.loads(text, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return Kept(path, [(name, value) for name, value in fields])


def ask_to_sign_in(request: HttpRequest, form: Any) -> HttpResponse:
    """Return the sign-in page that carries what was sent. htmx puts it in the place of the whole page."""
    context = {"form": form, "kept": keep(request), "files_lost": bool(request.FILES), "ended": True}
    context["elsewhere"] = getattr(request, "ended_elsewhere", False)
    if request.headers.get("HX-Request"):
        answer = render(request, "staff/_again.html", context, status=422)  # 422: the pages swap it in
        answer["HX-Retarget"] = "#main"
        answer["HX-Reswap"] = "innerHTML"
        return answer
    return render(request, "staff/sign_in.html", context, status=401)
