"""Problem records in every state: pairs within a kindergarten, a county and across counties, a cluster, documents that are wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.timezone import localdate

from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.states import ATTENDING
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import deciding, merging, opening, states
from miaoce.registry.problems.deciding import Said
from miaoce.registry.problems.merging import Merge
from miaoce.registry.problems.models import ProblemRecord
from miaoce.registry.problems.opening import Found, FoundDocument

if TYPE_CHECKING:
    from miaoce.cli.demonstration.fill import Crew
    from miaoce.cli.demonstration.place import Place

QINGHE, STAR, LIUXI = "1199000001", "1199000002", "1199000003"
SAME_NAME, SLIPPED, TWINS = "1111111131710", "1111411111710", "1711163121110"
"""Codes of what is alike: all but the document; the birth date slips by a digit; most, yet the given names differ."""
WORDS = {states.SAME: "已对照户口簿，是同一名", states.OTHER: "双胞胎，户口簿上各有一页"}


@dataclass(frozen=True)
class Plan:
    """One pair: in which kindergartens, how the second record differs, what both sides said, how many days ago it was found."""

    one: str
    other: str
    code: str
    changes: Mapping[str, str]
    said: Sequence[str] = ()
    began: float = 2
    is_merged: bool = False


NO_PAPERS = {"id_type": "none", "id_number": ""}
PLANS = (
    Plan(QINGHE, STAR, SAME_NAME, NO_PAPERS, (states.SAME, states.SAME), 8),
    Plan(QINGHE, STAR, SLIPPED, NO_PAPERS, (states.SAME, states.OTHER), 7),
    Plan(QINGHE, STAR, TWINS, {"name": "+甜", **NO_PAPERS}, (states.OTHER, states.OTHER), 6),
    Plan(STAR, QINGHE, SAME_NAME, NO_PAPERS, (states.SAME, states.SAME), 5),
    Plan(QINGHE, STAR, SAME_NAME, NO_PAPERS),
    Plan(QINGHE, STAR, SLIPPED, NO_PAPERS, (), 1),
    Plan(QINGHE, QINGHE, TWINS, {"name": "+乐", **NO_PAPERS}),
    Plan(QINGHE, LIUXI, SAME_NAME, NO_PAPERS, (states.SAME, states.OTHER), 9),
    Plan(QINGHE, LIUXI, SAME_NAME, NO_PAPERS, (), 20),  # both are silent past their day
    Plan(STAR, QINGHE, SLIPPED, NO_PAPERS, (states.SAME, states.SAME), 12, is_merged=True),
)
THIRD = Plan(STAR, STAR, SAME_NAME, NO_PAPERS, (), 3)
"""A third record beside a pair: a cluster, of which each kindergarten sees its own part."""


def fill(*, where: "Place", crews: Mapping[str, "Crew"], now: datetime) -> int:
    """Make the second records, open the problems, let the sides speak; return how many were opened."""
    places = {k.code: k for k in where.kindergartens}
    free = {code: _children(places[code]) for code in (QINGHE, STAR, LIUXI)}
    values = {code: _values(places[code], where, now) for code in (QINGHE, STAR, LIUXI)}
    opened = 0
    for plan in PLANS:
        child = next((c for c in free[plan.one] if (c.name, c.born_on.isoformat()) in values[plan.one]), None)
        if child is None:
            continue
        like = values[plan.one][child.name, child.born_on.isoformat()]
        other = _recorded(plan, like, there=places[plan.other], where=where, crew=crews[plan.other], now=now)
        problem = _opened(Found(child.pk, other.pk, plan.code, "review"), now - timedelta(days=plan.began))
        _speak(problem, plan, crews, now)
        if plan.is_merged:
            _merge(problem, child, crews[plan.one].reviewer, now - timedelta(days=plan.began - 2))
        elif opened == 4:  # of a pair that nobody has said a word about yet
            third = _recorded(THIRD, like, there=places[STAR], where=where, crew=crews[STAR], now=now)
            _opened(Found(other.pk, third.pk, SAME_NAME, "review"), now - timedelta(days=THIRD.began))
        opened += 1
    return opened + _documents(free[QINGHE], crews[QINGHE], now)


def _children(kindergarten: Kindergarten) -> Iterator[Child]:
    """Yield children who attend, in a steady order; the first ones are left to the other stories of the demonstration."""
    yield from Child.objects.filter(kindergarten=kindergarten, standing=ATTENDING).order_by("-pinyin", "id")


def _values(kindergarten: Kindergarten, where: "Place", now: datetime) -> dict[tuple[str, str], dict[str, str]]:
    """Return the values with which a kindergarten's children were recorded."""
    from miaoce.cli.demonstration import fill as filling

    drawn = filling._children(0, kindergarten, where, now)
    return {(one["name"], one["birth_date"]): one for _, one in drawn}


