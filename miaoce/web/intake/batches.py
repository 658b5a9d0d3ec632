"""A batch from outside: the list, its page in each state, reading it now, explaining its columns, ending it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import actions, progress, queries, relaying, review, rules, states
from miaoce.registry.intake.fields import FIELDS, GRADE
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.places import place_of
from miaoce.registry.intake.problems import without_long_numbers
from miaoce.registry.intake.rereading import MAPPABLE, Pointed
from miaoce.registry.intake.review import Review
from miaoce.registry.journal import actions as journal
from miaoce.web.components.parts import Flash, Tab
from miaoce.web.intake.found import batch_of, log, log_views, readable, today_s_book, wants_part
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say

TABS = (
    (review.ALL, "全部"),
    (states.RETURNED, "县里退回"),
    (states.FIX, "要改"),
    (states.DUPLICATE, "可能重复"),
    (review.REMARK, "提醒"),
    (states.READY, "可提交"),
    (states.KNOWN, "已登记过"),
    (states.SENT, "已提交"),
    (states.DONE, "已建学籍"),
    (states.ASIDE, "等转园"),
    (states.REPEATED, "重复的行"),
    (states.IGNORED, "不是幼儿"),
)
ALWAYS = (review.ALL, states.FIX, states.DUPLICATE, states.READY)


LONG_SECONDS = 12  # ux: longer than this and the page says to go on with something else


@page(Permission.INTAKE_VIEW)
def every(request: DeskRequest) -> HttpResponse:
    """List the kindergarten's batches."""
    lines = queries.batches_of(request.officer, on=timezone.localdate())
    return render(request, "intake/list.html", {"lines": lines, "flashes": heard(request)})


