"""What the page that files a case asks: the reason, the day, the class of a restored child, which paper was seen."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from miaoce.registry.approvals.states import CANCELLATION, DEFERRAL, RESTORATION
from miaoce.registry.institutions.models import Group
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.components.days import DayField
from miaoce.web.components.wording import PlainForm

DAYS = {
    CANCELLATION: ("发生在哪天", "填死亡、失踪的那天。误建的填今天，整段就读都不算。"),
    RESTORATION: ("从哪天起在园", "填回来的那天；从没离开过的，填原来办离园、毕业的那天。"),
}
"""What the day of each kind is called, and what is to be written."""


class CaseForm(PlainForm):
    """One request about where a child stands: the fields of its kind."""

    use_required_attribute = False
    reason = forms.ChoiceField(label="原因", widget=forms.RadioSelect)
    words = forms.CharField(
        label="看过哪份证明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="写明名称和出具单位，如“青江市人民医院诊断证明，原件”。上传了佐证的可以不写。加密保存，县里会看到。",
    )  # fmt: skip

    def __init__(
        self, kind: str, book: Codebook, groups: Sequence[Group], today: date, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        entries = [entry for entry in book.entries("case_reason") if entry.code.partition(".")[0] == kind]
        self.fields["reason"].choices = [(entry.code, entry.name) for entry in entries]  # type: ignore[attr-defined]  # a choice field has choices
        asked: dict[str, forms.Field] = {"on": _day(kind, today)}
        if kind == RESTORATION:
            choices = [("", "请选择"), *((str(group.pk), group.name) for group in groups)]
            asked["group"] = forms.ChoiceField(label="回到哪个班", choices=choices)
        self.fields = {"reason": self.fields["reason"], **asked, "words": self.fields["words"]}

    @property
    def on(self) -> date:
        """The day from which it is true; of a deferral, until which."""
        given = self.cleaned_data["on"]
        return given if isinstance(given, date) else date.fromisoformat(given)

    @property
    def group_id(self) -> UUID | None:
        """The class of a restored child, where one was chosen."""
        chosen = self.cleaned_data.get("group")
        return UUID(chosen) if chosen else None


def _day(kind: str, today: date) -> forms.Field:
    """Return the field of the day: a September to choose for a deferral, otherwise a day to type."""
    if kind == DEFERRAL:
        first = today.year if today < date(today.year, 9, 1) else today.year + 1
        years = [(f"{year}-09-01", f"{year} 年 9 月 1 日") for year in (first, first + 1) if year <= today.year + 2]
        return forms.ChoiceField(label="缓到哪年入学", choices=years, widget=forms.RadioSelect)
    label, help_text = DAYS[kind]
    return DayField(label=label, help_text=help_text, initial=today.isoformat())


def start_of(facts: Mapping[str, Any], effective_on: date, words: str) -> dict[str, str]:
    """Return what a form begins with that mends a case."""
    group = facts.get("group")
    return {
        "reason": facts["reason"],
        "on": facts.get("until") or effective_on.isoformat(),
        "words": words,
        "group": str(UUID(hex=group)) if group else "",
    }
