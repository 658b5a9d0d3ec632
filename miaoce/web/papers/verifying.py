"""The page behind the code on a card, open to everybody who holds one: valid or not, masked name, kindergarten."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.children.models import Child, ChildNumber
from miaoce.registry.enrolments import states as stays
from miaoce.registry.journal import actions as journal
from miaoce.registry.papers.tokens import number_id_of
from miaoce.registry.vault.masking import Field, Viewer, shown
from miaoce.web.permissions import DeskRequest, page


@dataclass(frozen=True)
class Answer:
    """What a code says."""

    is_valid: bool
    name: str = ""
    kindergarten: str = ""


@page(None)
def verify(request: DeskRequest, token: str) -> HttpResponse:
    """Say whether a card is valid. A code that was never issued and one that no longer counts answer alike: 已失效."""
    answer = _answer(token)
    return render(request, "papers/verify.html", {"answer": answer}, status=200)


def _answer(token: str) -> Answer:
    """Look the number up; only a valid one shows anything, and that is logged for the child."""
    number_id = number_id_of(token)
    number = ChildNumber.objects.filter(pk=number_id, to_on__isnull=True).first() if number_id else None
    child = (
        Child.objects.exclude(standing__in=[stays.NONE, stays.CANCELLED])
        .select_related("kindergarten")
        .filter(pk=number.child_id)
        .first()
        if number
        else None
    )
    if child is None:
        return Answer(is_valid=False)
    journal.log_reading(actor=the_system("扫码查验"), at=timezone.now(), what="card.verify", child_ids=[child.pk])
    return Answer(True, shown(Field.NAME, child.name, Viewer.PUBLIC), child.kindergarten.name)
