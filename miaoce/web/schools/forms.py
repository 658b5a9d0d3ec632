"""What the pages of a primary school take: its admitted list, and what is wrong in a record it took over."""

from django import forms

from miaoce.registry.handover.actions import FIELDS
from miaoce.web.components.wording import PlainForm


class ListForm(forms.Form):
    """An admitted list: pasted, or a file; one of the two."""

    text = forms.CharField(
        label="从表格里复制录取名单，粘贴到这里",
        help_text="要有姓名，再加学籍号、证件号，或出生日期和监护人姓名；表头有没有都行",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"class": "paste", "rows": 10, "data-paste": "measured", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    file = forms.FileField(
        label="或者上传名单文件",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xlsm,.xls,.csv,.tsv,.txt,.et"}),
        error_messages={"empty": "文件里一个字也没有，多半是没保存好。"},
    )

    def clean(self) -> None:
        """Ask for one of the two."""
        if not self.errors and not self.cleaned_data.get("file") and not (self.cleaned_data.get("text") or "").strip():
            self.add_error("text", "还没有名单。请粘贴，或选一个文件。")


class SendBackForm(PlainForm):
    """What is wrong and what is right."""

    column = forms.ChoiceField(label="不对的是哪一项", choices=list(FIELDS.items()))
    wanted = forms.CharField(label="正确的内容", max_length=200, help_text="照户口簿或证件写")
    words = forms.CharField(label="说明", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class AnswerForm(PlainForm):
    """How the kindergarten answers."""

    verb = forms.ChoiceField(
        label="怎么处理", choices=[("correct", "已照着更正"), ("decline", "不更正，说明原因")], widget=forms.RadioSelect
    )
    words = forms.CharField(
        label="说明",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="小学会原样看到；不更正时必填",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> None:
        """Ask for words where nothing is corrected."""
        if self.cleaned_data.get("verb") == "decline" and not self.cleaned_data.get("words", "").strip():
            self.add_error("words", "没填说明。不更正要告诉小学为什么。")
