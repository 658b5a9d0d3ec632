"""The sign-in form."""

from typing import Any

from django import forms

from miaoce.web.components.wording import PlainForm


class SignInForm(PlainForm):
    """Account and password; whether they are right is asked by the page."""

    username = forms.CharField(
        label="账号",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def refuse(self, words: str) -> None:
        """Put one sentence over the form that tells neither account nor password apart."""
        self.add_error(None, words)

    def credentials(self) -> dict[str, Any]:
        """Return what authenticate wants."""
        return {"username": self.cleaned_data["username"].strip(), "password": self.cleaned_data["password"]}
