"""Fills the demonstration place by the same actions that people use, with moments in the recent past."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from miaoce.cli.demonstration import changes, endings, place, problems, sheets, standings, transfers
from miaoce.cli.demonstration.people import People
from miaoce.cli.demonstration.place import Place
from miaoce.registry.access import actions as access
from miaoce.registry.access import queries as access_queries
from miaoce.registry.access.models import Staff
from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments import numbering
from miaoce.registry.enrolments.actions import Admission
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Group, Kindergarten, Office
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Process

LONG_AGO, RECENT = 75, 18  # days before now
FILL = {"托一班": 14, "小一班": 24, "小二班": 22, "中一班": 27, "大一班": 31, "混龄一班": 12}
NEW_THIS_YEAR = ("1199000001", "1199000003")  # their 小班 wait in a sheet under review


@dataclass(frozen=True)
class Crew:
    """Who acts at one kindergarten and for it."""

    registrar: Officer
    reviewer: Officer


def fill(*, now: datetime, tell: Callable[[str], None]) -> int:
    """Fill an empty register and return the number of children. `now` is the present moment."""
    on = timezone.localdate(now)
    with journal.process("demo.build", actor=the_system("演示"), at=now - timedelta(days=200)) as process:
        where = place.build(on=on, process=process)
        crews = _crews(where, process)
    total = 0
    for index, kindergarten in enumerate(where.kindergartens):
        total += _one_kindergarten(index, kindergarten, where, crews[kindergarten.code], now)
        if index % 14 == 13:
            tell(f"  已填 {index + 1} 所幼儿园，{total} 名幼儿")
    for kindergarten in where.kindergartens[:3]:
        crew = crews[kindergarten.code]
        changes.file_some(kindergarten=kindergarten, registrar=crew.registrar, reviewer=crew.reviewer, now=now)
    for code, other in zip(NEW_THIS_YEAR, ("1199000003", "1199000005"), strict=True):
        here = next(k for k in where.kindergartens if k.code == code)
        there = next(k for k in where.kindergartens if k.code == other)
        sheets.bring_in(
            kindergarten=here, year=where.year, registrar=crews[code].registrar, now=now - timedelta(hours=2),
            elsewhere=[values for group, values in _children(0, there, where, now) if group.kind == "junior"],
        )  # fmt: skip
    transfers.fill(where=where, crews=crews, now=now)
    problems.fill(where=where, crews=crews, now=now)
    for kindergarten in where.kindergartens[:3]:
        crew = crews[kindergarten.code]
        standings.file_some(
            kindergarten=kindergarten, year=where.year, registrar=crew.registrar, reviewer=crew.reviewer, now=now
        )
    endings.end_some(
        where=where,
        county=crews[endings.FORMER].reviewer,
        school=access_queries.officer_of(where.staff["sunhui"]),
        now=now,
    )
    return total


def _crews(where: Place, process: Process) -> dict[str, Crew]:
    """Give every kindergarten a registrar and every county a reviewer; those without a demonstration account cannot sign in."""
    reviewers: dict[UUID | None, Officer] = {}
    names = People("crew")
    for username in ("lijianhua", "zhaoguoqiang"):
        officer = access_queries.officer_of(where.staff[username])
        reviewers[officer.unit_id] = officer
    crews = {}
    since = where.year.starts_on - timedelta(days=400)
    for kindergarten in where.kindergartens:
        office: Office = kindergarten.office
        if office.pk not in reviewers:
            staff = Staff.objects.create(username=f"review-{office.code}", name=names.adult())
            reviewers[office.pk] = _officer(staff, "county_reviewer", office, since, process)
        known = {"1199000001": "wangmin", "1199000002": "wangmin@1199000002", "1199000003": "chenjie"}.get(
            kindergarten.code
        )
        if known:
            registrar = access_queries.officer_of(where.staff[known])
        else:
            staff = Staff.objects.create(username=f"yuan-{kindergarten.code}", name=names.adult())
            registrar = _officer(staff, "registrar", kindergarten, since, process)
        crews[kindergarten.code] = Crew(registrar, reviewers[office.pk])
    return crews


def _officer(staff: Staff, role: str, unit: Office | Kindergarten, since: date, process: Process) -> Officer:
    """Make an officer who acts in the past of the demonstration."""
    return access_queries.officer_of(access.appoint(staff=staff, role=role, unit=unit, from_on=since, process=process))


def _one_kindergarten(index: int, kindergarten: Kindergarten, where: Place, crew: Crew, now: datetime) -> int:
    """Record one kindergarten's children: most have their number, some wait, some came back, a few were withdrawn."""
    children = _children(index, kindergarten, where, now)
    if not kindergarten.is_licensed(timezone.localdate(now)):
        return 0
    waiting = [one for place_in_list, one in enumerate(children) if place_in_list % 9 == 4]
    began = timezone.localdate(now - timedelta(days=LONG_AGO)).isoformat()
    settled = [
        (group, values | {"entry_date": began})
        for place_in_list, (group, values) in enumerate(children)
        if place_in_list % 9 != 4
    ]
    _settle(settled, kindergarten, crew, now)
    _wait(waiting, kindergarten, crew, now)
    return len(children)


