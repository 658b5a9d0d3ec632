"""What the pages of transfers ask: a number with a name or a birth date, a group, reasons and words, a code."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms

from miaoce.registry.institutions.models import Group
from miaoce.registry.transfers.rules import LONGEST_WORDS
from miaoce.web.components.days import DayField
from miaoce.web.components.wording import PlainForm
from miaoce.web.enrolments.forms import group_words

NOT_TYPED = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class StartForm(PlainForm):
    """What the guardian told the receiving kindergarten."""

    number = forms.CharField(
        label="学籍号",
        max_length=40,
        help_text="19 位，G、L 或 J 开头。请向监护人要。",
        widget=forms.TextInput(attrs=NOT_TYPED),
    )
    name = forms.CharField(label="姓名", max_length=50, required=False, help_text="姓名和出生日期填一样就行")
    born_on = DayField(label="出生日期", required=False)

    def clean(self) -> None:
        """Ask for the name or the birth date: a number alone finds nobody."""
        if not self.cleaned_data.get("name") and not self.cleaned_data.get("born_on") and not self.errors:
            self.add_error("name", "姓名和出生日期都没填。请填其中一样。")


class PlaceForm(PlainForm):
    """The group that a child comes into, with its size."""

    group = forms.ChoiceField(label="转入哪个班", widget=forms.RadioSelect)

    def __init__(self, groups: Sequence[Group], sizes: Mapping[UUID, int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [  # type: ignore[attr-defined]  # a choice field has choices
            (str(group.pk), group_words(group, sizes.get(group.pk, 0), 1)) for group in groups
        ]


class WordsForm(PlainForm):
    """Words that all parties read."""

    words = forms.CharField(
        label="说明",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="各方和监护人都会看到",
    )


class RefusalForm(WordsForm):
    """A reason of the party's closed list and a sentence. Unpaid fees are not in the list."""

    reasons = forms.MultipleChoiceField(
        label="原因", widget=forms.CheckboxSelectMultiple, help_text="没有交清费用不能作为理由"
    )
    field_order = ("reasons", "words")

    def __init__(self, reasons: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].choices = list(reasons.items())  # type: ignore[attr-defined]  # a choice field has choices


class CodeForm(PlainForm):
    """What a guardian speaks with."""

    code = forms.CharField(
        label="转园确认码或查询码",
        max_length=40,
        help_text="12 位字母和数字，在纸上或短信里",
        widget=forms.TextInput(attrs=NOT_TYPED),
    )
    ending = forms.CharField(
        label="监护人手机号后 4 位",
        max_length=4,
        help_text="登记在幼儿园的手机号；没有登记手机号的，填监护人证件号后 4 位",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ReceiverForm(PlainForm):
    """The kindergarten that a guardian wants, by name or code."""

    place = forms.CharField(label="要转入的幼儿园", max_length=80, help_text="写园名里的几个字，或 10 位标识码")
