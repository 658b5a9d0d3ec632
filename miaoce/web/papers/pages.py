"""Papers: class rolls and student cards, as pages to print and as PDF. GET masks numbers; POST prints them for a reason."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child, ChildQuerySet
from miaoce.registry.children.reveal import ReasonNeeded, WordsNeeded, reason_words
from miaoce.registry.enrolments import graduation
from miaoce.registry.enrolments.queries import Heads, heads_of
from miaoce.registry.institutions.models import Group, GroupQuerySet
from miaoce.registry.papers import facts, fonts, printing, tokens
from miaoce.registry.papers.printing import Printing
from miaoce.registry.reference import queries as reference
from miaoce.web.children.filters import Asked
from miaoce.web.permissions import DeskRequest, page


@page(Permission.CHILD_PRINT)
def papers(request: DeskRequest) -> HttpResponse:
    """The groups of this school year, each with its roll and its cards. Shows counts, no child."""
    groups = list(_groups(request).order_by("sort", "name"))
    heads = heads_of([group.pk for group in groups])
    rows = [(group, heads.get(group.pk, Heads()).attending) for group in groups]
    context = {
        "rows": rows,
        "total": sum(count for _, count in rows),
        "years": graduation.years_with_graduates(printing.own_place(request.officer)),
    }
    return render(request, "papers/index.html", context)


def _groups(request: DeskRequest) -> GroupQuerySet:
    """Return this year's groups of the officer's kindergarten."""
    return Group.objects.of_day(timezone.localdate()).filter(kindergarten_id=printing.own_place(request.officer))


@dataclass(frozen=True)
class Why:
    """Why full values are printed: nothing for masked ones; `wrong` says what is missing in what was given."""

    reason: str = ""
    wrong: str = ""
    status: int = 200


def _why(request: DeskRequest) -> Why:
    """Read the reason of a POST; one that is missing leaves the paper masked and says so."""
    if request.method != "POST":
        return Why()
    given = (request.POST.get("reason", ""), request.POST.get("words", ""))
    try:
        return Why(reason_words(reference.codebook(timezone.localdate()), *given))
    except (ReasonNeeded, WordsNeeded) as refusal:
        return Why("", str(refusal), refusal.http)


def _must_say_why(request: DeskRequest) -> str:
    """Read the reason of a POST for a file; CHD-03 and CHD-04 without one. A GET needs none."""
    if request.method != "POST":
        return ""
    given = (request.POST.get("reason", ""), request.POST.get("words", ""))
    return reason_words(reference.codebook(timezone.localdate()), *given)


@page(Permission.CHILD_PRINT, act=Permission.CHILD_PRINT)
def roll(request: DeskRequest, group_id: UUID) -> HttpResponse:
    """The class roll as sheets to print: A4 across, 25 a sheet, headings on each."""
    group, why = _group(request, group_id), _why(request)
    made = printing.roll(group=group, actor=request.officer, at=timezone.now(), reason=why.reason)
    context = {"group": group, "columns": facts.COLUMNS, "sheets": facts.sheets(made.facts)}
    return render(request, "papers/roll.html", context | _asking(request, made, why), status=why.status)


@page(Permission.CHILD_PRINT, act=Permission.CHILD_PRINT)
def roll_pdf(request: DeskRequest, group_id: UUID) -> HttpResponse:
    """The same roll as PDF."""
    fonts.require_chinese()
    group, reason = _group(request, group_id), _must_say_why(request)
    made = printing.roll(group=group, actor=request.officer, at=timezone.now(), reason=reason)
    return file_answer(printing.roll_pdf(group, made), f"花名册-{group.name}.pdf")


def _group(request: DeskRequest, group_id: UUID) -> Group:
    """Return a group of the officer's kindergarten; 404 for every other."""
    mine = Group.objects.select_related("school_year").filter(kindergarten_id=printing.own_place(request.officer))
    return get_object_or_404(mine, pk=group_id)


def _asking(request: DeskRequest, made: Printing, why: Why) -> dict[str, Any]:
    """Return what the bar of a paper shows: what is wrong with the reason, the reasons to choose, what was chosen."""
    return {
        "printing": made,
        "wrong": why.wrong,
        "reasons": reference.codebook(timezone.localdate()).entries("reveal_reason"),
        "chosen": {name: request.POST.get(name, "") for name in ("reason", "words")} if made.is_full else {},
    }


@dataclass(frozen=True)
class Card:
    """One card: its facts and the drawing of its code."""

    facts: facts.Facts
    code: SafeString


@page(Permission.CHILD_PRINT, act=Permission.CHILD_PRINT)
def cards(request: DeskRequest) -> HttpResponse:
    """Student cards of the chosen children (`child`, many) or of all that a list's filters match (`all=1`)."""
    why = _why(request)
    made, left_out = printing.cards(
        chosen=_chosen(request), actor=request.officer, at=timezone.now(), reason=why.reason
    )
    codes = _codes(request, made)
    drawn = [Card(one, mark_safe(codes[one.child_id])) for one in made.facts]  # noqa: S308  # drawn by segno
    pages = [drawn[start : start + facts.CARDS_A_PAGE] for start in range(0, len(drawn), facts.CARDS_A_PAGE)]
    context = {"pages": pages, "left_out": left_out, "query": request.GET.urlencode()}
    return render(request, "papers/cards.html", context | _asking(request, made, why), status=why.status)


@page(Permission.CHILD_PRINT, act=Permission.CHILD_PRINT)
def cards_pdf(request: DeskRequest) -> HttpResponse:
    """The same cards as one PDF."""
    fonts.require_chinese()
    reason = _must_say_why(request)
    made, _ = printing.cards(chosen=_chosen(request), actor=request.officer, at=timezone.now(), reason=reason)
    return file_answer(printing.cards_pdf(made, _codes(request, made)), "学籍卡.pdf")


def _codes(request: HttpRequest, made: Printing) -> dict[UUID, str]:
    """Return the drawing of each child's code: the address of the page that says whether the card is valid."""
    found = tokens.tokens_of(one.child_id for one in made.facts)
    return {child_id: tokens.drawing(address_of(request, token)) for child_id, token in found.items()}


def address_of(request: HttpRequest, token: str) -> str:
    """Return the whole address that the code on a card holds."""
    return request.build_absolute_uri(reverse("verify", args=[token]))


def _chosen(request: DeskRequest) -> ChildQuerySet:
    """Return the children that an address chooses, among the officer's own."""
    mine = Child.objects.visible_to(request.officer)
    if request.GET.get("all") == "1":
        return Asked.of(request.GET).applied(mine, in_county=False, on=timezone.localdate())
    return mine.filter(pk__in=ids_of(request.GET))


def ids_of(query: QueryDict) -> list[UUID]:
    """Return the ids of an address, what is none left out."""
    found = []
    for text in query.getlist("child")[: printing.MOST_CARDS + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def file_answer(content: bytes, name: str) -> HttpResponse:
    """Return a PDF that the browser shows, with a name for saving it."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    return answer
