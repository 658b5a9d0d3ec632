"""Forms of the section 登记. Texts go to the same checks as a file; the forms only ask."""

from typing import Any

from django import forms

from miaoce.registry.intake.fields import FIELD
from miaoce.registry.intake.groups import Place
from miaoce.registry.reference.codebook import Codebook

TYPED = (
    "id_type", "id_number", "name", "sex", "birth_date", "nationality", "ethnicity", "class", "guardian1_name", "guardian1_relation",
    "guardian1_phone", "entry_date",
)  # fmt: skip
"""The fields of the single form, in its order: twelve, of which a valid ID number fills two and 中国 stands there."""


KEPT = "已隐藏，不改"


class UploadForm(forms.Form):
    """A file."""

    file = forms.FileField(
        label="名单文件",
        error_messages={
            "required": "还没有选文件。请选一个再开始检查。",
            "empty": "文件里一个字也没有，多半是没保存好。请打开原表另存一份再传。",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.csv,.tsv,.txt,.et"}),
    )


class PasteForm(forms.Form):
    """A pasted text."""

    text = forms.CharField(
        label="从表格里复制，粘贴到这里",
        strip=False,
        error_messages={"required": "还没有粘贴内容。请从表格里复制，连表头一起粘贴。"},
        widget=forms.Textarea(
            attrs={"class": "paste", "rows": 12, "data-paste": "measured", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class ChildForm(forms.Form):
    """One child: the eleven fields that are asked of every child, or those that stand open of a row (`keys`).

    A list in `kept` holds a value that is not shown: its empty choice says so and leaves it as it is.

    Nothing is required by the form itself: what is missing is said by the same checks as for a file.
    """

    def __init__(
        self,
        *args: Any,
        place: Place,
        book: Codebook,
        keys: tuple[str, ...] = TYPED,
        kept: frozenset[str] = frozenset(),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute, self.kept = False, kept
        for key in keys:
            self.fields[key] = _field(key, place, book, is_kept=key in kept)


def _field(key: str, place: Place, book: Codebook, *, is_kept: bool = False) -> forms.CharField:
    """Return the input of one field: a list where there is one, otherwise a line of text."""
    known = FIELD[key]
    words: list[str] = []
    if known.kind == "class":
        words = [group.name for group in place.classes]
    elif known.code_list and known.code_list != "country":
        words = book.names(known.code_list)
    widget: forms.Widget = forms.TextInput(attrs={"autocomplete": "off"})
    if words:
        widget = _Select(choices=[("", KEPT if is_kept else "请选择"), *((word, word) for word in words)])
    elif known.kind == "date":
        widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "2023-03-15"})
    elif known.kind == "phone":
        widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"})
    return _Text(label=known.label, required=known.required, help_text=_hint(key), widget=widget)


def _hint(key: str) -> str:
    """Return what helps who types; lists explain themselves, and advice about spreadsheets has no place here."""
    if key == "id_number":
        return "选“暂无证件”时留空。"
    return "" if FIELD[key].code_list or FIELD[key].kind in ("class", "text") else FIELD[key].help


class _Text(forms.CharField):
    """A line that may stay empty: whether that is a fault depends on the other fields, and the row's checks know."""

    def validate(self, value: Any) -> None:
        """Accept everything."""


class _Select(forms.Select):
    """A list that also shows a word that it does not have, as the row holds it."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Add the word that stands in the row to the list."""
        known = {choice for choice, _ in self.choices}
        self.choices = [*self.choices, *((word, word) for word in value if word and word not in known)]
        return super().optgroups(name, value, attrs)
