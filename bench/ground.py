"""The ground that every measurement stands on: Django, a migrated database, the invented province, people who act."""

import argparse
import os
import socket
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

COUNTY = "990101"
BEGAN = date(2020, 9, 1)  # since when the people of the measurements hold their roles
ROOM = 20_000  # children that fit a group here, so that no row carries a remark about the size of its class


def start() -> None:
    """Start Django with the shipped settings; numbers are issued at once, as if the recall minutes were over."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miaoce.settings")
    os.environ.setdefault("MIAOCE_RECALL_MINUTES", "0")
    import django

    django.setup()


@dataclass
class Ground:
    """The place and its people."""

    now: datetime
    where: Any

    @property
    def today(self) -> date:
        """The local day of the run."""
        from django.utils import timezone

        return timezone.localdate(self.now)

    @property
    def kindergarten(self) -> Any:
        """The kindergarten that sends sheets."""
        return self.where.kindergartens[0]

    @cached_property
    def registrar(self) -> Any:
        """Who sends them."""
        from miaoce.registry.access import queries

        return queries.officer_of(self.where.staff["wangmin"])

    @cached_property
    def reviewer(self) -> Any:
        """Who decides them."""
        from miaoce.registry.access import queries

        return queries.officer_of(self.where.staff["lijianhua"])

    @cached_property
    def book(self) -> Any:
        """The code book of the day."""
        from miaoce.registry.reference import queries

        return queries.codebook(self.today)

    @cached_property
    def intakes(self) -> Any:
        """The children of the kindergarten, never twice the same."""
        from bench.sheets import Crowd, Intakes

        kindergarten, groups = self.kindergarten, self.where.groups[self.kindergarten.code]
        return Intakes(kindergarten, groups, self.where.year.starts_on, self.today, Crowd("bench"))


def prepare() -> Ground:
    """Start, migrate, load the codes, build the place."""
    start()
    from django.utils import timezone

    from miaoce.cli import serve
    from miaoce.cli.demonstration import place
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.institutions.models import Group
    from miaoce.registry.journal import actions as journal

    serve.prepare()
    now = timezone.now()
    with journal.process("demo.build", actor=the_system(), at=now) as process:
        where = place.build(on=timezone.localdate(now), process=process)
    Group.objects.update(size_norm=ROOM)
    return Ground(now, where)


def session_of(appointment: Any) -> str:
    """Begin a session of somebody, as signing in does, and return its key for the cookie."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from miaoce.web.desks import BEGAN, ROLE, SEEN

    session, now = SessionStore(), timezone.now().timestamp()
    session[SESSION_KEY] = str(appointment.staff.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = appointment.staff.get_session_auth_hash()
    session[ROLE], session[BEGAN], session[SEEN] = str(appointment.pk), now, now + 3600
    session.set_expiry(timedelta(hours=8))
    session.create()
    return str(session.session_key)


def browser(appointment: Any) -> Any:
    """Return a client that is signed in and speaks to the WSGI handler."""
    from django.conf import settings
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(appointment)
    return client


def serving(port: int) -> argparse.Namespace:
    """Return the arguments of `miaoce serve` as shipped."""
    return argparse.Namespace(host="127.0.0.1", port=port, workers=2, threads=8)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def vendor() -> str:
    """Return sqlite or postgresql."""
    from django.db import connection

    return str(connection.vendor)
