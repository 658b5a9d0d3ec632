"""A run over the register: every night over what changed since the last one, on demand over that or over all.

The worker's run goes in steps of a thousand children, each whole and with how far it came, so that one that is killed goes on
where it was. A first run, and one over more children than is worth asking one by one, compares all at once in columns.
"""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate, localtime

from miaoce.registry import rows
from miaoce.registry.access.officers import Officer
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.matching import deciding, finding, judging, keeping, whole
from miaoce.registry.matching.finding import Found
from miaoce.registry.matching.models import MatchRecord, MatchRun
from miaoce.registry.matching.pairs import in_order

FROM_HOUR = 1
"""From this hour on a night's run is due: after the day's work, before the next."""
AT_ONCE = 1_000
MANY = 50_000
"""Above so many changed children everything is compared at once, which takes about as long for all as for them."""
LEASE = timedelta(minutes=15)
"""So long a run may be silent before another worker takes it up: longer than everything at once takes for a province."""
SLACK = timedelta(minutes=5)
"""A record made while the last run began may not have been seen by it."""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Done:
    """What a run did."""

    records: int
    pairs: int
    found: dict[str, int]
    is_whole: bool


def is_due(*, at: datetime) -> bool:
    """Say whether tonight's run is still to be made or to be gone on with; one statement."""
    if localtime(at).hour < FROM_HOUR:
        return False
    tonight = MatchRun.objects.filter(night_on=localdate(at)).first()
    return tonight is None or (tonight.ended_at is None and tonight.touched_at < at - LEASE)


def run_night(*, actor: Officer, at: datetime, now: Clock) -> int:
    """Make tonight's run, or go on with one whose worker died; return how many children were looked at. For the worker."""
    run = _take(localdate(at), at)
    return 0 if run is None else _go(run, actor, now).records


def run_now(*, everybody: bool, actor: Officer, at: datetime, now: Clock) -> Done:
    """Run at once because somebody asked: over what changed since the last run, or over all."""
    since = None if everybody else _since()
    run = MatchRun.objects.create(since_at=since, started_at=at, touched_at=at, claimed_by=_mark())
    return _go(run, actor, now)


def _take(night: date, at: datetime) -> MatchRun | None:
    """Take tonight's run: begin it, or take it over from a worker that gave no sign for long; None where another has it."""
    new: list[Sequence[object]] = [(new_id(), night, _since(), at, at, "", 0, 0, {})]
    names = ("id", "night_on", "since_at", "started_at", "touched_at", "claimed_by", "records", "pairs", "found")
    rows.insert_new(MatchRun, names, new)
    free = Q(claimed_by="") | Q(touched_at__lt=at - LEASE)
    mine = MatchRun.objects.filter(free, night_on=night, ended_at=None).update(claimed_by=_mark(), touched_at=at)
    return MatchRun.objects.get(night_on=night) if mine else None


def _since() -> datetime | None:
    """Return from when on changes are new to matching: since the last ended run began. None where all must be looked at.

    That is where there was no run, or where another table came into force since.
    """
    last = MatchRun.objects.filter(ended_at__isnull=False).order_by("-started_at").first()
    if last is None or deciding.changed_since(last.started_at):
        return None
    return last.started_at - SLACK


def _mark() -> str:
    return f"{platform.node()[:40]}/{os.getpid()}"


def _go(run: MatchRun, actor: Officer, now: Clock) -> Done:
    """Bring the records up to date, look at the children of the run, write what was found."""
    keeping.renew_behind(at=now())
    changed = _changed(run)
    is_whole = run.since_at is None or changed.count() > MANY
    if is_whole:
        _all_at_once(run, actor, now)
    else:
        while _step(run, actor, now):
            pass
    MatchRun.objects.filter(pk=run.pk).update(ended_at=now(), claimed_by="")
    return Done(run.records, run.pairs, run.found, is_whole)


def _changed(run: MatchRun) -> QuerySet[MatchRecord]:
    """Return the children that a run still has to look at, in the order in which it does."""
    found = MatchRecord.objects.order_by("child_id")
    if run.since_at is not None:
        found = found.filter(made_at__gte=run.since_at)
    return found if run.after_id is None else found.filter(child_id__gt=run.after_id)


def _step(run: MatchRun, actor: Officer, now: Clock) -> bool:
    """Look at the next thousand children; False where none are left."""
    children = list(_changed(run).values_list("child_id", flat=True)[:AT_ONCE])
    if not children:
        return False
    table = deciding.current()
    judged = judging.judge_children(children, table.outcomes, known=finding.others_of(children))
    found = [
        Found(*in_order(child, one.child_id), one.code, one.verdict.name.lower())
        for child, those in judged.items()
        for one in those
    ]
    _write(run, found, children=children, table_id=table.table_id, actor=actor, at=now())
    return True


def _all_at_once(run: MatchRun, actor: Officer, now: Clock) -> None:
    """Compare everybody."""
    table = deciding.current()

    def alive(_read: int) -> None:
        MatchRun.objects.filter(pk=run.pk).update(touched_at=now())

    compared = whole.compare(table.outcomes, tell=alive)
    run.records = len(compared.ids)
    _write(run, compared.judged(table.outcomes), children=None, table_id=table.table_id, actor=actor, at=now())


def _write(
    run: MatchRun,
    found: list[Found],
    *,
    children: list[UUID] | None,
    table_id: UUID | None,
    actor: Officer,
    at: datetime,
) -> None:
    """Write what was found and how far the run came, in one transaction."""
    with journal.process("match.run", actor=actor, at=at) as process:
        counts = finding.put(found, looked_at=children, table_id=table_id, at=at)
        if children is not None:
            run.records, run.after_id = run.records + len(children), children[-1]
        run.pairs += len(found)
        run.found = {name: run.found.get(name, 0) + count for name, count in counts.items()}
        run.touched_at = at
        run.save(update_fields=["records", "after_id", "pairs", "found", "touched_at"])
        journal.note(process, [Change("match.ran", "match_run", run.pk, after={"records": run.records, **counts})])
