"""The door's own check: every page declares who may open it, and reads cannot write."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

from miaoce.registry.access.officers import Denied, Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal.readonly import only_reads
from miaoce.web.staff import kept
from miaoce.web.staff.forms import SignInForm

P = ParamSpec("P")


class DeskRequest(HttpRequest):
    """A request whose officer is known."""

    officer: Officer


def page(
    permission: Permission | None, *, act: Permission | None = None
) -> Callable[
    [Callable[Concatenate[DeskRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Declare a page: `permission` to open it, `act` to POST to it (none: the page takes no POST).

    `permission=None` declares a page open to everybody; such pages stand in the open list of the matrix test.
    GET runs under a wrapper that refuses writes. A visitor without a session is sent to sign in; a lacking permission is
    ACC-01. Which rows may be seen is asked of the queryset, not here.
    """

    def declare(
        view: Callable[Concatenate[DeskRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            _must_be_text(request)
            reads = request.method in {"GET", "HEAD"}
            if not reads and (request.method != "POST" or (act is None and permission is not None)):
                return HttpResponseNotAllowed(["GET", "HEAD", *(["POST"] if act else [])])
            needed = permission if reads else act
            if needed is not None:
                officer = getattr(request, "officer", None)
                if officer is None:
                    return _to_sign_in(request)
                if not officer.may(needed):
                    raise Denied(permission=needed)
            if not reads:
                return view(cast(DeskRequest, request), *args, **kwargs)
            with only_reads():
                answer = view(cast(DeskRequest, request), *args, **kwargs)
                if hasattr(answer, "render"):
                    answer.render()
                return answer

        opened.permission, opened.act = permission, act  # type: ignore[attr-defined]  # read by the matrix test
        return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], opened)

    return declare


def _must_be_text(request: HttpRequest) -> None:
    """Answer 400 to a NUL in an address or a form: no field holds one, and PostgreSQL refuses it in any text."""
    given = (*request.GET.lists(), *(request.POST.lists() if request.method == "POST" else ()))
    if "\0" in request.path or any("\0" in text for name, texts in given for text in (name, *texts)):
        raise BadRequest


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the sign-in page and back; what was posted is carried along, so that no word is lost."""
    if request.method == "POST":
        return kept.ask_to_sign_in(request, SignInForm())
    is_elsewhere = getattr(request, "ended_elsewhere", False)  # the account began another session (desks)
    where = f"{reverse(settings.LOGIN_URL)}?elsewhere=1" if is_elsewhere else reverse(settings.LOGIN_URL)
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=401)
        answer["HX-Redirect"] = where
        return answer
    return redirect_to_login(request.get_full_path(), where)
