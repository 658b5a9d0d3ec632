"""What was tidied by itself: looked at by column, put back or tidied again, one cell or a whole column."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import actions, review
from miaoce.registry.intake.fields import FIELD, FREE_TEXTS
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.rules import RowNotFree
from miaoce.registry.intake.tidied import Tidied, tidied_in, tidied_of
from miaoce.registry.journal import actions as journal
from miaoce.web.components.parts import Flash, Tab
from miaoce.web.intake.found import log, readable, row_of, today_s_book, wants_part
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def tidied(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """List what was tidied, all of it or one column; put a cell or the column back, or tidy it again."""
    batch = readable(request, batch_id)
    if request.method == "POST":
        return _undone(request, batch)
    field, number = request.GET.get("field", ""), request.GET.get("page", "1")
    found = tidied_of(batch, today_s_book(), field=field, page=int(number) if number.isdecimal() else 1)
    log(request, "intake.tidied", list({text.becomes_id for text in found.texts}))
    context = {"batch": batch, "found": found, "tabs": _tabs(found), "flashes": heard(request)}
    return render(request, "intake/tidied.html", context)


def _tabs(found: Tidied) -> list[Tab]:
    """Return a tab for everything and one for each column."""
    every = Tab("全部", "?", not found.kind, found.total)
    return [every] + [Tab(k.label, f"?field={k.field}", k.field == found.field, k.tidied) for k in found.kinds]


def _undone(request: DeskRequest, batch: Batch) -> HttpResponse:
    """Put one cell or a whole column back as it was written, or tidy it again, and say what became of it."""
    field, position = request.POST.get("field", ""), request.POST.get("row", "")
    again = request.POST.get("do") == "again"
    if field not in FIELD:
        return redirect("intake-tidied", batch_id=batch.pk)
    one = row_of(batch, int(position)) if position.isdecimal() else None
    refused = ""
    try:
        with journal.process("intake.untidy", actor=request.officer, at=timezone.now()) as process:
            rows = None if one is None else [one.pk]
            out = actions.undo_tidy(batch=batch, field=field, row_ids=rows, again=again, process=process)
    except RowNotFree as refusal:
        out, refused = [], str(refusal)
    if one is not None and wants_part(request):
        return _cell(request, batch, one.pk, field, refused)
    say(request, refused or _said(field, len(out), again=again, one=one is not None), "bad" if refused else "ok")
    if request.POST.get("from") == "row" and one is not None:
        return redirect("intake-row", batch_id=batch.pk, position=one.position)
    kept = urlencode({key: request.POST[key] for key in ("kind", "page") if request.POST.get(key)}).replace(
        "kind=", "field="
    )
    where = f"#t{one.position}.{field}" if one is not None else ""
    return redirect(f"{reverse('intake-tidied', args=[batch.pk])}?{kept}{where}")


def _said(field: str, count: int, *, again: bool, one: bool) -> str:
    """Return what was done, and what is left to do about it."""
    if not count:
        return "没有要改的，多半是刚才已经改过。"
    what = "这一处" if one else f"{count} 行"
    if again:
        return f"{what}已重新整理。"
    return f"{what}已恢复原样。" + ("" if field in FREE_TEXTS else "这样还不能提交，请到“要改”里改好。")


def _cell(request: DeskRequest, batch: Batch, row_id: UUID, field: str, refused: str) -> HttpResponse:
    """Return the line of one cell as it stands now, for htmx to put in its place."""
    rows = review.open_rows(batch, {row_id})
    found = tidied_in(batch, rows, today_s_book(), field=field)
    log(request, "intake.tidied", [row.row.becomes_id for row in rows])
    context = {
        "batch": batch,
        "text": found[0] if found else None,
        "flashes": [Flash(refused, "bad")] if refused else [],
    }
    return render(request, "intake/_tidied_swapped.html", context, status=409 if refused else 200)
