"""R-01: kill -9 at any point between a file and the county: nothing doubled, nothing lost, the rest is done by whoever comes next."""

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child, DocumentClaim, Guardian
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import actions, claiming, ordering, states, storage
from miaoce.registry.intake.contents import opened
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from miaoce.registry.vault import queries as vault
from tests.factories.places import make_kindergarten, make_officer
from tests.fire.dying import Points, in_a_child, watched
from tests.fire.sheets import sheet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("without_threads"),
]

LATER = claiming.LEASE + timedelta(seconds=1)
Say = Callable[[str], None]


class Roll:
    """One sheet on its way to the county, brought by one registrar, and the oracle over what became of it."""

    def __init__(self, rows: int, *, source: str = actions.PASTE, part: int = 0) -> None:
        self.rows, self.source, self.data = rows, source, sheet(rows)
        self.part = part
        """Rows of one part where the worker submits; 0 where the page does, all at once."""
        self.place: Kindergarten = make_kindergarten()
        self.registrar: Officer = make_officer("registrar", self.place)
        self.at: datetime = timezone.now()

    def bring_in(self, say: Say = lambda _: None, at: datetime | None = None) -> None:
        """Receive, read and submit, saying each word when the step was acknowledged."""
        at = at or self.at
        with journal.process("intake.receive", actor=self.registrar, at=at) as process:
            batch = actions.receive(
                kindergarten=self.place, source=self.source, file_name="幼儿.tsv", data=self.data, process=process
            )
        say("received")
        actions.read_batch(batch_id=batch.pk, actor=self.registrar, at=at)
        say("read")
        batch.refresh_from_db()
        if self.part:
            self._order(batch, at)
        else:
            with journal.process("intake.submit", actor=self.registrar, at=at) as process:
                actions.submit(batch=batch, process=process)
        say("sent")

    def _order(self, batch: Batch, at: datetime) -> None:
        """Ask for the submission, unless that was done before, and let the worker carry it out."""
        if batch.state == states.OPEN and Row.objects.filter(batch=batch, state=states.READY).exists():
            with journal.process("intake.order", actor=self.registrar, at=at) as process:
                actions.order(batch=batch, process=process)
        with mock.patch.object(ordering, "PART", self.part):
            actions.send_ordered(at=at)

    def points(self) -> list[str]:
        """Return the points of bringing in a sheet of this size, from a run to the end in this process."""
        with watched(Points()) as points:
            self.bring_in()
        self.must_be_whole()
        return points.names

    def must_be_sane(self, said: list[str]) -> None:
        """Whatever was acknowledged is there once; whatever was not is there whole, or not at all."""
        batches = list(Batch.objects.filter(kindergarten=self.place))
        assert len(batches) <= 1
        assert batches or not said
        sent = Child.objects.filter(kindergarten=self.place).count()
        assert sent % (self.part or self.rows) == 0, "a part is whole"
        assert sent or "sent" not in said
        for batch in batches:
            assert storage.fetch(batch_id=batch.pk, safe=vault.open_safe([batch.pk])) == self.data
            stored = Row.objects.filter(batch=batch).count()
            assert stored == batch.rows_read
            assert stored == (self.rows if batch.state in (states.OPEN, states.SENDING) else 0)
            assert stored or "read" not in said

    def must_be_whole(self) -> None:
        """Every row became one child, with everything that belongs to it, and each of them was noted once."""
        batch = Batch.objects.get(kindergarten=self.place)
        rows = list(Row.objects.filter(batch=batch))
        assert len(rows) == batch.rows_read == self.rows
        assert {row.state for row in rows} == {states.SENT}
        documents = {row.content.raw["id_number"] for row in opened(rows, vault.open_safe([batch.pk]))}
        assert len(documents) == self.rows
        children = {row.becomes_id for row in rows}
        assert set(Child.objects.filter(kindergarten=self.place).values_list("pk", flat=True)) == children
        for table, each in ((DocumentClaim, 1), (Guardian, 1), (Proposal, 1), (Enrolment, 1)):
            assert table.objects.filter(child_id__in=children).count() == self.rows * each, table
        assert set(Proposal.objects.filter(child_id__in=children).values_list("state", flat=True)) == {cases.SUBMITTED}
        verbs = Counter(Event.objects.filter(child_id__in=children).values_list("verb", flat=True))
        assert verbs == {
            "child.recorded": self.rows, "proposal.submitted": self.rows, "enrolment.applied": self.rows,
        }  # fmt: skip
        noted = Counter(Event.objects.filter(subject_id=batch.pk).values_list("verb", flat=True))
        assert (noted["batch.received"], noted["batch.read"]) == (1, 1)

    def die_at(self, point: int, *, after: bool) -> str:
        """Bring the sheet in, dying at a point; then bring it in again. Return where it died."""
        points = Points(at=point, after=after)

        def act(say: Say) -> None:
            with watched(points):
                self.bring_in(say)

        ended = in_a_child(act)
        assert ended.was_killed, f"point {point} was never reached"
        self.must_be_sane(ended.said)
        self.bring_in(at=self.at + LATER)
        self.must_be_whole()
        return f"{point}{'+' if after else '-'}"


