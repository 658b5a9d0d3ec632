"""Refusals and errors in the words of a page: the one place where the web translates them."""

import logging
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from miaoce.registry.refusals import Refusal

log = logging.getLogger("miaoce.web")


class RefusalMiddleware:
    """Turns a Refusal that a page raised into an answer: a note for htmx, a page otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Translate a Refusal; everything else goes on to the error page."""
        return refused(request, error) if isinstance(error, Refusal) else None


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page (or the fragment, for htmx) that says why not."""
    template = "errors/_refused.html" if request.headers.get("HX-Request") else "errors/refused.html"
    return render(request, template, {"refusal": refusal, "words": str(refusal)}, status=refusal.http)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's shape
    """400."""
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's shape
    """403."""
    return render(request, "errors/403.html", status=403)


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's shape
    """404: the same for what does not exist and for what belongs to somebody else."""
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """500, with a trace number that also stands in the log."""
    trace = uuid4().hex[:8]
    log.error("page failed", extra={"trace": trace, "path": request.path_info})
    return render(request, "errors/500.html", {"trace": trace}, status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's shape
    """A form without a valid token, mostly a page left open too long."""
    return render(request, "errors/csrf.html", status=403)
