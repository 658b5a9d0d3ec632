"""匹配质量: what the shipped table was measured at, and how what people decided turned out."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.matching.figures import measured
from miaoce.registry.problems import quality, states
from miaoce.web.components.parts import Crumb, Kpi
from miaoce.web.permissions import DeskRequest, page


@page(Permission.OUTCOME_VIEW)
def quality_page(request: DeskRequest) -> HttpResponse:
    """Figures of the table in use, decisions upheld and overturned, what is in hand by kind and by place; small cells hidden."""
    found = quality.figures(request.officer)
    context = {
        "measured": measured(),
        "kpis": [
            Kpi("合并，站住的", found.merged_upheld.words, f"撤销 {found.merged_undone.words}"),
            Kpi("不是同一名，站住的", found.different_upheld.words, f"重新核对 {found.different_reopened.words}"),
        ],
        "in_hand": [(states.KINDS[kind], figure.words) for kind, figure in found.in_hand.items()],
        "outcomes": list(OUTCOMES.values()),
        "proposed": [
            (words, [figure.words if (figure := found.by_proposed[code].get(state)) else "0" for state in OUTCOMES])
            for code, words in quality.PROPOSED.items()
        ],
        "places": quality.by_place(request.officer),
        "crumbs": crumbs_of(request.officer, "匹配质量"),
    }
    return render(request, "problems/quality.html", context)


def crumbs_of(officer: Officer, *here: str) -> list[Crumb]:
    """Return the path to a page about matching; who sees no problem record has no list to come from."""
    first = [Crumb("问题学籍", reverse("problems"))] if officer.may(Permission.PROBLEM_VIEW) else []
    return [*first, *(Crumb(words) for words in here)]


OUTCOMES = {
    states.OPEN: "待佐证", states.ARBITRATION: "待裁定", states.MERGED: "已合并", states.DIFFERENT: "不是同一名", states.ENDED: "已终止",
}  # fmt: skip
