"""Papers as PDF: a class roll, student cards. Numbers and telephones masked, or in full for a reason, as on the pages."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate
from ninja import Router, Schema
from pydantic import Field, WithJsonSchema

from miaoce.api.keys import ApiRequest, own_kindergarten
from miaoce.api.operations import reads
from miaoce.api.v1.schemas import Given, Text
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.children.reveal import reason_words
from miaoce.registry.institutions.models import Group
from miaoce.registry.papers import printing, tokens
from miaoce.registry.papers.facts import Facts
from miaoce.registry.reference import queries as reference

router = Router(tags=["papers"])
Id = Annotated[UUID, Field(strict=False)]
Reason = Annotated[
    Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None,
    WithJsonSchema({"type": "string", "pattern": "^[a-z_]{1,40}$"}),
]


class Pdf(Schema):
    """A PDF file; the description names its type (document.py)."""


class RollIn(Given):
    """Which group (`groups` of /kindergarten). A `reason` of the list reveal_reason prints numbers and telephones in full."""

    group: Id
    reason: Reason = None
    words: Text = ""


class CardsIn(Given):
    """Which children, up to 500; those without a number are left out. `reason` as for a roll."""

    children: Annotated[list[Id], Field(min_length=1, max_length=printing.MOST_CARDS)]
    reason: Reason = None
    words: Text = ""


@reads(
    router,
    "/papers/roll",
    Permission.CHILD_PRINT,
    name="papers_roll",
    summary="花名册（PDF）",
    answer=Pdf,
    method="POST",
)
def roll(request: ApiRequest, given: RollIn) -> HttpResponse:
    """一个班的花名册。默认遮住学籍号和电话；写明原因才是完整的，每名幼儿都记入查看记录。"""
    mine = Group.objects.select_related("school_year").filter(kindergarten=own_kindergarten(request.officer))
    group = mine.filter(pk=given.group).first()
    if group is None:
        raise Http404
    made = printing.roll(group=group, actor=request.officer, at=request.at, reason=_why(request, given))
    return HttpResponse(printing.roll_pdf(group, made), content_type="application/pdf")


@reads(
    router,
    "/papers/cards",
    Permission.CHILD_PRINT,
    name="papers_cards",
    summary="学籍卡（PDF）",
    answer=Pdf,
    method="POST",
)
def cards(request: ApiRequest, given: CardsIn) -> HttpResponse:
    """几名幼儿的学籍卡。默认遮住学籍号；写明原因才是完整的，每名幼儿都记入查看记录。"""
    chosen = Child.objects.visible_to(request.officer).filter(pk__in=given.children)
    made, _ = printing.cards(chosen=chosen, actor=request.officer, at=request.at, reason=_why(request, given))
    codes = {child: _drawing(request, token) for child, token in _tokens(made.facts).items()}
    return HttpResponse(printing.cards_pdf(made, codes), content_type="application/pdf")


def _why(request: ApiRequest, given: RollIn | CardsIn) -> str:
    """Return the reason as the log keeps it, nothing where none is given. CHD-03, CHD-04."""
    return reason_words(reference.codebook(localdate(request.at)), given.reason, given.words) if given.reason else ""


def _tokens(facts: Sequence[Facts]) -> dict[UUID, str]:
    return tokens.tokens_of(one.child_id for one in facts)


def _drawing(request: ApiRequest, token: str) -> str:
    """Return the code of a card: the address of the page that says whether it is valid."""
    return tokens.drawing(request.build_absolute_uri(reverse("verify", args=[token])))
