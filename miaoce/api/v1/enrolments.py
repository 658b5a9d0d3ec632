"""Changes of stays: group, leaving, return, graduation. Children are named with the versions that were read."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404
from ninja import Router, Schema
from pydantic import Field

from miaoce.api.keys import ApiRequest, own_kindergarten
from miaoce.api.operations import process, writes
from miaoce.api.problems import facts_of
from miaoce.api.v1.schemas import Day, Given
from miaoce.registry.access.permissions import Permission
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import moving, rules
from miaoce.registry.enrolments.steps import Outcome
from miaoce.registry.institutions.models import Group
from miaoce.registry.journal.models import Process

router = Router(tags=["enrolments"])
_P = Permission
Id = Annotated[UUID, Field(strict=False)]


class ChildIn(Given):
    """A child in the version that was read (`version` of the child)."""

    id: Id
    version: Annotated[int, Field(ge=1, le=1_000_000_000)]


Children = Annotated[list[ChildIn], Field(min_length=1, max_length=rules.AT_ONCE)]


class RegroupIn(Given):
    """Which children, into which group (`groups` of /kindergarten), from which day on (not after today)."""

    children: Children
    group: Id
    on: Day


class Changed(Schema):
    """A child that was changed, and its version now."""

    id: UUID
    version: int


class NotChanged(Schema):
    """A child that was left as it is, and why."""

    id: UUID
    code: str
    detail: str
    facts: Mapping[str, Any]


class ChangedOut(Schema):
    """What was done. `process` names it in the audit."""

    process: UUID
    done: Sequence[Changed]
    not_done: Sequence[NotChanged]


@writes(
    router, "/enrolments/regroup", _P.ENROLMENT_CHANGE, name="children_regroup", summary="调班", answer=ChangedOut, key=True
)  # fmt: skip
def regroup(request: ApiRequest, given: RegroupIn) -> ChangedOut:
    """把在园幼儿调到本园另一个班。办不了的逐名说明，其余照办。班额只提示，不拦。"""
    here = Group.objects.select_related("school_year").filter(kindergarten=own_kindergarten(request.officer))
    group = here.filter(pk=given.group).first()
    if group is None:
        raise Http404
    with process(request, "child.regroup") as doing:
        done = moving.regroup(chosen=versions_of(given.children), group=group, on=given.on, process=doing)
    return changed_out(doing, done)


def versions_of(children: Sequence[ChildIn]) -> dict[UUID, int]:
    """Return children with the versions that were read."""
    return {child.id: child.version for child in children}


def changed_out(doing: Process, done: Outcome) -> ChangedOut:
    """Return what a change did."""
    versions = dict(Child.objects.filter(pk__in=done.done).values_list("pk", "version"))
    return ChangedOut(
        process=doing.pk,
        done=[Changed(id=child, version=versions[child]) for child in done.done],
        not_done=[
            NotChanged(id=child, code=refusal.code, detail=str(refusal), facts=facts_of(refusal))
            for child, refusal in done.refused.items()
        ],
    )
