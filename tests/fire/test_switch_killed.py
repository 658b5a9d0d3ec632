"""R-03 on one node: kill -9 between any two statements of the switch, every write of it refused in turn, and races around it."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals.models import ChangeClaim, Clock
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.transfers import actions, deciding, states, switching
from miaoce.registry.transfers.models import Transfer
from tests.factories.transfers import OBJECTION_DAYS, Stage, fresh, seen
from tests.fire.dying import Cut, Points, fail, in_a_child, together, watched
from tests.fire.state import fingerprint
from tests.fire.test_decision_killed import refusing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Say = Callable[[str], None]


class Ready:
    """Children whose window is over, between two counties."""

    def __init__(self, count: int) -> None:
        self.stage = Stage()
        self.made = self.stage.bring_to(states.WINDOW, count)
        self.after = self.stage.now + timedelta(days=OBJECTION_DAYS, minutes=1)
        self.ids = [t.child_id for t in self.made]

    def switch(self) -> int:
        with journal.process("transfer.switch", actor=the_system("转园"), at=self.after) as process:
            return switching.switch_due(process=process)

    def each_child_is_in_exactly_one_place(self) -> Counter[str]:
        """Say how many children are where; record, open stay, case and claim must tell the same."""
        found = Counter[str]()
        children = Child.objects.in_bulk(self.ids)
        open_stays = Enrolment.objects.filter(child_id__in=self.ids, ended_on=None)
        stays = {stay.child_id: stay for stay in open_stays}
        assert len(stays) == open_stays.count() == len(self.ids), "two open stays, or none"
        held = set(ChangeClaim.objects.filter(child_id__in=self.ids).values_list("child_id", flat=True))
        for transfer in fresh(self.made):
            child, stay = children[transfer.child_id], stays[transfer.child_id]
            has_moved = transfer.state == states.SWITCHED
            place = self.stage.new if has_moved else self.stage.old
            assert child.kindergarten_id == stay.kindergarten_id == place.pk
            assert child.office_id == place.office_id
            assert (transfer.child_id in held) == (transfer.state in states.OPEN)
            found["new" if has_moved else "old"] += 1
        return found

    def must_be_done(self) -> None:
        """Every child moved once, and each closed stay ends on the day on which the new one begins."""
        assert self.each_child_is_in_exactly_one_place() == {"new": len(self.ids)}
        verbs = Counter(Event.objects.filter(child_id__in=self.ids).values_list("verb", flat=True))
        for verb in ("transfer.switched", "enrolment.transferred", "child.transferred"):
            assert verbs[verb] == len(self.ids), verb
        closed = {s.child_id: s.ended_on for s in Enrolment.objects.filter(child_id__in=self.ids, state="transferred")}
        opened = {s.child_id: s.started_on for s in Enrolment.objects.filter(child_id__in=self.ids, ended_on=None)}
        assert closed == opened
        assert not Clock.objects.filter(child_id__in=self.ids, stopped_at=None).exists()


def boundaries(count: int) -> list[tuple[int, bool]]:
    ready = Ready(count)
    with watched(Points()) as points:
        ready.switch()
    ready.must_be_done()
    return [(point, after) for point in range(len(points.names)) for after in (False, True)]


def die_at(point: int, *, after: bool, count: int) -> None:
    """Switch, dying at a point: all of it happened or nothing. Switch again: all of it happened, once."""
    ready = Ready(count)
    points = Points(at=point, after=after)

    def run(_say: Say) -> None:
        with watched(points):
            ready.switch()

    assert in_a_child(run).was_killed, f"point {point} was never reached"
    assert len(ready.each_child_is_in_exactly_one_place()) == 1
    ready.switch()
    ready.must_be_done()


def test_a_switch_survives_a_kill_at_any_boundary() -> None:
    for point, after in random.sample(boundaries(5), 8):
        die_at(point, after=after, count=5)


@pytest.mark.soak
def test_two_hundred_kills_of_a_switch(figure: Callable[[str], None]) -> None:
    few = 4  # a birth date has a thousand numbers, and every kill wants children of its own
    every = boundaries(few)
    wanted = every + random.choices(every, k=max(0, 200 - len(every)))
    for point, after in wanted:
        die_at(point, after=after, count=few)
    figure(f"{len(wanted)} kills at {len(every)} boundaries, {few} children each")
    assert len(wanted) >= 200


WRITTEN = [
    ("registry_transfer", "UPDATE"), ("registry_enrolment", "UPDATE"), ("registry_enrolment", "INSERT"),
    ("registry_child", "UPDATE"), ("registry_changeclaim", "DELETE"), ("registry_event", "INSERT"),
    ("registry_process", "INSERT"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "verb"), WRITTEN)
def test_a_write_that_the_database_refuses_rolls_the_whole_switch_back(table: str, verb: str) -> None:
    ready = Ready(3)
    before = fingerprint()
    with refusing(table, verb), pytest.raises(DatabaseError, match="set on fire"):
        ready.switch()
    assert fingerprint() == before
    ready.switch()
    ready.must_be_done()


def test_every_statement_that_fails_rolls_the_whole_switch_back() -> None:
    ready = Ready(3)
    before, point = fingerprint(), 0
    while True:
        points = Points(at=point, cut=fail)
        try:
            with watched(points):
                ready.switch()
            break
        except Cut:
            assert fingerprint() == before, points.names[point]
        point += 1
    assert point >= len(WRITTEN)
    ready.must_be_done()


def sweeping(ready: Ready) -> Callable[[Say], None]:
    """Return the act of a worker that sweeps until nothing is left."""

    def run(say: Say) -> None:
        for _ in range(50):
            try:
                if not ready.switch():
                    return
                say("swept")
            except switching.AnotherWorker:
                say("late")

    return run


def test_two_workers_switch_each_child_once() -> None:
    ready = Ready(60)
    ended = together([sweeping(ready), sweeping(ready), sweeping(ready)])
    assert [one.error for one in ended] == [""] * 3
    ready.must_be_done()


def test_an_objection_and_the_switch_at_once_leave_each_child_in_one_place() -> None:
    ready = Ready(40)
    shown = seen(ready.made)

    def objecting(say: Say) -> None:
        for pk, version in random.Random(7).sample(sorted(shown.items()), len(shown)):
            with journal.process("transfer.object", actor=ready.stage.releaser, at=ready.after) as process:
                moved = actions.object_(chosen={pk: version}, words="家长没有同意", process=process)
            say("stopped" if moved.done else "late")

    ended = together([objecting, sweeping(ready), sweeping(ready)])
    assert [one.error for one in ended] == [""] * 3
    found = ready.each_child_is_in_exactly_one_place()
    by_state = Counter(t.state for t in fresh(ready.made))
    assert set(by_state) <= {states.SWITCHED, states.STOPPED}
    assert found["old"] == by_state[states.STOPPED] == ended[0].said.count("stopped")


@pytest.mark.parametrize("pair", ["approve/withdraw", "release/refuse", "approve/approve"])
def test_of_two_parties_at_once_exactly_one_wins_each_case(pair: str) -> None:
    first, second = pair.split("/")
    stage = Stage(is_near=True)
    made = stage.bring_to(states.CONFIRMED if first == "release" else states.ACCEPTED, 40)
    shown = seen(made)
    at = stage.now + timedelta(hours=1)
    who = {"approve": stage.county, "withdraw": stage.taker, "release": stage.releaser, "refuse": stage.releaser}

    def acting(verb: str, seed: int) -> Callable[[Say], None]:
        def run(say: Say) -> None:
            for pk, version in random.Random(seed).sample(sorted(shown.items()), len(shown)):
                with journal.process(f"transfer.{verb}", actor=who[verb], at=at) as process:
                    chosen = {pk: version}
                    if verb == "approve":
                        moved = deciding.approve(chosen=chosen, process=process, objection_days=3)
                    elif verb == "refuse":
                        moved = actions.refuse(
                            chosen=chosen, reasons=["wrong_child"], words="不是这名幼儿", process=process
                        )
                    else:
                        moved = getattr(actions, verb)(chosen=chosen, process=process)
                say("won" if moved.done else next(iter(moved.refused.values())).code)

        return run

    ended = together([acting(first, 1), acting(second, 2)])
    assert [one.error for one in ended] == ["", ""]
    said = Counter(word for one in ended for word in one.said)
    assert said["won"] == 40
    assert set(said) <= {"won", "TRF-01", "TRF-02"}
    assert {t.version for t in fresh(made)} == {made[0].version + 1}
    assert Clock.objects.filter(case_id__in=shown, stopped_at=None).count() == sum(
        t.state in states.CLOCKS for t in fresh(made)
    ) * (2 if first == "release" else 1)


def test_two_kindergartens_that_ask_for_the_same_children_share_them_out() -> None:
    one, two = Stage(), Stage()
    children = one.children(30)

    def asking(stage: Stage, seed: int) -> Callable[[Say], None]:
        def run(say: Say) -> None:
            from miaoce.registry.transfers import opening

            for child in random.Random(seed).sample(children, len(children)):
                with journal.process("transfer.request", actor=stage.taker, at=one.now) as process:
                    opened = opening.request(child_ids=[child.pk], process=process, code_days=7)
                say("won" if opened.done else opened.refused[child.pk].code)

        return run

    ended = together([asking(one, 1), asking(two, 2)])
    assert [end.error for end in ended] == ["", ""]
    said = Counter(word for end in ended for word in end.said)
    assert said == {"won": 30, "TRF-08": 30}
    assert Transfer.objects.count() == ChangeClaim.objects.count() == 30
