"""What the pages of problem records ask: a word with its ground, a correction, a deletion, what is still missing."""

from typing import Any

from django import forms

from miaoce.registry.matching.models import VERDICTS
from miaoce.registry.matching.rules import TableReasonMissing
from miaoce.registry.problems import rules, states
from miaoce.web.components.days import DayField
from miaoce.web.components.wording import PlainForm

LONGEST_WORDS = 500


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


class RevisionForm(PlainForm):
    """Another verdict for one code, and why."""

    code = forms.CharField(label="对照代码", max_length=20, help_text="从下面的列表里点“改”，会填好")
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
