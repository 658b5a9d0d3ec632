"""显示: one value of one child, for a reason, for sixty seconds."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import reveal as revealing
from miaoce.registry.reference import queries as reference
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.permissions import DeskRequest, page


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
    value = revealing.reveal(
        child=child,
        field=field,
        reason=request.POST.get("reason", ""),
        words=request.POST.get("words", ""),
        book=book,
        actor=request.officer,
        at=now,
    )
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
