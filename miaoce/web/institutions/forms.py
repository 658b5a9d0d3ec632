"""What the pages of kindergartens take: a new name, a licence, and where each group of a place that ends goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django import forms
from django.http import QueryDict

from miaoce.registry.institutions.models import Group
from miaoce.web.components.wording import PlainForm

DAY = {"invalid": "日期写成 2026-09-01 这样。"}


def day_field(label: str, help_text: str = "", *, required: bool = True) -> forms.DateField:
    """Return a field for a day that people type: what is wrong stays to be mended."""
    widget = forms.TextInput(attrs={"placeholder": "2026-09-01", "inputmode": "numeric", "autocomplete": "off"})
    return forms.DateField(label=label, help_text=help_text, widget=widget, required=required, error_messages=DAY)


class RenameForm(PlainForm):
    """A new name from a day on."""

    name = forms.CharField(label="新名称", max_length=80, help_text="与办学许可证一致；10 位标识码不变")
    on = day_field("从哪天起")


class LicenceForm(PlainForm):
    """A new licence from a day on."""

    number = forms.CharField(label="许可证编号", max_length=40)
    licence_from = day_field("有效期从")
    licence_to = day_field("有效期到", "长期有效的可以不填", required=False)
    on = day_field("从哪天起生效")


class UnlicenceForm(PlainForm):
    """The licence is withdrawn from a day on."""

    on = day_field("从哪天起收回", "从这天起不能再提交幼儿；在园幼儿另行安置")


ENDINGS = {"close": "停办", "merge": "并入其他幼儿园", "split": "把部分班级分出去"}


class EndingForm(PlainForm):
    """How a kindergarten ends, from which day, and by group where its children go on (field `to-GROUP`)."""

    kind = forms.ChoiceField(label="办哪一项", choices=list(ENDINGS.items()), widget=forms.RadioSelect)
    on = day_field("从哪天起", "幼儿从这天起算在接收的班级里")


@dataclass(frozen=True)
class Home:
    """A group of the place that ends: its children, and the choice made for it ("" the county's list, "stay" none)."""

    group: Group
    count: int
    chosen: str


def homes_from(data: QueryDict, groups: Sequence[Group], sizes: Mapping[UUID, int]) -> list[Home]:
    """Return each group with what was chosen for it."""
    return [Home(group, sizes.get(group.pk, 0), data.get(f"to-{group.pk}", "")) for group in groups]


def mapping_of(homes: Sequence[Home]) -> dict[UUID, UUID | None] | None:
    """Return groups to groups, None for the county's list; groups that stay are left out. None when a choice is no id."""
    found: dict[UUID, UUID | None] = {}
    for home in homes:
        if home.chosen == "stay":
            continue
        try:
            found[home.group.pk] = UUID(home.chosen) if home.chosen else None
        except ValueError:
            return None
    return found


def day_from(text: str, default: date) -> date:
    """Return the day that an address names, the default for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default
