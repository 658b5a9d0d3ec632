"""Signing in and out, changing the role, large type."""

from datetime import timedelta
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from miaoce.registry.access import actions
from miaoce.registry.access import queries as access
from miaoce.registry.access.models import Appointment, Staff
from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal import actions as journal
from miaoce.web.desks import BEGAN, MARK, ROLE, SEEN
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.staff import kept
from miaoce.web.staff.browsers import is_too_old
from miaoce.web.staff.forms import SignInForm

YEAR = 365 * 24 * 3600


@page(None)
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for account and password; a right pair begins a session in the person's first role."""
    if is_too_old(request):
        return render(request, "old_browser.html")
    if request.method != "POST":
        if getattr(request, "officer", None) is not None:
            return redirect(_local(request, request.GET.get("next", "")))
        return _ask(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _ask(request, form, status=422)
    staff = authenticate(request, **form.credentials())
    if not isinstance(staff, Staff):
        form.refuse(_words_of_failure(request, form))
        return _ask(request, form, status=422)
    appointments = access.appointments_of(staff.pk, on=timezone.localdate())
    if not appointments:
        form.refuse("这个账号今天没有身份，进不来。请联系本单位管账号的同事。")
        return _ask(request, form, status=422)
    _begin(request, staff, appointments[0])
    return _go_on(request)


def _ask(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    """Show the sign-in page, with the demonstration's accounts where there is one."""
    accounts = access.accounts_with_password(on=timezone.localdate()) if settings.DEMO else []
    context = {
        "form": form,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "kept": request.POST.get("kept", ""),
        "accounts": accounts,
        "elsewhere": request.GET.get("elsewhere") == "1",
        "idle_minutes": settings.IDLE_SECONDS // 60,
    }
    return render(request, "staff/sign_in.html", context, status=status)


def _words_of_failure(request: HttpRequest, form: SignInForm) -> str:
    """Say that the pair is wrong and how many tries are left; the same for an account that does not exist."""
    used = AxesProxyHandler.get_failures(request, {"username": form.credentials()["username"]})
    left = max(settings.AXES_FAILURE_LIMIT - used, 0)
    return f"账号或密码不对。请检查大小写后重试，还可试 {left} 次。"


def _begin(request: HttpRequest, staff: Staff, appointment: Appointment) -> None:
    """Begin a session under a new key and write down who came."""
    login(request, staff, backend="django.contrib.auth.backends.ModelBackend")
    now = timezone.now()
    request.session.cycle_key()
    request.session[BEGAN] = request.session[SEEN] = now.timestamp()
    request.session[ROLE] = str(appointment.pk)
    request.session.set_expiry(timedelta(seconds=settings.IDLE_SECONDS))
    with journal.process("session.begin", actor=access.officer_of(appointment), at=now) as process:
        request.session[MARK] = actions.begin_session(staff=staff, process=process)


def _go_on(request: HttpRequest) -> HttpResponse:
    """Go where the person wanted to go, or show what was being sent when the session ended."""
    words = kept.unpack(request.POST.get("kept", ""))
    if words is not None:
        return render(request, "staff/kept.html", {"words": words})
    return redirect(_local(request, request.POST.get("next", "")))


def _local(request: HttpRequest, address: str) -> str:
    """Return an address of this site, or the desk."""
    local = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if local and address.startswith("/") else "/"


@require_POST
@page(None)
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and have the browser forget its pages."""
    officer = getattr(request, "officer", None)
    if officer is not None:
        with journal.process("session.end", actor=officer, at=timezone.now()):
            logout(request)
    answer = redirect("sign-in")
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@require_POST
@page(Permission.DESK_VIEW, act=Permission.DESK_VIEW)
def switch_role(request: DeskRequest) -> HttpResponse:
    """Go on in another role of one's own; somebody else's or an ended one is not found."""
    wanted = request.POST.get("appointment", "")
    held: list[Appointment] = request.appointments  # type: ignore[attr-defined]  # set by OfficerMiddleware
    appointment = next((one for one in held if str(one.pk) == wanted), None)
    if appointment is None:
        raise Http404
    with journal.process("session.switch", actor=access.officer_of(appointment), at=timezone.now()):
        request.session.cycle_key()
        request.session[ROLE] = str(appointment.pk)
    return redirect("desk")


@require_POST
@page(None)
def big_text(request: HttpRequest) -> HttpResponse:
    """Turn large type on or off in this browser; no account is asked for."""
    answer = redirect(_local(request, request.POST.get("next", "")))
    value = "0" if request.COOKIES.get("big") == "1" else "1"
    answer.set_cookie("big", value, max_age=YEAR, samesite="Lax", secure=settings.SECURE_COOKIES)
    return answer


@page(None)
def old_browser(request: HttpRequest) -> HttpResponse:
    """Tell how to leave the compatibility mode."""
    return render(request, "old_browser.html")


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """Answer a pair of account and address that was tried too often (settings.AXES_LOCKOUT_CALLABLE).

    Called by django-axes in the place of the sign-in page's own answer; the same for an account that does not exist.
    """
    hours = settings.AXES_COOLOFF_TIME
    return render(request, "staff/locked_out.html", {"hours": hours, "limit": settings.AXES_FAILURE_LIMIT}, status=429)
