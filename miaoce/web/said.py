"""One message from an action to the page it leads to. Counts and verbs only, because it lies in the session for a moment."""

from django.http import HttpRequest

from miaoce.web.components.parts import Flash

KEY = "said"


def say(request: HttpRequest, text: str, tone: str = "ok") -> None:
    """Leave a message for the next page; no names and no values."""
    request.session[KEY] = [*request.session.get(KEY, []), [text, tone]]


def heard(request: HttpRequest) -> list[Flash]:
    """Return the messages that were left, and forget them."""
    return [Flash(text, tone) for text, tone in request.session.pop(KEY, [])] if KEY in request.session else []
