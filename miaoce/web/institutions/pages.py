"""A county's kindergartens: as of any day, what each of them was, its name and licence."""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.enrolments import counting, places, rehoming
from miaoce.registry.institutions.models import Kindergarten, KindergartenPast, Succession
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.components.parts import Crumb, KeyValue
from miaoce.web.institutions.forms import LicenceForm, RenameForm, UnlicenceForm, day_from
from miaoce.web.permissions import DeskRequest, page

VERBS = {
    "rename": ("改名", RenameForm),
    "licence": ("登记新许可证", LicenceForm),
    "unlicence": ("收回许可证", UnlicenceForm),
}
EARLIEST = date(2026, 1, 1)


def own(officer: Officer) -> QuerySet[Kindergarten]:
    """Return the kindergartens that an officer's county answers for."""
    if not officer.is_county or officer.unit_id is None:
        return Kindergarten.objects.none()
    return Kindergarten.objects.filter(office_id=officer.unit_id)


def crumbs_of(place: Kindergarten | None, *more: str) -> list[Crumb]:
    """Return the path to a page of one kindergarten."""
    steps = [Crumb("幼儿园", reverse("institutions"))]
    if place is not None:
        steps.append(Crumb(place.name, reverse("institution", args=[place.pk]) if more else ""))
    return [*steps, *(Crumb(one) for one in more)]


@page(Permission.INSTITUTION_CHANGE)
def institutions(request: DeskRequest) -> HttpResponse:
    """The county's kindergartens with their heads as of a day (`?on=`), with the names and counties of that day."""
    today = timezone.localdate()
    on = min(max(day_from(request.GET.get("on", ""), today), EARLIEST), today)
    found = counting.heads_of([request.officer.unit_id] if request.officer.unit_id else [], on=on)
    here = reverse("institutions")
    context = {
        "on": on, "today": today, "earliest": EARLIEST, "heads": found, "total": sum(one.count for one in found),
        "before": f"{here}?on={on - timedelta(days=1)}" if on > EARLIEST else "",
        "behind": f"{here}?on={on + timedelta(days=1)}" if on < today else "",
        "unplaced": rehoming.on_list(request.officer.unit_id).count() if request.officer.unit_id else 0,
    }  # fmt: skip
    return render(request, "institutions/list.html", context)


@page(Permission.INSTITUTION_CHANGE)
def institution(request: DeskRequest, kindergarten_id: UUID) -> HttpResponse:
    """One kindergarten: how it is, what it was before, who took over."""
    place = get_object_or_404(own(request.officer), pk=kindergarten_id)
    today = timezone.localdate()
    context = {
        "place": place,
        "crumbs": crumbs_of(place),
        "facts": _facts(place, today),
        "pasts": KindergartenPast.objects.filter(kindergarten=place).select_related("office").order_by("-until_on"),
        "successions": Succession.objects.filter(former=place).select_related("successor").order_by("-day"),
        "taken": Succession.objects.filter(successor=place).select_related("former").order_by("-day"),
        "verbs": {verb: label for verb, (label, _) in VERBS.items()},
    }
    return render(request, "institutions/one.html", context)


def _facts(place: Kindergarten, today: date) -> list[KeyValue]:
    """Return how a kindergarten is, in lines."""
    until = place.licence_to.isoformat() if place.licence_to else "长期"
    licence = (
        f"{place.licence_number or '未登记编号'}，{place.licence_from} 至 {until}"
        if place.licence_from
        else "没有在有效期内的许可证"
    )
    state = (
        f"{place.closed_on} 停办" if place.closed_on else "在办" if place.is_licensed(today) else "许可证不在有效期内"
    )
    return [
        KeyValue("标识码", place.code),
        KeyValue("状态", state),
        KeyValue("办学许可证", licence),
        KeyValue("办园性质", reference.codebook(today).name("ownership", place.ownership)),
        KeyValue("统一社会信用代码", place.uscc or "未登记"),
    ]


@page(Permission.INSTITUTION_CHANGE, act=Permission.INSTITUTION_CHANGE)
def change(request: DeskRequest, kindergarten_id: UUID, verb: str) -> HttpResponse:
    """Rename a kindergarten, write its new licence, or withdraw the one it has."""
    place = get_object_or_404(own(request.officer), pk=kindergarten_id)
    if verb not in VERBS:
        raise Http404
    label, form_class = VERBS[verb]
    form = form_class(
        request.POST if request.method == "POST" else None,
        initial={"name": place.name, "on": timezone.localdate().isoformat()},
    )
    if request.method == "POST" and form.is_valid():
        with journal.process(f"institution.{verb}", actor=request.officer, at=timezone.now()) as process:
            given = form.cleaned_data
            if verb == "rename":
                places.rename(kindergarten=place, name=given["name"], on=given["on"], process=process)
            elif verb == "licence":
                places.licence(kindergarten=place, process=process, **given)
            else:
                places.withdraw_licence(kindergarten=place, on=given["on"], process=process)
        return redirect("institution", kindergarten_id=place.pk)
    context = {
        "place": place,
        "label": label,
        "form": form,
        "is_bad": verb == "unlicence",
        "crumbs": crumbs_of(place, label),
    }
    return render(request, "institutions/change.html", context, status=422 if form.is_bound else 200)