@pytest.mark.parametrize("source", [actions.PASTE, actions.UPLOAD])
def test_a_sheet_survives_a_kill_at_any_boundary(source: str) -> None:
    names = Roll(6, source=source).points()
    assert {"INSERT registry_batch", "COMMIT", "fsync", "rename", "UPDATE registry_batch"} <= set(names)
    boundaries = [(point, after) for point in range(len(names)) for after in (False, True)]
    for point, after in random.sample(boundaries, 12 if source == actions.PASTE else 4):
        Roll(6, source=source).die_at(point, after=after)


def test_a_submission_by_the_worker_survives_a_kill_at_any_boundary() -> None:
    names = Roll(6, part=2).points()
    begun = names.index("UPDATE registry_batch", names.index("INSERT registry_row"))
    boundaries = [(point, after) for point in range(begun, len(names)) for after in (False, True)]
    for point, after in random.sample(boundaries, 10):
        Roll(6, part=2).die_at(point, after=after)


def test_a_sheet_survives_a_kill_at_random_moments() -> None:
    roll = Roll(60)
    for seconds in sorted(random.uniform(0.005, 0.25) for _ in range(6)):
        ended = in_a_child(lambda say: roll.bring_in(say, at=roll.at), kill_after=seconds)
        roll.must_be_sane(ended.said)
        roll.at += LATER
    roll.bring_in()
    roll.must_be_whole()


@pytest.mark.soak
@pytest.mark.parametrize(("source", "part"), [(actions.PASTE, 0), (actions.UPLOAD, 0), (actions.PASTE, 10)])
def test_every_boundary_of_a_sheet(source: str, part: int, figure: Callable[[str], None]) -> None:
    names = Roll(30, source=source, part=part).points()
    ways = [(point, after) for point in range(len(names)) for after in (False, True)]
    died = [Roll(30, source=source, part=part).die_at(point, after=after) for point, after in ways]
    figure(f"{len(died)} kills, one before and one after each of {len(names)} boundaries of 30 rows")
    assert len(died) == 2 * len(names)


@pytest.mark.soak
def test_five_thousand_rows_killed_a_hundred_times(figure: Callable[[str], None]) -> None:
    kills, sheets, began = 0, 0, time.monotonic()
    Roll(5_000).bring_in()
    whole = time.monotonic() - began
    while kills < 100:
        roll, sheets = Roll(5_000, source=random.choice([actions.PASTE, actions.UPLOAD])), sheets + 1
        for _ in range(8):
            ended = in_a_child(lambda say, roll=roll: roll.bring_in(say), kill_after=random.uniform(0.02, whole))
            kills += ended.was_killed
            roll.must_be_sane(ended.said)
            roll.at += LATER
        roll.bring_in()
        roll.must_be_whole()
    figure(f"{kills} kills at random moments over {sheets} sheets of 5,000 rows")
