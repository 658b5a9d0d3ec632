"""Changing the table of outcomes: a version with a reason, tried out on the register, put in force by another person, taken back.

Only an office of a province or of the nation changes it: what is the same child is not for a county to say otherwise.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from uuid import UUID

import numpy as np
from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet

from miaoce.registry.access.officers import Denied, Officer, require
from miaoce.registry.access.permissions import Permission
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.actions import Change
from miaoce.registry.journal.models import Process
from miaoce.registry.matching import deciding, rules, tables, whole, words
from miaoce.registry.matching.comparison import ATTRIBUTES, WIDTH, written
from miaoce.registry.matching.finding import Found
from miaoce.registry.matching.models import DIFFERENT, DRAFT, IN_FORCE, TABLE_STATES, VERDICTS, WITHDRAWN, MatchTable
from miaoce.registry.matching.outcomes import Bounds, Verdict

LEVELS = frozenset({"province", "nation"})
BOUNDS = ("same", "review", "twin")
"""The bounds that may be changed; the floor is a matter of speed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: a code, what it says, how often it was seen with whom, the file's verdict and that of a version."""

    code: str
    reasons: list[str]
    seen: tuple[int, int, int]
    shipped: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A pair that a version would judge otherwise."""

    one_id: UUID
    other_id: UUID
    code: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a version would change in the register: how many pairs from which verdict to which, and the first of them."""

    records: int
    counts: Mapping[tuple[str, str], int]
    moved: list[Moved]


def versions(officer: Officer) -> QuerySet[MatchTable]:
    """Return all versions, the newest first, for who may see them."""
    require(officer, Permission.OUTCOME_VIEW)
    return MatchTable.objects.order_by("-number")


def bounds_of(table: MatchTable | None) -> Bounds:
    """Return the bounds of a version, of the file without one."""
    return (tables.shipped().outcomes if table is None else deciding.outcomes_of(table)).bounds


def lines(table: MatchTable | None, *, verdict: str = "", most: int = 200, start: int = 0) -> list[Line]:
    """Return rows of the table as a version has them, those it changes first, then those seen most often."""
    return list(_lines(table, verdict))[start : start + most]


def _lines(table: MatchTable | None, verdict: str) -> Iterator[Line]:
    shipped, over = tables.shipped(), {} if table is None else table.outcomes
    order = np.argsort(-shipped.seen.counts.sum(axis=1), kind="stable")
    codes = written(shipped.seen.codes[order])
    seen = dict(zip(codes, shipped.seen.counts[order].astype(int).tolist(), strict=True))
    held = dict(zip(codes, shipped.outcomes.verdicts[order].tolist(), strict=True))
    for code in [*sorted(over), *(code for code in codes if code not in over)]:
        first = Verdict(held[code] if code in held else _pointed(code)).name.lower()
        now = over.get(code, first)
        if verdict in ("", now):
            counts = seen.get(code, [0, 0, 0])
            yield Line(code, words.reasons_of(code), (counts[0], counts[1], counts[2]), first, now)


def _pointed(code: str) -> int:
    """Return the verdict that the file's points give a code without a row."""
    digits = np.array([[int(digit) for digit in code]], np.uint8)
    return int(tables.shipped().outcomes.of(digits)[0])


