"""Batches and rows a page at a time, for programs: a batch with its sums, rows open and as people see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import states
from miaoce.registry.intake.comparing import twins_of
from miaoce.registry.intake.contents import OpenRow, opened
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.intake.standing import BY_CASE, Case, cases_of, shown_state
from miaoce.registry.vault import queries as vault

IN_BATCH = frozenset({"SAME_CHILD_IN_FILE", "SAME_ID_IN_FILE"})


@dataclass(frozen=True)
class Match:
    """Another record that could be the same child: `other` is what decide_duplicate takes, `by` document or person."""

    other: str
    by: str
    place: str


@dataclass(frozen=True)
class Line:
    """A row of a batch as people see it: its open content, its state, what the county said, whom it could be."""

    open: OpenRow
    state: str
    case: Case | None
    matches: Sequence[Match]


@dataclass(frozen=True)
class Sums:
    """A batch and how many of its rows stand in each state, as people see them."""

    batch: Batch
    counts: Mapping[str, int]


def batches(actor: Officer, *, before: UUID | None, limit: int) -> list[Sums]:
    """Return the newest batches of the officer's kindergarten, from behind a batch on. Two statements."""
    found = Batch.objects.visible_to(actor)
    return summed(list((found.filter(pk__lt=before) if before else found).order_by("-id")[:limit]))


def summed(batches: Sequence[Batch]) -> list[Sums]:
    """Return batches with their sums; one statement."""
    case = Proposal.objects.filter(child_id=OuterRef("becomes_id")).values("state")[:1]
    counted = (
        Row.objects.filter(batch__in=[batch.pk for batch in batches])
        .annotate(case=Subquery(case))
        .order_by()
        .values_list("batch", "state", "case")
        .annotate(Count("id"))
    )
    sums: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(states.ROW_LABELS, 0))
    for batch, state, of_case, count in counted:
        shown = BY_CASE.get(of_case, state) if state == states.SENT else state
        sums[batch][shown] += count
    return [Sums(batch, sums[batch.pk]) for batch in batches]


def lines(batch: Batch, *, state: str = "", after: int | None = None, limit: int) -> list[Line]:
    """Return rows of a batch by position, from behind one on, in one state as people see it when it is named."""
    found = Row.objects.filter(batch=batch)
    if after is not None:
        found = found.filter(position__gt=after)
    if state:
        found = found.filter(_is_shown(state))
    return opened_lines(batch, list(found.order_by("position")[:limit]))


def _is_shown(state: str) -> Q:
    """Return the condition of rows that people see in a state: the county's case decides about those that were sent."""
    of_case = [case for case, shown in BY_CASE.items() if shown == state]
    if not of_case:
        return Q(state=state)
    sent = Q(state=states.SENT, becomes_id__in=Proposal.objects.filter(state__in=of_case).values("child_id"))
    return sent if state in (states.SENT, states.DONE, states.RETURNED) else sent | Q(state=state)


def opened_lines(batch: Batch, rows: Sequence[Row]) -> list[Line]:
    """Open rows of one batch. An erased batch has none that opens."""
    if batch.layout.get("erased") or not rows:
        return []
    safe = vault.open_safe([batch.pk])
    found, cases = opened(rows, safe), cases_of(row.becomes_id for row in rows if row.state == states.SENT)
    everybody: Sequence[OpenRow] = ()
    if any(f.code in IN_BATCH for row in found for f in row.content.others):
        everybody = opened(Row.objects.filter(batch=batch).exclude(state=states.IGNORED).order_by("position"), safe)
    places = _places(found)
    return [
        Line(row, shown_state(row.row.state, cases.get(row.row.becomes_id)), cases.get(row.row.becomes_id),
             [*_elsewhere(row, places), *_beside(row, everybody)])
        for row in found
    ]  # fmt: skip


def line(actor: Officer, row_id: UUID) -> tuple[Batch, Line]:
    """Return one row with its batch; Row.DoesNotExist for a foreign, unknown or erased one."""
    row = Row.objects.select_related("batch__kindergarten").get(pk=row_id, batch__in=Batch.objects.visible_to(actor))
    found = opened_lines(row.batch, [row])
    if not found:
        raise Row.DoesNotExist
    return row.batch, found[0]


def child_ids(lines: Iterable[Line]) -> list[UUID]:
    """Return the children of the register that rows became, for the read log."""
    return [line.open.row.becomes_id for line in lines if line.case is not None]


def _places(rows: Iterable[OpenRow]) -> Mapping[str, str]:
    """Return the names of the kindergartens of all matches, by the hex of their ids."""
    wanted = {UUID(hex=match["place"]) for row in rows for match in row.content.alike}
    if not wanted:
        return {}
    return {pk.hex: name for pk, name in Kindergarten.objects.filter(pk__in=wanted).values_list("pk", "name")}


def _elsewhere(row: OpenRow, places: Mapping[str, str]) -> list[Match]:
    """Return the children of the register that a row could be."""
    return [Match(m["child"], m["by"], places.get(m["place"], "")) for m in row.content.alike]


def _beside(row: OpenRow, everybody: Sequence[OpenRow]) -> list[Match]:
    """Return the other rows of the batch that were found to be like this one."""
    if not any(finding.code in IN_BATCH for finding in row.content.others):
        return []
    return [Match(f"row:{other.key.hex}", by, "") for other, by in twins_of(row, everybody)]
