"""The clock of a registration and the licence, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.approvals import states
from miaoce.registry.enrolments import rules


@pytest.mark.parametrize(
    ("entered", "due"),
    [
        (date(2026, 9, 1), date(2026, 11, 1)),
        (date(2026, 12, 31), date(2027, 2, 28)),
        (date(2027, 12, 30), date(2028, 2, 29)),
        (date(2026, 7, 31), date(2026, 9, 30)),
        (date(2026, 11, 15), date(2027, 1, 15)),
    ],
)
def test_a_registration_is_due_two_months_after_entry(entered: date, due: date):
    assert rules.registration_due(entered) == due


@given(st.dates(date(2020, 1, 1), date(2090, 12, 31)))
def test_the_due_day_is_never_further_off_than_the_calendar_allows(entered: date):
    assert 59 <= (rules.registration_due(entered) - entered).days <= 62


@pytest.mark.parametrize(
    ("days", "colour"), [(0, "calm"), (39, "calm"), (40, "warn"), (59, "warn"), (60, "red"), (400, "red")]
)
def test_the_clock_warns_at_day_40_and_is_red_at_day_60(days: int, colour: str):
    entered = date(2026, 9, 1)
    assert rules.clock_colour(entered_on=entered, on=entered + timedelta(days=days)) == colour


def test_a_kindergarten_without_a_valid_licence_is_refused():
    rules.must_be_licensed(is_licensed=True)
    with pytest.raises(rules.NotLicensed) as refusal:
        rules.must_be_licensed(is_licensed=False)
    assert refusal.value.code == "ENR-01"


def test_every_step_leads_to_a_state_that_is_named_and_no_state_is_a_dead_end_but_the_last():
    assert {step.target for step in states.STEPS.values()} == set(states.LABELS)
    assert {state for state in states.LABELS if not states.available(state)} == {states.NUMBERED}
    assert states.available(states.SUBMITTED) == ["withdraw", "return", "approve"]
