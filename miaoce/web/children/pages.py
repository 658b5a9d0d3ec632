"""The page of one child, and who looked at it."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children import notices, queries
from miaoce.registry.children.following import kept_of
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.queries import stays_of
from miaoce.registry.identity.checks import standing_of
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.web.children import record, words
from miaoce.web.children.acts import acts_of
from miaoce.web.children.filters import cursor
from miaoce.web.components.parts import Crumb
from miaoce.web.permissions import DeskRequest, page
from miaoce.web.said import heard, say

LOOKS_HERE, LOOKS_A_PAGE = 8, 50
STORY_HERE, STORY_A_PAGE = 30, 50


def visible_child(request: DeskRequest, child_id: UUID) -> Child:
    """Return a child that the officer may see; 404 for every other id, foreign or unknown."""
    return get_object_or_404(
        Child.objects.visible_to(request.officer).select_related("kindergarten", "office"), pk=child_id
    )


def crumbs_of(child: Child, here: str = "") -> list[Crumb]:
    """Return the path to a child, or to a page below it."""
    steps = [Crumb("幼儿", "/children/")]
    return [*steps, Crumb(child.name, f"/children/{child.pk}/"), Crumb(here)] if here else [*steps, Crumb(child.name)]


@page(Permission.CHILD_VIEW)
def child(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """One child: record, guardians, stays, what happened, who looked. The number and documents are masked."""
    officer, now = request.officer, timezone.now()
    today = timezone.localdate(now)
    if (led := _led_on(request, child_id)) is not None:
        return led
    shown = visible_child(request, child_id)
    journal.log_reading(actor=officer, at=now, what="child.page", child_ids=[shown.pk])
    book = reference.codebook(today)
    opened = queries.record_of(shown, viewer=queries.viewer_of(officer))
    case = Proposal.objects.visible_to(officer).filter(child_id=shown.pk).first()
    standings = notices.standings(shown.pk, guardian_ids=[g.id for g in opened.guardians], on=today)
    looks = queries.looks_at(shown.pk, limit=LOOKS_HERE + 1)
    happened, earlier = queries.story_of(shown.pk, verbs=words.HAPPENED, limit=STORY_HERE)
    return render(
        request,
        "children/child.html",
        {
            "child": shown,
            "today": today,
            "crumbs": crumbs_of(shown),
            "number": opened.number,
            "basic": record.basic(shown, opened, book, officer, today),
            "checked": standing_of(shown),
            "family": record.family(opened, book, officer, standings),
            "stays": record.stays(stays_of(shown.pk), book),
            "story": words.told(happened, book, today=today),
            "earlier": earlier,
            "looks": words.looked(looks[:LOOKS_HERE]),
            "has_more_looks": len(looks) > LOOKS_HERE,
            "clock": record.clock_of(case, today),
            "returned": words.returned_words(case.return_reasons, case.return_words, book)
            if case is not None and case.state == states.RETURNED
            else "",
            "step": record.next_step(shown, case, officer),
            "reasons": book.entries("reveal_reason"),
            "answers": notices.ANSWERS,
            "can_reveal": officer.may(Permission.CHILD_REVEAL),
            "acts": acts_of(shown, officer),
            "flashes": heard(request),
        },
    )


@page(Permission.CHILD_VIEW)
def story(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """Everything that happened to a child, fifty events a page; `?before=` goes on behind an event."""
    now, shown = timezone.now(), visible_child(request, child_id)
    journal.log_reading(actor=request.officer, at=now, what="child.story", child_ids=[shown.pk])
    before = cursor(request.GET, "before")
    happened, earlier = queries.story_of(shown.pk, verbs=words.HAPPENED, limit=STORY_A_PAGE, before=before)
    today = timezone.localdate(now)
    return render(
        request,
        "children/story.html",
        {
            "child": shown,
            "crumbs": crumbs_of(shown, "变动时间线"),
            "story": words.told(happened, reference.codebook(today), today=today),
            "following": f"?before={earlier}" if earlier else "",
        },
    )


def _led_on(request: DeskRequest, child_id: UUID) -> HttpResponse | None:
    """Lead from a record that was merged to the one that was kept, with words; say so where that one is another unit's."""
    kept = kept_of([child_id])[child_id]
    if kept == child_id:
        return None
    if Child.objects.visible_to(request.officer).filter(pk=kept).exists():
        say(request, "这条学籍已合并。下面是保留的一条，旧学籍号也指向它。", "info")
        return redirect("child", child_id=kept)
    gone = get_object_or_404(Child, pk=child_id)
    if request.officer.unit_id not in {gone.kindergarten_id, gone.office_id}:
        raise Http404
    journal.log_reading(actor=request.officer, at=timezone.now(), what="child.page", child_ids=[child_id])
    place = Child.objects.select_related("kindergarten").get(pk=kept).kindergarten.name
    return render(request, "children/merged.html", {"child": gone, "crumbs": crumbs_of(gone), "place": place})


@page(Permission.CHILD_VIEW)
def looks(request: DeskRequest, child_id: UUID) -> HttpResponse:
    """Everybody who was shown something of a child, fifty a page."""
    shown = visible_child(request, child_id)
    found = queries.looks_at(shown.pk, limit=LOOKS_A_PAGE + 1, before=cursor(request.GET, "before"))
    journal.log_reading(actor=request.officer, at=timezone.now(), what="child.looks", child_ids=[shown.pk])
    following = f"?before={found[LOOKS_A_PAGE - 1].id}" if len(found) > LOOKS_A_PAGE else ""
    return render(
        request,
        "children/looks.html",
        {
            "child": shown,
            "crumbs": crumbs_of(shown, "谁看过"),
            "looks": words.looked(found[:LOOKS_A_PAGE]),
            "following": following,
        },
    )