def _children(
    index: int, kindergarten: Kindergarten, where: Place, now: datetime
) -> list[tuple[Group, dict[str, str]]]:
    """Return the children of a kindergarten; asked twice, the same ones."""
    source = People(f"kindergarten {kindergarten.code}")
    return [
        (group, source.child(
            region=kindergarten.region_code, group_kind=group.kind, group=group.name,
            year_start=where.year.starts_on, entered_on=_entered(now, number),
        ))
        for group in where.groups[kindergarten.code]
        for number in range(_size(group, kindergarten) - index % 3)
    ]  # fmt: skip


def _size(group: Group, kindergarten: Kindergarten) -> int:
    """Return how many children a group gets."""
    return 7 if group.kind == "junior" and kindergarten.code in NEW_THIS_YEAR else FILL[group.name]


def _entered(now: datetime, number: int) -> date:
    """Return an entry day before the submission and up to seventy-five days ago, so that clocks stand in every colour."""
    return timezone.localdate(now - timedelta(days=RECENT + (number * 13) % (LONG_AGO - RECENT)))


def _submit(
    children: Sequence[tuple[Group, dict[str, str]]], kindergarten: Kindergarten, crew: Crew, at: datetime
) -> list[UUID]:
    """Submit children on one day and return their ids."""
    admissions = [Admission(new_id(), values, group, **_look(values)) for group, values in children]
    with journal.process("intake.submit", actor=crew.registrar, at=at) as process:
        done = enrolments.submit(admissions=admissions, kindergarten=kindergarten, process=process)
    return list(done.sent)


def _look(values: dict[str, str]) -> dict[str, Any]:
    """Return what the reviewer should look at, as intake would have found it."""
    if values["id_type"] == "none":
        return {"flags": ("ID_NONE",), "risk": 2}
    if values["id_type"] != "resident_id":
        return {"flags": ("ID_OTHER",), "risk": 1}
    return {}


def _settle(
    children: Sequence[tuple[Group, dict[str, str]]], kindergarten: Kindergarten, crew: Crew, now: datetime
) -> None:
    """Children whose registration is done: submitted, approved, numbered."""
    at = now - timedelta(days=LONG_AGO)
    chosen = {case.pk: case.version for case in _cases(_submit(children, kindergarten, crew, at))}
    with journal.process("approval.approve", actor=crew.reviewer, at=at + timedelta(days=2)) as process:
        enrolments.approve(chosen=chosen, process=process, recall_minutes=10)
    with journal.process("number.issue", actor=the_system("赋号"), at=at + timedelta(days=2, minutes=10)) as process:
        numbering.issue_due(process=process)


def _wait(
    children: Sequence[tuple[Group, dict[str, str]]], kindergarten: Kindergarten, crew: Crew, now: datetime
) -> None:
    """Children in every state before that: submitted, opened, returned, approved a minute ago, withdrawn."""
    at = now - timedelta(days=RECENT)
    cases = _cases(_submit(children, kindergarten, crew, at))
    returned, approved, withdrawn = cases[:2], cases[2:4], cases[4:5]
    with journal.process("approval.return", actor=crew.reviewer, at=at + timedelta(days=3)) as process:
        enrolments.return_(
            chosen={case.pk: case.version for case in returned}, reasons=["address_incomplete"],
            words="户籍地址请写到区县，门牌不用写。", process=process,
        )  # fmt: skip
    with journal.process("approval.approve", actor=crew.reviewer, at=now - timedelta(minutes=1)) as process:
        enrolments.approve(chosen={c.pk: c.version for c in approved}, process=process, recall_minutes=10)
    with journal.process("intake.withdraw", actor=crew.registrar, at=at + timedelta(hours=1)) as process:
        enrolments.withdraw(child_ids=[case.child_id for case in withdrawn], process=process)


def _cases(child_ids: Sequence[UUID]) -> list[Proposal]:
    """Return the cases of children in a steady order."""
    return list(Proposal.objects.filter(child_id__in=child_ids).order_by("id"))
