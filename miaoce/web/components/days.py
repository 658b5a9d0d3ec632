"""A day that people type: a text field, so that a wrong one stays to be mended, read in every way people write dates."""

from typing import Any

from django import forms

from miaoce.registry.intake.dates import OK, read_date

LONGEST = 30


class DayField(forms.Field):
    """A day as text."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "2026-09-01", "maxlength": LONGEST})

    def to_python(self, value: Any) -> Any:
        """Return the day that was meant; a year with two digits belongs to this century."""
        text = str(value or "").strip()
        if not text:
            return None
        read = read_date(text[:LONGEST])
        if read.outcome != OK:
            raise forms.ValidationError(f"没看懂“{text}”是哪一天。请写成 2026-09-01。")
        return read.day
