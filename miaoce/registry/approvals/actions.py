"""Deciding proposals: open, approve, return, recall. Set-based: the number of statements does not grow with the batch."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from miaoce.registry import rows
from miaoce.registry.access.officers import Denied, Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal, ProposalQuerySet, Selection
from miaoce.registry.approvals.states import STEPS
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.facts import plain
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal

SPOT_CHECK = 5
SPOT_CHECK_FROM = 20


@dataclass
class Outcome:
    """What a bulk act did: the cases done, and for each other one why not."""

    done: list[Proposal] = field(default_factory=list)
    refused: dict[UUID, Refusal] = field(default_factory=dict)


def choose(
    *,
    cases: ProposalQuerySet,
    actor: Officer,
    at: datetime,
    shown: Mapping[UUID, int] | None = None,
    is_spot_checked: bool = True,
) -> Selection:
    """Keep what a reviewer is about to decide, with a random spot check of five of the clean ones when there are twenty or more.

    `cases` are already narrowed to the actor; `shown` gives the versions that the page showed, otherwise today's count. A
    case that was shown and has moved on since is kept, so that the decision says why it could not be made. Returning
    needs no spot check.
    """
    require(actor, Permission.APPROVAL_DECIDE)
    if actor.unit_id is None:
        raise Denied(permission=Permission.APPROVAL_DECIDE)
    if shown is None:
        cases = cases.filter(state=states.SUBMITTED)
    found = list(cases.order_by("id").values_list("id", "version", "risk"))
    items = [[case.hex, (shown or {}).get(case, version)] for case, version, _ in found]
    clean = [case.hex for case, _, risk in found if risk == 0]
    sample = (
        secrets.SystemRandom().sample(clean, SPOT_CHECK) if is_spot_checked and len(clean) >= SPOT_CHECK_FROM else []
    )
    selection = Selection(office_id=actor.unit_id, staff_id=actor.staff_id, items=items, sample=sample, made_at=at)
    selection.save(force_insert=True)
    return selection


def see(*, selection: Selection, child_case: UUID) -> None:
    """Note that one case of the spot check was looked at."""
    if child_case.hex in selection.sample and child_case.hex not in selection.seen:
        selection.seen = [*selection.seen, child_case.hex]
        selection.save(update_fields=["seen"])


@transaction.atomic
def use(*, selection: Selection, process: Process) -> dict[UUID, int]:
    """Take a selection for one decision and return its cases with the versions seen. A second use gets nothing.

    Refuses APR-07 when the spot check was not looked at.
    """
    if set(selection.sample) - set(selection.seen):
        raise states.SpotCheckMissing(count=len(selection.sample))
    if not Selection.objects.filter(pk=selection.pk, used_by=None).update(used_by=process.pk):
        return {}
    return {UUID(hex=case): version for case, version in selection.items}


def open_cases(*, cases: ProposalQuerySet, process: Process) -> int:
    """Note that the county began to look at these cases; from then on the kindergarten cannot take them back."""
    require(process.actor, Permission.APPROVAL_DECIDE)
    waiting = cases.filter(state=states.SUBMITTED, opened_at=None)
    fresh = dict(waiting.values_list("id", "child_id"))
    moved = Proposal.objects.filter(pk__in=fresh, state=states.SUBMITTED, opened_at=None).update(opened_at=process.at)
    if moved < len(fresh):  # a colleague or the kindergarten was faster with some of them
        mine = Proposal.objects.filter(pk__in=fresh, opened_at=process.at)
        fresh = dict(mine.values_list("id", "child_id"))
    after = {"opened_at": plain(process.at)}
    journal.note(
        process, [Change("proposal.opened", "proposal", case, child, after=after) for case, child in fresh.items()]
    )
    return moved


@transaction.atomic
def approve(*, chosen: Mapping[UUID, int], process: Process, recall_minutes: int) -> Outcome:
    """Approve the cases in the versions seen; numbers may be issued when the recall minutes are over.

    Each case that moved on (APR-02), stands elsewhere (APR-01) or was proposed by the actor (APR-03) is refused alone.
    """
    require(process.actor, Permission.APPROVAL_DECIDE)
    values = {"number_after": process.at + timedelta(minutes=recall_minutes), "return_reasons": [], "return_words": ""}
    return _decide("approve", chosen, process, values)


@transaction.atomic
def return_(*, chosen: Mapping[UUID, int], reasons: Sequence[str], words: str, process: Process) -> Outcome:
    """Return the cases with reasons (codes of the list refusal_reason) and words that the registrar reads as written.

    Refuses APR-06 without either.
    """
    require(process.actor, Permission.APPROVAL_DECIDE)
    if not reasons and not words.strip():
        raise states.ReasonMissing
    return _decide("return", chosen, process, {"return_reasons": list(reasons), "return_words": words.strip()})


def _decide(verb: str, chosen: Mapping[UUID, int], process: Process, values: dict[str, object]) -> Outcome:
    """Move the cases by conditional update, one statement for each version, and say why the others did not move."""
    step, actor = STEPS[verb], process.actor
    by_version: dict[int, list[UUID]] = defaultdict(list)
    for case, version in chosen.items():
        by_version[version].append(case)
    for version, cases in by_version.items():
        for start in range(0, len(cases), rows.CHUNK):
            movable = Proposal.objects.visible_to(actor).filter(
                pk__in=cases[start : start + rows.CHUNK], version=version, state__in=step.sources
            )
            if actor.staff_id is not None:
                movable = movable.exclude(submitted_by=actor.staff_id)
            movable.update(
                state=step.target, version=version + 1, decided_at=process.at, decided_by=actor.staff_id,
                decision_id=process.pk, **values,
            )  # fmt: skip
    done = list(Proposal.objects.filter(decision_id=process.pk))
    outcome = Outcome(done, _why_not(verb, chosen, {case.pk for case in done}, process))
    past = {"approve": "proposal.approved", "return": "proposal.returned"}[verb]
    stamp = {"decided_at": process.at, "decided_by": actor.staff_id, "decision_id": process.pk}
    decided = _moved(past, done, step.target, stamp | values, process)
    refused = [
        Change("proposal.refused", "proposal", case, after={"code": refusal.code, "words": str(refusal)})
        for case, refusal in outcome.refused.items()
    ]
    journal.note(process, [*decided, *refused])
    return outcome


def _moved(verb: str, done: Sequence[Proposal], state: str, new: Mapping[str, Any], process: Process) -> list[Change]:
    """Return the events of cases that moved, with the columns that moved too; the children's rows show the same state."""
    columns = {"state": state, **{name: plain(value) for name, value in new.items()}}
    mirror = {"state": state, "changed_at": plain(process.at)}
    return [
        Change(
            verb, "proposal", case.pk, case.child_id, after={**columns, "version": case.version},
            also=[("child", case.child_id.hex, mirror)],
        )
        for case in done
    ]  # fmt: skip


