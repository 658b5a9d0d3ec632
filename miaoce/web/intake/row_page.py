"""The page of one row: every field of a child, to be mended all at once; what is sealed stands masked until it is asked for."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.forms.boundfield import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.reveal import ReasonNeeded, WordsNeeded
from miaoce.registry.intake import actions, review, rules, showing, states
from miaoce.registry.intake.contents import OpenRow
from miaoce.registry.intake.fields import CARE, FIELD, FIELDS, label
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.places import place_of
from miaoce.registry.intake.problems import masked_text, shown_text
from miaoce.registry.intake.standing import shown_states
from miaoce.registry.intake.states import CHANGEABLE
from miaoce.registry.intake.tidied import tidied_in
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.vault.masking import HIDDEN
from miaoce.web.intake.forms import ChildForm
from miaoce.web.intake.found import log_page, readable, row_of, today_s_book, wants_part
from miaoce.web.intake.mending import changed_texts
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.refusals import refused
from miaoce.web.said import say

KEYS = tuple(field.key for field in FIELDS)


@dataclass(frozen=True)
class Line:
    """One field of the page: an input, or the mask of what is sealed."""

    key: str
    label: str
    bound: BoundField | None = None
    masked: str = ""
    why: str = ""

    @property
    def suffix(self) -> str:
        """What tells the question why apart from those of the other fields."""
        return f".{self.key}"


@dataclass(frozen=True)
class Opened:
    """A row whose page is drawn: the batch it is of, its content, its state as people see it."""

    batch: Batch
    stored: Row
    row: OpenRow
    state: str
    book: Codebook

    def may_change(self, request: DeskRequest) -> bool:
        """Say whether the officer may change it now."""
        return self.state in CHANGEABLE and request.officer.may(Permission.INTAKE_EDIT)


def _opened(request: DeskRequest, batch_id: UUID, position: int) -> Opened:
    """Return a row of the officer's kindergarten; 404 for every other."""
    batch = readable(request, batch_id)
    stored = row_of(batch, position)
    found = review.open_rows(batch, {stored.pk})[0]
    return Opened(batch, stored, found, shown_states([stored])[stored.pk], today_s_book())


def _closed(request: DeskRequest, one: Opened) -> list[str]:
    """Return the sealed fields that stand masked; what was opened before and sent along with the form stays open."""
    closed = showing.closed_fields(one.row, request.officer, one.book)
    return [key for key in closed if key not in CARE and key not in request.POST]


def _form(request: DeskRequest, one: Opened, *, also: dict[str, str] | None = None) -> ChildForm:
    """Return the form of what stands open. `also` are values that were just asked for."""
    closed = showing.closed_fields(one.row, request.officer, one.book)
    kept = frozenset(key for key in closed if key in CARE)
    keys = tuple(key for key in KEYS if key not in _closed(request, one) or key in (also or {}))
    initial = {key: "" if key in kept else shown_text(key, one.row.content, one.book) for key in keys}
    given: Any = request.POST if request.method == "POST" else None
    if given is not None and also:
        given = given.copy()
        given.update(also)
    place = place_of(one.batch.kindergarten, on=timezone.localdate())
    return ChildForm(given, place=place, book=one.book, keys=keys, kept=kept, initial=initial)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def row(request: DeskRequest, batch_id: UUID, position: int) -> HttpResponse:
    """Show the fields of one row, sealed ones masked; save those that stand open."""
    one = _opened(request, batch_id, position)
    if not one.may_change(request):
        if request.method == "POST":
            raise rules.RowNotFree(where=one.batch.where(one.stored), state=states.ROW_LABELS[one.state])
        return _page(request, one, _masked_form(request, one))
    form, status = _form(request, one), 200
    if request.method == "POST" and form.is_valid():
        given = {key: text for key, text in form.cleaned_data.items() if key in request.POST}  # what was not sent stays
        typed = {key: text for key, text in given.items() if text or not _is_kept(form, key)}
        try:
            with journal.process("intake.mend", actor=request.officer, at=timezone.now()) as process:
                actions.mend(
                    batch=one.batch,
                    row_id=one.stored.pk,
                    values=changed_texts(one.row, typed, one.book),
                    version=_version(request),
                    process=process,
                )
        except (rules.RowChanged, rules.RowNotFree) as refusal:
            form.add_error(None, str(refusal))
            status = 409
        else:
            say(request, f"{one.batch.where(one.stored)}已保存，并重新检查了。")
            return redirect(f"{reverse('intake-batch', args=[batch_id])}#r{position}")
    return _page(request, one, form, status=status)


