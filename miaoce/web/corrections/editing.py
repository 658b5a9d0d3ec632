"""编辑: the other data of a child in one form, saved at once. What a colleague changed meanwhile is put side by side, never lost."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.editing import CARE
from miaoce.registry.children.models import Child
from miaoce.registry.corrections import actions as corrections
from miaoce.registry.corrections import edits, rules
from miaoce.registry.corrections.edits import FIELDS, Request
from miaoce.registry.intake.fields import FIELD
from miaoce.registry.intake.problems import masked_text, words_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.refusals import Refusal
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.components.parts import CompareRow
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import say

HIDDEN = ("id_number", "phone", "address")  # never filled in: what is typed replaces, nothing typed leaves it
REGIONS = frozenset({"hukou_region", "birth_region"})
SECTIONS = (
    ("基本信息", ("former_name", "nationality", "ethnicity", "hukou_region", "hukou_kind", "birth_region", "address", "boarding")),
    ("健康与家庭情况", ("health", "disability", "only_child", "left_behind", "migrant", "orphan", "remark")),
    *((f"监护人 {n}", tuple(f"guardian{n}_{part}" for part in ("name", "relation", "phone", "id_type", "id_number"))) for n in (1, 2)),
)  # fmt: skip


class Free(forms.CharField):
    """A line that may stay empty without saying so: whether that is a fault depends on the others, and the room knows."""

    def validate(self, value: Any) -> None:
        """Accept everything."""


class EditForm(forms.Form):
    """The fields of the record that an officer may change, with what stands in them as words."""

    use_required_attribute = False

    def __init__(self, book: Codebook, values: Mapping[str, str], officer: Officer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = {
            key: shown(key, values[key], book)
            for key in FIELDS
            if key not in CARE or officer.may(Permission.CHILD_CARE)
        }
        self.now = {key: text or masked_text(key, values[key]) for key, text in self.was.items()}
        for key, text in self.was.items():
            self.fields[key] = _field(key, text, values[key], book)
        for position in (1, 2):
            if values[f"guardian{position}_name"]:
                self.fields[f"other{position}"] = forms.BooleanField(
                    label="换成了另一位监护人（原来的告知和同意不再算数）", required=False
                )
        if values["address"]:
            self.fields["homeless"] = forms.BooleanField(label="去掉现住址", required=False)
        if values["guardian2_name"]:
            self.fields["without2"] = forms.BooleanField(label="去掉第二位监护人", required=False)

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings; each guardian's ticks behind them."""
        found = [(title, [self[key] for key in keys if key in self.fields]) for title, keys in SECTIONS]
        found[0][1].extend(self[name] for name in ("homeless",) if name in self.fields)
        for position in (1, 2):
            for name in (f"other{position}", f"without{position}"):
                if name in self.fields:
                    found[1 + position][1].append(self[name])
        return found

    def wanted(self, given: Mapping[str, Any]) -> tuple[dict[str, str], frozenset[int]]:
        """Return the texts that differ from what the page showed, and where another person takes a guardian's place."""
        texts = {}
        for key in (key for key in self.was if key in given):
            text, before = self.cleaned_data[key], str(given.get(f"was-{key}", self.was[key]))
            if (text and key.endswith(HIDDEN)) or (not key.endswith(HIDDEN) and text != before):
                texts[key] = text
        if self.cleaned_data.get("homeless"):
            texts["address"] = ""
        if self.cleaned_data.get("without2"):
            texts |= dict.fromkeys((key for key in self.was if key.startswith("guardian2_")), "")
        return texts, frozenset(position for position in (1, 2) if self.cleaned_data.get(f"other{position}"))


def shown(key: str, value: str, book: Codebook) -> str:
    """Return a value as it stands in its input: codes and places as words, numbers not at all."""
    if key.endswith(HIDDEN):
        return ""
    return book.region_name(value) if key in REGIONS and value else words_of(key, value, book)


def _field(key: str, text: str, value: str, book: Codebook) -> Free:
    """Return the input of one field."""
    known = FIELD[key]
    widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off"})
    if known.code_list and known.code_list != "country":
        names = list(dict.fromkeys([*book.names(known.code_list), *([text] if text else [])]))
        widget = forms.Select(choices=[("", "没有填"), *((name, name) for name in names)])
    elif key.endswith(HIDDEN):
        masked = masked_text(key, value)
        widget = forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": f"不改就留空（现在：{masked}）" if masked else ""}
        )
    elif key == "remark":
        widget = forms.Textarea(attrs={"rows": 2})
    label = known.label.removeprefix("监护人1").removeprefix("监护人2") if key.startswith("guardian") else known.label
    return Free(label=label, initial=text, widget=widget)


@page(Permission.CHILD_VIEW, act=Permission.CHILD_CORRECT)
def edit(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """Show the form, or save what differs. 409 shows one's own values beside those of whoever was faster."""
    child, officer = visible_child(request, child_id), request.officer
    corrections.must_be_editable(child, corrections.asked_by_schools([child.pk]))
    book = reference.codebook(timezone.localdate())
    values = edits.known_values([child])[child.pk]
    form = EditForm(book, values, officer, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _ask(request, child, form)
    texts, others = form.wanted(request.POST)
    seen = request.POST.get("version", "")
    asked = Request(child.pk, int(seen[:9]) if seen.isdecimal() else 0, texts, others)
    with journal.process("child.edit", actor=officer, at=timezone.now()) as process:
        outcome = edits.edit(requests=[asked], process=process)
    if outcome.done:
        say(request, "已保存。")
        return redirect("child", child_id=child.pk)
    refusal = outcome.refused[child.pk]
    if isinstance(refusal, rules.NothingChanged):
        say(request, "没有改动，不用保存。", "info")
        return redirect("child", child_id=child.pk)
    if isinstance(refusal, rules.NotSound):
        for key, words in refusal.findings.items():
            form.add_error(key if key in form.fields else None, words.partition("：")[2])
        return _ask(request, child, form, status=422)
    if isinstance(refusal, rules.ChangedMeanwhile):
        beside = EditForm(book, values, officer, {**form.was, **texts})
        return _ask(request, child, beside, refusal=refusal, texts=texts, status=409)
    raise refusal


def _ask(
    request: DeskRequest,
    child: Child,
    form: EditForm,
    *,
    refusal: Refusal | None = None,
    texts: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the form; the reading is logged, because the record stands in it."""
    journal.log_reading(actor=request.officer, at=timezone.now(), what="child.edit", child_ids=[child.pk])
    context = {
        "child": child,
        "crumbs": crumbs_of(child, "编辑"),
        "form": form,
        "version": child.version if refusal or not form.is_bound else request.POST.get("version", ""),
        "was": form.was if refusal or not form.is_bound else {key: request.POST.get(f"was-{key}", "") for key in form.was},
        "refusal": refusal,
        "columns": ("您填的", "现在的"),
        "compared": [
            CompareRow(FIELD[key].label, [_told(key, text), form.now[key] or "没有"], True)
            for key, text in (texts or {}).items()
            if text != form.was[key]
        ],
    }  # fmt: skip
    return render(request, "corrections/edit.html", context, status=status)


def _told(key: str, text: str) -> str:
    """Return one's own value in the comparison, numbers masked."""
    return masked_text(key, text) if key.endswith(HIDDEN) else text or "清空"
