"""班级: this school year's groups with their sizes and norms, and the ways to what changes many children at once."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.enrolments import queries
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.reference import queries as reference
from miaoce.web.enrolments.moving import groups_here
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard

MOST = 100


@page(Permission.ENROLMENT_VIEW)
def groups(request: DeskRequest) -> HttpResponse:
    """Show a kindergarten its groups, a county the groups that are beyond their norm. Counts only, no child."""
    officer, on = request.officer, timezone.localdate()
    about = _own(officer) if officer.is_kindergarten else _over(officer)
    context = {"year": institutions.school_year_of(on), "flashes": heard(request), **about}
    return render(request, "enrolments/groups.html", context)


def _own(officer: Officer) -> dict[str, Any]:
    """Return the groups of a kindergarten: group, kind, heads, how many beyond the norm."""
    here, book = groups_here(officer), reference.codebook(timezone.localdate())
    heads = queries.heads_of(group.pk for group in here)
    rows = []
    for group in here:
        one = heads.get(group.pk, queries.Heads())
        rows.append((group, book.name("group_kind", group.kind), one, one.present - group.size_norm))
    return {"rows": rows, "total": sum(one.attending for one in heads.values())}


def _over(officer: Officer) -> dict[str, Any]:
    """Return the groups of a county that are beyond their norm."""
    on = timezone.localdate()
    found = queries.over_norm(officer.unit_id, on=on, most=MOST) if officer.unit_id else []
    book = reference.codebook(on)
    over = [(group, book.name("group_kind", group.kind), size, size - group.size_norm) for group, size in found]
    return {"over": over, "in_county": True}
