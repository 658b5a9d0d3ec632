"""Who was shown what and who did what, below the auditor's office."""

from django.http import HttpResponse
from django.shortcuts import render

from miaoce.registry.access.permissions import Permission
from miaoce.web.approvals.forms import identifier
from miaoce.web.audit.found import PROCESSES, READINGS, Search, page_of
from miaoce.web.components.parts import Tab
from miaoce.web.permissions import DeskRequest, page


@page(Permission.AUDIT_READ)
def audit(request: DeskRequest) -> HttpResponse:
    """Readings or processes, the newest first, by day, person, unit or child's id."""
    search = Search.read(request.GET)
    lines, following = page_of(request.officer, search, identifier(request.GET.get("before", "")))
    context = {
        "search": search,
        "lines": lines,
        "following": search.query(before=str(following)) if following else "",
        "is_later": bool(request.GET.get("before")),
        "tabs": [
            Tab("谁看了什么", search.query(what=READINGS), search.what == READINGS),
            Tab("谁办了什么", search.query(what=PROCESSES), search.what == PROCESSES),
        ],
    }
    return render(request, "audit/audit.html", context)
