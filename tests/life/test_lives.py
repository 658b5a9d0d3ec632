"""R-02, R-03, R-09 on one node: whatever is done in whatever order, the register is what a model of one child at a time says."""

import os
from collections import Counter
from random import Random

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from miaoce.registry.reference import actions as reference
from tests.life.machine import Lives

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OFTEN = {
    "some_enter": 1, "days_go_by": 5, "regroup": 4, "leave": 3, "readmit": 5, "graduate": 4, "school_claims": 1,
    "ask_for_transfers": 3, "transfer_goes_on": 6, "transfer_ends": 1, "worker_switches": 3, "file_a_case": 6,
    "county_decides": 4, "school_year_turns": 5, "kindergarten_closes": 0.5, "county_settles": 3, "boundary_moves": 0.5,
}  # fmt: skip
BACK = (0, 0, 1, 3, 10, 25)


@pytest.fixture(autouse=True)
def codes(db: None) -> None:
    reference.load_shipped(on=timezone.localdate())


def test_random_lives_are_what_the_model_says() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=5, stateful_step_count=25, deadline=None, print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip


def given_to(verb: str, dice: Random) -> dict[str, object]:
    """Return what a step of the machine is given besides its dice."""
    more: dict[str, dict[str, object]] = {
        "days_go_by": {"days": dice.choice([1, 4, 15, 60, 100])},
        "leave": {"back": dice.choice(BACK), "whereto": dice.choice(["home", "unknown"])},
        "transfer_goes_on": {"steps": dice.randint(1, 5)},
        "transfer_ends": {"is_refused": dice.random() < 0.5},
        "file_a_case": {
            "back": dice.choice(BACK),
            "kind": dice.choice(["defer", "death", "void", "restore", "restore"]),
        },
        "county_decides": {"verb": dice.choice(["agree", "agree", "agree", "send_back", "take_back"])},
        "kindergarten_closes": {"back": dice.choice(BACK), "has_home": dice.random() < 0.5},
        **{verb: {"back": dice.choice(BACK)} for verb in ("regroup", "readmit", "graduate")},
    }
    bare = verb in {"days_go_by", "worker_switches", "boundary_moves"}
    return more.get(verb, {}) | ({} if bare else {"dice": dice})


def walk(seed: int, steps: int) -> Counter[str]:
    """Let a register live, comparing after every step, and say what was really done; a seed repeats it."""
    lives, dice = Lives(), Random(seed)
    lives.done = Counter()  # type: ignore[misc]  # this life's own
    try:
        lives.first_children(dice=dice)
        for _ in range(steps):
            (verb,) = dice.choices(list(OFTEN), list(OFTEN.values()))
            if verb != "kindergarten_closes" or not lives.closed:
                getattr(lives, verb)(**given_to(verb, Random(dice.random())))
                lives.the_tables_are_what_the_model_says()
                lives.no_number_is_used_twice()
    finally:
        lives.teardown()
    return lives.done


@pytest.mark.parametrize("seed", [21, 1021])
def test_long_lives_are_what_the_model_says(seed: int) -> None:
    """Two registers of some twelve children over years, always the same ones."""
    assert (
        sum(walk(seed, 40).values()) > 4
    )  # how many of the drawn steps are possible is chance; none would prove nothing


@pytest.mark.soak
def test_many_long_lives_are_what_the_model_says() -> None:
    done: Counter[str] = Counter()
    for seed in range(int(os.environ.get("MIAOCE_LIVES", "300"))):
        done += walk(seed, 80)
    assert all(done[verb] for verb in ("regroup", "leave", "readmit", "switch", "turn", "rehome", "settle", "claim")), (
        done
    )