def _is_kept(form: ChildForm, key: str) -> bool:
    """Say whether an empty choice of a field leaves its value as it is."""
    return key in CARE and key in form.kept


def _version(request: DeskRequest) -> int | None:
    """Return the version of the row that the page showed."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else None


def _masked_form(request: DeskRequest, one: Opened) -> ChildForm:
    """Return the form of a row that nobody may change: everything that is sealed masked, health hidden."""
    initial = {key: masked_text(key, shown_text(key, one.row.content, one.book)) for key in KEYS}
    initial |= {key: HIDDEN for key in CARE if initial[key] and showing.is_masked(key, request.officer)}
    return ChildForm(
        place=place_of(one.batch.kindergarten, on=timezone.localdate()), book=one.book, keys=KEYS, initial=initial
    )


def _page(
    request: DeskRequest, one: Opened, form: ChildForm, *, status: int = 200, why: dict[str, str] | None = None
) -> HttpResponse:
    """Log what is about to be shown and draw the page. `why` says beside a masked field why it was not shown."""
    may_change = one.may_change(request)
    wrong = {finding.field for finding in one.row.content.findings} & (showing.SEALED | CARE)
    opened = [key for key in form.fields if key in wrong and form.initial[key]] if may_change else []
    child = one.stored.becomes_id
    log_page(request, "intake.row", [child], [(key, child) for key in opened])
    context = {
        "batch": one.batch,
        "row": one.stored,
        "where": one.batch.where(one.stored),
        "view": review.views_of([one.row], one.book)[0],
        "state": one.state,
        "form": form,
        "lines": _lines(one, form, why or {}),
        "may_change": may_change,
        "tidied": tidied_in(one.batch, [one.row], one.book),
        "reasons": one.book.entries("reveal_reason"),
    }
    return render(request, "intake/row.html", context, status=status)


def _lines(one: Opened, form: ChildForm, why: dict[str, str]) -> list[Line]:
    """Return every field in its place."""
    return [
        Line(key, FIELD[key].label, form[key])
        if key in form.fields
        else Line(
            key, FIELD[key].label, None, masked_text(key, shown_text(key, one.row.content, one.book)), why.get(key, "")
        )
        for key in KEYS
    ]


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
@require_POST
def reveal(request: DeskRequest, batch_id: UUID, position: int) -> HttpResponse:
    """Open one masked field of a row for a reason: the field alone for htmx, otherwise the page as it was typed so far."""
    one, key = _opened(request, batch_id, position), request.POST.get("show", "")
    try:
        value = showing.reveal(
            batch=one.batch,
            row=one.row,
            state=one.state,
            key=key,
            reason=request.POST.get(f"reason.{key}", ""),
            words=request.POST.get(f"words.{key}", ""),
            codebook=one.book,
            actor=request.officer,
            at=timezone.now(),
        )
    except (ReasonNeeded, WordsNeeded) as refusal:
        if wants_part(request):
            answer = refused(request, refusal)
            answer["HX-Retarget"], answer["HX-Reswap"] = f"#why-{key}", "innerHTML"
            return answer
        return _page(request, one, _form(request, one), status=422, why={key: str(refusal)})
    form = _form(request, one, also={key: value})
    if wants_part(request):
        return render(request, "intake/_open_field.html", {"field": form[key], "label": label(key)})
    return _page(request, one, form)