@transaction.atomic
def draft(*, outcomes: Mapping[str, str], bounds: Mapping[str, float], process: Process) -> MatchTable:
    """Make a new version: what is in force, with these verdicts by code and these bounds. It decides nothing yet.

    The process's reason says why. Refuses other offices (ACC-01), no reason (MAT-05), an unknown code or verdict (MAT-09), bounds
    that cannot be (MAT-10), no change at all (MAT-11), and one made at the same moment (MAT-08).
    """
    _must_answer_for_it(process)
    rules_for(outcomes, bounds)
    now = MatchTable.objects.filter(state=IN_FORCE).first()
    all_outcomes = {**(now.outcomes if now else {}), **outcomes}
    all_bounds = {**(now.bounds if now else {}), **bounds}
    old, new = (
        bounds_of(now),
        Bounds(**{f.name: all_bounds.get(f.name, getattr(bounds_of(None), f.name)) for f in fields(Bounds)}),
    )
    if new.same < new.review:
        raise rules.BoundsWrong
    if all_outcomes == (now.outcomes if now else {}) and old == new:
        raise rules.TableUnchanged
    number = (MatchTable.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    table = MatchTable(
        number=number, outcomes=all_outcomes, bounds=all_bounds, reason=process.reason.strip(), made_at=process.at,
        made_by=process.actor.staff_id, made_by_name=process.actor.name,
    )  # fmt: skip
    try:
        with transaction.atomic():
            table.save(force_insert=True)
    except IntegrityError:
        raise rules.TableMoved(state="有人同时存了一版") from None
    journal.note(process, [_told("table.drafted", table, outcomes=dict(outcomes), bounds=dict(bounds))])
    return table


def rules_for(outcomes: Mapping[str, str], bounds: Mapping[str, float]) -> None:
    """Refuse codes, verdicts (MAT-09) and bounds (MAT-10) that cannot be."""
    for code, verdict in outcomes.items():
        if len(code) != WIDTH or not code.isdecimal() or verdict not in VERDICTS:
            raise rules.CodeUnknown(what=f"{code} {verdict}"[:40])
        if any(int(digit) >= len(a.levels) for a, digit in zip(ATTRIBUTES, code, strict=True)):
            raise rules.CodeUnknown(what=code)
    if any(name not in BOUNDS or not 0 < value <= 1 for name, value in bounds.items()):
        raise rules.BoundsWrong


def try_out(table: MatchTable, *, officer: Officer, most: int = 200) -> Trial:
    """Compare the whole register once and judge it by what is in force and by a version; writes nothing.

    It takes as long as a run over all (about a minute for a million children on two cores).
    """
    require(officer, Permission.OUTCOME_CHANGE)
    now, then = deciding.current().outcomes, deciding.outcomes_of(table)
    compared = whole.compare(now, then)
    before = {one[:2]: one for one in compared.judged(now)}
    after = {one[:2]: one for one in compared.judged(then)}
    moved = [
        move
        for pair in sorted(before.keys() | after.keys())
        if (move := _moved(before.get(pair), after.get(pair))) is not None
    ]
    return Trial(len(compared.ids), Counter((one.before, one.after) for one in moved), moved[:most])


def _moved(before: Found | None, after: Found | None) -> Moved | None:
    """Return how a pair would be judged otherwise, if it would."""
    known = after or before
    was, will = (one.verdict if one else DIFFERENT for one in (before, after))
    return Moved(*known[:3], was, will) if known is not None and was != will else None


@transaction.atomic
def put_in_force(*, table_id: UUID, process: Process) -> MatchTable:
    """Let a draft decide from now on; the version that did is withdrawn. The next run judges everybody anew.

    Refuses other offices (ACC-01), an unknown version (MAT-06), its maker (MAT-07), and what is no draft any more (MAT-08).
    """
    _must_answer_for_it(process, with_reason=False)
    table = _known(table_id)
    if table.made_by == process.actor.staff_id:
        raise rules.OwnTable
    MatchTable.objects.filter(state=IN_FORCE).update(state=WITHDRAWN, to_at=process.at, version=F("version") + 1)
    put = {"from_at": process.at, "put_by": process.actor.staff_id, "put_by_name": process.actor.name}
    moved = MatchTable.objects.filter(pk=table_id, state=DRAFT).update(
        state=IN_FORCE, version=F("version") + 1, **put
    )  # fmt: skip
    return _after(table_id, moved, "table.put_in_force", process)


@transaction.atomic
def withdraw(*, table_id: UUID, process: Process) -> MatchTable:
    """Take a version back, with a reason: a draft is dropped; one in force gives way to the one that it replaced.

    Without one before, the file that comes with the program decides again. One person is enough to go back to what two agreed on.
    Refuses as `put_in_force`, and no reason (MAT-05).
    """
    _must_answer_for_it(process)
    table = _known(table_id)
    standing = MatchTable.objects.filter(pk=table_id, state__in=[DRAFT, IN_FORCE])
    moved = standing.update(
        state=WITHDRAWN, to_at=process.at, withdrawn_for=process.reason.strip(), version=F("version") + 1
    )
    if moved and table.from_at is not None:
        before = MatchTable.objects.filter(
            to_at=table.from_at, state=WITHDRAWN, from_at__isnull=False, withdrawn_for=""
        )
        before.update(state=IN_FORCE, to_at=None, version=F("version") + 1)
    return _after(table_id, moved, "table.withdrawn", process)


def _known(table_id: UUID) -> MatchTable:
    table = MatchTable.objects.filter(pk=table_id).first()
    if table is None:
        raise rules.NoSuchTable
    return table


def _after(table_id: UUID, moved: int, verb: str, process: Process) -> MatchTable:
    """Return the version as it stands after a step, which is noted; MAT-08 where the step did not happen."""
    table = _known(table_id)
    if not moved:
        raise rules.TableMoved(state=TABLE_STATES[table.state])
    journal.note(process, [_told(verb, table, reason=process.reason)])
    return table


def _told(verb: str, table: MatchTable, **more: object) -> Change:
    return Change(verb, "match_table", table.pk, after={"number": table.number, "state": table.state, **more})


def _must_answer_for_it(process: Process, *, with_reason: bool = True) -> None:
    """Refuse who is not an official of a province or the nation with the right (ACC-01), and silence about why (MAT-05)."""
    require(process.actor, Permission.OUTCOME_CHANGE)
    if process.actor.staff_id is None or process.actor.unit_level not in LEVELS:
        raise Denied
    if with_reason and not process.reason.strip():
        raise rules.TableReasonMissing
