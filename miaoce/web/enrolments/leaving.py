"""离园, 去向 and 再入园: who leaves and whereto, whom nobody knows whereto, who comes back."""

from typing import TypeVar
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.enrolments import leaving, queries
from miaoce.registry.enrolments.leaving import Leaving
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.transfers import returning
from miaoce.registry.transfers.opening import Told
from miaoce.web.approvals.forms import identifier
from miaoce.web.enrolments.choosing import chosen_of
from miaoce.web.enrolments.forms import LeaveForm, ReturnForm, TakeInForm, WheretoForm
from miaoce.web.enrolments.moving import groups_here, sizes_here
from miaoce.web.enrolments.results import answer, crumbs_of
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say

MOST = 200
AnyForm = TypeVar("AnyForm", ReturnForm, TakeInForm)


@page(Permission.ENROLMENT_CHANGE, act=Permission.ENROLMENT_CHANGE)
def leave(request: DeskRequest) -> HttpResponse:
    """Ask for day, reason and destination, and let those leave who were chosen."""
    chosen, on = chosen_of(request, "leave"), timezone.localdate()
    form = LeaveForm(reference.codebook(on), on, request.POST if request.method == "POST" else None)
    if request.method == "POST" and chosen.rows and form.is_valid():
        given = form.cleaned_data
        how = Leaving(given["on"], given["reason"], given["destination"], given["words"])
        with journal.process("child.leave", actor=request.officer, at=timezone.now()) as process:
            done = leaving.leave(chosen=chosen.versions, leaving=how, process=process)
        said = "已办离园，学籍和学籍号保留。"
        if (
            answered := answer(request, chosen=chosen, done=done, process_id=process.pk, form=form, said=said)
        ) is not None:
            return answered
    context = {"chosen": chosen, "form": form, "crumbs": crumbs_of("离园", chosen)}
    return render(request, "enrolments/leave.html", context, status=422 if form.errors else 200)


@page(Permission.ENROLMENT_VIEW, act=Permission.ENROLMENT_CHANGE)
def destinations(request: DeskRequest) -> HttpResponse:
    """The children nobody knows whereto they went; their kindergarten writes it here, the county looks on."""
    officer, now = request.officer, timezone.now()
    on = timezone.localdate(now)
    book = reference.codebook(on)
    if request.method == "POST":
        return _named(request)
    found = queries.whereto_unknown(officer, most=MOST)
    if found:
        ids = [one.child.pk for one in found]
        journal.log_reading(actor=officer, at=now, what="enrolment.whereto", child_ids=ids)
    days = reference.calendar()
    rows = [(one, book.name("leave_reason", one.stay.leave_reason), days.between(on, one.due_on)) for one in found]
    places = [entry for entry in book.entries("destination") if entry.code != leaving.UNKNOWN]
    context = {"rows": rows, "places": places, "crumbs": crumbs_of("离园去向"), "flashes": heard(request)}
    return render(request, "enrolments/destinations.html", context)


def _named(request: DeskRequest) -> HttpResponse:
    """Write whereto one child went."""
    child_id = identifier(request.POST.get("child", ""))
    form = WheretoForm(reference.codebook(timezone.localdate()), request.POST)
    if child_id is None or not form.is_valid():
        why = next(iter(form.errors.values()))[0] if form.errors else "没有这名幼儿。请刷新后再填。"
        say(request, str(why), "warn")
        return redirect("destinations")
    with journal.process("destination.name", actor=request.officer, at=timezone.now()) as process:
        done = leaving.name_destination(
            child_ids=[child_id],
            destination=form.cleaned_data["destination"],
            words=form.cleaned_data["words"],
            process=process,
        )
    for refusal in done.refused.values():
        say(request, str(refusal), "warn")
    if done.done:
        say(request, "去向已写明。")
    return redirect("destinations")


@page(Permission.ENROLMENT_CHANGE, act=Permission.ENROLMENT_CHANGE)
def readmit(request: DeskRequest) -> HttpResponse:
    """Let children of one's own that left return; without any chosen, ask for one that left another kindergarten."""
    chosen = chosen_of(request, "readmit")
    if not chosen.rows and not chosen.others:
        return _told_of(request)
    form = _form(ReturnForm, request, len(chosen))
    if request.method == "POST" and chosen.rows and form.is_valid():
        with journal.process("child.readmit", actor=request.officer, at=timezone.now()) as process:
            done = leaving.readmit(
                chosen=chosen.versions, group=form.chosen, on=form.cleaned_data["on"], process=process
            )
        said = "已再入园，沿用原学籍号。"
        if (
            answered := answer(request, chosen=chosen, done=done, process_id=process.pk, form=form, said=said)
        ) is not None:
            return answered
    context = {"chosen": chosen, "form": form, "crumbs": crumbs_of("再入园", chosen)}
    return render(request, "enrolments/readmit.html", context, status=422 if form.errors else 200)


def _form(kind: type[AnyForm], request: DeskRequest, more: int) -> AnyForm:
    """Return a form that asks for a group and a day, and says what each group would be with so many more children."""
    groups = groups_here(request.officer)
    given = [request.POST] if request.method == "POST" else []
    newcomers = dict.fromkeys((group.pk for group in groups), more)
    return kind(groups, sizes_here(groups), newcomers, timezone.localdate(), *given)


def _told_of(request: DeskRequest) -> HttpResponse:
    """Ask for number and name or birth date of a child that left another kindergarten, and take it in."""
    form = _form(TakeInForm, request, 1)
    if request.method == "POST" and form.is_valid():
        child_id = _take_in(request, form)
        if child_id is not None:
            say(request, "已再入园，沿用原学籍号。学籍随幼儿转到本园。")
            return redirect("child", child_id=child_id)
    context = {"form": form, "crumbs": crumbs_of("再入园")}
    return render(request, "enrolments/take_in.html", context, status=422 if form.errors else 200)


def _take_in(request: DeskRequest, form: TakeInForm) -> UUID | None:
    """Take the child in; what refuses it stands in the form."""
    given = form.cleaned_data
    told = Told(given["number"], given["name"], given["born_on"])
    with journal.process("child.readmit", actor=request.officer, at=timezone.now()) as process:
        answered = returning.take_in(told=told, group=form.chosen, on=given["on"], process=process)
    if answered.refusal is not None:
        form.add_error(None, str(answered.refusal))
    return answered.child_id
