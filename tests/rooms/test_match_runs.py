"""Runs of matching over the register: whole, over what changed, every night; what was decided holds until the data change."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import the_system
from miaoce.registry.children.models import Child
from miaoce.registry.journal import actions as journal
from miaoce.registry.matching import keeping, pairs, running
from miaoce.registry.matching.models import MatchPair, MatchRun
from tests.factories.places import make_kindergarten
from tests.factories.rolls import document_number
from tests.rooms.test_match_entry import OTHER, recorded, values

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TWIN = {"name": "慕容若云", "id_number": document_number("20220516", 38)}
SLIP = {**OTHER, "name": "慕容若夕"}


def run(*, everybody: bool = False) -> running.Done:
    now = timezone.now()
    return running.run_now(everybody=everybody, actor=the_system(), at=now, now=lambda: now)


def settled() -> None:
    """Let the last run have been long ago, so that only what is written from now on is new to the next."""
    MatchRun.objects.update(started_at=timezone.now() - timedelta(minutes=1))
    keeping.MatchRecord.objects.update(made_at=timezone.now() - timedelta(hours=2))


def decide(verdict: str) -> None:
    pair = MatchPair.objects.get()
    with journal.process("pair.decide", actor=the_system(), at=timezone.now()) as process:
        pairs.remember(pairs=[(pair.one_id, pair.other_id)], verdict=verdict, process=process)


def test_the_first_run_looks_at_everybody():
    (one,), (other,) = recorded(make_kindergarten(), values()), recorded(make_kindergarten(), values(**SLIP))
    done = run()
    assert (done.is_whole, done.records) == (True, 2)
    pair = MatchPair.objects.get()
    assert (pair.one_id, pair.other_id) == tuple(sorted([one, other]))
    assert pair.verdict in ("same", "review")
    assert list(pairs.open_pairs()) == [pair]


def test_a_later_run_looks_at_what_changed_and_at_whom_it_could_be():
    recorded(make_kindergarten(), values())
    run()
    settled()
    assert run().records == 0
    (late,) = recorded(make_kindergarten(), values(**SLIP))
    done = run()
    assert (done.is_whole, done.records, done.found["new"]) == (False, 1, 1)
    assert late in (MatchPair.objects.get().one_id, MatchPair.objects.get().other_id)


def test_both_ways_find_the_same():
    recorded(make_kindergarten(), values(), values(**TWIN))
    run()
    settled()
    recorded(make_kindergarten(), values(**SLIP))
    run()
    step_by_step = list(MatchPair.objects.order_by("pk").values_list("one_id", "other_id", "verdict"))
    MatchPair.objects.all().delete()
    run(everybody=True)
    assert sorted(MatchPair.objects.values_list("one_id", "other_id", "verdict")) == sorted(step_by_step)


def test_twins_are_found_and_not_offered():
    recorded(make_kindergarten(), values(), values(**TWIN))
    run()
    assert MatchPair.objects.get().verdict == "twin"
    assert not pairs.open_pairs().exists()


@pytest.mark.parametrize("everybody", [True, False])
def test_what_was_found_different_stays_so_until_the_data_change(everybody):
    recorded(make_kindergarten(), values())
    (other,) = recorded(make_kindergarten(), values(**SLIP))
    run()
    decide("different")
    run(everybody=everybody)
    assert not pairs.open_pairs().exists()
    Child.objects.filter(pk=other).update(name="慕容若西", version=2)
    keeping.renew(child_ids=[other], at=timezone.now())
    run(everybody=everybody)
    assert pairs.open_pairs().get().decided == ""


def test_a_pair_that_is_none_any_more_goes():
    recorded(make_kindergarten(), values())
    (other,) = recorded(make_kindergarten(), values(**SLIP))
    run()
    Child.objects.filter(pk=other).update(standing="void")
    run(everybody=True)
    assert not MatchPair.objects.exists()


def test_running_again_changes_nothing():
    recorded(make_kindergarten(), values(), values(**TWIN))
    recorded(make_kindergarten(), values(**SLIP))
    run()
    before = list(MatchPair.objects.order_by("pk").values())
    again = run(everybody=True)
    assert list(MatchPair.objects.order_by("pk").values()) == before
    assert (again.found["new"], again.found["changed"], again.found["gone"]) == (0, 0, 0)


def at_night(hour: int = 3) -> datetime:
    return timezone.localtime().replace(hour=hour, minute=0)


def test_a_night_has_one_run():
    recorded(make_kindergarten(), values())
    night = at_night()
    assert running.is_due(at=night)
    assert running.run_night(actor=the_system(), at=night, now=lambda: night) == 1
    assert not running.is_due(at=night)
    assert running.run_night(actor=the_system(), at=night, now=lambda: night) == 0
    assert MatchRun.objects.count() == 1


def test_it_waits_for_the_night():
    assert not running.is_due(at=at_night(0))


def test_a_run_whose_worker_died_is_gone_on_with_where_it_was():
    recorded(make_kindergarten(), values())
    run()
    settled()
    recorded(make_kindergarten(), values(**SLIP))
    night = at_night()
    MatchRun.objects.create(
        night_on=night.date(), since_at=timezone.now() - timedelta(hours=1), started_at=night, touched_at=night, claimed_by="gone/1"
    )  # fmt: skip
    assert not running.is_due(at=night + timedelta(minutes=1)), "another worker has it"
    later = night + running.LEASE + timedelta(minutes=1)
    assert running.is_due(at=later)
    assert running.run_night(actor=the_system(), at=later, now=lambda: later) == 1
    assert MatchPair.objects.count() == 1
