"""Certificates of graduation: as pages to print and as one PDF, with a code that leads to the page that verifies it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe

from miaoce.registry.access.permissions import Permission
from miaoce.registry.papers import certificates as papers
from miaoce.registry.papers import fonts
from miaoce.registry.papers.certificates import Certificate
from miaoce.web.approvals.forms import identifier
from miaoce.web.papers.pages import address_of, file_answer, ids_of
from miaoce.web.permissions import DeskRequest, page


@page(Permission.CHILD_PRINT)
def certificates(request: DeskRequest) -> HttpResponse:
    """One sheet a child, A4 across: of the chosen ones (`child`, many) or of a whole school year (`year`)."""
    made = _made(request)
    context = {
        "made": [(one, mark_safe(one.code)) for one in made],  # noqa: S308  # drawn by segno
        "printing": {"missing": fonts.missing(one.name + one.kindergarten for one in made)},
        "query": request.GET.urlencode(),
    }
    return render(request, "papers/certificates.html", context)


@page(Permission.CHILD_PRINT)
def certificates_pdf(request: DeskRequest) -> HttpResponse:
    """The same certificates as one PDF."""
    fonts.require_chinese()
    return file_answer(papers.certificates_pdf(_made(request)), "毕业证书.pdf")


def _made(request: DeskRequest) -> list[Certificate]:
    """Return the certificates that an address asks for; they are logged."""
    return papers.certificates(
        actor=request.officer,
        year_id=identifier(request.GET.get("year", "")),
        child_ids=ids_of(request.GET),
        at=timezone.now(),
        address=lambda token: address_of(request, token),
    )
