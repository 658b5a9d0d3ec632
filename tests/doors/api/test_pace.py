"""How fast one token may ask: so much at once, then as fast as the bucket fills; told with the seconds to wait."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.api import pace
from miaoce.api.pace import Pace
from miaoce.registry.journal.models import Process
from tests.doors.api.conftest import Place, row

TOKEN = UUID(int=1)


def test_a_token_may_ask_at_once_for_ten_seconds_worth_and_then_waits():
    one = Pace()
    asked = [one.seconds_to_wait(TOKEN, per_minute=60, now=100.0) for _ in range(12)]
    assert asked == [0] * 10 + [1, 1]
    assert one.seconds_to_wait(TOKEN, per_minute=60, now=101.0) == 0
    assert one.seconds_to_wait(TOKEN, per_minute=60, now=101.0) == 1


def test_tokens_do_not_wait_for_each_other():
    one = Pace()
    for _ in range(20):
        one.seconds_to_wait(TOKEN, per_minute=60, now=1.0)
    assert one.seconds_to_wait(uuid4(), per_minute=60, now=1.0) == 0


@given(st.lists(st.floats(0, 5), max_size=200), st.integers(6, 600))
def test_nobody_gets_more_than_the_bucket_and_what_fills_it(gaps, per_minute):
    one, now, taken = Pace(), 0.0, 0
    for gap in gaps:
        now += gap
        taken += one.seconds_to_wait(TOKEN, per_minute=per_minute, now=now) == 0
    assert taken <= per_minute / 6 + now * per_minute / 60 + 1e-6


@given(st.integers(1, 600))
def test_whoever_waits_as_long_as_told_is_let_in(per_minute):
    one, now = Pace(), 0.0
    while not (wait := one.seconds_to_wait(TOKEN, per_minute=per_minute, now=now)):
        continue
    assert one.seconds_to_wait(TOKEN, per_minute=per_minute, now=now + wait) == 0


def test_it_remembers_no_more_tokens_than_it_may(monkeypatch):
    monkeypatch.setattr(pace, "MOST_TOKENS", 3)
    one = Pace()
    for _ in range(9):
        one.seconds_to_wait(uuid4(), per_minute=60, now=1.0)
    assert len(one._buckets) == 3


@pytest.mark.django_db
@pytest.mark.slow
def test_too_fast_is_429_with_the_seconds_and_does_nothing(place: Place, settings, monkeypatch):
    settings.API_PER_MINUTE = 6
    monkeypatch.setattr(pace, "_pace", Pace())
    assert place.registrar.get("/kindergarten").status_code == 200
    before = Process.objects.count()
    refused = place.registrar.post("/rows", {"rows": [row()]}, key="pace-key-1")
    assert refused.status_code == 429
    assert refused.json()["code"] == "API-11"
    assert 1 <= int(refused["Retry-After"]) <= 10
    assert refused.json()["facts"] == {"seconds": int(refused["Retry-After"])}
    assert Process.objects.count() == before
    assert place.stranger.get("/kindergarten").status_code == 200
    settings.API_PER_MINUTE = 0
    assert place.registrar.post("/rows", {"rows": [row()]}, key="pace-key-1").status_code == 201
