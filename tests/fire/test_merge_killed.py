"""R-02: kill -9 at any point of a merge and of its undoing: all of it happened or nothing, and doing it again does all of it."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from miaoce.registry.children.models import Child, ChildMerge
from miaoce.registry.journal import rebuild
from miaoce.registry.problems import states
from miaoce.registry.problems.models import Joining, ProblemRecord
from tests.factories.dumps import dump
from tests.factories.problems import NOW, Desk
from tests.fire.dying import Points, in_a_child, watched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Pair:
    """Two records of one child that an office is about to merge, or has merged and is about to part again."""

    def __init__(self, *, is_merged: bool) -> None:
        self.desk = Desk()
        self.problem, self.kept, self.gone = self.desk.pair(self.desk.here, self.desk.beside)
        self.desk.arbitrated(self.problem)
        self.ids = [self.kept.pk, self.gone.pk]
        self.apart = dump(self.ids)
        self.desk.decider(self.problem)
        if is_merged:
            self.merge()

    def merge(self) -> None:
        """Merge, as the office does."""
        self.problem.refresh_from_db()
        assert not self.desk.merge(self.problem, self.kept).refused

    def undo(self) -> None:
        """Undo, as the office does."""
        assert not self.desk.undo(self.problem, at=NOW + timedelta(minutes=7)).refused

    def is_merged(self) -> bool:
        """Say whether the records are one; every sign of it says the same."""
        signs = {
            Child.objects.get(pk=self.gone.pk).standing == "merged",
            ChildMerge.objects.filter(gone_id=self.gone.pk, undone_at=None).exists(),
            Joining.objects.filter(gone_id=self.gone.pk, undone_at=None).exists(),
            ProblemRecord.objects.get(pk=self.problem.pk).state == states.MERGED,
        }
        assert len(signs) == 1
        return signs.pop()


ACTS: dict[str, tuple[bool, Callable[[Pair], None]]] = {"merge": (False, Pair.merge), "undo": (True, Pair.undo)}


@pytest.mark.parametrize("act", ACTS)
def test_a_merge_survives_a_kill_at_any_boundary(act: str) -> None:
    was_merged, do = ACTS[act]
    pair = Pair(is_merged=was_merged)
    with watched(Points()) as points:
        do(pair)
    every = [(point, after) for point in range(len(points.names)) for after in (False, True)]
    for point, after in random.sample(every, 6):
        pair = Pair(is_merged=was_merged)
        cut = Points(at=point, after=after)

        def run(_say: Callable[[str], None], pair: Pair = pair, cut: Points = cut) -> None:
            with watched(cut):
                do(pair)

        assert in_a_child(run).was_killed, f"point {point} was never reached"
        if pair.is_merged() == was_merged:
            do(pair)
        assert pair.is_merged() != was_merged
        if act == "undo":
            assert dump(pair.ids) == pair.apart
    assert dict(rebuild.compare().tables) == {}
