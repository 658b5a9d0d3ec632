"""The door of the API: every request gets its moment and trace here, and every answer leaves as JSON or as a problem."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, re_path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from miaoce.api import problems
from miaoce.api.v1.api import api

View = Callable[..., HttpResponseBase]


def at_the_door(view: View) -> View:
    """Wrap a view. CSRF does not apply: no cookie is ever looked at, only the token."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.at, request.trace = timezone.now(), uuid4().hex[:16]  # type: ignore[attr-defined]  # ApiRequest has them
        is_head, allowed = request.method == "HEAD", ""
        if is_head:
            request.method = "GET"
        request.officer = None  # type: ignore[attr-defined]  # a session at the pages counts for nothing here
        response = _answered(view, request, args, kwargs)
        if response.status_code == 405 and not isinstance(response, problems.Problem):
            allowed = response["Allow"]
            response = problems.refused(request, problems.MethodNotTaken(method=str(request.method)[:20]))
            response["Allow"] = f"{allowed}, HEAD" if "GET" in allowed else allowed
        if is_head and isinstance(response, HttpResponse):
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        response["Cache-Control"] = "private, no-store"
        response["Vary"] = "Authorization"
        return response

    return answer


def _answered(view: View, request: HttpRequest, args: tuple[Any, ...], kwargs: dict[str, Any]) -> HttpResponseBase:
    """Answer; what the framework raises outside of an operation is translated here."""
    try:
        return view(request, *args, **kwargs)
    except Http404:
        return problems.refused(request, problems.NotHere())


def unknown(_request: HttpRequest) -> HttpResponseBase:
    """Answer for every address that is none."""
    raise Http404


def _patterns() -> list[URLPattern]:
    """Return the operations' addresses, each with the door around it, and one for all others."""
    found = [
        URLPattern(pattern.pattern, at_the_door(pattern.callback), pattern.default_args, pattern.name)
        for pattern in api.urls[0]
        if isinstance(pattern, URLPattern)
    ]
    return [*found, re_path(r"^", at_the_door(unknown), name="unknown")]


app_name = "api-v1"
urlpatterns = _patterns()
