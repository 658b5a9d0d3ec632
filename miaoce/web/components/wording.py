"""Forms that speak as ux.md §7 asks: what is missing by its name, not “this field is required”."""

from typing import Any

from django import forms


class PlainForm(forms.Form):
    """A form whose fields say “没填…。” when they are empty, unless they were given words of their own."""

    required_words = "没填{label}。"
    choice_words = "没选{label}。"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            words = self.choice_words if isinstance(field, forms.ChoiceField) else self.required_words
            own = type(self).base_fields[name].error_messages["required"]
            if own == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = words.format(label=field.label or name)
