"""What the page that files a case asks: the reason, the day, the class of a restored child, which paper was seen."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from miaoce.registry.institutions.models import Group
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.components.days import DayField
from miaoce.web.components.wording import PlainForm


class CaseForm(PlainForm):
    """One request about where a child stands."""

    reason = forms.ChoiceField(label="办什么，为什么", widget=forms.RadioSelect)
    on = DayField(
        label="日期",
        help_text="缓学填到哪年 9 月 1 日；注销填发生的那天；恢复填回来的那天，从没离开过的填原来的离园日期。",
    )
    group = forms.ChoiceField(label="恢复后在哪个班", required=False, help_text="只有恢复要选。")
    words = forms.CharField(
        label="看过哪份证明", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明证明的名称和出具单位，如“青江市人民医院诊断证明，原件”。加密保存，县里会看到。",
    )  # fmt: skip

    def __init__(self, book: Codebook, groups: Sequence[Group], on: date, *args: Any) -> None:
        super().__init__(*args)
        self.fields["on"].initial = on.isoformat()
        kinds = {"deferral": "缓学", "cancellation": "注销", "restoration": "恢复"}
        self.fields["reason"].choices = [  # type: ignore[attr-defined]  # a choice field has choices
            (entry.code, f"{kinds[entry.code.partition('.')[0]]}：{entry.name}")
            for entry in book.entries("case_reason")
        ]
        self.fields["group"].choices = [  # type: ignore[attr-defined]  # a choice field has choices
            ("", "不选"), *((str(group.pk), group.name) for group in groups)
        ]  # fmt: skip

    @property
    def group_id(self) -> UUID | None:
        """The class of a restored child, where one was chosen."""
        chosen = self.cleaned_data["group"]
        return UUID(chosen) if chosen and self.cleaned_data["reason"].startswith("restoration") else None
