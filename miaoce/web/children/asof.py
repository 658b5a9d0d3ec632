"""A child as of any day, and the roll of a kindergarten as of any day: the questions, and the words of their answers."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states as cases
from miaoce.registry.children import queries
from miaoce.registry.enrolments import history, states
from miaoce.registry.enrolments.history import Line, Then
from miaoce.registry.institutions import asof as places
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.institutions.queries import kindergartens_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.refusals import Refusal
from miaoce.web.children import record
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.components.formats import table_day
from miaoce.web.components.parts import CompareRow, Crumb
from miaoce.web.components.wording import PlainForm
from miaoce.web.permissions import DeskRequest, page

DAY = {"invalid": "日期写成 2026-09-01 这样。"}
TYPED = {"placeholder": "2026-09-01", "inputmode": "numeric", "autocomplete": "off"}


class DayForm(PlainForm):
    """Which day, and as known when."""

    on = forms.DateField(label="看哪一天", widget=forms.TextInput(attrs=TYPED), error_messages=DAY)
    known = forms.DateField(
        label="按哪一天为止登记的情况",
        help_text="有争议时用；不填就按现在知道的",
        widget=forms.TextInput(attrs=TYPED),
        required=False,
        error_messages=DAY,
    )


@page(Permission.CHILD_VIEW)
def child_as_of(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """One child as it was on a day (`?on=`), as known by a day (`&known=`), beside how it is now; masked as its page."""
    officer, now = request.officer, timezone.now()
    today = timezone.localdate(now)
    shown = visible_child(request, child_id)
    journal.log_reading(actor=officer, at=now, what="child.as_of", child_ids=[shown.pk])
    form = DayForm({"on": table_day(today)} | request.GET.dict())
    context = {"child": shown, "crumbs": crumbs_of(shown, "某一天的情况"), "form": form, "today": today}
    if not form.is_valid():
        return render(request, "children/as_of.html", context, status=422)
    on, known = form.cleaned_data["on"], form.cleaned_data["known"]
    try:
        then = history.child_on(shown.pk, on=on, today=today, known_on=known)
    except Refusal as refusal:
        return render(request, "children/as_of.html", {**context, "refusal": refusal}, status=refusal.http)
    book = reference.codebook(today)
    present = history.child_on(shown.pk, on=max(today, then.on), today=today)
    context |= {
        "then": then,
        "columns": [table_day(on), "现在"],
        "rows": compared(lines_of(then, book, officer), lines_of(present, book, officer)),
        "before": _address(on - timedelta(days=1), known),
        "following": _address(on + timedelta(days=1), known) if on < today else "",
    }
    return render(request, "children/as_of.html", context)


def _address(on: date, known: date | None) -> str:
    """Return the address of another day."""
    return "?" + urlencode({"on": on} | ({"known": known} if known else {}))


def lines_of(then: Then, book: Codebook, officer: Officer) -> dict[str, str]:
    """Return how a child was on a day as labelled lines, masked for an officer."""
    child, viewer = then.child, queries.viewer_of(officer)
    opened = queries.record_of(child, viewer=viewer, guardians=then.guardians)
    lines = {
        "状态": states.standing_word(then.standing) if then.standing else cases.LABELS.get(child.state, child.state),
        "幼儿园": then.place.name if then.place else "",
        "班级": then.group.name if then.group else "",
        "姓名": child.name,
        "学籍号": opened.number,
    }
    lines |= {value.label: value.text for value in record.basic(child, opened, book, officer, then.on)}
    for block in record.family(opened, book, officer, []):
        texts = [block.title, *(f"{value.label} {value.text}" for value in block.values)]
        lines[f"监护人 {len([label for label in lines if label.startswith('监护人')]) + 1}"] = "，".join(texts)
    if child.deferred_until_on:
        lines["缓学到"] = table_day(child.deferred_until_on)
    return lines


def compared(then: dict[str, str], now: dict[str, str]) -> list[CompareRow]:
    """Return two states of a child side by side; an age differs every day and counts as the same birth date."""
    labels = [*then, *(label for label in now if label not in then)]
    rows = []
    for label in labels:
        cells = (then.get(label, ""), now.get(label, ""))
        same = cells[0] == cells[1] or (label == "出生日期" and cells[0][:10] == cells[1][:10])
        rows.append(CompareRow(label, [cell or "–" for cell in cells], not same))
    return rows


@dataclass(frozen=True)
class RollRow:
    """A child on a roll. `url` is empty where the record went on to another place: its name, sex and class stay here."""

    name: str
    sex: str
    born_on: str
    group: str
    started_on: str
    ended_on: str
    state: str
    url: str


@page(Permission.CHILD_VIEW)
def roll_as_of(request: DeskRequest) -> HttpResponse:
    """Who attended a kindergarten on a day (`?on=`): its own, or one of the county's (`&kindergarten=` its code)."""
    officer, now = request.officer, timezone.now()
    today = timezone.localdate(now)
    here = [] if officer.is_kindergarten else _of_county(officer)
    place = _place(officer, request.GET.get("kindergarten", ""), here)
    form = DayForm({"on": table_day(today), "known": ""} | request.GET.dict())
    context: dict[str, Any] = {
        "place": place,
        "places": here,
        "form": form,
        "crumbs": [Crumb("幼儿", reverse("children")), Crumb("某一天的名册")],
    }
    if not form.is_valid() or form.cleaned_data["on"] > today:
        words = "还没到这一天。名册最晚看今天。" if form.is_valid() else ""
        return render(request, "children/roll.html", {**context, "words": words}, status=422)
    on = form.cleaned_data["on"]
    lines = history.roll_on(place.pk, on=on) if place else []
    if lines:
        journal.log_reading(actor=officer, at=now, what="child.roll", child_ids=[line.child_id for line in lines])
    book = reference.codebook(today)
    then = places.places_of([place.pk], on=on)[place.pk] if place else None
    code = "" if officer.is_kindergarten or place is None else f"&kindergarten={place.code}"
    context |= {
        "on": on, "then": then, "rows": [_row(line, book) for line in lines],
        "before": f"?on={on - timedelta(days=1)}{code}",
        "following": f"?on={on + timedelta(days=1)}{code}" if on < today else "",
    }  # fmt: skip
    return render(request, "children/roll.html", context)


def _of_county(officer: Officer) -> list[Kindergarten]:
    """Return the kindergartens that a county may ask about."""
    return list(kindergartens_of(officer.unit_id)) if officer.is_county and officer.unit_id else []


def _place(officer: Officer, code: str, here: list[Kindergarten]) -> Kindergarten | None:
    """Return the kindergarten that a roll is asked of; 404 for a foreign or unknown code, None where none is chosen yet."""
    if officer.is_kindergarten:
        return Kindergarten.objects.get(pk=officer.unit_id) if officer.unit_id else None
    found = next((place for place in here if place.code == code), None)
    if code and found is None:
        raise Http404
    return found


def _row(line: Line, book: Codebook) -> RollRow:
    """Return a row of a roll."""
    stay, then = line.stay, line.then
    return RollRow(
        name=then.name,
        sex=book.name("sex", then.sex),
        born_on=table_day(then.born_on) if line.is_here else "",
        group=stay.group.name,
        started_on=table_day(stay.started_on),
        ended_on=table_day(stay.ended_on) if stay.ended_on else "",
        state=stay.state,
        url=reverse("child", args=[line.child_id]) if line.is_here else "",
    )
