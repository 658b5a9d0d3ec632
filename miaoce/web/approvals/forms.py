"""What the approvals pages take: filters of the list, picked cases with the versions shown, reasons of a return."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import QueryDict

from miaoce.registry.approvals import queries
from miaoce.registry.approvals.states import ReasonMissing
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.components.wording import PlainForm


@dataclass(frozen=True)
class Filters:
    """How the list is narrowed; the same fields stand in its address and in the form of a bulk decision."""

    tab: str = queries.PENDING
    kindergarten: str = ""
    is_all: bool = False

    @classmethod
    def read(cls, data: QueryDict) -> "Filters":
        """Read an address or a form; what is unknown counts as not given."""
        tab = data.get("tab", queries.PENDING)
        return cls(
            tab if tab in queries.TABS else queries.PENDING,
            data.get("kindergarten", "")[:10],
            data.get("all", "") == "1",
        )

    def query(self, **more: str) -> str:
        """Return the address behind "?" of this list, with something changed or added."""
        values = QueryDict(mutable=True)
        fields = {"tab": self.tab, "kindergarten": self.kindergarten, **more}
        for name, value in fields.items():
            if value and (name, value) != ("tab", queries.PENDING):
                values[name] = value
        return f"?{values.urlencode()}" if values else "?"


def picked(values: Iterable[str]) -> dict[UUID, int]:
    """Return the picked cases with the versions that were shown, from fields "id:version"; others are left out."""
    found: dict[UUID, int] = {}
    for value in values:
        case, _, version = value.partition(":")
        try:
            found[UUID(case)] = int(version)
        except ValueError:
            continue
    return found


def identifier(text: str) -> UUID | None:
    """Return an id written in an address, None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


class ReturnForm(PlainForm):
    """Reasons from the dated list and words of the reviewer's own; the registrar reads both as they stand."""

    reasons = forms.MultipleChoiceField(
        label="退回原因",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="可以选几条；原因和下面的说明至少填一样",
    )
    words = forms.CharField(
        label="要改什么",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=500,
        help_text="园里会原样看到。请写清楚哪一项、改成什么样。",
    )

    def __init__(self, book: Codebook, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._need_words = {
            entry.code for entry in book.entries("refusal_reason") if entry.extra.get("needs_text") == "1"
        }
        choices = [(entry.code, entry.name) for entry in book.entries("refusal_reason")]
        self.fields["reasons"].choices = choices  # type: ignore[attr-defined]  # a choice field has choices

    def clean(self) -> None:
        """Ask for a reason or words, and for words where the reason says nothing by itself (APR-06 asks again)."""
        reasons = set(self.cleaned_data.get("reasons", []))
        has_words = bool(self.cleaned_data.get("words", "").strip())
        if not reasons and not has_words:
            self.add_error("reasons", ReasonMissing.message)
        if reasons & self._need_words and not has_words:
            self.add_error("words", "选了“其他原因”，请写明要改什么。")
