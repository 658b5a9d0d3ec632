"""What the pages of problem records ask: a word with its ground, a correction, a deletion, what is still missing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from miaoce.registry.intake.fields import FIELD
from miaoce.registry.matching.models import VERDICTS
from miaoce.registry.matching.rules import TableReasonMissing
from miaoce.registry.problems import rules, states
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.components.days import DayField
from miaoce.web.components.wording import PlainForm

LONGEST_WORDS = 500
Choices = Sequence[tuple[str, str]]


class WordsForm(PlainForm):
    """Words that all sides read."""

    words = forms.CharField(
        label="缺什么、要补什么",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="各方都会原样看到",
        error_messages={"required": rules.WordsMissing.message},
    )


class EvidenceForm(PlainForm):
    """What a kindergarten says of a pair, and what it saw."""

    said = forms.ChoiceField(
        label="您的判断",
        choices=list(states.SAYINGS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": rules.SayingMissing.message},
    )
    words = forms.CharField(
        label="看过什么、怎么核实的",
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="另一方和主管部门都会看到。附了证明可以不写",
    )

    def __init__(self, *args: Any, is_pair: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_pair:
            del self.fields["said"]


class VoidForm(PlainForm):
    """From which day a record that was made by mistake does not count, and why it was a mistake."""

    on = DayField(label="从哪天起作废")
    words = forms.CharField(
        label="为什么这条是登记错的",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="县里核准后这条学籍作废，时间线里留着",
    )


class SplitForm(PlainForm):
    """Who the second child is, which stays and guardians are its own, and why."""

    use_required_attribute = False
    name = forms.CharField(label=FIELD["name"].label, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    sex = forms.ChoiceField(label=FIELD["sex"].label, choices=[("", "请选择"), ("男", "男"), ("女", "女")])
    birth_date = forms.CharField(
        label=FIELD["birth_date"].label,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "2022-09-01"}),
    )
    id_type = forms.ChoiceField(label=FIELD["id_type"].label)
    id_number = forms.CharField(
        label=FIELD["id_number"].label,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="暂无证件的留空",
    )
    stays = forms.TypedMultipleChoiceField(
        label="哪些就读是第二名幼儿的", coerce=UUID, widget=forms.CheckboxSelectMultiple,
        help_text="两边都要有就读", error_messages={"required": rules.NothingChosen.message},
    )  # fmt: skip
    guardians = forms.TypedMultipleChoiceField(
        label="哪些监护人是第二名幼儿的", coerce=UUID, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="监护人的告知和同意一起转过去",
    )  # fmt: skip
    words = forms.CharField(
        label="依据",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="各方都会原样看到",
        error_messages={"required": rules.WordsMissing.message},
    )

    def __init__(self, book: Codebook, stays: Choices, guardians: Choices, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(name, name) for name in book.names(FIELD["id_type"].code_list or "")]
        for field, choices in (("id_type", [("", "请选择"), *names]), ("stays", stays), ("guardians", guardians)):
            self.fields[field].choices = choices  # type: ignore[attr-defined]  # choice fields have choices


class RevisionForm(PlainForm):
    """Another verdict for one code, and why."""

    code = forms.CharField(label="对照代码", max_length=20, help_text="从列表里点“改”，会填好")
    verdict = forms.ChoiceField(label="改成", choices=[("", "请选择"), *VERDICTS.items()])
    reason = forms.CharField(
        label="为什么要改",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": TableReasonMissing.message},
    )


class WithdrawalForm(PlainForm):
    """Why a version is taken back."""

    reason = forms.CharField(
        label="为什么停用",
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": TableReasonMissing.message},
    )
