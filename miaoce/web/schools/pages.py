"""小学认领: look the admitted list up, claim what was found, open what was claimed. The list itself is kept nowhere."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.handover import actions, looking, rules
from miaoce.registry.handover.lists import lines_of
from miaoce.registry.handover.looking import Answer
from miaoce.registry.handover.models import Handover
from miaoce.registry.handover.rules import Line
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import reader, storage
from miaoce.registry.intake.reading import limits
from miaoce.registry.intake.rules import FileTooLarge, must_fit
from miaoce.registry.intake.sheets import Reading
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.components.parts import Tab
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say
from miaoce.web.schools.forms import ListForm

PAGE = 50
TONES = {
    rules.FOUND: "ok",
    rules.SEVERAL: "warn",
    rules.NOT_FOUND: "info",
    rules.MINE: "ok",
    rules.ELSEWHERE: "warn",
    rules.UNREADABLE: "fix",
}


def tabs_of(current: str) -> list[Tab]:
    """Return the two sides of the section."""
    sides = (("查名单、认领", "schools"), ("已认领的学生", "school-children"))
    return [Tab(label, reverse(name), name == current) for label, name in sides]


@page(Permission.HANDOVER_CLAIM, act=Permission.HANDOVER_CLAIM)
def look(request: DeskRequest) -> HttpResponse:
    """Take an admitted list and show how each line ended; found ones can be claimed for half an hour."""
    form = ListForm(request.POST if request.method == "POST" else None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        reading = _read(form)
        if reading.refused is not None:
            form.add_error("file" if form.cleaned_data.get("file") else "text", reading.refused.message)
        else:
            rows = [(row.number, row.cells) for sheet in reading.sheets if not sheet.hidden for row in sheet.rows]
            try:
                return _answered(request, lines_of(rows))
            except rules.TooManyLines as refusal:
                form.add_error("text", str(refusal))
    context = {
        "form": form, "tabs": tabs_of("schools"), "hindrance": rules.NEVER_HINDERS, "flashes": heard(request),
        "megabytes": settings.FILE_MEGABYTES,
    }  # fmt: skip
    return render(request, "schools/look.html", context, status=422 if form.errors else 200)


def _read(form: ListForm) -> Reading:
    """Read the file in a process of its own, or the pasted text."""
    file = form.cleaned_data.get("file")
    if not file:
        return reader.read_text(form.cleaned_data["text"], limits=limits())
    try:
        must_fit(size=file.size, megabytes=settings.FILE_MEGABYTES)
    except FileTooLarge:
        return reader.read_text("x" * (limits().file_bytes + 1), limits=limits())
    with storage.in_the_clear(file.read()) as path:
        return reader.read(path, name=file.name, limits=limits())


def _answered(request: DeskRequest, lines: Sequence[Line]) -> HttpResponse:
    """Show how each line ended; every child that was hit is logged as read first."""
    now = timezone.now()
    answers = looking.look_up(actor=request.officer, lines=lines, book=reference.codebook(timezone.localdate(now)))
    hit = [one.child_id for one in answers if one.child_id is not None]
    journal.log_reading(actor=request.officer, at=now, what="school.lookup", child_ids=hit)
    counts = Counter(one.outcome for one in answers)
    context = {
        "rows": [(one, rules.LABELS[one.outcome], TONES[one.outcome], _more(one)) for one in _sorted(answers)],
        "summary": [(label, counts[key]) for key, label in rules.LABELS.items() if counts[key]],
        "found": counts[rules.FOUND], "total": len(answers), "tabs": tabs_of("schools"), "hindrance": rules.NEVER_HINDERS,
        "missing": counts[rules.NOT_FOUND],
    }  # fmt: skip
    return render(request, "schools/found.html", context)


def _sorted(answers: Sequence[Answer]) -> list[Answer]:
    """Return what asks for something first: several alike, unreadable, elsewhere; then found, mine, not found."""
    order = (rules.SEVERAL, rules.UNREADABLE, rules.ELSEWHERE, rules.FOUND, rules.NOT_FOUND, rules.MINE)
    return sorted(answers, key=lambda one: (order.index(one.outcome), one.line.row))


def _more(one: Answer) -> str:
    """Return what a line's outcome means for the school."""
    if one.outcome == rules.SEVERAL:
        return f"有 {one.alike} 名都相符。请补学籍号或证件号后再查。"
    if one.outcome == rules.UNREADABLE:
        return "至少要有姓名，再加学籍号、证件号，或出生日期和监护人。"
    if one.outcome == rules.FOUND:
        return f"按{looking.BY[one.by]}找到"
    if one.outcome == rules.ELSEWHERE:
        return "请与家长核对，或请县里协调。"
    return ""


@page(Permission.HANDOVER_CLAIM, act=Permission.HANDOVER_CLAIM)
@require_POST
def claim(request: DeskRequest) -> HttpResponse:
    """Claim the ticked ones: one call of the domain."""
    chosen = dict(looking.holder_of(one, request.officer) for one in request.POST.getlist("pass"))
    if not chosen:
        say(request, "没有勾选学生，什么也没改。", "info")
        return redirect("schools")
    with journal.process("handover.claim", actor=request.officer, at=timezone.now()) as process:
        done = actions.claim(chosen=chosen, process=process)
    if done.done:
        say(request, f"已认领 {len(done.done)} 名，学籍号不变。")
    for words, count in Counter(str(refusal) for refusal in done.refused.values()).items():
        say(request, f"{count} 名没有认领：{words}", "warn")
    return redirect("school-children")


@page(Permission.HANDOVER_CLAIM)
def children(request: DeskRequest) -> HttpResponse:
    """What the school claimed, the newest first."""
    before = _id(request.GET.get("before", ""))
    found = Handover.objects.visible_to(request.officer).order_by("-id")
    rows = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    shown = rows[:PAGE]
    names = Child.objects.in_bulk([one.child_id for one in shown])
    places = Kindergarten.objects.in_bulk([one.kindergarten_id for one in shown])
    journal.log_reading(
        actor=request.officer, at=timezone.now(), what="school.list", child_ids=[one.child_id for one in shown]
    )
    context = {
        "rows": [(one, names[one.child_id], places[one.kindergarten_id]) for one in shown],
        "tabs": tabs_of("school-children"), "flashes": heard(request),
        "following": f"?before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
    }  # fmt: skip
    return render(request, "schools/children.html", context)


def _id(text: str) -> UUID | None:
    """Return an id of an address, None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def handover_of(request: DeskRequest, handover_id: UUID) -> Handover:
    """Return a handover that the officer's unit is a party to; 404 for foreign and unknown ones."""
    found = Handover.objects.visible_to(request.officer).select_related("school", "kindergarten__office")
    return get_object_or_404(found, pk=handover_id)
