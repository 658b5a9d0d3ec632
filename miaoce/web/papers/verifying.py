"""The page behind the code on a paper, open to everybody who holds one: valid or not, masked name, kindergarten."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.children.models import Child, ChildMerge, ChildNumber, NumberClaim
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions import asof
from miaoce.registry.journal import actions as journal
from miaoce.registry.papers.tokens import CERTIFICATES, row_id_of
from miaoce.registry.vault.masking import Field, Viewer, shown
from miaoce.web.permissions import DeskRequest, page


@dataclass(frozen=True)
class Answer:
    """What a code says. `paper` is what it stands on, as far as that is known; `is_merged`: its number is a merged record's."""

    is_valid: bool
    name: str = ""
    kindergarten: str = ""
    graduated_on: date | None = None
    paper: str = "学籍卡"
    is_merged: bool = False


@page(None)
def verify(request: DeskRequest, token: str) -> HttpResponse:
    """Say whether a paper is valid. A code that was never issued and one that no longer counts answer alike: 已失效."""
    stay_id = row_id_of(token, CERTIFICATES)
    answer = _card(token) if stay_id is None else _certificate(stay_id)
    return render(request, "papers/verify.html", {"answer": answer}, status=200)


def _card(token: str) -> Answer:
    """Look the number up; only a valid one shows anything, and that is logged for the child.

    The number that a record had when it was merged leads to the kept child, as everywhere. One that had been changed before
    stays void: the child got a new card then.
    """
    number_id = row_id_of(token)
    number = ChildNumber.objects.filter(pk=number_id).first() if number_id else None
    is_merged = number is not None and number.to_on is not None and _held_when_merged(number)
    known = Child.objects.exclude(standing__in=[stays.NONE, stays.CANCELLED, stays.VOID]).select_related("kindergarten")
    child = known.filter(pk=number.child_id).first() if number and (is_merged or number.to_on is None) else None
    if child is None:
        return Answer(is_valid=False)
    _log(child, "card.verify")
    return Answer(True, shown(Field.NAME, child.name, Viewer.PUBLIC), child.kindergarten.name, is_merged=is_merged)


def _held_when_merged(number: ChildNumber) -> bool:
    """Say whether a merge ended the number. Its claim never moves and names the record that it was issued to."""
    issued_to = NumberClaim.objects.filter(digest=number.digest).values("child_id")[:1]
    merge = ChildMerge.objects.filter(gone_id__in=issued_to, undone_at__isnull=True).first()
    return merge is not None and number.to_on is not None and number.to_on >= timezone.localdate(merge.merged_at)


def _certificate(stay_id: UUID) -> Answer:
    """Look the stay up: a certificate is void once the graduation was taken back."""
    stay = Enrolment.objects.filter(pk=stay_id, state=stays.GRADUATED).first()
    child = Child.objects.filter(pk=stay.child_id).first() if stay else None
    if stay is None or child is None or stay.ended_on is None:
        return Answer(is_valid=False, paper="毕业证书")
    _log(child, "certificate.verify")
    place = asof.places_of([stay.kindergarten_id], on=stay.ended_on)[stay.kindergarten_id]
    return Answer(True, shown(Field.NAME, child.name, Viewer.PUBLIC), place.name, stay.ended_on, "毕业证书")


def _log(child: Child, what: str) -> None:
    """Write down that a code was read."""
    journal.log_reading(actor=the_system("扫码查验"), at=timezone.now(), what=what, child_ids=[child.pk])
