"""A claimed record at its school, read-only; its signed package; corrections that go back, and the kindergarten's answers."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import queries as children
from miaoce.registry.children.models import Child
from miaoce.registry.handover import actions, packages, queries, states
from miaoce.registry.handover.models import SentBack
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault.masking import Viewer
from miaoce.web.components.formats import table_day
from miaoce.web.components.parts import Crumb, KeyValue
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say
from miaoce.web.schools.forms import AnswerForm, SendBackForm
from miaoce.web.schools.pages import handover_of

MOST = 200


@page(Permission.HANDOVER_CLAIM)
def student(request: DeskRequest, handover_id: UUID) -> HttpResponse:
    """The record as the school took it over; numbers and documents masked, in full in the signed package."""
    handover = handover_of(request, handover_id)
    child = Child.objects.get(pk=handover.child_id)
    journal.log_reading(actor=request.officer, at=timezone.now(), what="school.record", child_ids=[child.pk])
    opened = children.record_of(child, viewer=Viewer.COUNTY)
    book = reference.codebook(timezone.localdate())
    context = {
        "handover": handover,
        "child": child,
        "crumbs": [Crumb("已认领的学生", reverse("school-children")), Crumb(child.name)],
        "facts": [
            KeyValue("学籍号", opened.number),
            KeyValue("性别", book.name("sex", child.sex)),
            KeyValue("出生日期", table_day(child.born_on)),
            KeyValue("证件号", opened.document),
            KeyValue("民族", book.name("ethnicity", child.ethnicity) if child.ethnicity else ""),
            KeyValue("来自", handover.kindergarten.name),
            KeyValue("认领时间", f"{timezone.localtime(handover.claimed_at):%Y-%m-%d %H:%M}"),
        ],
        "back": _lines(SentBack.objects.visible_to(request.officer).filter(child_id=child.pk).order_by("-id")[:MOST]),
        "flashes": heard(request),
    }
    return render(request, "schools/record.html", context)


@page(Permission.HANDOVER_CLAIM, act=Permission.HANDOVER_CLAIM)
@require_POST
def package(request: DeskRequest, handover_id: UUID) -> HttpResponse:
    """Give the signed package of a claimed child as a file; the reading is logged first."""
    handover, now = handover_of(request, handover_id), timezone.now()
    journal.log_reading(actor=request.officer, at=now, what="school.package", child_ids=[handover.child_id])
    with journal.process("package.make", actor=request.officer, at=now) as process:
        data = packages.package_of(handover=handover, process=process)
    answer = HttpResponse(data, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{handover.pk}.json"'
    return answer


@page(Permission.HANDOVER_CLAIM, act=Permission.HANDOVER_CLAIM)
def send_back(request: DeskRequest, handover_id: UUID) -> HttpResponse:
    """Say what is wrong in a claimed record; the kindergarten it came from gets a to-do."""
    handover = handover_of(request, handover_id)
    form = SendBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with journal.process("handover.send_back", actor=request.officer, at=timezone.now()) as process:
            actions.send_back(handover=handover, process=process, **form.cleaned_data)
        say(request, f"已发给{handover.kindergarten.name}，处理完这里会看到。")
        return redirect("school-record", handover_id=handover.pk)
    child = Child.objects.get(pk=handover.child_id)
    journal.log_reading(actor=request.officer, at=timezone.now(), what="school.record", child_ids=[child.pk])
    above = Crumb(child.name, reverse("school-record", args=[handover.pk]))
    crumbs = [Crumb("已认领的学生", reverse("school-children")), above, Crumb("发回更正")]
    context = {"form": form, "child": child, "handover": handover, "crumbs": crumbs}
    return render(request, "schools/send_back.html", context, status=422 if form.errors else 200)


@page(Permission.CHILD_CORRECT)
def sent_back(request: DeskRequest) -> HttpResponse:
    """What schools sent back to the kindergarten: open ones first."""
    found = SentBack.objects.visible_to(request.officer).select_related("school")
    lines = list(found.filter(state=states.OPEN).order_by("sent_at")[:MOST])
    lines += found.exclude(state=states.OPEN).order_by("-answered_at")[:20]
    names = Child.objects.in_bulk([one.child_id for one in lines])
    journal.log_reading(
        actor=request.officer, at=timezone.now(), what="child.list", child_ids=list({one.child_id for one in lines})
    )
    context = {
        "rows": [(one, names[one.child_id], actions.FIELDS[one.field], states.LABELS[one.state]) for one in lines],
        "flashes": heard(request),
    }
    return render(request, "schools/sent_back.html", context)


@page(Permission.CHILD_CORRECT, act=Permission.CHILD_CORRECT)
def answer(request: DeskRequest, sent_back_id: UUID) -> HttpResponse:
    """Read one correction and answer it."""
    one = get_object_or_404(SentBack.objects.visible_to(request.officer).select_related("school"), pk=sent_back_id)
    form = AnswerForm(request.POST if request.method == "POST" else None, initial={"version": one.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with journal.process("handover.answer", actor=request.officer, at=timezone.now()) as process:
            actions.answer(one=one, verb=given["verb"], version=given["version"], words=given["words"], process=process)
        say(request, "已答复小学。")
        return redirect("sent-back")
    child = Child.objects.get(pk=one.child_id)
    journal.log_reading(actor=request.officer, at=timezone.now(), what="school.sent_back", child_ids=[child.pk])
    (line,) = _lines([one])
    crumbs = [Crumb("小学发回的更正", reverse("sent-back")), Crumb(child.name)]
    context = {
        "one": one,
        "line": line,
        "child": child,
        "form": form,
        "crumbs": crumbs,
        "is_open": one.state == states.OPEN,
    }
    return render(request, "schools/answer.html", context, status=422 if form.errors else 200)


def _lines(found: Iterable[SentBack]) -> list[dict[str, str]]:
    """Return corrections as the pages show them."""
    return [
        {
            "column": actions.FIELDS[texts.one.field], "wanted": texts.wanted, "words": texts.words, "answer": texts.answer,
            "state": states.LABELS[texts.one.state], "on": table_day(timezone.localdate(texts.one.sent_at)),
        }
        for texts in queries.opened(found)
    ]  # fmt: skip