def _why_not(verb: str, chosen: Mapping[UUID, int], done: set[UUID], process: Process) -> dict[UUID, Refusal]:
    """Return the refusal of each chosen case that did not move. Foreign and unknown ones answer alike."""
    left = [case for case in chosen if case not in done]
    found = {}
    for start in range(0, len(left), rows.CHUNK):
        found.update(Proposal.objects.visible_to(process.actor).in_bulk(left[start : start + rows.CHUNK]))
    refused: dict[UUID, Refusal] = {}
    for case in left:
        proposal = found.get(case)
        if proposal is None or proposal.state not in STEPS[verb].sources:
            label = states.LABELS[proposal.state] if proposal else "不在本县名单里"
            refused[case] = states.StepNotAllowed(state=label, verb=STEPS[verb].label)
        elif proposal.version != chosen[case]:
            refused[case] = states.ChangedSinceShown()
        else:
            refused[case] = states.FourEyes()
    return refused


@transaction.atomic
def recall(*, decision_id: UUID, process: Process, recall_minutes: int) -> list[Proposal]:
    """Take back a decision within its minutes: the cases of that decision stand as submitted again.

    Refuses APR-04 when the minutes are over or every number was issued.
    """
    require(process.actor, Permission.APPROVAL_DECIDE)
    limit = process.at - timedelta(minutes=recall_minutes)
    step = STEPS["recall"]
    cases = list(
        Proposal.objects.visible_to(process.actor).filter(
            decision_id=decision_id, state__in=step.sources, decided_at__gte=limit
        )
    )
    version_of = {case.pk: case.version for case in cases}
    undone = dict[str, Any](
        decided_at=None, decided_by=None, decision_id=None, number_after=None, return_reasons=[], return_words=""
    )
    Proposal.objects.filter(pk__in=version_of, decision_id=decision_id, state__in=step.sources).update(
        state=step.target, version=F("version") + 1, **undone
    )
    moved = [
        case
        for case in Proposal.objects.filter(pk__in=version_of, state=step.target)
        if case.version == version_of[case.pk] + 1  # what the worker numbered meanwhile stays decided
    ]
    if not moved:
        raise states.RecallOver(minutes=recall_minutes)
    journal.note(process, _moved("proposal.recalled", moved, step.target, undone, process))
    return moved
