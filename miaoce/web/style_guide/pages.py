"""`/样式/`: every component in every state and in large type. Open to everybody: it shows invented data only."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from miaoce.web.permissions import page
from miaoce.web.style_guide import samples
from miaoce.web.style_guide.forms import SampleForm


@page(None)
def style_guide(request: HttpRequest) -> HttpResponse:
    """Every component of the pages; `?big=1` in large type, `?busy=1` with its buttons pressed."""
    context = {
        "officer": samples.OFFICER,
        "nav": samples.NAV,
        "appointments": [],
        "flashes": samples.FLASHES,
        "big_text": request.GET.get("big") == "1" or request.COOKIES.get("big") == "1",
        "busy": request.GET.get("busy") == "1",
        "empty_form": SampleForm(initial={"class_name": "小一班"}),
        "wrong_form": SampleForm(samples.WRONG),
        **samples.PARTS,
    }
    return render(request, "style_guide/page.html", context)


@page(None)
def paper(request: HttpRequest) -> HttpResponse:
    """The print sheets: a class roll across, student cards upright."""
    return render(request, "style_guide/paper.html", {"children": samples.CHILDREN[:25]})
