"""R-02: kill -9 at any point of an approval and of the issue of numbers; and every write of it made to fail in turn."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import actions as approvals
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal, Selection
from miaoce.registry.children.models import Child, ChildNumber, NumberClaim
from miaoce.registry.enrolments import actions as enrolments
from miaoce.registry.enrolments import numbering
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.states import ATTENDING
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.vault import queries as vault
from tests.factories.children import RECALL_MINUTES, make_children
from tests.factories.places import make_kindergarten, make_officer
from tests.fire.dying import Cut, Points, fail, in_a_child, watched
from tests.fire.state import fingerprint

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PAPERS = ({}, {"id_type": "none", "id_number": ""}, {"id_type": "passport", "id_number": "E{n:08d}"})
Act = Callable[["Desk"], None]


class Desk:
    """Children that wait for one county, half of them with an ID number, and what their reviewer and the worker do."""

    _serial = 0

    def __init__(self, children: int, *, state: str = states.SUBMITTED, place: Kindergarten | None = None) -> None:
        self.place = place or make_kindergarten()
        self.reviewer = make_officer("county_reviewer", self.place.office)
        self.at: datetime = timezone.now() - timedelta(days=1)
        rows = [self._papers(number) for number in range(children)]
        made = make_children(rows, self.place, state=state, reviewer=self.reviewer, at=self.at)
        self.ids = [child.pk for child in made]
        assert len(self.ids) == children

    @classmethod
    def _papers(cls, number: int) -> dict[str, str]:
        cls._serial += 1
        born = date(2021, 9, 1) + timedelta(days=cls._serial % 700)
        papers = {key: text.format(n=cls._serial) for key, text in PAPERS[number % len(PAPERS)].items()}
        return papers | {"birth_date": born.isoformat()}

    def cases(self) -> list[Proposal]:
        return list(Proposal.objects.filter(child_id__in=self.ids))

    def approve(self) -> None:
        """Choose every case that waits and approve it, as the page does in two requests."""
        mine = Proposal.objects.visible_to(self.reviewer).filter(child_id__in=self.ids)
        selection = approvals.choose(cases=mine, actor=self.reviewer, at=self.at)
        for case in list(selection.sample):
            approvals.see(selection=selection, child_case=UUID(hex=case))
        at = self.at + timedelta(minutes=1)
        with journal.process("approval.approve", actor=self.reviewer, at=at) as process:
            chosen = approvals.use(selection=selection, process=process)
            enrolments.approve(chosen=chosen, process=process, recall_minutes=RECALL_MINUTES)

    def number(self) -> None:
        """Issue what is due, as the worker does."""
        at = self.at + timedelta(minutes=2 + RECALL_MINUTES)
        with journal.process("number.issue", actor=the_system(), at=at) as process:
            numbering.issue_due(process=process)

    def must_be_decided(self) -> None:
        """Every case is approved once, by one decision, and nothing else happened."""
        cases = self.cases()
        assert {case.state for case in cases} == {states.APPROVED}
        assert {case.version for case in cases} == {2}
        assert len({case.decision_id for case in cases}) == 1
        assert Selection.objects.filter(used_by=cases[0].decision_id).count() == 1
        assert self._verbs()["proposal.approved"] == len(self.ids)
        assert set(Child.objects.filter(pk__in=self.ids).values_list("state", flat=True)) == {states.APPROVED}

    def must_be_numbered(self) -> None:
        """Every child has one number, claimed for it alone, the same in both places, and attends."""
        numbers = list(ChildNumber.objects.filter(child_id__in=self.ids))
        assert len(numbers) == len({number.child_id for number in numbers}) == len(self.ids)
        claims = dict(NumberClaim.objects.filter(child_id__in=self.ids).values_list("digest", "child_id"))
        assert {number.digest: number.child_id for number in numbers} == claims
        safe = vault.open_safe(self.ids)
        shown = {
            child.pk: safe.open(child.pk, "child", "number", child.pk, bytes(child.number)) for child in self.children()
        }
        alias = {n.child_id: safe.open(n.child_id, "child_number", "number", n.pk, bytes(n.number)) for n in numbers}
        assert shown == alias
        assert len(set(shown.values())) == len(self.ids)
        assert {case.state for case in self.cases()} == {states.NUMBERED}
        assert Enrolment.objects.filter(child_id__in=self.ids, state=ATTENDING).count() == len(self.ids)
        verbs = self._verbs()
        assert (verbs["number.issued"], verbs["enrolment.opened"]) == (len(self.ids), len(self.ids))

    def children(self) -> list[Child]:
        return list(Child.objects.filter(pk__in=self.ids))

    def _verbs(self) -> Counter[str]:
        return Counter(Event.objects.filter(child_id__in=self.ids).values_list("verb", flat=True))


ACTS: dict[str, tuple[str, Act, Act]] = {
    "approve": (states.SUBMITTED, Desk.approve, Desk.must_be_decided),
    "number": (states.APPROVED, Desk.number, Desk.must_be_numbered),
}


def boundaries(act: str, children: int) -> list[tuple[int, bool]]:
    """Return every point of an act, before and after."""
    state, do, check = ACTS[act]
    desk = Desk(children, state=state)
    with watched(Points()) as points:
        do(desk)
    check(desk)
    return [(point, after) for point in range(len(points.names)) for after in (False, True)]


def die_at(act: str, children: int, point: int, *, after: bool, place: Kindergarten | None = None) -> None:
    """Do an act, dying at a point; nothing or all of it happened. Do it again; all of it happened, once."""
    state, do, check = ACTS[act]
    desk = Desk(children, state=state, place=place)
    points = Points(at=point, after=after)

    def run(_say: Callable[[str], None]) -> None:
        with watched(points):
            do(desk)

    assert in_a_child(run).was_killed, f"point {point} was never reached"
    moved = [case for case in desk.cases() if case.state != state]
    assert len(moved) in {0, children}
    if moved:
        check(desk)
    elif act == "approve":
        assert not Child.objects.filter(pk__in=desk.ids).exclude(state=state).exists()
    else:
        assert not NumberClaim.objects.filter(child_id__in=desk.ids).exists()
        assert not ChildNumber.objects.filter(child_id__in=desk.ids).exists()
    if not moved:
        do(desk)
    check(desk)


@pytest.mark.parametrize("act", ACTS)
def test_a_decision_survives_a_kill_at_any_boundary(act: str) -> None:
    for point, after in random.sample(boundaries(act, 6), 8):
        die_at(act, 6, point, after=after)


@contextmanager
def refusing(table: str, verb: str) -> Iterator[None]:
    """Let the database itself refuse one verb on one table, as a full disk or a broken index would."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER fire BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'set on fire'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'set on fire'; END $$"
            )
            cursor.execute(f"CREATE TRIGGER fire BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION fire()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER fire" if connection.vendor == "sqlite" else f"DROP TRIGGER fire ON {table}")
            if connection.vendor != "sqlite":
                cursor.execute("DROP FUNCTION fire()")


