"""What the pages of the section ask: a group with its size and norm, a day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from miaoce.registry.enrolments.leaving import UNKNOWN
from miaoce.registry.institutions.models import Group
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.components.days import DayField
from miaoce.web.components.wording import PlainForm


def group_words(group: Group, size: int, more: int = 0) -> str:
    """Return a group with its size and norm, and what both would be with more children."""
    now = f"{group.name}：现有 {size} 名，班额 {group.size_norm} 名"
    if not more:
        return now
    over = size + more - group.size_norm
    return f"{now}；加上这 {more} 名是 {size + more} 名{f'，超出 {over} 名' if over > 0 else ''}"


NO_GROUP = {"invalid_choice": "这个班不在本园今年的班里。请重新选班。"}


class GroupForm(PlainForm):
    """A group of the kindergarten and the day from which the child is in it. `more` is how many come by group."""

    group = forms.ChoiceField(label="调到哪个班", widget=forms.RadioSelect, error_messages=NO_GROUP)
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


WORDS = 200


def _choices(form: forms.Form, field: str, list_name: str, book: Codebook) -> None:
    """Give a field the codes of a list."""
    form.fields[field].choices = [  # type: ignore[attr-defined]  # a choice field has choices
        (entry.code, entry.name) for entry in book.entries(list_name)
    ]


class LeaveForm(PlainForm):
    """Why children leave, whereto, and from which day they are not there any more."""

    on = DayField(label="离园日期", help_text="从这一天起不再算在园。可以填今天以前的日子。")
    reason = forms.ChoiceField(label="离园原因", widget=forms.RadioSelect)
    destination = forms.ChoiceField(
        label="去向",
        widget=forms.RadioSelect,
        help_text="选“还不清楚”的，会留在待办里，问清楚以后补填；县里也看得到。",
    )
    words = forms.CharField(
        label="补充说明",
        required=False,
        max_length=WORDS,
        help_text="选“其他”时要写明；加密保存，只有本园和县里看得到。",
    )

    def __init__(self, book: Codebook, on: date, *args: Any) -> None:
        super().__init__(*args)
        self.fields["on"].initial = on.isoformat()
        _choices(self, "reason", "leave_reason", book)
        _choices(self, "destination", "destination", book)

    def clean(self) -> None:
        """Ask for words where 其他 was chosen."""
        given = self.cleaned_data
        if "other" in {given.get("reason"), given.get("destination")} and not given.get("words", "").strip():
            self.add_error("words", "选了“其他”，请写明。")


class WheretoForm(PlainForm):
    """Whereto a child went, now that it is known."""

    destination = forms.ChoiceField(label="去向")
    words = forms.CharField(label="补充说明", required=False, max_length=WORDS)

    def __init__(self, book: Codebook, *args: Any) -> None:
        super().__init__(*args)
        _choices(self, "destination", "destination", book)

    def clean(self) -> None:
        """Ask for a place, and for words where 其他 was chosen."""
        given = self.cleaned_data
        if given.get("destination") == UNKNOWN:
            self.add_error("destination", "去向还是“还不清楚”，没有改动。问清楚以后再来填。")
        if given.get("destination") == "other" and not given.get("words", "").strip():
            self.add_error("words", "选了“其他”，请写明。")


class ReturnForm(GroupForm):
    """The group and the day of a return."""

    group = forms.ChoiceField(label="到哪个班", widget=forms.RadioSelect, error_messages=NO_GROUP)
    on = DayField(label="从哪天起", help_text="可以填今天以前的日子，按实际回园的那天填。")


class TakeInForm(ReturnForm):
    """What a guardian told of a child that left another kindergarten: the number, and its name or birth date."""

    field_order = ("number", "name", "born_on", "group", "on")
    number = forms.CharField(
        label="学籍号", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="G、L 或 J 开头的 19 位，在学籍卡上。",
    )  # fmt: skip
    name = forms.CharField(
        label="姓名", required=False, max_length=50, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    born_on = DayField(label="出生日期", required=False, help_text="姓名和出生日期填一样就行。")

    def clean(self) -> None:
        """Ask for one of name and birth date."""
        given = self.cleaned_data
        if not given.get("name", "").strip() and given.get("born_on") is None and "born_on" not in self.errors:
            self.add_error("name", "姓名和出生日期至少填一样。")


class GraduateForm(PlainForm):
    """The day of graduation; at least one child is ticked."""

    on = DayField(label="毕业日期", help_text="从这一天起不再算在园。通常是 7 月底。")

    def __init__(self, on: date, is_any_ticked: bool, *args: Any) -> None:
        super().__init__(*args)
        self._is_any_ticked = is_any_ticked
        self.fields["on"].initial = on.isoformat()

    def clean(self) -> None:
        """Ask for a child."""
        if not self._is_any_ticked:
            self.add_error(None, "还没有选幼儿。请先勾选，再办毕业。")
