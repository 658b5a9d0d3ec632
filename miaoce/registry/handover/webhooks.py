"""Telling subscribers: signed posts of CloudEvents, tried again with growing pauses, never lost, never to a private address.

A subscription remembers the last event it took; events younger than a minute wait, so that a transaction that ends late
is not passed over. The feed stays the whole truth: a subscriber that was away reads it from its cursor.
"""

import hashlib
import hmac
import http.client
import ipaddress
import json
import logging
import secrets
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from miaoce.registry.access.officers import require
from miaoce.registry.access.permissions import Permission, Scope
from miaoce.registry.handover import feed
from miaoce.registry.handover.models import Subscription
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.feeds import moment_id
from miaoce.registry.journal.models import Process
from miaoce.registry.refusals import Refusal
from miaoce.registry.vault import actions as vault
from miaoce.registry.vault import queries as vault_queries

log = logging.getLogger("miaoce.webhooks")
SETTLED, AT_ONCE, SECONDS = timedelta(minutes=1), 100, 10
PAUSES = (60, 300, 1_800, 7_200, 43_200, 86_400)  # seconds after each failed try; then it is parked


class AddressRefused(Refusal):
    """An address that may not be posted to."""

    code, message, http = "HOV-06", "推送地址要以 https:// 开头，并且在公网上。", 422


@dataclass(frozen=True)
class Address:
    """Where a post goes: the checked network address and the name it was asked by."""

    host: str
    port: int
    path: str
    ip: str
    is_secure: bool


Post = Callable[[Address, bytes, dict[str, str]], int]
"""Posts a body with headers and returns the status; OSError where nobody answers."""


def address_of(url: str) -> Address:
    """Return the checked address of a subscriber. Refuses HOV-06: not https, credentials in it, a private network."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise AddressRefused from None
    is_trial = settings.WEBHOOK_ANYWHERE
    if parts.scheme not in ({"https", "http"} if is_trial else {"https"}) or not parts.hostname or parts.username:
        raise AddressRefused
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError):
        raise AddressRefused from None
    ips = [ipaddress.ip_address(one[4][0]) for one in found]
    if not is_trial and any(not ip.is_global for ip in ips):
        raise AddressRefused
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Address(parts.hostname, port, path, f"{ips[0]}", parts.scheme == "https")


@transaction.atomic
def subscribe(*, url: str, process: Process) -> tuple[Subscription, str]:
    """Tell an address of what happens in the actor's scope from now on; return it with the secret, which is shown once.

    Refuses HOV-06. The same address again makes a new secret for it.
    """
    actor = process.actor
    require(actor, Permission.FEED_READ)
    address_of(url)
    Subscription.objects.filter(unit_id=actor.unit_id, url=url, ended_at=None).update(ended_at=process.at)
    secret, one = secrets.token_urlsafe(32), new_id()
    safe = vault.make_keys([one], at=process.at)
    made = Subscription(
        id=one, unit_id=actor.unit_id, scope=actor.role.scope.value, url=url, made_at=process.at,
        secret=safe.seal(one, "subscription", "secret", one, secret), last_event_id=moment_id(process.at),
    )  # fmt: skip
    made.save(force_insert=True)
    journal.note(process, [journal.made("subscription.made", made)])
    return made, secret


@transaction.atomic
def unsubscribe(*, subscription: Subscription, process: Process) -> None:
    """Tell an address nothing more."""
    require(process.actor, Permission.FEED_READ)
    Subscription.objects.filter(pk=subscription.pk, ended_at=None).update(ended_at=process.at)
    journal.note(process, [journal.changed("subscription.ended", subscription, new={"ended_at": process.at})])


def deliver(*, at: datetime, post: Post | None = None) -> int:
    """Tell each subscription what is new, up to AT_ONCE events; return how many posts were taken. Safe to repeat."""
    due = Q(try_after_at=None) | Q(try_after_at__lte=at)
    taken = 0
    for one in list(Subscription.objects.filter(due, ended_at=None, failed_at=None).order_by("pk")):
        taken += _deliver(one, at, post or _post)
    return taken


def _deliver(one: Subscription, at: datetime, post: Post) -> int:
    """Post what one subscription has not been told; move its mark only when the post was taken."""
    events = feed.told(
        unit_id=one.unit_id, scope=one.scope, after=one.last_event_id, limit=AT_ONCE, until=moment_id(at - SETTLED)
    )
    if not events:
        return 0
    body = json.dumps([event.as_cloud_event() for event in events], ensure_ascii=False).encode()
    try:
        status = post(address_of(one.url), body, _headers(one, body, at))
    except (OSError, http.client.HTTPException, AddressRefused) as error:
        log.warning("subscriber did not answer", extra={"subscription": one.pk.hex, "why": type(error).__name__})
        status = 0
    if 200 <= status < 300:
        mine = Subscription.objects.filter(pk=one.pk, last_event_id=one.last_event_id)
        return mine.update(last_event_id=events[-1].id, tries=0, try_after_at=None)
    _try_later(one, at)
    return 0


def _headers(one: Subscription, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of a post: the moment and the keyed digest of moment and body."""
    safe = vault_queries.open_safe([one.pk])
    secret = safe.open(one.pk, "subscription", "secret", one.pk, bytes(one.secret))
    moment = f"{int(at.timestamp())}"
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/cloudevents-batch+json; charset=utf-8",
        "Miaoce-Signature": f"t={moment},v1={digest}",
        "User-Agent": "miaoce",
    }


def _try_later(one: Subscription, at: datetime) -> None:
    """Wait longer after each failed try; after the last the subscription is parked, and the unit sees it."""
    tries = one.tries + 1
    new: dict[str, object] = {"tries": tries}
    if tries > len(PAUSES):
        new["failed_at"] = at
    else:
        new["try_after_at"] = at + timedelta(seconds=PAUSES[tries - 1])
    Subscription.objects.filter(pk=one.pk, tries=one.tries).update(**new)


def _post(address: Address, body: bytes, headers: dict[str, str]) -> int:
    """Post to the address that was checked, by its number, so that a name cannot lead elsewhere meanwhile; no redirect is followed."""
    link = socket.create_connection((address.ip, address.port), timeout=SECONDS)
    if address.is_secure:
        link = ssl.create_default_context().wrap_socket(link, server_hostname=address.host)
    connection = http.client.HTTPConnection(address.host, address.port, timeout=SECONDS)
    connection.sock = link
    try:
        connection.request("POST", address.path, body=body, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def scope_name(scope: str) -> str:
    """Return a scope in words."""
    return {Scope.KINDERGARTEN: "本园", Scope.OFFICE: "本县", Scope.SCHOOL: "本校"}[Scope(scope)]


def of_unit(unit_id: UUID | None) -> list[Subscription]:
    """Return the subscriptions of a unit that were not ended, the newest first."""
    return list(Subscription.objects.filter(unit_id=unit_id, ended_at=None).order_by("-pk")) if unit_id else []
