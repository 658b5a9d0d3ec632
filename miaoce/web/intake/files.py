"""Files that go out and come back: the template, the problem sheet, the original."""

from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.reveal import ReasonNeeded, WordsNeeded, reason_words
from miaoce.registry.intake import actions, queries, relaying, rules
from miaoce.registry.intake.fields import label
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.problems import masked_text, words_of
from miaoce.registry.intake.rereading import Clash
from miaoce.registry.journal import actions as journal
from miaoce.web.components.parts import Flash
from miaoce.web.intake.forms import UploadForm
from miaoce.web.intake.found import given, log, own_kindergarten, readable, today_s_book
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say


def _download(data: bytes, name: str, kind: str = queries.SHEET_TYPE) -> HttpResponse:
    """Return bytes as a file with a Chinese name."""
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@page(Permission.INTAKE_VIEW)
def template(request: DeskRequest) -> HttpResponse:
    """Download the template with the kindergarten's own classes."""
    data = queries.template_of(own_kindergarten(request.officer), on=timezone.localdate())
    return _download(data, "幼儿信息登记模板.xlsx")


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def problems(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Download the kindergarten's own sheet with what is wrong beside each row, for a reason."""
    batch = readable(request, batch_id)
    if not queries.has_sheet(batch):
        raise Http404
    if (asked := _why(request, batch, "intake.problem_sheet", "下载问题清单")) is not None:
        return asked
    return _download(queries.problem_sheet(batch), f"问题清单-{batch.file_name.rsplit('.', 1)[0]}.xlsx")


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def original(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Download the file as it came in, for a reason."""
    batch = readable(request, batch_id)
    if not queries.is_file(batch):
        raise Http404
    if (asked := _why(request, batch, "intake.original", "下载原文件")) is not None:
        return asked
    return _download(queries.original_of(batch), batch.file_name, "application/octet-stream")


def _why(request: DeskRequest, batch: Batch, what: str, title: str) -> HttpResponse | None:
    """Ask why a file with every clear value is wanted; None once the reason is given and logged for each of its rows."""
    book, words, status = today_s_book(), "", 200
    if request.method == "POST":
        try:
            reason = reason_words(book, request.POST.get("reason", ""), request.POST.get("words", ""))
        except (ReasonNeeded, WordsNeeded) as refusal:
            words, status = str(refusal), refusal.http
        else:
            children = Row.objects.filter(batch=batch).values_list("becomes_id", flat=True)
            log(request, what, list(children), reason=reason)
            return None
    context = {"batch": batch, "title": title, "wrong": words, "reasons": book.entries("reveal_reason")}
    return render(request, "intake/download.html", context, status=status)


def show_read_again(request: DeskRequest, batch: Batch, again: relaying.Outcome) -> HttpResponse:
    """Say what the worker's reading came to: on the page of the batch, or beside the rows that were refused alone."""
    if again.clashes:
        return _clashing(request, batch, again.clashes, again.words, status=200)
    say(request, again.words, "bad" if again.is_refused else "ok")
    return redirect("intake-batch", batch_id=batch.pk)


def _clashing(
    request: DeskRequest, batch: Batch, clashes: Sequence[Clash], words: str, status: int = 409
) -> HttpResponse:
    """Show both texts of the rows that somebody changed on the page after the sheet went out; one press takes the sheet's."""
    book = today_s_book()
    rows = [
        {
            "row": clash.row.row,
            "where": batch.where(clash.row.row),
            "name": clash.row.content.told("name"),
            "texts": [
                (key, label(key), masked_text(key, words_of(key, now, book)), masked_text(key, text), text)
                for key, now, text in clash.texts
            ],
        }
        for clash in clashes
    ]
    log(request, "intake.bring_back", [clash.row.row.becomes_id for clash in clashes])
    context = {"batch": batch, "rows": rows, "flashes": [Flash(words)]}
    return render(request, "intake/clashes.html", context, status=status)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def bring_back(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Take the mended problem sheet back into its batch."""
    batch = readable(request, batch_id)
    form = UploadForm(*given(request))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rules.must_fit(size=file.size, megabytes=settings.FILE_MEGABYTES)
            if relaying.is_long(batch, size=file.size):
                return _take_later(request, batch, file.name, file.read())
            done = actions.bring_back(
                batch=batch, file_name=file.name, data=file.read(), actor=request.officer, at=timezone.now()
            )
        except (rules.FileTooLarge, rules.NothingToTake, rules.SheetRefused) as refusal:
            form.add_error("file", str(refusal))
        else:
            if done.clashes:
                return _clashing(request, batch, done.clashes, done.words)
            say(request, done.words)
            return redirect("intake-batch", batch_id=batch.pk)
    context = {"batch": batch, "form": form, "megabytes": settings.FILE_MEGABYTES}
    return render(request, "intake/bring_back.html", context, status=422 if form.errors else 200)


def _take_later(request: DeskRequest, batch: Batch, name: str, data: bytes) -> HttpResponse:
    """Keep a large sheet and leave it to the worker, which a page shows."""
    with journal.process("intake.order", actor=request.officer, at=timezone.now()) as process:
        actions.order_sheet(batch=batch, file_name=name, data=data, process=process)
    return redirect("intake-result", batch_id=batch.pk, process_id=process.pk)
