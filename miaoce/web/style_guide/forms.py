"""One form with every kind of field, for the style guide."""

from django import forms

from miaoce.web.components.wording import PlainForm


class SampleForm(PlainForm):
    """A child's record in short; refuses what the samples get wrong."""

    name = forms.CharField(label="幼儿姓名", help_text="与户口簿一致，可以有间隔号“·”", max_length=50)
    id_number = forms.CharField(label="身份证号", help_text="18 位", required=False)
    born_on = forms.DateField(
        label="出生日期",
        widget=forms.TextInput(attrs={"placeholder": "2023-02-03"}),  # text: what was typed wrong stays to be mended
        error_messages={"invalid": "2 月没有 30 日。请对照户口簿改。", "required": "没填出生日期。请对照户口簿补上。"},
    )
    class_name = forms.ChoiceField(label="班级", choices=[("小一班", "小一班"), ("小二班", "小二班")])
    sex = forms.ChoiceField(label="性别", choices=[("1", "男"), ("2", "女")], widget=forms.RadioSelect)
    remark = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    promise = forms.BooleanField(
        label="监护人已看过告知书并同意", error_messages={"required": "没有勾选同意。请先请监护人看告知书。"}
    )

    def clean_id_number(self) -> str:
        """Refuse a number that is short."""
        number: str = self.cleaned_data["id_number"]
        if number and len(number) != 18:
            raise forms.ValidationError(
                f"身份证号只有 {len(number)} 位，少了 {18 - len(number)} 位。请对照户口簿补上。"
            )
        return number
