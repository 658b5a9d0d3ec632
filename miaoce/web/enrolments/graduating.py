"""毕业: who is of age is ticked, the others stand below with the reason; one press lets all ticked ones graduate."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.enrolments import graduation
from miaoce.registry.enrolments.graduation import Candidate
from miaoce.registry.journal import actions as journal
from miaoce.web.approvals.forms import picked
from miaoce.web.enrolments.forms import GraduateForm
from miaoce.web.enrolments.results import crumbs_of
from miaoce.web.permissions import DeskRequest, page


@page(Permission.ENROLMENT_CHANGE, act=Permission.ENROLMENT_CHANGE)
def graduate(request: DeskRequest) -> HttpResponse:
    """Show who graduates at the end of the school year, and let them."""
    officer, now = request.officer, timezone.now()
    on = timezone.localdate(now)
    year = graduation.ending_year(officer, on=on)
    if year is None:
        return render(request, "enrolments/graduate.html", {"crumbs": crumbs_of("毕业")})
    first, offered = graduation.usual_day(officer, year, on=on)
    chosen = picked(request.POST.getlist("pick"))
    form = GraduateForm(offered, bool(chosen), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with journal.process("child.graduate", actor=officer, at=now) as process:
            graduation.graduate(chosen=chosen, on=form.cleaned_data["on"], process=process)
        return redirect("enrolment-done", process_id=process.pk)
    found = graduation.candidates(officer, year)
    if found:
        ids = [one.child.pk for one in found]
        journal.log_reading(actor=officer, at=now, what="enrolment.choose", child_ids=ids)
    context = {
        "year": year,
        "first": first,
        "is_season": on >= first,
        "form": form,
        "able": [(one, _is_ticked(one, request, chosen)) for one in found if one.why_not is None],
        "others": [one for one in found if one.why_not is not None],
        "crumbs": crumbs_of("毕业"),
    }
    return render(request, "enrolments/graduate.html", context, status=422 if form.errors else 200)


def _is_ticked(one: Candidate, request: DeskRequest, chosen: Mapping[UUID, int]) -> bool:
    """Say whether a child is ticked: as sent, otherwise who sits in a class that ends here."""
    if request.method == "POST":
        return one.child.pk in chosen
    return one.stay.group.kind in {"senior", "mixed"}
