"""What the pages of the section ask: a group with its size and norm, a day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from miaoce.registry.institutions.models import Group
from miaoce.web.components.days import DayField
from miaoce.web.components.wording import PlainForm


def group_words(group: Group, size: int, more: int = 0) -> str:
    """Return a group with its size and norm, and what both would be with more children."""
    now = f"{group.name}：现有 {size} 名，班额 {group.size_norm} 名"
    if not more:
        return now
    over = size + more - group.size_norm
    return f"{now}；加上这 {more} 名是 {size + more} 名{f'，超出 {over} 名' if over > 0 else ''}"


class GroupForm(PlainForm):
    """A group of the kindergarten and the day from which the child is in it. `more` is how many come by group."""

    group = forms.ChoiceField(
        label="调到哪个班",
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "这个班不在本园今年的班里。请重新选班。"},
    )
    on = DayField(label="从哪天起", help_text="可以填今天以前的日子，按实际调班的那天填。")

    def __init__(
        self, groups: Sequence[Group], sizes: Mapping[UUID, int], more: Mapping[UUID, int], on: date, *args: Any
    ) -> None:
        super().__init__(*args)
        self._groups = {str(group.pk): group for group in groups}
        self.fields["group"].choices = [  # type: ignore[attr-defined]  # a choice field has choices
            (str(group.pk), group_words(group, sizes.get(group.pk, 0), more.get(group.pk, 0))) for group in groups
        ]
        self.fields["on"].initial = on.isoformat()

    @property
    def chosen(self) -> Group:
        """The group that was chosen."""
        return self._groups[self.cleaned_data["group"]]
