"""The list of children as a plain Django view: the same rows on the same page, nobody signed in, nothing logged."""

from functools import cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse  # noqa: TID251 - this stands in for a door
from django.shortcuts import render

from miaoce.registry.access.models import Appointment
from miaoce.registry.access.queries import officer_of
from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Group
from miaoce.registry.reference.queries import codebook
from miaoce.web.children.filters import Asked
from miaoce.web.children.listing import NUMBER_KINDS
from miaoce.web.components.values import tag
from miaoce.web.desks import nav_of


def bare(request: HttpRequest, kindergarten_id: UUID) -> HttpResponse:
    """Show the first fifty children of a kindergarten to everybody."""
    found = list(Child.objects.filter(kindergarten_id=kindergarten_id).order_by("pinyin", "id")[:50])
    stays = Enrolment.objects.filter(child_id__in=[child.pk for child in found]).select_related("group")
    groups = {stay.child_id: stay.group.name for stay in stays}
    places = dict(Group.objects.filter(kindergarten_id=kindergarten_id).values_list("id", "name"))
    rows = [
        {
            "id": child.pk, "url": f"/children/{child.pk}/", "name": child.name, "sex": "男" if child.sex == "1" else "女",
            "born_on": child.born_on.isoformat(), "place": groups.get(child.pk, ""), "state": tag(child.state),
            "number": f"{child.number_kind}990101201901010011", "changed_at": f"{child.changed_at:%m-%d}",
        }
        for child in found
    ]  # fmt: skip
    context = {
        "rows": rows, "asked": Asked(), "places": places, "states": states.LABELS, "number_kinds": NUMBER_KINDS,
        "previous": "", "following": f"?after={found[-1].pk}", "in_county": False,
    }  # fmt: skip
    return render(request, "children/list.html", {**context, **_furniture(kindergarten_id)})


@cache
def _furniture(kindergarten_id: UUID) -> dict[str, Any]:
    """Return what stands around the page of a registrar, found once: so that both pages are equally long."""
    appointment = Appointment.objects.select_related("staff", "kindergarten__office").get(kindergarten=kindergarten_id)
    officer = officer_of(appointment)
    return {
        "officer": officer,
        "nav": nav_of(officer, "/children/"),
        "appointments": [appointment],
        "documents": codebook(appointment.from_on).entries("document"),
    }
