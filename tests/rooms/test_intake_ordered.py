"""Submissions that the worker carries out: part by part, each whole, taken up where a dead worker left them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.access.models import Appointment
from miaoce.registry.access.officers import Denied, Officer
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.enrolments.rules import NotLicensed
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import actions, claiming, ordering, rules, states
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal.models import Process
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.rolls import child, pasted
from tests.rooms.test_intake import brought_in, counts, process_of

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What ends a worker in the middle."""


@pytest.fixture
def place() -> Kindergarten:
    return make_kindergarten()


@pytest.fixture
def registrar(place: Kindergarten) -> Officer:
    return make_officer("registrar", place)


@pytest.fixture
def batch(place, registrar, monkeypatch) -> Batch:
    monkeypatch.setattr(ordering, "PART", 2)
    return brought_in(place, registrar, pasted([child(n) for n in range(1, 6)] + [child(6, 民族="汗族")]))


def ordered(batch: Batch, who: Officer) -> str:
    with process_of(who, "intake.order") as process:
        actions.order(batch=batch, process=process)
    batch.refresh_from_db()
    return process.pk.hex


def test_an_order_is_carried_out_part_by_part(batch, registrar) -> None:
    key = ordered(batch, registrar)
    assert batch.state == states.SENDING
    assert batch.progress == {"stage": "send", "done": 0, "of": 5, "left": 0}
    assert actions.send_ordered(at=timezone.now()) == 1
    batch.refresh_from_db()
    assert (batch.state, batch.order, batch.progress, batch.claimed_by) == (states.OPEN, {}, {}, "")
    assert batch.layout["results"][key] == {"sent": 5, "undated": 5, "refused": {}, "words": ""}
    assert counts(batch) == {"sent": 5, "fix": 1}
    parts = Process.objects.filter(kind="intake.submit")
    assert [part.facts["order"] for part in parts] == [key] * 3
    assert {case.submitted_by for case in Proposal.objects.all()} == {registrar.staff_id}, "who asked has submitted"


def test_nobody_changes_a_batch_that_is_being_sent(batch, registrar) -> None:
    ordered(batch, registrar)
    row = Row.objects.get(batch=batch, number=7)
    with pytest.raises(rules.NotOpen) as refused, process_of(registrar) as process:
        actions.mend(batch=batch, row_id=row.pk, values={"ethnicity": "汉族"}, version=None, process=process)
    assert "正在提交" in str(refused.value)
    for verb in (actions.order, actions.submit, actions.recall, actions.discard):
        with pytest.raises(rules.NotOpen), process_of(registrar) as process:
            verb(batch=Batch.objects.get(pk=batch.pk), process=process)


def test_what_a_dead_worker_left_is_done_and_nothing_twice(batch, registrar, monkeypatch) -> None:
    key, send = ordered(batch, registrar), ordering.send
    done = []

    def dying(*given):
        if done:
            raise Killed
        done.append(send(*given))
        return done[0]

    monkeypatch.setattr(ordering, "send", dying)
    with pytest.raises(Killed):
        actions.send_ordered(at=timezone.now())
    batch.refresh_from_db()
    assert (batch.state, batch.progress["done"], batch.order["done"]) == (states.SENDING, 2, 2)
    assert Proposal.objects.count() == 2
    monkeypatch.setattr(ordering, "send", send)
    assert actions.send_ordered(at=timezone.now()) == 0, "the process that has it still runs"
    assert actions.send_ordered(at=timezone.now() + claiming.LEASE + timedelta(seconds=1)) == 1
    batch.refresh_from_db()
    assert batch.layout["results"][key]["sent"] == 5
    assert Proposal.objects.count() == 5


def test_a_worker_that_lost_its_claim_writes_nothing_more(batch, registrar, monkeypatch) -> None:
    ordered(batch, registrar)
    asked, parts = ordering._Sending._still_mine, []

    def too_late(sending):
        if parts:  # it slept longer than its lease, and another worker began
            Batch.objects.filter(pk=batch.pk).update(claimed_by="another")
        parts.append(1)
        return asked(sending)

    monkeypatch.setattr(ordering._Sending, "_still_mine", too_late)
    assert actions.send_ordered(at=timezone.now()) == 0
    batch.refresh_from_db()
    assert (batch.state, batch.claimed_by, batch.order["done"]) == (states.SENDING, "another", 2)
    assert Proposal.objects.count() == 2


def test_a_row_taken_meanwhile_is_kept_back_and_told(batch, registrar) -> None:
    elsewhere = make_kindergarten()
    other = make_officer("registrar", elsewhere)
    key = ordered(batch, registrar)
    rival = brought_in(elsewhere, other, pasted([child(4)]))
    with process_of(other, "intake.submit") as process:
        actions.submit(batch=rival, process=process)
    actions.send_ordered(at=timezone.now())
    batch.refresh_from_db()
    kept = batch.layout["results"][key]
    assert kept["sent"] == 4
    assert ["证件号相同" in words for words in kept["refused"].values()] == [True]
    assert counts(batch) == {"sent": 4, "fix": 1, "duplicate": 1}


def test_what_refuses_the_whole_is_said_when_it_is_asked_for(batch, registrar, place) -> None:
    stranger = make_officer("registrar", make_kindergarten())
    with pytest.raises(Denied), process_of(stranger) as process:
        actions.order(batch=batch, process=process)
    Kindergarten.objects.filter(pk=place.pk).update(licence_from=None)
    with pytest.raises(NotLicensed):
        ordered(batch, registrar)
    assert Batch.objects.get(pk=batch.pk).state == states.OPEN


def test_an_order_whose_ground_goes_away_ends_with_words(batch, registrar) -> None:
    key = ordered(batch, registrar)
    Appointment.objects.filter(pk=registrar.appointment_id).update(to_on=timezone.localdate() - timedelta(days=1))
    assert actions.send_ordered(at=timezone.now()) == 1
    batch.refresh_from_db()
    assert batch.state == states.OPEN
    assert batch.layout["results"][key] == {"sent": 0, "undated": 0, "refused": {}, "words": str(rules.OrderLost())}
    assert Proposal.objects.count() == 0


def test_there_must_be_something_to_order(place, registrar) -> None:
    with pytest.raises(rules.NothingReady):
        ordered(brought_in(place, registrar, pasted([child(1, 民族="汗族")])), registrar)


def test_an_order_that_breaks_does_not_stop_the_others(batch, place, registrar, monkeypatch) -> None:
    second = brought_in(place, registrar, pasted([child(9)]))
    ordered(batch, registrar)
    ordered(second, registrar)
    real = ordering.opened_work

    def broken(found, **more):
        if found.pk == batch.pk:
            raise ValueError
        return real(found, **more)

    monkeypatch.setattr(ordering, "opened_work", broken)
    assert actions.send_ordered(at=timezone.now()) == 1
    assert counts(second) == {"sent": 1}


def test_a_program_names_what_it_submits_when_there_is_much(batch, registrar) -> None:
    with pytest.raises(rules.TooManyAtOnce) as refused, process_of(registrar) as process:
        actions.submit(batch=batch, process=process, most=4)
    assert refused.value.facts == {"most": 4, "count": 5}
    some = list(Row.objects.filter(batch=batch, state=states.READY).values_list("pk", flat=True)[:4])
    with process_of(registrar) as process:
        assert len(actions.submit(batch=batch, process=process, row_ids=some, most=4).done) == 4
