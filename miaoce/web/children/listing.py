"""The list of children and the search. Each costs a fixed number of statements and one insert into the read log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import claims
from miaoce.registry.approvals.cases import KINDS
from miaoce.registry.children import queries
from miaoce.registry.children import search as searching
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.queries import group_names
from miaoce.registry.institutions.models import Group, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.children.filters import STATES, Asked, cursor
from miaoce.web.components import formats
from miaoce.web.components.values import tag
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard

MASKED = '<span class="masked">{}</span>'
NO_NUMBER = mark_safe('<span class="dim">还没有</span>')
NUMBER_KINDS = {"G": "正式（G）", "L": "临时（L）", "J": "无居民身份证（J）"}


@dataclass(frozen=True)
class ListRow:
    """One child in a list, every value as it is drawn."""

    id: str
    url: str
    name: str
    sex: str
    born_on: str
    place: str
    number: SafeString
    state: SafeString
    in_hand: str
    changed_at: str


@page(Permission.CHILD_VIEW)
def children(request: DeskRequest) -> HttpResponse:
    """The list: fifty a page in the order of pinyin, the whole state of it in the address."""
    officer, now = request.officer, timezone.now()
    asked, today = Asked.of(request.GET), timezone.localdate(now)
    mine = Child.objects.visible_to(officer)
    found = queries.page_of(
        asked.applied(mine, in_county=not officer.is_kindergarten, on=today),
        among=mine,
        after=cursor(request.GET, "after"),
        before=cursor(request.GET, "before"),
        most=queries.PAGE,
    )
    places = _places(officer, today)
    rows = _logged_rows(found.children, officer, now, "child.list", places)
    query = f"{asked.query}&" if asked.query else ""
    return render(
        request,
        "children/list.html",
        {
            "rows": rows,
            "asked": asked,
            "places": places,
            "states": STATES,
            "number_kinds": NUMBER_KINDS,
            "documents": reference.codebook(today).entries("document"),
            "previous": f"?{query}before={found.previous}" if found.previous else "",
            "following": f"?{query}after={found.following}" if found.following else "",
            "in_county": not officer.is_kindergarten,
            "flashes": heard(request),
        },
    )


@page(Permission.CHILD_VIEW)
def search(request: DeskRequest) -> HttpResponse:
    """Find a child. One hit leads straight to it; every hit is a reading."""
    officer, now = request.officer, timezone.now()
    text, today = request.GET.get("q", "").strip()[:50], timezone.localdate(now)
    found = searching.find(actor=officer, text=text, on=today)
    if len(found.children) == 1:
        only = found.children[0]
        journal.log_reading(actor=officer, at=now, what="search", child_ids=[only.pk])
        return redirect("child", child_id=only.pk)
    rows = _logged_rows(found.children, officer, now, "search", _places(officer, today)) if found.children else []
    return render(
        request,
        "children/search.html",
        {
            "q": text,
            "kind": found.asked.kind,
            "rows": rows,
            "has_more": found.has_more,
            "in_county": not officer.is_kindergarten,
        },
    )


def _places(officer: Officer, today: date) -> Mapping[UUID, str]:
    """Return the groups of a kindergarten's year, or the kindergartens of a county, by id; one statement."""
    if officer.unit_id is None:
        return {}
    if officer.is_kindergarten:
        groups = Group.objects.of_day(today).filter(kindergarten_id=officer.unit_id)
        return dict(groups.order_by("sort", "name").values_list("id", "name"))
    return dict(Kindergarten.objects.filter(office_id=officer.unit_id).order_by("code").values_list("id", "name"))


def _logged_rows(
    found: Sequence[Child], officer: Officer, now: datetime, what: str, places: Mapping[UUID, str]
) -> list[ListRow]:
    """Log that these children are shown and return their rows."""
    if found:
        journal.log_reading(actor=officer, at=now, what=what, child_ids=[child.pk for child in found])
    numbers = queries.masked_numbers(found, queries.viewer_of(officer))
    held = {child: KINDS[claim.kind] for child, claim in claims.in_hand([child.pk for child in found]).items()}
    groups: Mapping[UUID, str] = {}
    if officer.is_kindergarten:
        groups = group_names(child.pk for child in found)
    root = reverse("children")
    return [
        ListRow(
            id=str(child.pk),
            url=f"{root}{child.pk}/",
            name=child.name,
            sex="男" if child.sex == "1" else "女",
            born_on=child.born_on.isoformat(),
            place=groups.get(child.pk, "") if officer.is_kindergarten else places.get(child.kindergarten_id, ""),
            number=format_html(MASKED, formats.masked(numbers[child.pk])) if child.pk in numbers else NO_NUMBER,
            state=tag(child.stands),
            in_hand=held.get(child.pk, ""),
            changed_at=formats.table_day(child.changed_at),
        )
        for child in found
    ]
