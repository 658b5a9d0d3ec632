"""Who is at the desk: the officer of a request, and what stands around every page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from miaoce.registry.access import queries as access
from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.web import waiting

SEEN, BEGAN, ROLE, MARK = "seen", "began", "appointment", "mark"
RENEW_SECONDS = 60


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation."""

    label: str
    url: str
    current: bool
    count: str = ""
    icon: str = ""


ENTRIES = (
    ("工作台", "desk", Permission.DESK_VIEW, "home"),
    ("幼儿", "children", Permission.CHILD_VIEW, "child", "/enrolments/"),
    ("登记", "intake", Permission.INTAKE_VIEW, "upload"),
    ("审批", "approvals", Permission.APPROVAL_VIEW, "check"),
    ("转园", "transfers", Permission.TRANSFER_VIEW, "swap"),
    ("问题学籍", "problems", Permission.PROBLEM_VIEW, "flag"),
    ("变更", "cases", Permission.CASE_VIEW, "pen", "/corrections/"),
    ("名册与证明", "papers", Permission.CHILD_PRINT, "print"),
    ("认领新生", "schools", Permission.HANDOVER_CLAIM, "school"),
    ("建籍进度", "progress", Permission.PROGRESS_VIEW, "chart"),
    ("查看记录", "audit", Permission.AUDIT_READ, "eye"),
)
"""The main navigation, what is opened most often first. A role with more than six has the others under the name (ux.md §4)."""

SIX = 6
BESIDE = (
    ("时限", "clocks", Permission.CASE_VIEW, "clock"),
    ("幼儿园", "institutions", Permission.INSTITUTION_CHANGE, "school"),
)
"""What stands in the menu under the name instead."""


class OfficerMiddleware:
    """Puts the officer on the request, or None. Ends a session that is too old, older than another one of
    its account, or whose appointment or account ended.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        request.officer = None  # type: ignore[attr-defined]  # DeskRequest declares it for the pages
        request.appointments = []  # type: ignore[attr-defined]  # read by furniture
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.get(SESSION_KEY):
            self._sit_down(request)
        return self.get_response(request)

    def _sit_down(self, request: HttpRequest) -> None:
        """Find the officer of a session; flush the session when there is none any more."""
        session, now = request.session, timezone.now()
        appointments = access.appointments_of(session[SESSION_KEY], on=timezone.localdate(now))
        staff = appointments[0].staff if appointments else None
        fresh = now.timestamp() - session.get(BEGAN, 0) < settings.ABSOLUTE_SECONDS
        same = staff is not None and constant_time_compare(
            session.get(HASH_SESSION_KEY, ""), staff.get_session_auth_hash()
        )
        if staff is None or not staff.is_active or not fresh or not same or not session.get(BACKEND_SESSION_KEY):
            session.flush()
            return
        if not constant_time_compare(session.get(MARK, ""), staff.session_mark):
            session.flush()
            request.ended_elsewhere = True  # type: ignore[attr-defined]  # read where the visitor is sent to sign in
            return
        chosen = next((a for a in appointments if str(a.pk) == session.get(ROLE)), appointments[0])
        request.officer = access.officer_of(chosen)  # type: ignore[attr-defined]  # what pages find on a signed-in request
        request.appointments = appointments  # type: ignore[attr-defined]  # what pages find on a signed-in request
        if now.timestamp() - session.get(SEEN, 0) > min(RENEW_SECONDS, settings.IDLE_SECONDS / 10):
            session[SEEN] = now.timestamp()  # saving pushes the idle limit on
            session.set_expiry(timedelta(seconds=settings.IDLE_SECONDS))


def nav_of(officer: Officer, path: str) -> list[NavItem]:
    """Return the first six entries that a role has, each with what waits behind it. One statement."""
    return _entries(officer, path, ENTRIES, waiting.counts_of(officer))[:SIX]


def beside_of(officer: Officer, path: str) -> list[NavItem]:
    """Return the entries of the menu under the name: what is seldom opened, and what has no room in the navigation."""
    return [*_entries(officer, path, ENTRIES, {})[SIX:], *_entries(officer, path, BESIDE, {})]


def _entries(
    officer: Officer, path: str, entries: Iterable[tuple[Any, ...]], counts: Mapping[str, int]
) -> list[NavItem]:
    """Return those of some entries that a role has."""
    items = []
    for label, name, permission, icon, *others in entries:
        if officer.may(permission):
            url = reverse(name)
            current = path == url if name == "desk" else path.startswith((url, *others))
            items.append(NavItem(label, url, current, waiting.words_of(counts.get(name, 0)), icon))
    return items


def furniture(request: HttpRequest) -> dict[str, Any]:
    """Return what every template may use: officer, nav, demo, big_text, appointments."""
    officer: Officer | None = getattr(request, "officer", None)
    return {
        "officer": officer,
        "nav": SimpleLazyObject(lambda: nav_of(officer, request.path)) if officer else [],  # parts of pages need none
        "beside": SimpleLazyObject(lambda: beside_of(officer, request.path)) if officer else [],
        "appointments": getattr(request, "appointments", []),
        "demo": settings.DEMO,
        "big_text": request.COOKIES.get("big") == "1",
    }
