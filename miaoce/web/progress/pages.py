"""How far registration is, by place and state."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals.states import LABELS
from miaoce.registry.institutions.models import Office
from miaoce.web.components.parts import Crumb
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.progress.figures import STATES, table_for


@page(Permission.PROGRESS_VIEW)
def progress(request: DeskRequest) -> HttpResponse:
    """The table of the officer's own office, or with `?office=` of one below it; bars over it."""
    try:
        table = table_for(request.officer, code=request.GET.get("office", "")[:12])
    except Office.DoesNotExist as error:
        raise Http404 from error
    here = reverse("progress")
    above = table.above[:-1] if table.above else []
    crumbs = [
        Crumb(one.name, here if one.path == request.officer.unit_path else f"{here}?office={one.code}") for one in above
    ]
    context = {
        "table": table,
        "crumbs_here": [*crumbs, Crumb(table.office.name)] if crumbs and table.office else [],
        "columns": [LABELS[state] for state in STATES],
    }
    return render(request, "progress/progress.html", context)
