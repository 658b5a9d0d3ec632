"""Proofs of a child: bringing them in, giving up what is not needed, looking at one for a reason."""

from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import proofs, proofs_rules
from miaoce.registry.approvals.proofs_drawing import JPEG
from miaoce.registry.approvals.proofs_models import ProofFile, ProofFileQuerySet
from miaoce.registry.children.reveal import ReasonNeeded, WordsNeeded, reason_words
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.proofs import keys
from miaoce.web.proofs.taking import Taken, fields_of, lines_of, taken
from miaoce.web.refusals import refused

PICTURE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def readable(request: DeskRequest) -> ProofFileQuerySet:
    """Return the proofs that the officer may look at: of its own unit, and of cases that it is a party to."""
    return ProofFile.objects.filter(erased_at__isnull=True).visible_to(request.officer)


@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def of_child(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """The proofs of a child that the officer may look at, and the form that brings one in."""
    child, now = visible_child(request, child_id), timezone.now()
    given = Taken()
    if request.method == "POST":
        given = taken(request, child)
        if not request.FILES.getlist("proof_files"):
            given.errors.append(proofs_rules.NoProof.message)
        if not given.errors:
            return redirect("child-proofs", child_id=child.pk)
    book = reference.codebook(timezone.localdate(now))
    journal.log_reading(actor=request.officer, at=now, what="child.proofs", child_ids=[child.pk])
    found = list(readable(request).filter(child_id=child.pk).order_by("-id"))
    context = {
        "child": child,
        "crumbs": crumbs_of(child, "佐证"),
        "proofs": replace(fields_of(request.officer, child, on=timezone.localdate(now), given=given), lines=[]),
        "free": lines_of([one for one in found if one.case_id is None], book),
        "filed": lines_of([one for one in found if one.case_id is not None], book),
        "days": proofs_rules.FREE_DAYS,
        "reasons": book.entries("reveal_reason"),
    }
    return render(request, "proofs/of_child.html", context, status=422 if given.errors else 200)


@require_POST
@page(Permission.CASE_VIEW, act=Permission.CASE_FILE)
def drop(request: DeskRequest, proof_id: UUID) -> HttpResponse:
    """Give up a proof that no case took."""
    proof = get_object_or_404(readable(request).filter(unit_id=request.officer.unit_id), pk=proof_id)
    with journal.process("proof.drop", actor=request.officer, at=timezone.now()) as process:
        proofs.drop(proof_ids=[proof.pk], process=process)
    return redirect("child-proofs", child_id=proof.child_id)


@page(Permission.CASE_VIEW, act=Permission.CHILD_REVEAL)
def look(request: DeskRequest, proof_id: UUID) -> HttpResponse:
    """GET asks why; POST logs it and shows the pages. htmx gets the pages in the place of the question."""
    proof, now = get_object_or_404(readable(request), pk=proof_id), timezone.now()
    book = reference.codebook(timezone.localdate(now))
    context = {
        "line": lines_of([proof], book)[0],
        "proof": proof,
        "reasons": book.entries("reveal_reason"),
        "reason": request.POST.get("reason", ""),
        "pages": [],
    }
    if request.method == "POST":
        try:
            reason = reason_words(book, request.POST.get("reason", ""), request.POST.get("words", ""))
        except (ReasonNeeded, WordsNeeded) as refusal:
            if request.headers.get("HX-Request"):
                return refused(request, refusal)
            return render(request, "proofs/look.html", context | {"missing": str(refusal)}, status=422)
        proofs.look(proof=proof, reason=reason, actor=request.officer, at=now)
        context |= {
            "pages": range(1, proof.pages + 1),
            "key": keys.key_of(proof.pk, request.officer),
            "minutes": keys.SECONDS // 60,
        }
    template = "proofs/_pages.html" if request.headers.get("HX-Request") else "proofs/look.html"
    return render(request, template, context)


@page(Permission.CHILD_REVEAL)
def picture(request: DeskRequest, proof_id: UUID, number: int) -> HttpResponse:
    """One page as a picture, under the key that a logged look gave; CHD-03 without."""
    proof = get_object_or_404(readable(request), pk=proof_id)
    if not 1 <= number <= proof.pages:
        raise Http404
    if not keys.fits(request.GET.get("key", ""), proof.pk, request.officer):
        raise ReasonNeeded
    return pictured(proofs.pages_of(proof)[number - 1])


def pictured(page_of_proof: bytes) -> HttpResponse:
    """Return a page of a proof as a picture that does nothing and goes nowhere."""
    answer = HttpResponse(page_of_proof, content_type=JPEG)
    answer["Content-Disposition"] = "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = PICTURE_POLICY
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
