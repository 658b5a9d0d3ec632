"""调班: who moves, where to, from which day; the sizes of the groups are shown before."""

from collections import Counter
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.enrolments import moving, queries
from miaoce.registry.enrolments.queries import open_stays
from miaoce.registry.institutions import queries as institutions
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal import actions as journal
from miaoce.web.enrolments.choosing import Chosen, chosen_of
from miaoce.web.enrolments.forms import GroupForm
from miaoce.web.enrolments.results import answer, crumbs_of
from miaoce.web.permissions import DeskRequest, page


@page(Permission.ENROLMENT_CHANGE, act=Permission.ENROLMENT_CHANGE)
def regroup(request: DeskRequest) -> HttpResponse:
    """Ask for group and day, and move those who were chosen."""
    chosen, on = chosen_of(request, "regroup"), timezone.localdate()
    groups = groups_here(request.officer)
    form = GroupForm(
        groups,
        sizes_here(groups),
        _newcomers(chosen, groups),
        on,
        *([request.POST] if request.method == "POST" else []),
    )
    if request.method == "POST" and chosen.rows and form.is_valid():
        with journal.process("child.regroup", actor=request.officer, at=timezone.now()) as process:
            done = moving.regroup(
                chosen=chosen.versions, group=form.chosen, on=form.cleaned_data["on"], process=process
            )
        said = f"已调到{form.chosen.name}。"
        if (
            answered := answer(request, chosen=chosen, done=done, process_id=process.pk, form=form, said=said)
        ) is not None:
            return answered
    context = {"chosen": chosen, "form": form, "crumbs": crumbs_of("调班", chosen), "on": on}
    status = 422 if form.errors else 200
    return render(request, "enrolments/regroup.html", context, status=status)


def groups_here(officer: Officer) -> list[Group]:
    """Return this school year's groups of the officer's kindergarten, none for an office."""
    if officer.unit_id is None or not officer.is_kindergarten:
        return []
    return institutions.groups_of(officer.unit_id, on=timezone.localdate())


def sizes_here(groups: list[Group]) -> dict[UUID, int]:
    """Return how many children sit in each group."""
    return {group: heads.present for group, heads in queries.heads_of(group.pk for group in groups).items()}


def _newcomers(chosen: Chosen, groups: list[Group]) -> dict[UUID, int]:
    """Return how many of the chosen children each group would get: those who are not in it yet."""
    now = Counter(stay.group_id for stay in open_stays(row.id for row in chosen.rows).values())
    return {group.pk: len(chosen) - now[group.pk] for group in groups}
