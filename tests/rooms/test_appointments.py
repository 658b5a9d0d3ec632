"""Appointments end by themselves; people and the operator are told before, and what still holds is renewed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.cli import check
from miaoce.cli.main import main
from miaoce.registry.access import actions, queries
from miaoce.registry.access.models import Appointment, Staff
from miaoce.registry.access.officers import the_system
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Event
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)


@pytest.fixture
def officer():
    return places.make_officer("registrar", places.make_kindergarten(name="青禾中心幼儿园"), username="wangmin")


def ends(officer, days):
    Appointment.objects.filter(pk=officer.appointment_id).update(to_on=TODAY + timedelta(days=days))


def test_the_last_day_still_counts_and_the_next_one_not(officer):
    client = places.signed_in(officer)
    ends(officer, 0)
    assert client.get("/").status_code == 200
    ends(officer, -1)
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(("days", "told"), [(14, True), (0, True), (15, False)])
def test_the_person_and_the_operator_are_told_a_fortnight_before(officer, days, told):
    ends(officer, days)
    page = places.signed_in(officer).get("/").content.decode()
    assert (f"还有 {days} 天" in page) is told
    said = list(check.appointments_last())
    assert len(said) == told
    assert all("wangmin" in line and "青禾中心幼儿园 学籍管理员" in line for line in said)


def test_one_without_an_end_is_not_told_of(officer):
    assert queries.ending(on=TODAY) == []
    assert "任职" not in places.signed_in(officer).get("/").content.decode()


def test_renewed_by_the_operator_it_lasts_and_the_journal_knows(officer, capsys):
    ends(officer, 3)
    assert main(["appointment", "ending"]) == 0 and "wangmin" in capsys.readouterr().out
    assert main(["appointment", "renew", "--user", "wangmin", "--days", "180"]) == 0
    assert Appointment.objects.get(pk=officer.appointment_id).to_on == TODAY + timedelta(days=180)
    assert Event.objects.filter(verb="appointment.renewed", subject_id=officer.appointment_id).count() == 1
    assert main(["appointment", "ending"]) == 0 and "没有到期的任职" in capsys.readouterr().out


def test_what_ended_is_not_renewed(officer):
    ends(officer, -1)
    with (
        journal.process("appointment.renew", actor=the_system("测试"), at=NOW) as process,
        pytest.raises(actions.NobodyOfThatName),
    ):
        actions.renew(username="wangmin", to_on=TODAY + timedelta(days=9), process=process)
    with (
        journal.process("appointment.renew", actor=the_system("测试"), at=NOW) as process,
        pytest.raises(actions.EndsInThePast),
    ):
        actions.renew(username="wangmin", to_on=TODAY - timedelta(days=1), process=process)


def test_an_appointment_may_be_made_with_its_end(officer):
    staff = Staff.objects.get(username="wangmin")
    garden = places.make_kindergarten()
    with journal.process("access.appoint", actor=the_system("测试"), at=NOW) as process:
        made = actions.appoint(
            staff=staff, role="registrar", unit=garden, from_on=TODAY, to_on=TODAY + timedelta(days=7), process=process
        )
    assert queries.days_left(made, on=TODAY) == 7