WRITTEN = {
    "approve": [
        ("registry_selection", "UPDATE"), ("registry_process", "INSERT"), ("registry_proposal", "UPDATE"),
        ("registry_event", "INSERT"), ("registry_child", "UPDATE"),
    ],
    "number": [
        ("registry_process", "INSERT"), ("registry_proposal", "UPDATE"), ("registry_numberclaim", "INSERT"),
        ("registry_childnumber", "INSERT"), ("registry_child", "UPDATE"), ("registry_event", "INSERT"),
        ("registry_enrolment", "UPDATE"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("act", "table", "verb"), [(act, *where) for act, all_ in WRITTEN.items() for where in all_])
def test_a_write_that_the_database_refuses_rolls_the_whole_decision_back(act: str, table: str, verb: str) -> None:
    state, do, check = ACTS[act]
    desk = Desk(24, state=state)
    before = without_choices(fingerprint())
    with refusing(table, verb), pytest.raises(DatabaseError, match="set on fire"):
        do(desk)
    assert without_choices(fingerprint()) == before
    do(desk)
    check(desk)


@pytest.mark.parametrize("act", ACTS)
def test_every_statement_that_fails_rolls_the_whole_decision_back(act: str) -> None:
    state, do, check = ACTS[act]
    desk = Desk(24, state=state)
    before = without_choices(fingerprint())
    point = 0
    while True:
        points = Points(at=point, cut=fail)
        try:
            with watched(points):
                do(desk)
            break
        except Cut:
            assert without_choices(fingerprint()) == before, points.names[point]
        point += 1
    assert point >= len(WRITTEN[act])
    check(desk)


def without_choices(found: dict[str, str]) -> dict[str, str]:
    """Leave out what choosing kept: it is a request of its own before the decision, and decides nothing."""
    return {table: digest for table, digest in found.items() if table != "registry_selection"}


@pytest.mark.soak
@pytest.mark.parametrize("act", ACTS)
def test_two_hundred_kills(act: str, figure: Callable[[str], None]) -> None:
    every, place = boundaries(act, 30), make_kindergarten()
    wanted = every + random.choices(every, k=max(0, 200 - len(every)))
    for point, after in wanted:
        die_at(act, 30, point, after=after, place=place)
    figure(f"{len(wanted)} kills at {len(every)} boundaries, 30 children each")
    assert len(wanted) >= 200
