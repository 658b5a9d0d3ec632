"""Mending on the review page: one row, all of them, alike errors, a row set aside."""

import json
from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import actions, review, rules
from miaoce.registry.intake.contents import OpenRow
from miaoce.registry.intake.fields import FIELD
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.problems import shown_text, suggestion_of, words_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.components.parts import Flash
from miaoce.web.intake.batches import bar_of, show_review, tabs_of
from miaoce.web.intake.found import log_views, readable, row_of, today_s_book, wants_part
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say

Typed = dict[int, dict[str, str]]


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
@require_POST
def mend(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Save what was typed: one row for htmx, otherwise every row in which something was typed."""
    batch, book = readable(request, batch_id), today_s_book()
    typed, take = _typed(request), request.POST.get("take", "")
    one = _position(take.partition(".")[0] or request.POST.get("save", ""))
    if wants_part(request) and one is not None:
        typed = {one: typed.get(one, {})}
    rows = {
        r.position: r
        for r in Row.objects.filter(batch=batch, position__in=[*typed, *([one] if one is not None else [])])
    }
    opened = {r.row.position: r for r in review.open_rows(batch, {row.pk for row in rows.values()})} if rows else {}
    if take:
        _take(typed, take, opened, book)
    changes = {
        opened[n].key: changed
        for n, texts in typed.items()
        if n in opened and (changed := changed_texts(opened[n], texts, book))
    }
    versions = {opened[n].key: v for n, v in _versions(request).items() if n in opened}
    with journal.process("intake.mend", actor=request.officer, at=timezone.now()) as process:
        out, refused = actions.mend_many(batch=batch, changes=changes, versions=versions, process=process)
    if wants_part(request) and one is not None:
        return swapped(request, batch, out, one, refused[0] if refused else None)
    if refused and not wants_part(request):
        flashes = [Flash(str(refusal), "bad") for refusal in refused]
        return show_review(request, readable(request, batch_id), flashes=flashes, status=409)
    for refusal in refused:
        say(request, f"{refusal.code}：有一行在您打开后被改过，没有保存这一行，请对照后再改。", "bad")
    if changes:
        say(request, f"已保存 {len(changes) - len(refused)} 行，并重新检查了。")
    where = f"#r{one}" if one is not None else ""
    return _to(request, f"{reverse('intake-batch', args=[batch.pk])}{where}")


def _to(request: DeskRequest, address: str) -> HttpResponse:
    """Go to another page; htmx opens it as a whole."""
    if wants_part(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _position(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _typed(request: DeskRequest) -> Typed:
    """Return the texts of the inputs by row and field; an input is named f<position>.<version>.<field>."""
    typed: Typed = defaultdict(dict)
    for position, _, key, text in _inputs(request):
        typed[position][key] = text
    return dict(typed)


def _versions(request: DeskRequest) -> dict[int, int]:
    """Return the versions that the page showed, by row."""
    return {position: version for position, version, _, _ in _inputs(request)}


def _inputs(request: DeskRequest) -> Iterator[tuple[int, int, str, str]]:
    """Return position, version, field and text of every input of the review page."""
    for name, text in request.POST.items():
        position, version, key = [*name[1:].split("."), "", ""][:3] if name.startswith("f") else ("", "", "")
        if position.isdecimal() and version.isdecimal() and key in FIELD:
            yield int(position), int(version), key, str(text)


def _take(typed: Typed, take: str, opened: dict[int, OpenRow], book: Codebook) -> None:
    """Put the suggestion of a finding into its field."""
    number, _, key = take.partition(".")
    row = opened.get(int(number)) if number.isdecimal() else None
    if row is None:
        return
    for finding in row.content.findings:
        offered = suggestion_of(finding)
        if offered and offered[0] == key:
            typed.setdefault(int(number), {})[key] = words_of(key, offered[1], book)
            return


def changed_texts(row: OpenRow, texts: dict[str, str], book: Codebook) -> dict[str, str]:
    """Return the fields in which something else was typed than stood there."""
    return {key: text for key, text in texts.items() if text.strip() != shown_text(key, row.content, book)}


def swapped(
    request: DeskRequest,
    batch: Batch,
    out: list[OpenRow],
    one: int,
    refused: rules.RowChanged | rules.RowNotFree | None,
) -> HttpResponse:
    """Return the row that was mended, others that came out different, tabs and bar, for htmx to put in place."""
    book, fresh = today_s_book(), readable(request, batch.pk)
    if all(row.row.position != one for row in out):
        out = [*review.open_rows(fresh, {row_of(fresh, one).pk}), *out]
    views = sorted(review.views_of(out, book), key=lambda view: view.position != one)
    log_views(request, views)
    every, _ = review.standings(fresh)
    counts = review.counts_of(every, fresh)
    seen = review.Review(fresh, views, counts)
    context = {
        **bar_of(fresh, counts), "seen": seen, "views": views, "one": one, "tabs": tabs_of(seen, review.ALL),
        "refused": str(refused) if refused else "", "here": "",
    }  # fmt: skip
    answer = render(request, "intake/_swapped.html", context, status=409 if refused else 200)
    answer["HX-Retarget"], answer["HX-Reswap"] = f"#r{one}", "outerHTML"
    if not refused and not any(p.field for p in views[0].problems):
        answer["HX-Trigger-After-Settle"] = json.dumps({"next-problem": {"row": f"r{one}"}})
    return answer


def _entered(request: DeskRequest, batch: Batch, text: str) -> HttpResponse:
    """Give every row without one the day of entry that was picked."""
    try:
        with journal.process("intake.fill_entry", actor=request.officer, at=timezone.now()) as process:
            out = actions.fill_entry(batch=batch, text=text, process=process)
    except rules.EntryUnclear as refusal:
        say(request, str(refusal), "bad")
    else:
        say(request, f"已给 {len(out)} 行填上入园日期。" if out else "没有要填的行。")
    return redirect("intake-batch", batch_id=batch.pk)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
@require_POST
def alike(request: DeskRequest, batch_id: UUID) -> HttpResponse:
    """Put one text in the place of another wherever it is wrong."""
    batch = readable(request, batch_id)
    field, wrong, right = (request.POST.get(key, "") for key in ("field", "wrong", "right"))
    if field == "entry_date" and not wrong and right.strip():
        return _entered(request, batch, right)
    if field not in FIELD or not right.strip():
        say(request, "没有写要改成什么，没有改动。", "warn")
        return redirect("intake-batch", batch_id=batch.pk)
    with journal.process("intake.mend_alike", actor=request.officer, at=timezone.now()) as process:
        out = actions.mend_alike(batch=batch, field=field, wrong=wrong, right=right, process=process)
    say(request, "同样写法的都一起改好了，并重新检查了。" if out else "没有要改的行。")
    return redirect("intake-batch", batch_id=batch.pk)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
@require_POST
def aside(request: DeskRequest, batch_id: UUID, position: int) -> HttpResponse:
    """Set a row aside as no child, or take it back as one."""
    batch = readable(request, batch_id)
    stored = row_of(batch, position)
    with journal.process("intake.set_aside", actor=request.officer, at=timezone.now()) as process:
        if request.POST.get("back"):
            actions.restore(batch=batch, row_id=stored.pk, process=process)
        else:
            actions.ignore(batch=batch, row_id=stored.pk, process=process)
    return redirect(f"{reverse('intake-batch', args=[batch.pk])}#r{position}")
