"""Forms of corrections: they only ask; what is sound is said by the same checks as for a row of intake."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from miaoce.registry.children.corrections import KEY_FIELDS
from miaoce.registry.corrections import rules
from miaoce.registry.corrections.actions import is_mistake
from miaoce.registry.intake.fields import FIELD
from miaoce.registry.intake.problems import masked_text, words_of
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.components.wording import PlainForm


class CorrectionForm(PlainForm):
    """The key data as they are to be, and why. The document number is never filled in: an empty one stays as it is."""

    use_required_attribute = False
    reason = forms.ChoiceField(label="变更原因", error_messages={"required": rules.ReasonUnknown.message})
    true_since = forms.DateField(
        label="从哪天起是这样",
        required=False,
        input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"],
        help_text="照证明上的日期填，如 2026-09-01。登记时就填错的不用填。",
        error_messages={"invalid": "没认出日期。请写成 2026-09-01 这样。"},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"autocomplete": "off", "placeholder": "2026-09-01"}),
    )
    words = forms.CharField(
        label="说明",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="县里会看到。",
    )

    def __init__(self, book: Codebook, values: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        self.book, self.values = book, values
        super().__init__(*args, **kwargs)
        asked = {key: _field(key, values, book) for key in KEY_FIELDS}
        self.fields = {**asked, **self.fields}
        choices = [(entry.code, entry.name) for entry in book.entries("correction_reason")]
        self.fields["reason"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]  # a choice field has choices

    @property
    def texts(self) -> dict[str, str]:
        """What is asked for: every field that was given, and the document number only where one was typed."""
        given = {key: self.cleaned_data[key] for key in KEY_FIELDS}
        return {key: text for key, text in given.items() if text or key != "id_number"}

    @property
    def since(self) -> date | None:
        """Since when it is true, where that was said and counts."""
        if is_mistake(self.cleaned_data["reason"], self.book):
            return None
        found: date | None = self.cleaned_data["true_since"]
        return found


def _field(key: str, values: Mapping[str, str], book: Codebook) -> forms.CharField:
    """Return the input of one field of the key data, with what stands in it."""
    known, value = FIELD[key], values.get(key, "")
    widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off"})
    if known.code_list:
        names = book.names(known.code_list) if key != "sex" else ["男", "女"]
        widget = forms.Select(choices=[(name, name) for name in names])
    if key == "id_number":
        shown = masked_text(key, value) or "没有登记"
        widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": f"不改就留空（现在：{shown}）"})
    return forms.CharField(
        label=known.label,
        required=key != "id_number",
        initial="" if key == "id_number" else words_of(key, value, book),
        widget=widget,
        help_text={"id_number": "要改才填完整的号码。选“暂无证件”会把号码去掉。", "name": known.help}.get(key, ""),
    )
