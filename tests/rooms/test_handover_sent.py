"""What leaves the register: signed packages in a numbered line, signed posts to subscribers."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils import timezone

from miaoce.cli.main import main
from miaoce.cli.package import SeenFile
from miaoce.registry.access.officers import Denied
from miaoce.registry.handover import actions, envelope, packages, webhooks
from miaoce.registry.handover.models import Handover, Package, PackageLine, Subscription
from miaoce.registry.journal import actions as journal
from tests.factories.children import make_child, make_children
from tests.factories.places import make_kindergarten, make_officer, make_school

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def registrar():
    return make_officer("school_registrar", make_school())


def handed(registrar, *children):
    with journal.process("handover.claim", actor=registrar, at=timezone.now()) as process:
        actions.claim(chosen={child.pk: "number" for child in children}, process=process)
    found = Handover.objects.select_related("school").in_bulk([child.pk for child in children], field_name="child_id")
    return [found[child.pk] for child in children]


def package(handover, registrar):
    with journal.process("package.make", actor=registrar, at=timezone.now()) as process:
        return packages.package_of(handover=handover, process=process)


def opened(data, receiver):
    public = load_pem_public_key(packages.public_key())
    keys = {envelope.key_id(public): public}
    return envelope.verify(data, keys=keys, receiver=receiver, at=timezone.now(), seen=SeenFile(None))


def test_a_package_holds_the_record_and_is_the_same_whenever_it_is_asked_for(registrar):
    child = make_child(name="周禾禾", entry_date="2026-09-01", guardian1_name="周大山")
    (one,) = handed(registrar, child)
    data = package(one, registrar)
    assert package(one, registrar) == data
    content = opened(data, one.school.code).content
    assert (content["name"], content["born_on"], content["number"][:1]) == ("周禾禾", "2023-01-03", "G")
    assert content["guardians"][0]["name"] == "周大山"
    assert [stay["state"] for stay in content["stays"]] == ["graduated"]
    assert "周禾禾".encode() not in bytes(Package.objects.get().content)


def test_a_package_is_as_its_published_schema_says(registrar):
    schema = json.loads((Path(__file__).parents[2] / "docs/handover-package.schema.json").read_text())
    child = make_child(name="周禾禾", entry_date="2026-09-01")
    (one,) = handed(registrar, child)
    signed = json.loads(base64.b64decode(json.loads(package(one, registrar))["signed"]))
    assert list(jsonschema_rs.validator_for(schema).iter_errors(signed)) == []
    assert list(jsonschema_rs.validator_for(schema).iter_errors(signed | {"purpose": "other"}))


def test_packages_of_a_school_stand_in_a_line_and_name_the_one_before(registrar):
    found = handed(registrar, *make_children([{"name": f"周禾{sign}"} for sign in "甲乙丙"]))
    terms = [opened(package(one, registrar), one.school.code) for one in found]
    assert [one.terms.sequence for one in terms] == [1, 2, 3]
    assert [one.terms.previous for one in terms] == ["", terms[0].digest, terms[1].digest]
    assert PackageLine.objects.get().last == 3


def test_only_the_school_takes_a_package(registrar):
    (one,) = handed(registrar, make_child())
    with pytest.raises(Denied):
        package(one, make_officer("registrar", make_kindergarten()))


def test_the_verifier_needs_only_the_public_key_and_takes_a_package_once(registrar, tmp_path, capsys):
    (one,) = handed(registrar, make_child(name="周禾禾"))
    (tmp_path / "package.json").write_bytes(package(one, registrar))
    assert main(["package", "key"]) == 0
    (tmp_path / "key.pem").write_text(capsys.readouterr().out)
    command = [
        "package", "verify", str(tmp_path / "package.json"), "--key", str(tmp_path / "key.pem"), "--receiver", one.school.code,
        "--seen", str(tmp_path / "seen"),
    ]  # fmt: skip
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "第 1 份" in out
    assert "周禾禾" not in out
    assert main(command) == 2
    assert "已经接收过" in capsys.readouterr().err


class Subscriber:
    """Takes posts and answers with a status."""

    def __init__(self, *statuses):
        self.statuses, self.taken = list(statuses), []

    def __call__(self, address, body, headers):
        self.taken.append((address, body, headers))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            raise OSError
        return status


@pytest.fixture
def told(settings):
    """A kindergarten that wants to be told, its clerk and the secret."""
    settings.WEBHOOK_ANYWHERE = True
    place = make_kindergarten()
    clerk = make_officer("registrar", place)
    with journal.process("subscription.make", actor=clerk, at=NOW - timedelta(days=1)) as process:
        made, secret = webhooks.subscribe(url="http://127.0.0.1:9/hook", process=process)
    make_child(place, at=NOW - timedelta(hours=2))
    return place, made, secret


def test_a_subscriber_is_told_once_and_can_check_who_told_it(told):
    _, one, secret = told
    subscriber, later = Subscriber(), timezone.now() + timedelta(minutes=2)
    assert webhooks.deliver(at=later, post=subscriber) == 1
    assert webhooks.deliver(at=later, post=subscriber) == 0
    ((address, body, headers),) = subscriber.taken
    moment, digest = (part.split("=")[1] for part in headers["Miaoce-Signature"].split(","))
    assert digest == hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    events = json.loads(body)
    assert {event["specversion"] for event in events} == {"1.0"}
    assert "cn.miaoce.child.recorded" in {event["type"] for event in events}
    assert (address.ip, address.path) == ("127.0.0.1", "/hook")
    assert secret.encode() not in bytes(Subscription.objects.get(pk=one.pk).secret)


def test_what_was_not_taken_is_told_again_later_and_nothing_is_lost(told):
    subscriber, at = Subscriber(500, 0, 302), timezone.now() + timedelta(minutes=2)
    assert webhooks.deliver(at=at, post=subscriber) == 0
    assert webhooks.deliver(at=at, post=subscriber) == 0  # it waits
    assert len(subscriber.taken) == 1
    for pause in webhooks.PAUSES[:3]:
        at += timedelta(seconds=pause)
        webhooks.deliver(at=at, post=subscriber)
    assert len({body for _, body, _ in subscriber.taken}) == 1
    assert len(subscriber.taken) == 4
    assert Subscription.objects.get().tries == 0


def test_a_subscriber_that_never_answers_is_parked_and_others_go_on(told):
    place, one, _ = told
    clerk = make_officer("registrar", place)
    with journal.process("subscription.make", actor=clerk, at=NOW - timedelta(days=1)) as process:
        webhooks.subscribe(url="http://127.0.0.1:9/other", process=process)
    at, good = timezone.now() + timedelta(minutes=2), []

    def post(address, body, headers):
        if address.path == "/hook":
            return 500
        good.append(body)
        return 204

    for pause in (0, *webhooks.PAUSES):
        at += timedelta(seconds=pause)
        webhooks.deliver(at=at, post=post)
    assert Subscription.objects.get(pk=one.pk).failed_at is not None
    assert len(good) == 1


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://user:word@example.com/", "ftp://example.com/", "https:///x", "https://a:x/"]
)
def test_an_address_that_is_none_is_refused(url, settings):
    settings.WEBHOOK_ANYWHERE = False
    with pytest.raises(webhooks.AddressRefused):
        webhooks.address_of(url)


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "::1", "fd00::1", "0.0.0.0"])  # noqa: S104  what a name may lead to
def test_nothing_is_posted_to_a_name_that_leads_to_a_private_address(ip, settings, monkeypatch):
    settings.WEBHOOK_ANYWHERE = False
    monkeypatch.setattr(
        webhooks.socket,
        "getaddrinfo",
        lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", (ip, 443))],
    )
    with pytest.raises(webhooks.AddressRefused):
        webhooks.address_of("https://inner.example/hook")


def test_a_subscription_that_ended_is_told_nothing(told):
    place, one, _ = told
    with journal.process("subscription.end", actor=make_officer("registrar", place), at=timezone.now()) as process:
        webhooks.unsubscribe(subscription=one, process=process)
    assert webhooks.deliver(at=timezone.now() + timedelta(minutes=2), post=Subscriber()) == 0
    assert webhooks.of_unit(place.pk) == []
