"""Papers: class rolls and student cards, as pages to print and as PDF. Every printing is logged for each child."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child, ChildQuerySet
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.queries import Heads, heads_of, in_group
from miaoce.registry.institutions.models import Group, GroupQuerySet, Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.web.children.filters import Asked
from miaoce.web.components.formats import table_day
from miaoce.web.papers import fields, fonts, tokens
from miaoce.web.papers.typesetting import pdf
from miaoce.web.permissions import DeskRequest, page

MOST_CARDS = 500  # trust.md S-03: nobody takes more away at once


class TooManyCards(Refusal):
    """More children than may be printed at once."""

    code, message, http = "PAP-02", "一次最多打印 {most} 名。请先按班级筛选，再分几次打印。", 422


class NoneChosen(Refusal):
    """No child was chosen, or none of them attends with a number."""

    code, message, http = "PAP-03", "选中的幼儿还没有学籍号，或已不在园。赋号后、在园的才能打印学籍卡。", 422


@page(Permission.CHILD_PRINT)
def papers(request: DeskRequest) -> HttpResponse:
    """The groups of this school year, each with its roll and its cards. Shows counts, no child."""
    groups = list(_groups(request).order_by("sort", "name"))
    heads = heads_of([group.pk for group in groups])
    rows = [(group, heads.get(group.pk, Heads()).attending) for group in groups]
    return render(request, "papers/index.html", {"rows": rows, "total": sum(count for _, count in rows)})


def _unit(request: DeskRequest) -> UUID:
    """Return the kindergarten of the officer: only kindergartens hold child:print."""
    if request.officer.unit_id is None:
        raise LookupError("a role with child:print belongs to a kindergarten")
    return request.officer.unit_id


def _groups(request: DeskRequest) -> GroupQuerySet:
    """Return this year's groups of the officer's kindergarten."""
    return Group.objects.of_day(timezone.localdate()).filter(kindergarten_id=_unit(request))


@dataclass(frozen=True)
class Printing:
    """A paper about to be made: whose, its facts, the line that says who printed it and when."""

    kindergarten: str
    facts: list[fields.Facts]
    mark: str
    on: str
    missing: list[str]


@page(Permission.CHILD_PRINT)
def roll(request: DeskRequest, group_id: UUID) -> HttpResponse:
    """The class roll as sheets to print: A4 across, 25 a sheet, headings on each."""
    group, printing = _roll(request, group_id)
    context = {"group": group, "printing": printing, "columns": fields.COLUMNS, "sheets": fields.sheets(printing.facts)}
    return render(request, "papers/roll.html", context)


@page(Permission.CHILD_PRINT)
def roll_pdf(request: DeskRequest, group_id: UUID) -> HttpResponse:
    """The same roll as PDF."""
    fonts.require_chinese()
    group, printing = _roll(request, group_id)
    data = {
        "title": f"{printing.kindergarten} {group.name} 花名册",
        "year": group.school_year.name,
        "columns": [{"label": column.label, "width": column.width} for column in fields.COLUMNS],
        "pages": [sheet.rows for sheet in fields.sheets(printing.facts)],
        "total": len(printing.facts),
        "on": printing.on,
        "mark": printing.mark,
    }
    return _file(pdf("roll", data), f"花名册-{group.name}.pdf")


def _roll(request: DeskRequest, group_id: UUID) -> tuple[Group, Printing]:
    """Find a group of the officer's kindergarten and its children that attend; log and open their records."""
    group = get_object_or_404(Group.objects.select_related("school_year"), pk=group_id, kindergarten_id=_unit(request))
    children = in_group(Child.objects.visible_to(request.officer), group.pk).filter(state=states.NUMBERED)
    return group, _printing(request, list(children.order_by("pinyin", "id")), "paper.roll", group.name)


def _printing(request: DeskRequest, children: Sequence[Child], what: str, title: str) -> Printing:
    """Log that these papers are made and open what stands on them."""
    officer, now = request.officer, timezone.now()
    local = timezone.localtime(now)
    if children:
        journal.log_reading(actor=officer, at=now, what=what, child_ids=[child.pk for child in children])
    place = Kindergarten.objects.get(pk=_unit(request))
    facts = fields.facts_of(children, reference.codebook(local.date()))
    mark = f"{officer.name}（{officer.role.name}）{local:%Y-%m-%d %H:%M} 打印 · {place.name} · 含个人信息，请妥善保管"
    others = {"place": place.name, "mark": mark, "title": title}
    return Printing(place.name, facts, mark, table_day(now), fonts.missing(fields.written(facts, others)))


@dataclass(frozen=True)
class Card:
    """One card: its facts and the drawing of its code."""

    facts: fields.Facts
    code: SafeString


@page(Permission.CHILD_PRINT)
def cards(request: DeskRequest) -> HttpResponse:
    """Student cards of the chosen children (`child`, many) or of all that a list's filters match (`all=1`)."""
    printing, left_out = _cards(request)
    codes = _codes(request, printing)
    drawn = [Card(one, mark_safe(codes[one.child_id])) for one in printing.facts]  # noqa: S308  # drawn by segno
    pages = [drawn[start : start + fields.CARDS_A_PAGE] for start in range(0, len(drawn), fields.CARDS_A_PAGE)]
    context = {"printing": printing, "pages": pages, "left_out": left_out, "query": request.GET.urlencode()}
    return render(request, "papers/cards.html", context)


@page(Permission.CHILD_PRINT)
def cards_pdf(request: DeskRequest) -> HttpResponse:
    """The same cards as one PDF."""
    fonts.require_chinese()
    printing, _ = _cards(request)
    codes = _codes(request, printing)
    data = {
        "kindergarten": printing.kindergarten,
        "cards": [{"name": one.name, "lines": one.card_lines(), "code": codes[one.child_id]} for one in printing.facts],
        "a_page": fields.CARDS_A_PAGE,
        "on": printing.on,
        "mark": printing.mark,
    }
    return _file(pdf("cards", data), "学籍卡.pdf")


def _codes(request: DeskRequest, printing: Printing) -> dict[UUID, str]:
    """Return the drawing of each child's code."""
    found = tokens.tokens_of(one.child_id for one in printing.facts)
    return {child_id: tokens.drawing(tokens.address_of(request, token)) for child_id, token in found.items()}


def _cards(request: DeskRequest) -> tuple[Printing, int]:
    """Return the chosen children that attend with a number, and how many others were chosen. PAP-02, PAP-03."""
    chosen = list(_chosen(request).order_by("pinyin", "id")[: MOST_CARDS + 1])
    if len(chosen) > MOST_CARDS:
        raise TooManyCards(most=MOST_CARDS)
    numbered = [child for child in chosen if child.standing == stays.ATTENDING and child.number is not None]
    if not numbered:
        raise NoneChosen
    return _printing(request, numbered, "paper.cards", ""), len(chosen) - len(numbered)


def _chosen(request: DeskRequest) -> ChildQuerySet:
    """Return the children that an address chooses, among the officer's own."""
    mine = Child.objects.visible_to(request.officer)
    if request.GET.get("all") == "1":
        return Asked.of(request.GET).applied(mine, in_county=False, on=timezone.localdate())
    return mine.filter(pk__in=_ids(request.GET))


def _ids(query: QueryDict) -> list[UUID]:
    """Return the ids of an address, what is none left out."""
    found = []
    for text in query.getlist("child")[: MOST_CARDS + 1]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _file(content: bytes, name: str) -> HttpResponse:
    """Return a PDF that the browser shows, with a name for saving it."""
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    return answer
