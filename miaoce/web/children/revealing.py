"""显示: one value of one child, for a reason, for sixty seconds."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import reveal as revealing
from miaoce.registry.reference import queries as reference
from miaoce.registry.refusals import Refusal
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.refusals import refused


@page(Permission.CHILD_VIEW, act=Permission.CHILD_REVEAL)
def reveal(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """POST shows a value; GET is what stands in its place when the minute is over, and shows nothing of the child."""
    child, now = visible_child(request, child_id), timezone.now()
    book = reference.codebook(timezone.localdate(now))
    if request.method != "POST":
        field = request.GET.get("field", "")
        if not request.headers.get("HX-Request"):
            return redirect("child", child_id=child.pk)
        label = revealing.label_of(field)
        context = {"child": child, "field": field, "label": label, "reasons": book.entries("reveal_reason")}
        return render(request, "children/_masked.html", context)
    field = request.POST.get("field", "")
    reason, words = request.POST.get("reason", ""), request.POST.get("words", "")
    try:
        value = revealing.reveal(
            child=child, field=field, reason=reason, words=words, book=book, actor=request.officer, at=now
        )
    except (revealing.ReasonNeeded, revealing.WordsNeeded) as refusal:
        return _asked_again(request, field, refusal)
    context = {
        "child": child,
        "crumbs": crumbs_of(child, "显示"),
        "field": field,
        "label": revealing.label_of(field),
        "value": value,
        "seconds": revealing.SHOWN_SECONDS,
    }
    template = "children/_shown.html" if request.headers.get("HX-Request") else "children/reveal.html"
    return render(request, template, context)


def _asked_again(request: DeskRequest, field: str, refusal: Refusal) -> HttpResponse:
    """Say inside the form what is missing, so that it can be filled in there."""
    answer = refused(request, refusal)
    if field.isascii() and field.isidentifier():
        answer["HX-Retarget"], answer["HX-Reswap"] = f"#why-{field}", "innerHTML"
    return answer
