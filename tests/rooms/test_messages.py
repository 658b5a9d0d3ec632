"""Messages to guardians: one way of sending at a time, sealed while they wait, gone once they left."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import override_settings

from miaoce.registry.access.officers import the_system
from miaoce.registry.children.models import Guardian
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.messages import actions, queries
from miaoce.registry.messages.actions import Draft
from miaoce.registry.messages.models import GIVEN_UP, SENT, WAITING, Message
from miaoce.registry.messages.senders import Gateway, Inbox, sender
from tests.factories.children import make_child

pytestmark = pytest.mark.django_db
NOON, NIGHT = datetime(2026, 9, 18, 4, tzinfo=UTC), datetime(2026, 9, 18, 15, tzinfo=UTC)
TEXT = "您办理的事项有新进展，请从原入口查看。"


def queue(count=1, at=NOON, **values):
    drafts = []
    for _ in range(count):
        child = make_child(**values)
        guardian = Guardian.objects.get(child_id=child.pk, position=1)
        drafts.append(Draft(child.pk, guardian.pk, new_id(), "transfer.news", TEXT))
    with journal.process("transfer.test", actor=the_system(), at=at) as process:
        return actions.queue(drafts=drafts, process=process)


def send(at=NOON):
    return actions.send_waiting(actor=the_system(), at=at)


class Post(BaseHTTPRequestHandler):
    """A gateway on this machine: keeps what it gets, answers with the status it is told to."""

    got: list[tuple[str, dict[str, str]]] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.headers["Authorization"], json.loads(body)))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[type[Post]]:
    Post.got, Post.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), Post)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with override_settings(MESSAGES="gateway", MESSAGE_URL=f"http://127.0.0.1:{server.server_port}/", MESSAGE_KEY="k"):
        yield Post
    server.shutdown()
    server.server_close()
    thread.join()


def test_without_a_way_of_sending_nothing_is_kept():
    assert sender() is None
    assert queue() == []
    assert not Message.objects.exists()


@override_settings(MESSAGES="inbox")
def test_the_demonstration_shows_messages_with_a_masked_phone():
    queue(2)
    assert actions.is_due(at=NOON)
    assert send(NIGHT) == 2, "the inbox rings at no bedside"
    shown = queries.inbox()
    assert {(one.phone, one.text) for one in shown} == {("138****5678", TEXT)}
    assert not actions.is_due(at=NIGHT + timedelta(days=1))


@override_settings(MESSAGES="inbox")
def test_a_waiting_message_is_sealed():
    (message,) = queue()
    assert TEXT.encode() not in bytes(Message.objects.get(pk=message.pk).text or b"")


def test_a_gateway_gets_phone_and_text_and_the_text_is_gone_here(gateway):
    (message,) = queue()
    assert send() == 1
    assert gateway.got == [("Bearer k", {"to": "13800005678", "text": TEXT})]
    message.refresh_from_db()
    assert (message.state, message.text) == (SENT, None)
    assert send(NOON + timedelta(hours=1)) == 0


def test_at_night_a_real_phone_is_left_alone(gateway):
    queue()
    assert send(NIGHT) == 0
    assert gateway.got == []
    assert send(NOON + timedelta(days=1)) == 1


def test_what_a_gateway_does_not_take_is_tried_again_and_given_up_in_the_end(gateway):
    gateway.status = 503
    (message,) = queue()
    at = NOON
    for tries in range(1, 6):
        assert send(at) == 0
        assert send(at) == 0, "not again before the pause"
        message.refresh_from_db()
        assert message.tries == tries
        at += timedelta(minutes=6)
    assert (message.state, message.text) == (GIVEN_UP, None)
    assert len(gateway.got) == 5


def test_a_guardian_without_a_phone_is_not_sent_to(gateway):
    queue(guardian1_phone="")
    assert send() == 0
    assert gateway.got == []
    assert Message.objects.get().state == WAITING


@pytest.mark.parametrize(
    ("chosen", "url", "kind"),
    [
        ("none", "", type(None)),
        ("", "", type(None)),
        ("inbox", "", Inbox),
        ("gateway", "https://sms.example/", Gateway),
    ],
)
def test_the_settings_choose_the_way(chosen, url, kind):
    with override_settings(MESSAGES=chosen, MESSAGE_URL=url, MESSAGE_KEY=""):
        assert isinstance(sender(), kind)


@pytest.mark.parametrize(("chosen", "url"), [("pigeon", ""), ("gateway", ""), ("gateway", "file:///etc/passwd")])
def test_a_way_that_is_none_is_said(chosen, url):
    with override_settings(MESSAGES=chosen, MESSAGE_URL=url), pytest.raises(ValueError, match="MIAOCE_MESSAGES"):
        sender()


def test_the_demonstration_has_the_inbox_by_itself():
    with override_settings(DEMO=True, MESSAGES=""):
        assert isinstance(sender(), Inbox)
