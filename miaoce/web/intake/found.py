"""What every page of the section looks up first: the officer's batch, its row, its kindergarten, the book of the day."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.access.permissions import Permission
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import showing
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.review import RowView
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from miaoce.registry.reference.codebook import Codebook
from miaoce.web.permissions import DeskRequest


def batch_of(request: DeskRequest, batch_id: UUID) -> Batch:
    """Return a batch of the officer's kindergarten; 404 for every other, whether it exists or not."""
    return get_object_or_404(Batch.objects.visible_to(request.officer).select_related("kindergarten"), pk=batch_id)


def readable(request: DeskRequest, batch_id: UUID) -> Batch:
    """Return a batch whose rows can still be read; 404 for one that was erased."""
    batch = batch_of(request, batch_id)
    if batch.layout.get("erased"):
        raise Http404
    return batch


def row_of(batch: Batch, position: int) -> Row:
    """Return a row of a batch by its position."""
    return get_object_or_404(Row, batch=batch, position=position)


def own_kindergarten(officer: Officer) -> Kindergarten:
    """Return the kindergarten that the officer works at; 404 for offices."""
    if not officer.is_kindergarten:
        raise Http404
    return get_object_or_404(Kindergarten, pk=officer.unit_id)


def today_s_book() -> Codebook:
    """Return the code book of the day."""
    return reference.codebook(timezone.localdate())


def log(request: DeskRequest, what: str, child_ids: list[UUID], *, reason: str = "") -> None:
    """Write into the read log what the officer is about to be shown."""
    if child_ids:
        journal.log_reading(actor=request.officer, at=timezone.now(), what=what, child_ids=child_ids, reason=reason)


def log_views(request: DeskRequest, views: Sequence[RowView]) -> None:
    """Write into the read log that these rows are about to be shown, and each sealed field that stands open among them."""
    opened = showing.opened_by_problems(views) if request.officer.may(Permission.INTAKE_EDIT) else []
    log_page(request, "intake.review", [view.becomes_id for view in views], opened)


def log_page(request: DeskRequest, what: str, child_ids: list[UUID], opened: Sequence[showing.Opened]) -> None:
    """Write into the read log a page and the sealed fields that stand open on it, in one commit."""
    if child_ids:
        shown = [journal.Shown(what, child_ids), *showing.showings(opened)]
        journal.log_readings(shown, actor=request.officer, at=timezone.now())


def wants_part(request: DeskRequest) -> bool:
    """Say whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def given(request: DeskRequest) -> tuple[Any, Any]:
    """Return what a form is made of: the fields and files that were sent, or nothing when the form is only shown."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