@page(Permission.INTAKE_VIEW)
def batch(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Show a batch as it stands: being read, refused, ended, or its rows."""
    found = batch_of(request, batch_id)
    if found.state in (states.UPLOADED, states.READING, states.SENDING):
        return show_progress(request, found)
    if polled(request):
        return whole_page()
    if found.layout.get("erased"):
        return render(request, "intake/ended.html", {"batch": found})
    if found.state == states.REFUSED:
        first_rows = [[without_long_numbers(cell) for cell in line] for line in review.first_rows_of(found)]
        context = {
            "batch": found,
            "first_rows": first_rows,
            "may_map": bool(first_rows) and found.refusal_code in MAPPABLE and not found.layout.get("misshapen"),
        }
        return render(request, "intake/refused.html", context)
    tab, number = request.GET.get("tab", review.ALL), request.GET.get("page", "1")
    return show_review(request, found, tab=tab, page=int(number) if number.isdecimal() else 1)


def polled(request: DeskRequest) -> bool:
    """Say whether it is the progress of a batch that asks for itself again."""
    return wants_part(request) and request.headers.get("HX-Target") == "progress"


def whole_page() -> HttpResponse:
    """Let htmx open the page as a whole: what it waited for is done."""
    answer = HttpResponse(status=204)
    answer["HX-Refresh"] = "true"
    return answer


def show_progress(request: DeskRequest, found: Batch) -> HttpResponse:
    """Show how far the reading or the submission is; the page asks again every second."""
    is_sending = found.state == states.SENDING
    began = datetime.fromisoformat(found.order["at"]) if found.order else found.created_at
    told = {} if found.state == states.UPLOADED else found.progress
    context = {
        "batch": found,
        "is_sending": is_sending,
        "is_reading": bool(found.claimed_by) if found.order else found.state == states.READING,
        "is_long": (timezone.now() - began).total_seconds() > LONG_SECONDS,
        "stages": [] if is_sending else [(word, key == told.get("stage")) for key, word in progress.STAGES.items()],
        "told": told,
    }
    template = "intake/_progress.html" if wants_part(request) else "intake/progress.html"
    return render(request, template, context)


def show_review(
    request: DeskRequest,
    found: Batch,
    *,
    tab: str = review.ALL,
    page: int = 1,
    flashes: list[Flash] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Draw the review page of a batch. `flashes` stand above the rows beside what earlier pages left to say."""
    book = today_s_book()
    tab = tab if tab in dict(TABS) else review.ALL
    seen = review.review(found, book, tab=tab, page=page)
    log_views(request, seen.rows)
    context = {
        **bar_of(seen.batch, seen.counts),
        "seen": seen,
        "offers": _offers(seen, found, book),
        "tabs": tabs_of(seen, tab),
        "tab": tab,
        "sheets": found.layout.get("sheets", []),
        "unmapped": _unused(found),
        "skipped": found.layout.get("skipped", []),
        "days_left": rules.days_left(expires=found.expires_on, on=timezone.localdate()),
        "year_start": _year_start(found) if seen.undated else "",
        "has_sheet": queries.has_sheet(found),
        "all_wrong": seen.total > 2 and seen.counts[states.FIX] == seen.total - seen.counts[states.IGNORED],
        "here": "" if request.method == "GET" else "../",
        "flashes": [*heard(request), *(flashes or [])],
    }
    return render(request, "intake/review.html", context, status=status)


def _year_start(found: Batch) -> str:
    """Return the first day of the school year, which is offered as a day of entry and never put in by itself."""
    return place_of(found.kindergarten, on=timezone.localdate()).school_year_start.isoformat()


def bar_of(found: Batch, counts: Any) -> dict[str, Any]:
    """Return what the bar at the foot says: how many can go, how many stay."""
    ready = counts[states.READY]
    left = counts[states.FIX] + counts[states.DUPLICATE] + counts[states.RETURNED]
    return {"batch": found, "counts": counts, "ready": ready, "left": left}


def tabs_of(seen: Review, current: str) -> list[Tab]:
    """Return the tabs by state with their counts; rare states only where there are rows."""
    counts = {**seen.counts, review.ALL: seen.total}
    return [
        Tab(label, f"?tab={key}" if key != review.ALL else "?", key == current, counts.get(key, 0))
        for key, label in TABS
        if key in ALWAYS or counts.get(key, 0) or key == current
    ]


def _offers(seen: Review, found: Batch, book: Any) -> dict[str, list[str]]:
    """Return the lists of words that inputs of this page offer, each once."""
    problems = [problem for row in seen.rows for problem in row.problems]
    inputs = [p.offer for p in problems] + [b.offer for p in problems for b in p.beside] + [a.offer for a in seen.alike]
    wanted = set(filter(None, inputs))
    if not wanted:
        return {}
    lists = {name: book.names(name) for name in wanted if name != "class"}
    if "class" in wanted:
        lists["class"] = [g.name for g in place_of(found.kindergarten, on=timezone.localdate()).classes]
    return lists


def _unused(found: Batch) -> list[str]:
    """Return the headings that nothing was done with; a running number is nothing to speak of."""
    sheets = found.layout.get("sheets", [])
    headings = [heading for sheet in sheets for _, heading in sheet["unmapped"]]
    headings += [heading for sheet in sheets for *_, left in sheet.get("again", ()) for _, heading in left]
    return [
        heading for heading in dict.fromkeys(headings) if heading and heading not in ("序号", "编号", "号", "No", "NO")
    ]


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
@require_POST
def read(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Read a waiting batch, or carry out what was ordered of it, now instead of waiting for the worker."""
    found = batch_of(request, batch_id)
    if found.order:
        key = UUID(hex=found.order["key"])
        if found.state == states.SENDING:
            actions.carry_out(batch_id=found.pk, at=timezone.now())
        else:
            relaying.carry_out(batch_id=found.pk, at=timezone.now())
        return redirect("intake-result", batch_id=found.pk, process_id=key)
    actions.read_batch(batch_id=found.pk, actor=request.officer, at=timezone.now())
    return redirect("intake-batch", batch_id=found.pk)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def discard(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Ask, then end a batch."""
    found = batch_of(request, batch_id)
    if request.method == "POST":
        with journal.process("intake.discard", actor=request.officer, at=timezone.now()) as process:
            gone = actions.discard(batch=found, process=process)
        say(request, f"这份导入已作废，去掉了 {gone} 行。")
        return redirect("intake")
    counts = review.counts_of(review.standings(found)[0], found) if found.state == states.OPEN else {}
    gone = sum(count for state, count in counts.items() if state not in (states.SENT, states.DONE, review.REMARK))
    sent = counts.get(states.SENT, 0) + counts.get(states.DONE, 0)
    return render(request, "intake/discard.html", {"batch": found, "gone": gone, "sent": sent})


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def columns(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Explain what the columns mean, remembered for the next file of this kindergarten."""
    found = readable(request, batch_id)
    if request.method == "POST":
        return _explained(request, found)
    return _ask_columns(request, found)


def _ask_columns(request: DeskRequest, found: Batch, words: str = "") -> HttpResponse:
    """Show every column with the first texts in it and a list of meanings."""
    asked = request.POST.get("header_row") or request.GET.get("header_row", "")
    context = {
        "batch": found,
        "sheets": queries.columns_of(found, header_row=int(asked) if asked.isdecimal() else None),
        "fields": FIELDS,
        "grade": GRADE,
        "refused": found.state == states.REFUSED,
        "flashes": [Flash(words, "bad")] if words else heard(request),
    }
    first = Row.objects.filter(batch=found).order_by("position").values_list("becomes_id", flat=True)[:3]
    log(request, "intake.columns", list(first))
    return render(request, "intake/columns.html", context, status=422 if words else 200)


def _explained(request: DeskRequest, found: Batch) -> HttpResponse:
    """Read the batch again with the columns as they were explained."""
    headings, meanings = request.POST.getlist("heading"), request.POST.getlist("field")
    given = dict(zip(headings, meanings, strict=False))
    row, sheet = request.POST.get("header_row", ""), request.POST.get("sheet", "")
    pointed = Pointed(sheet, int(row)) if found.state == states.REFUSED and row.isdecimal() else None
    now = timezone.now()
    try:
        if relaying.is_long(found, size=found.size):
            return _read_later(request, found, given, pointed)
        actions.remap(batch=found, columns=given, pointed=pointed, actor=request.officer, at=now)
    except (rules.ChildAsHeading, rules.ColumnsClash, rules.StillNoHeader) as refusal:
        return _ask_columns(request, found, str(refusal))
    say(request, relaying.EXPLAINED)
    return redirect(reverse("intake-batch", args=[found.pk]))


def _read_later(request: DeskRequest, found: Batch, given: dict[str, str], pointed: Pointed | None) -> HttpResponse:
    """Keep what the columns mean, and leave a large file to the worker, which a page shows."""
    now, was_open = timezone.now(), found.state == states.OPEN
    actions.explain(batch=found, columns=given, pointed=pointed, actor=request.officer, at=now)
    if not was_open:
        return redirect("intake-batch", batch_id=found.pk)
    with journal.process("intake.order", actor=request.officer, at=now) as process:
        actions.order_columns(batch=found, process=process)
    return redirect("intake-result", batch_id=found.pk, process_id=process.pk)
