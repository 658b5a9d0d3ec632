"""问题学籍: the list by whose turn it is and what became of it, the nearest due day first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import listing, queries, states
from miaoce.registry.problems.queries import MINE, MOST, OTHERS, Shown
from miaoce.registry.reference import queries as reference
from miaoce.web.approvals.forms import identifier
from miaoce.web.components.formats import due_words, moment
from miaoce.web.components.parts import Tab, Tone
from miaoce.web.desk.urgency import urgency_of
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.problems.filters import DONE, ENDED_OTHERWISE, TABS, Asked
from miaoce.web.said import heard

TONES: dict[str, Tone] = {
    states.OPEN: "info", states.ARBITRATION: "warn", states.MERGED: "ok", states.DIFFERENT: "ok", states.EVIDENCED: "ok",
    states.CORRECTED: "ok", states.VOIDED: "", states.ENDED: "",
}  # fmt: skip
EMPTY = {
    MINE: ("没有要办的问题学籍", "查重或证件核验发现问题时，会出现在这里。"),
    OTHERS: ("没有在等别人的", "别的幼儿园或主管部门在办的，会出现在这里。"),
    states.MERGED: ("还没有合并过的", ""),
    states.DIFFERENT: ("还没有认定不是同一名的", ""),
    DONE: ("还没有其他办结的", ""),
}


@dataclass(frozen=True)
class Row:
    """One problem of the list."""

    shown: Shown
    kind: str
    state: str
    tone: Tone
    names: str
    places: str
    due: str = ""
    urgency: str = ""


@page(Permission.PROBLEM_VIEW)
def problems(request: DeskRequest) -> HttpResponse:
    """The problem records that the officer's unit takes part in or decides; names of other units' children masked."""
    officer, now = request.officer, timezone.now()
    on, asked = timezone.localdate(now), Asked.of(request.GET)
    after, before = (identifier(request.GET.get(name, "")) for name in ("after", "before"))
    some = asked.listed(officer, on=on)
    found = listing.page_of(officer, some, is_decided=asked.is_decided, after=after, before=before)
    if found.problems:
        journal.log_reading(actor=officer, at=now, what="problem.list", child_ids=found.child_ids)
    counts = queries.counts(officer, asked.filters)
    context = {
        "asked": asked,
        "tabs": tabs_of(asked, counts),
        "kinds": kinds_of(counts),
        "rows": rows_of(found.problems, on=on),
        "previous": asked.query(before=str(found.previous)) if found.previous else "",
        "following": asked.query(after=str(found.following)) if found.following else "",
        "empty": EMPTY[asked.tab],
        "is_done": asked.is_decided,
        "flashes": heard(request),
    }
    return render(request, "problems/list.html", context)


def tabs_of(asked: Asked, counts: dict[str, int]) -> list[Tab]:
    """Return the tabs with how much stands under each; beyond what is counted it says so by the bound."""
    sums = {**counts, DONE: min(sum(counts[state] for state in ENDED_OTHERWISE), MOST)}
    return [Tab(words, asked.on(tab).query(), tab == asked.tab, sums[tab]) for tab, words in TABS.items()]


def kinds_of(counts: dict[str, int]) -> list[tuple[str, str]]:
    """Return the kinds with how many of each are in hand."""
    return [(kind, f"{words}（在办 {counts[kind]}）") for kind, words in states.KINDS.items()]


def rows_of(found: Sequence[Shown], *, on: date) -> list[Row]:
    """Return problems as the list shows them; the days are counted by one calendar."""
    between = reference.calendar().between
    rows = []
    for one in found:
        problem, due, urgency = one.problem, moment(one.problem.decided_at), ""
        if one.due_on is not None:
            left = between(on, one.due_on)
            due, urgency = due_words(one.due_on, left), urgency_of(left)
        names = " / ".join(dict.fromkeys(side.name for side in one.sides))
        places = "、".join(dict.fromkeys(side.kindergarten for side in one.sides))
        look = states.KINDS[problem.kind], states.LABELS[problem.state], TONES[problem.state]
        rows.append(Row(one, *look, names, places, due, urgency))
    return rows