def _recorded(
    plan: Plan, like: Mapping[str, str], *, there: Kindergarten, where: "Place", crew: "Crew", now: datetime
) -> Child:
    """Record the second child as another registrar did, and have it numbered."""
    from miaoce.cli.demonstration import fill as filling

    began = localdate(now - timedelta(days=filling.LONG_AGO)).isoformat()  # submitted long ago, so entered by then
    changed: dict[str, Any] = {**like, "entry_date": began, **plan.changes}
    if changed["name"].startswith("+"):
        changed["name"] = like["name"][:-1] + changed["name"][1:]
    if plan.code == SLIPPED:
        year, month, day = like["birth_date"].split("-")
        changed["birth_date"] = f"{year}-{month}-{int(day) % 28 + 1:02d}"
    group = next(g for g in where.groups[there.code] if g.kind == "mixed")
    known = set(Child.objects.filter(kindergarten=there).values_list("pk", flat=True))
    filling._settle([(group, changed | {"class": group.name})], there, crew, now)
    return Child.objects.filter(kindergarten=there).exclude(pk__in=known).get()


def _opened(found: Found, at: datetime) -> ProblemRecord:
    """Open a problem as the nightly run does."""
    with journal.process("problem.open", actor=the_system("查重"), at=at) as process:
        return opening.open_found(pairs=[found], process=process).new[0]


def _speak(problem: ProblemRecord, plan: Plan, crews: Mapping[str, "Crew"], now: datetime) -> None:
    """Let each side say its word, a day later."""
    at = now - timedelta(days=plan.began - 1)
    for code, word in zip((plan.one, plan.other), plan.said, strict=False):
        registrar: Officer = crews[code].registrar
        with journal.process("problem.say", actor=registrar, at=at) as process:
            words = Said(problem.pk, 0, said=word, words=WORDS[word])
            deciding.say(words_of=[words], process=process)


def _merge(problem: ProblemRecord, kept: Child, reviewer: Officer, at: datetime) -> None:
    """Let the county of both merge a pair that both sides say is one child."""
    with journal.process("problem.merge", actor=reviewer, at=at) as process:
        merging.merge(
            merges=[Merge(problem.pk, 0, kept.pk)], words="同一本户口簿，出生日期登记时错了一位", process=process
        )


def _documents(free: Iterator[Child], crew: "Crew", now: datetime) -> int:
    """Open one problem of each kind of document; of the last one the kindergarten says that two children used the record."""
    kinds = (states.CHECK_DIGIT, states.NOT_KNOWN, states.NAME_DIFFERS)
    found = [FoundDocument(child.pk, kind) for child, kind in zip(free, kinds, strict=False)]
    with journal.process("problem.open", actor=the_system("证件核验"), at=now - timedelta(days=1)) as process:
        opened = opening.open_documents(found=found, process=process).new
    for problem in opened:
        if problem.kind == states.NAME_DIFFERS:
            with journal.process("problem.say", actor=crew.registrar, at=now - timedelta(hours=20)) as process:
                said = Said(problem.pk, 0, words="户口簿上是两名幼儿，去年的就读是另一名的")
                deciding.say(words_of=[said], process=process)
    return len(opened)
