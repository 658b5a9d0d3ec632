"""The day of entry: asked for once where a sheet has none, and what the two months count from without it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from miaoce.registry.access.officers import Officer
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.rules import registration_due
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.intake import actions, review, rules, states
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal import actions as journal
from miaoce.registry.reference import queries as reference
from tests.factories.places import make_kindergarten, make_officer
from tests.factories.rolls import HEADINGS, child, pasted
from tests.rooms.test_intake import brought_in, counts, process_of, row_of

pytestmark = pytest.mark.django_db
WITH_ENTRY = (*HEADINGS, "入园日期")


@pytest.fixture
def place() -> Kindergarten:
    return make_kindergarten()


@pytest.fixture
def registrar(place: Kindergarten) -> Officer:
    return make_officer("registrar", place)


def entered() -> date:
    """Return a day in the past weeks, as a sheet would give it."""
    return timezone.localdate() - timedelta(days=20)


@pytest.fixture
def batch(place, registrar) -> Batch:
    dated = child(1) | {"入园日期": entered().isoformat()}
    return brought_in(place, registrar, pasted([dated, child(2), child(3, 民族="汗族")], WITH_ENTRY))


def seen(batch: Batch) -> review.Review:
    return review.review(batch, reference.codebook(timezone.localdate()))


def filled(batch: Batch, who: Officer, text: str) -> int:
    with process_of(who, "intake.fill_entry") as process:
        return len(actions.fill_entry(batch=batch, text=text, process=process))


def submitted(batch: Batch, who: Officer, *, days: int = 0) -> actions.Sent:
    at = timezone.now() + timedelta(days=days)
    with journal.process("intake.submit", actor=who, at=at) as process:
        return actions.submit(batch=batch, process=process)


def case_of(batch: Batch, number: int) -> Proposal:
    return Proposal.objects.get(child_id=row_of(batch, number).becomes_id)


def test_what_lacks_a_day_is_said_once_and_holds_nothing_back(batch) -> None:
    assert counts(batch) == {"ready": 2, "fix": 1}
    shown = seen(batch)
    assert shown.undated == 2
    assert shown.counts[review.REMARK] == 0, "it is no remark on each row"
    assert [len(row.problems) for row in shown.rows] == [1, 0, 0]


def test_one_day_is_put_into_every_row_without_one(batch, registrar) -> None:
    day = entered() - timedelta(days=3)
    assert filled(batch, registrar, f"{day.year}.{day.month}.{day.day}") == 2
    assert [row.content.values["entry_date"] for row in review.open_rows(batch)] == [
        entered().isoformat(), day.isoformat(), day.isoformat(),
    ]  # fmt: skip
    assert seen(batch).undated == 0
    assert filled(batch, registrar, day.isoformat()) == 0


@pytest.mark.parametrize("text", ["开学那天", "1999-09-01", "2026-13-01"])
def test_what_is_no_day_is_refused_before_it_stands_anywhere(batch, registrar, text: str) -> None:
    with pytest.raises(rules.EntryUnclear):
        filled(batch, registrar, text)
    assert seen(batch).undated == 2


def test_the_two_months_count_from_entry_and_without_it_from_submission(batch, registrar) -> None:
    sent = submitted(batch, registrar)
    assert sent.undated == [row_of(batch, 3).pk]
    dated, undated = case_of(batch, 2), case_of(batch, 3)
    assert (dated.entered_on, dated.counts_from_submission) == (entered(), False)
    assert (undated.entered_on, undated.counts_from_submission) == (timezone.localdate(), True)
    assert undated.due_on == registration_due(timezone.localdate())
    assert dated.risk == undated.risk == 0, "no remark for the county to look at"
    assert undated.flags == []


def test_a_case_that_comes_again_does_not_start_its_clock_anew(batch, registrar) -> None:
    submitted(batch, registrar)
    first = case_of(batch, 3).entered_on
    with process_of(registrar, "intake.recall") as process:
        actions.recall(batch=batch, process=process)
    submitted(batch, registrar, days=9)
    again = case_of(batch, 3)
    assert (again.entered_on, again.counts_from_submission) == (first, True)
    assert Enrolment.objects.get(child_id=again.child_id).started_on == first


def test_a_day_given_later_is_what_counts(batch, registrar) -> None:
    submitted(batch, registrar)
    with process_of(registrar, "intake.recall") as process:
        actions.recall(batch=batch, process=process)
    filled(batch, registrar, entered().isoformat())
    submitted(batch, registrar)
    assert (case_of(batch, 3).entered_on, case_of(batch, 3).counts_from_submission) == (entered(), False)


def test_rows_with_the_county_are_left_alone(batch, registrar) -> None:
    submitted(batch, registrar)
    assert filled(batch, registrar, entered().isoformat()) == 1
    assert Row.objects.get(batch=batch, number=3).state == states.SENT
    assert case_of(batch, 3).counts_from_submission
