"""登记: the ways in (a file, a paste, one child), and the page that explains the columns."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.intake import actions, queries, registered, rolls, rules
from miaoce.registry.intake.fields import FIELDS
from miaoce.registry.intake.models import Batch
from miaoce.registry.intake.places import place_of
from miaoce.registry.intake.problems import words_of
from miaoce.registry.intake.registered import Asked
from miaoce.registry.journal import actions as journal
from miaoce.web.components.parts import Tab
from miaoce.web.intake.forms import TYPED, ChildForm, PasteForm, UploadForm
from miaoce.web.intake.found import given, own_kindergarten, today_s_book
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say

WAYS = (("上传文件", "intake"), ("粘贴", "intake-paste"), ("逐个登记", "intake-form"))


def ways(current: str) -> list[Tab]:
    """Return the tabs of the ways in."""
    return [Tab(label, reverse(name), name == current) for label, name in WAYS]


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def upload(request: DeskRequest) -> HttpResponse:
    """Take a file in; small ones are read at once."""
    form = UploadForm(*given(request))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rules.must_fit(size=file.size, megabytes=settings.FILE_MEGABYTES)
            return _begin(request, actions.UPLOAD, file.name, file.read())
        except (rules.FileTooLarge, rules.NothingGiven) as refusal:
            form.add_error("file", str(refusal))
    return _ask(request, "intake/upload.html", "intake", form)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def paste(request: DeskRequest) -> HttpResponse:
    """Take a pasted text in."""
    form = PasteForm(*given(request)[:1])
    if request.method == "POST" and form.is_valid():
        name = f"粘贴的内容 {timezone.localtime():%m-%d %H:%M}"
        try:
            return _begin(request, actions.PASTE, name, form.cleaned_data["text"].encode("utf-8", "surrogatepass"))
        except (rules.FileTooLarge, rules.NothingGiven) as refusal:
            form.add_error("text", str(refusal))
    return _ask(request, "intake/paste.html", "intake-paste", form)


def _ask(request: DeskRequest, template: str, current: str, form: UploadForm | PasteForm) -> HttpResponse:
    """Show a way in, with the batches that are still open."""
    lines = queries.batches_of(request.officer, on=timezone.localdate(), limit=8)
    context = {
        "form": form, "ways": ways(current), "lines": lines, "megabytes": settings.FILE_MEGABYTES,
        "flashes": heard(request),
    }  # fmt: skip
    return render(request, template, context, status=422 if form.errors else 200)


def _begin(request: DeskRequest, source: str, name: str, data: bytes) -> HttpResponse:
    """Keep the bytes, read them at once when they are few, and go to the batch."""
    kindergarten, now = own_kindergarten(request.officer), timezone.now()
    with journal.process("intake.receive", actor=request.officer, at=now) as process:
        batch = actions.receive(kindergarten=kindergarten, source=source, file_name=name, data=data, process=process)
    if batch.created_at < now:
        say(request, "这份名单已经传过了，接着处理就行，不会登记两次。", "info")
    return started(request, batch)


def started(request: DeskRequest, batch: Batch) -> HttpResponse:
    """Read a small batch at once and go to it; a large one is left to the worker."""
    if batch.size <= rules.AT_ONCE_BYTES:
        actions.read_batch(batch_id=batch.pk, actor=request.officer, at=timezone.now())
    return redirect("intake-batch", batch_id=batch.pk)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
def single(request: DeskRequest) -> HttpResponse:
    """Register one child by typing at most eleven fields. Only the kind of document and the country stand there before."""
    kindergarten, today = own_kindergarten(request.officer), timezone.localdate()
    place, book = place_of(kindergarten, on=today), today_s_book()
    start = {"id_type": book.name("document", "resident_id"), "nationality": book.name("country", "CHN")}
    form = ChildForm(*given(request)[:1], place=place, book=book, initial=start)
    if request.method == "POST" and form.is_valid():
        values = {key: text for key, text in form.cleaned_data.items() if text}
        checked = rolls.check_row(values, place=place, codebook=book)
        for finding in checked.findings:
            if not finding.remark:
                form.add_error(finding.field if finding.field in form.fields else None, finding.message)
        if not form.errors:
            with journal.process("intake.receive", actor=request.officer, at=timezone.now()) as process:
                batch = actions.receive_rows(
                    kindergarten=kindergarten, source=actions.FORM, rows=[values], name="逐个登记", process=process
                )
            return started(request, batch)
    context = {"form": form, "ways": ways("intake-form"), "flashes": heard(request)}
    return render(request, "intake/single.html", context, status=422 if form.errors else 200)


@page(Permission.INTAKE_VIEW, act=Permission.INTAKE_EDIT)
@require_POST
def lookup(request: DeskRequest) -> HttpResponse:
    """Say what follows from the ID number typed so far, and whom the register knows by it. Writes nothing.

    Sex and birth date come along only where they follow from the number or no longer do: what is being typed stays.
    """
    kindergarten = own_kindergarten(request.officer)
    place, book = place_of(kindergarten, on=timezone.localdate()), today_s_book()
    texts = {key: request.POST.get(key, "") for key in TYPED if request.POST.get(key)}
    given = {key: text for key, text in texts.items() if key in ("id_type", "id_number", "name")}
    checked = rolls.check_row(given, place=place, codebook=book)
    known = {key: words_of(key, checked.values.get(key, ""), book) for key in ("birth_date", "sex")}
    number = [f for f in checked.findings if f.field == "id_number" and not f.remark and given.get("id_number")]
    answer = registered.ask([Asked(checked.values)], kindergarten_id=kindergarten.pk)[0]
    form = ChildForm(
        place=place, book=book, keys=("sex", "birth_date"),
        initial={key: known[key] or texts.get(key, "") for key in known},
    )  # fmt: skip
    derived = bool(checked.values.get("id_number") and all(known.values()))
    if derived:
        for key in known:
            form.fields[key].widget.attrs["readonly"] = True
            form.fields[key].help_text = "由证件号得出"
    context = {
        "form": form, "number": number, "findings": answer.findings, "derived": derived,
        "was_derived": bool(request.POST.get("derived")),
    }  # fmt: skip
    return render(request, "intake/_looked_up.html", context)


@page(Permission.INTAKE_VIEW)
def help_page(request: DeskRequest) -> HttpResponse:
    """Explain every column, from the same registry as parser and template."""
    return render(request, "intake/help.html", {"fields": FIELDS})
