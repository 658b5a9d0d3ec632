"""Sending what is ready: the page that asks once more, what came of it, and taking it back."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import actions, relaying, review, rules, states
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal import actions as journal
from miaoce.web.intake.batches import polled, show_progress, whole_page
from miaoce.web.intake.files import show_read_again
from miaoce.web.intake.found import log, readable
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say

LEFT = (
    (states.FIX, "要改"), (states.DUPLICATE, "可能重复"), (states.RETURNED, "县里退回"), (states.KNOWN, "已登记过"),
    (states.IGNORED, "不是幼儿"), (states.ASIDE, "等转园"), (states.REPEATED, "重复的行"), (states.SENT, "已提交"),
    (states.DONE, "已建学籍"),
)  # fmt: skip


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_SUBMIT)
def submit(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Repeat the counts and the promise, then submit every ready row; many are left to the worker."""
    batch = readable(request, batch_id)
    rows = review.standings(batch)[0]
    counts, missing, entry = review.counts_of(rows, batch), "", request.POST.get("entry", "")
    if request.method == "POST":
        try:
            if not request.POST.get("promise"):
                raise rules.PromiseMissing
            _enter(request, batch, entry)
            return _sent(request, batch, counts[states.READY])
        except (rules.PromiseMissing, rules.EntryUnclear) as refusal:
            missing = str(refusal)
    context = {
        "batch": batch,
        "ready": counts[states.READY],
        "remarks": counts[review.REMARK],
        "left": {label: counts[state] for state, label in LEFT if counts[state]},
        "missing": missing,
        "undated": review.undated(rows, {states.READY}),
        "entry": entry,
        "today": timezone.localdate(),
    }
    return render(request, "intake/confirm.html", context, status=422 if missing else 200)


def _enter(request: DeskRequest, batch: Batch, text: str) -> None:
    """Give the rows without one the day of entry that was picked; nothing picked leaves them to the day of submission."""
    if text.strip():
        with journal.process("intake.fill_entry", actor=request.officer, at=timezone.now()) as process:
            actions.fill_entry(batch=batch, text=text, process=process)


def _sent(request: DeskRequest, batch: Batch, ready: int) -> HttpResponse:
    """Submit now, or have it done; either way the result stands under the process."""
    is_few = ready <= rules.SEND_AT_ONCE
    kind = "intake.submit" if is_few else "intake.order"
    with journal.process(kind, actor=request.officer, at=timezone.now()) as process:
        if is_few:
            actions.submit(batch=batch, process=process)
        else:
            actions.order(batch=batch, process=process)
    return redirect("intake-result", batch_id=batch.pk, process_id=process.pk)


@page(Permission.INTAKE_VIEW)
def result(request: DeskRequest, batch_id: UUID, process_id: UUID) -> HttpResponse:
    """Say what a submission did: how many went, and for each other row why not. While it runs, how far it is.

    What a sheet brought back or explained columns did stands here too, where the worker read them.
    """
    batch = readable(request, batch_id)
    if batch.order.get("key") == process_id.hex:
        return show_progress(request, batch)
    if polled(request):
        return whole_page()
    if (again := relaying.outcome_of(batch, process_id)) is not None:
        return show_read_again(request, batch, again)
    kept = batch.layout.get("results", {}).get(process_id.hex)
    if kept is None:
        raise Http404
    rows = {
        row.pk.hex: row for row in Row.objects.filter(batch=batch, pk__in=[UUID(hex=row) for row in kept["refused"]])
    }
    refused = [(rows[row], batch.where(rows[row]), words) for row, words in kept["refused"].items() if row in rows]
    log(request, "intake.result", [row.becomes_id for row, _, _ in refused])
    counts = review.counts_of(review.standings(batch)[0], batch)
    left = counts[states.FIX] + counts[states.DUPLICATE] + counts[states.RETURNED]
    done = kept["sent"]
    context = {
        "batch": batch, "done": done, "refused": refused, "stopped": kept["words"], "left": left,
        "undated": kept.get("undated", 0),
        "may_recall": done and counts[states.SENT] > 0, "flashes": heard(request),
    }  # fmt: skip
    return render(request, "intake/result.html", context)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_SUBMIT)
@require_POST
def recall(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Take submitted rows back, as far as the county has not begun with them."""
    batch = readable(request, batch_id)
    chosen = _chosen(batch, request.POST.getlist("row"))
    with journal.process("intake.recall", actor=request.officer, at=timezone.now()) as process:
        out = actions.recall(batch=batch, process=process, row_ids=chosen)
    if out.done:
        say(request, f"已撤回 {len(out.done)} 名，改好后可以再提交。")
    if out.refused:
        say(request, f"{len(out.refused)} 名没有撤回：{next(iter(out.refused.values()))}", "warn")
    return redirect("intake-batch", batch_id=batch.pk)


def _chosen(batch: Batch, positions: list[str]) -> set[UUID] | None:
    """Return the rows named by position, or None for all."""
    numbers = [int(text) for text in positions if text.isdecimal()]
    return set(Row.objects.filter(batch=batch, position__in=numbers).values_list("pk", flat=True)) if numbers else None
