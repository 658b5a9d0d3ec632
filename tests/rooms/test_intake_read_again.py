"""Large batches read once more by the worker: a mended sheet, explained columns; all of it or nothing, and never twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.access.models import Appointment
from miaoce.registry.access.officers import Officer
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import actions, claiming, relaying, rereading, review, rules, states, storage
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal.models import Process
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.rolls import child, pasted
from tests.rooms.test_intake import brought_in, counts, process_of, row_of

pytestmark = pytest.mark.django_db
LATER = claiming.LEASE + timedelta(seconds=1)


class Killed(BaseException):
    """What ends a worker in the middle."""


@pytest.fixture
def place() -> Kindergarten:
    return make_kindergarten()


@pytest.fixture
def registrar(place: Kindergarten) -> Officer:
    return make_officer("registrar", place)


@pytest.fixture
def batch(place, registrar) -> Batch:
    return brought_in(place, registrar, pasted([child(1), child(2, 民族="汗族"), child(3)]))


MENDED = pasted([child(1), child(2, 民族="汉族"), child(3), child(4)])


def ordered(batch: Batch, who: Officer, sheet: str = MENDED):
    with process_of(who, "intake.order") as process:
        actions.order_sheet(batch=batch, file_name="问题清单.txt", data=sheet.encode(), process=process)
    batch.refresh_from_db()
    return process.pk


def test_a_mended_sheet_is_laid_over_by_the_worker(batch, registrar) -> None:
    key = ordered(batch, registrar)
    assert (batch.state, batch.order["what"]) == (states.READING, "sheet")
    assert storage.path_of(batch.pk, storage.BACK).exists()
    assert actions.read_waiting(actor=registrar, at=timezone.now()) == 0, "it is not read as a new one"
    assert actions.carry_out_waiting(at=timezone.now()) == 1
    batch.refresh_from_db()
    assert (batch.state, batch.order, batch.progress, batch.claimed_by, batch.rows_read) == (states.OPEN, {}, {}, "", 4)
    assert counts(batch) == {"ready": 4}
    assert not storage.path_of(batch.pk, storage.BACK).exists()
    assert storage.path_of(batch.pk).exists()
    out = relaying.outcome_of(batch, key)
    assert out == relaying.Outcome("问题清单已收回：改了 1 行，没变 2 行，新加 1 行。", False, [])
    assert actions.carry_out_waiting(at=timezone.now()) == 0
    taken = Process.objects.get(kind="intake.bring_back")
    assert (taken.actor_id, taken.facts["order"]) == (registrar.staff_id, key.hex)


def test_columns_are_read_once_more_by_the_worker(place, registrar) -> None:
    heading, *lines = pasted([child(1), child(2)]).splitlines()
    batch = brought_in(place, registrar, "\n".join([heading.replace("民族", "族群"), *lines]))
    assert counts(batch) == {"fix": 2}
    actions.explain(batch=batch, columns={"族群": "ethnicity"}, actor=registrar, at=timezone.now())
    with process_of(registrar, "intake.order") as process:
        actions.order_columns(batch=batch, process=process)
    assert actions.carry_out_waiting(at=timezone.now()) == 1
    batch.refresh_from_db()
    assert counts(batch) == {"ready": 2}
    out = relaying.outcome_of(batch, process.pk)
    assert out is not None
    assert out.words == relaying.EXPLAINED


def test_nobody_changes_a_batch_that_is_read_once_more(batch, registrar) -> None:
    row = Row.objects.filter(batch=batch)[1]
    ordered(batch, registrar)
    with pytest.raises(rules.NotOpen), process_of(registrar) as process:
        actions.mend(batch=batch, row_id=row.pk, values={"ethnicity": "汉族"}, version=None, process=process)
    for verb in (actions.submit, actions.discard, actions.order_columns):
        with pytest.raises(rules.NotOpen), process_of(registrar) as process:
            verb(batch=Batch.objects.get(pk=batch.pk), process=process)
    assert actions.expire(actor=registrar, at=timezone.now() + timedelta(days=60)) == 0


@pytest.mark.parametrize("sheet", [pasted([child(40), child(41)]), "一\t二\n三\t四\n", "\n"])
def test_a_sheet_that_cannot_be_taken_leaves_every_row_and_says_why(batch, registrar, sheet) -> None:
    before = [(row.pk, row.version) for row in Row.objects.filter(batch=batch).order_by("position")]
    key = ordered(batch, registrar, sheet)
    assert actions.carry_out_waiting(at=timezone.now()) == 1
    batch.refresh_from_db()
    assert batch.state == states.OPEN
    assert [(row.pk, row.version) for row in Row.objects.filter(batch=batch).order_by("position")] == before
    out = relaying.outcome_of(batch, key)
    assert out is not None
    assert out.is_refused
    assert out.words.endswith("。")


def test_what_a_dead_worker_left_is_done_once(batch, registrar, monkeypatch) -> None:
    ordered(batch, registrar)
    take_back = rereading.take_back

    def dying(*given):
        take_back(*given)
        raise Killed

    monkeypatch.setattr(rereading, "take_back", dying)
    with pytest.raises(Killed):
        actions.carry_out_waiting(at=timezone.now())
    assert counts(Batch.objects.get(pk=batch.pk)) == {"ready": 2, "fix": 1}, "nothing of it was kept"
    monkeypatch.setattr(rereading, "take_back", take_back)
    assert actions.carry_out_waiting(at=timezone.now()) == 0, "the process that has it still runs"
    assert actions.carry_out_waiting(at=timezone.now() + LATER) == 1
    batch.refresh_from_db()
    assert counts(batch) == {"ready": 4}
    assert batch.rows_read == Row.objects.filter(batch=batch).count() == 4


def test_a_worker_that_lost_its_claim_writes_nothing(batch, registrar, monkeypatch) -> None:
    ordered(batch, registrar)
    read = rereading.read_sheet

    def slow(*given, **more):
        roll = read(*given, **more)
        Batch.objects.filter(pk=batch.pk).update(claimed_by="another")
        return roll

    monkeypatch.setattr(rereading, "read_sheet", slow)
    assert actions.carry_out_waiting(at=timezone.now()) == 0
    batch.refresh_from_db()
    assert (batch.state, batch.claimed_by) == (states.READING, "another")
    assert counts(batch) == {"ready": 2, "fix": 1}


def test_who_asked_and_left_has_asked_for_nothing(batch, registrar) -> None:
    key = ordered(batch, registrar)
    Appointment.objects.filter(pk=registrar.appointment_id).update(to_on=timezone.localdate() - timedelta(days=1))
    assert actions.carry_out_waiting(at=timezone.now()) == 1
    batch.refresh_from_db()
    out = relaying.outcome_of(batch, key)
    assert out is not None
    assert out.is_refused
    assert counts(batch) == {"ready": 2, "fix": 1}


def test_rows_changed_on_the_page_meanwhile_are_refused_alone_and_shown_sealed(batch, registrar) -> None:
    row = row_of(batch, 3)
    with process_of(registrar) as process:
        actions.mend(batch=batch, row_id=row.pk, values={"ethnicity": "回族"}, version=None, process=process)
    key = ordered(batch, registrar)
    actions.carry_out_waiting(at=timezone.now())
    batch.refresh_from_db()
    assert "汉族" not in str(batch.layout)
    out = relaying.outcome_of(batch, key)
    assert out is not None
    assert [(clash.row.row.number, clash.texts) for clash in out.clashes] == [(3, [("ethnicity", "回族", "汉族")])]
    assert review.open_rows(batch)[1].content.raw["ethnicity"] == "回族"
    assert relaying.outcome_of(batch, batch.pk) is None
