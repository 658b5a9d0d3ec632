"""The daily digest: on working days from half past eight, once, to whoever has something to do, in counts alone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from miaoce.jobs import worker
from miaoce.registry.access import actions as access
from miaoce.registry.access.models import Staff
from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Clock
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.messages import reminders
from miaoce.registry.messages.models import GIVEN_UP, SENT, WAITING, Reminder
from tests.factories import changes, children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SHANGHAI = ZoneInfo("Asia/Shanghai")
TUESDAY = datetime(2026, 11, 24, 8, 30, tzinfo=SHANGHAI)
EARLY = time(8, 30)


class Post:
    """A way of sending that keeps what it was given, and takes it or not."""

    is_quiet_at_night = False
    keeps_text = False

    def __init__(self):
        self.taken, self.works = [], True

    def send(self, *, phone, text):
        if self.works:
            self.taken.append((phone, text))
        return self.works


@pytest.fixture
def post(monkeypatch):
    found = Post()
    monkeypatch.setattr(reminders, "sender", lambda: found)
    return found


@pytest.fixture
def place():
    """A county for which one correction waits since last week."""
    garden = places.make_kindergarten()
    registrar = places.make_officer("registrar", garden)
    child = children.make_child(garden, registrar=registrar)
    changes.file(child, registrar, TUESDAY - timedelta(days=7), name="陈子默")
    return garden


def make(at=TUESDAY):
    with journal.process("reminder.make", actor=the_system("每日提醒"), at=at) as process:
        return reminders.make(process=process)


def send(at=TUESDAY, address="https://miaoce.example/"):
    return reminders.send_waiting(actor=the_system("每日提醒"), at=at, address=address)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (TUESDAY, True),
        (TUESDAY - timedelta(seconds=1), False),
        (TUESDAY + timedelta(hours=9, minutes=29), True),
        (TUESDAY + timedelta(hours=9, minutes=30), False),
        (datetime(2026, 11, 22, 9, 0, tzinfo=SHANGHAI), False),  # a Sunday
        (datetime(2026, 10, 1, 9, 0, tzinfo=SHANGHAI), False),  # a holiday
        (datetime(2026, 10, 10, 9, 0, tzinfo=SHANGHAI), True),  # a Saturday that is worked
    ],
)
def test_it_is_due_on_working_days_from_half_past_eight(post, moment, due):
    assert reminders.is_due(at=moment, from_time=EARLY) is due


def test_where_nothing_is_sent_nothing_is_made(monkeypatch):
    monkeypatch.setattr(reminders, "sender", lambda: None)
    assert not reminders.is_due(at=TUESDAY, from_time=EARLY)


def test_who_has_something_to_do_is_told_once_in_counts_alone(place: Kindergarten, post):
    Clock.objects.filter(owner_id=place.office_id).update(due_on=date(2026, 11, 24))
    assert make() == 1 and send() == 1
    ((to, text),) = post.taken
    reviewer = Staff.objects.get(appointments__role="county_reviewer")
    assert to == f"account:{reviewer.username}"
    assert text == (
        "【学前学籍】11月24日您的单位有 1 件等着办，其中 1 件今天到期。超期的会告知上一级。"
        "请登录办理：https://miaoce.example/"
    )
    assert "陈" not in text and reviewer.name not in text
    assert not reminders.is_due(at=TUESDAY + timedelta(hours=1), from_time=EARLY)
    assert make(TUESDAY + timedelta(hours=1)) == 0 and send(TUESDAY + timedelta(hours=1)) == 0, "also after a restart"
    assert make(TUESDAY + timedelta(days=1)) == 1, "and again the next day"


def test_registrations_count_and_late_ones_are_said(place: Kindergarten, post):
    children.make_child(place, state=states.SUBMITTED)
    counted = reminders.counts_by_unit(date(2030, 1, 1))[place.office_id]
    assert (counted.waiting, counted.today, counted.late) == (2, 0, 2)


def test_two_roles_at_one_unit_are_told_once_and_analysts_not(place: Kindergarten, post):
    reviewer = Staff.objects.get(appointments__role="county_reviewer")
    with journal.process("access.appoint", actor=the_system("测试"), at=TUESDAY) as process:
        access.appoint(
            staff=reviewer, role="county_reviewer", unit=place.office, from_on=date(2026, 1, 1), process=process
        )
    places.make_officer("analyst", place.office)
    assert make() == 1


def test_what_is_not_taken_is_tried_again_and_given_up_when_the_day_is_over(place: Kindergarten, post):
    post.works = False
    make()
    assert send() == 0 and Reminder.objects.get().state == WAITING
    assert send(TUESDAY + timedelta(minutes=1)) == 0 and Reminder.objects.get().tries == 1, (
        "not before the pause is over"
    )
    post.works = True
    assert send(TUESDAY + timedelta(days=1)) == 0
    assert (Reminder.objects.get().state, post.taken) == (GIVEN_UP, [])


def test_the_worker_makes_and_sends_it(place: Kindergarten, post, time_machine, settings):
    time_machine.move_to(TUESDAY + timedelta(minutes=1), tick=False)
    settings.DIGEST_AT = "off"
    assert worker.make_reminders() == 0
    settings.DIGEST_AT = "08:30"
    assert worker.make_reminders() == 1 and worker.send_reminders() == 1
    assert worker.make_reminders() == 0 and worker.send_reminders() == 0
    assert Reminder.objects.get().state == SENT
