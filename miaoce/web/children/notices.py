"""What guardians of a child were told and agreed to: the page, and the one form behind each of its buttons."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.children import notices as telling
from miaoce.registry.children import queries
from miaoce.registry.children.models import Child, NoticeText
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.children import record
from miaoce.web.children.pages import crumbs_of, visible_child
from miaoce.web.permissions import DeskRequest, page


@page(Permission.CHILD_VIEW, act=Permission.CHILD_CONSENT)
def notices(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """Each guardian and each text: what was recorded, and the buttons to record it."""
    child, now = visible_child(request, child_id), timezone.now()
    if request.method == "POST":
        _record(request, child)
        return redirect("child-notices", child_id=child.pk)
    today = timezone.localdate(now)
    journal.log_reading(actor=request.officer, at=now, what="child.notices", child_ids=[child.pk])
    opened = queries.record_of(child, viewer=queries.viewer_of(request.officer))
    standings = telling.standings(child.pk, guardian_ids=[g.id for g in opened.guardians], on=today)
    return render(
        request,
        "children/notices.html",
        {
            "child": child,
            "crumbs": crumbs_of(child, "告知与同意"),
            "family": record.family(opened, reference.codebook(today), request.officer, standings),
            "texts": telling.texts_of(today),
            "answers": telling.ANSWERS,
            "channels": telling.CHANNELS,
        },
    )


def _record(request: DeskRequest, child: Child) -> None:
    """Record one answer of one guardian: one call of the domain."""
    form = request.POST
    answer, channel = form.get("answer", ""), form.get("channel", "")
    with journal.process("notice.record", actor=request.officer, at=timezone.now()) as process:
        guardian_id = _guardian_id(form.get("guardian", ""))
        if answer == telling.WITHDRAWN:
            telling.withdraw(
                child=child, guardian_id=guardian_id, kind=form.get("kind", ""), channel=channel, process=process
            )
            return
        text = get_object_or_404(NoticeText, pk=form.get("text") if _is_id(form.get("text", "")) else None)
        if answer == telling.SERVED:
            telling.serve(child=child, guardian_id=guardian_id, text=text, channel=channel, process=process)
        else:
            telling.consent(
                child=child,
                guardian_id=guardian_id,
                text=text,
                is_given=answer == telling.GIVEN,
                channel=channel,
                process=process,
            )


def _is_id(text: str) -> bool:
    """Say whether a text is an id."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _guardian_id(text: str) -> UUID:
    """Return a guardian's id; CHD-12 for what is none."""
    if not _is_id(text):
        raise telling.NotAGuardian
    return UUID(text)
