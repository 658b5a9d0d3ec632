"""A death or a disappearance: nothing is sent any more from the moment it is filed, not even what waited to be sent."""

from datetime import timedelta

import pytest

from miaoce.registry.access.officers import the_system
from miaoce.registry.approvals import cases
from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.enrolments import graduation
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.messages import actions as messages
from miaoce.registry.messages.actions import Draft
from miaoce.registry.messages.models import GIVEN_UP, SENT, WAITING, Message
from tests.factories import places
from tests.rooms.test_casework import NOW, OF_AGE, TODAY, Place

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def place(settings):
    settings.MESSAGES = "inbox"
    return Place()


def queued(child, kind="notice"):
    guardian = Guardian.objects.filter(child_id=child.pk).earliest("id")
    draft = Draft(child.pk, guardian.pk, new_id(), kind, "您办理的事项有新进展，请从原入口查看")
    with journal.process("message.queue", actor=the_system("测试"), at=NOW) as process:
        return messages.queue(drafts=[draft], process=process)


def sent(at=NOW):
    messages.send_waiting(actor=the_system("消息"), at=at)
    return list(Message.objects.values_list("state", flat=True))


@pytest.mark.parametrize("reason", ["cancellation.death", "cancellation.missing"])
def test_what_waits_is_not_sent_once_it_was_filed_and_is_given_up(place, reason):
    child = place.child()
    assert len(queued(child)) == 1
    place.file(child, reason)
    assert sent() == [WAITING]
    for step in range(1, 6):
        states = sent(NOW + timedelta(minutes=10 * step))
    assert states == [GIVEN_UP] and not Message.objects.exclude(text=None).exists()


def test_nothing_is_queued_about_a_dead_child_before_and_after_the_county_agreed(place):
    child = place.child()
    filed = place.file(child, "cancellation.death")
    assert queued(child) == []
    place.agree(filed)
    assert queued(child, "graduation") == []
    assert not Message.objects.exists()


def test_no_certificate_and_no_graduation_for_a_dead_child(place):
    child = place.child(OF_AGE)
    year = places.make_school_year(TODAY)
    assert [one.child.pk for one in graduation.candidates(place.registrar, year)] == [child.pk]
    place.agree(place.file(child, "cancellation.death"))
    assert graduation.candidates(place.registrar, year) == []


def test_a_report_that_was_taken_back_lets_messages_go_again(place):
    child = place.child()
    (case,) = place.file(child, "cancellation.missing").done
    with journal.process("case.take_back", actor=place.registrar, at=NOW) as process:
        cases.take_back(chosen={case.pk: case.version}, process=process)
    assert len(queued(child)) == 1 and sent() == [SENT]
    assert Child.objects.get(pk=child.pk).standing == "attending"
