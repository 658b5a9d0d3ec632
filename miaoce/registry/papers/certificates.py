"""Certificates of graduation (毕业证书): what stands on them, and their PDF. Logged for each child before anything is opened.

The number is masked as on other papers; the code says whether the certificate is valid.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.timezone import localdate

from miaoce.registry.access.officers import Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import queries as children
from miaoce.registry.enrolments import graduation
from miaoce.registry.enrolments.graduation import Graduate
from miaoce.registry.journal import actions as journal
from miaoce.registry.papers import tokens
from miaoce.registry.papers.printing import MOST_CARDS, TooManyCards
from miaoce.registry.papers.typesetting import pdf
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal


class NobodyGraduated(Refusal):
    """No child was chosen that graduated here."""

    code, message, http = "PAP-04", "选中的幼儿没有在本园毕业，没有毕业证书可印。", 422


@dataclass(frozen=True)
class Certificate:
    """What stands on one certificate, and the drawing of its code."""

    name: str
    words: str
    number: str
    kindergarten: str
    on: str
    code: str


def certificates(
    *, actor: Officer, year_id: UUID | None, child_ids: Sequence[UUID], at: datetime, address: Callable[[str], str]
) -> list[Certificate]:
    """Return the certificates of children that graduated from the actor's kindergarten: of a school year, or these.

    `address` makes of a token where its code leads to. Refuses ACC-01, PAP-02, PAP-04.
    """
    require(actor, Permission.CHILD_PRINT)
    found = graduation.graduates(actor, year_id=year_id, child_ids=child_ids, most=MOST_CARDS + 1)
    if len(found) > MOST_CARDS:
        raise TooManyCards(most=MOST_CARDS)
    if not found:
        raise NobodyGraduated
    ids = [one.child.pk for one in found]
    journal.log_reading(actor=actor, at=at, what="paper.certificates", child_ids=ids)
    numbers = children.masked_numbers([one.child for one in found], children.viewer_of(actor))
    book = reference.codebook(localdate(at))
    return [
        Certificate(
            name=one.child.name,
            words=_words(one, book.name("sex", one.child.sex).removesuffix("性")),
            number=numbers.get(one.child.pk, ""),
            kindergarten=one.kindergarten,
            on=_day(one.graduated_on),
            code=tokens.drawing(address(tokens.token_of(one.stay.pk, tokens.CERTIFICATES))),
        )
        for one in found
    ]


def certificates_pdf(made: Sequence[Certificate]) -> bytes:
    """Return certificates as one PDF, A4 across, one a page. Refuses PAP-01."""
    return pdf("certificates", {"sheets": [vars(one) for one in made]})


def _words(one: Graduate, sex: str) -> str:
    """Return the sentence of a certificate behind the name."""
    return (
        f"{sex}，{_day(one.child.born_on)}生，{_month(one.entered_on)}至 {_month(one.graduated_on)}"
        "在本园学习和生活，完成学前教育，准予毕业。"
    )


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _month(day: date) -> str:
    return f"{day.year} 年 {day.month} 月"
