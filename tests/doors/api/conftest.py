"""Programs at the door: a registrar's, a principal's and a reviewer's token, here and in another county."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse  # noqa: TID251  # what the test client gives back
from django.test import Client
from django.utils import timezone

from miaoce.registry.access import actions as access
from miaoce.registry.access.models import Staff
from miaoce.registry.access.officers import Officer, the_system
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from tests.factories.children import child_values
from tests.factories.places import make_kindergarten, make_office_tree, make_officer, make_school

_keys = count(1)


@dataclass
class Program:
    """A program with its token: speaks JSON, gives every write a fresh idempotency key unless told otherwise."""

    secret: str
    officer: Officer

    def headers(self, given: dict[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}", **(given or {})}

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> HttpResponse:
        return Client().get(f"/api/v1{path}", query, headers=self.headers(headers))

    def post(self, path: str, body: Any = None, *, key: str | None = "", headers: dict[str, str] | None = None) -> Any:
        given = dict(headers or {})
        if key is not None:
            given["Idempotency-Key"] = key or f"test-key-{next(_keys)}"
        return self._send("post", path, body, given)

    def patch(self, path: str, body: Any, *, version: int | None, headers: dict[str, str] | None = None) -> Any:
        given = dict(headers or {})
        if version is not None:
            given["If-Match"] = f'"{version}"'
        return self._send("patch", path, body, given)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        data = json.dumps({} if body is None else body)
        send = getattr(Client(), method)
        return send(f"/api/v1{path}", data, content_type="application/json", headers=self.headers(headers))


@dataclass
class Place:
    """Two kindergartens with their programs, and the counties above them. The second is a stranger to the first."""

    own: Kindergarten
    foreign: Kindergarten
    registrar: Program
    principal: Program
    stranger: Program
    county: Program
    other_county: Program
    school: Program


@pytest.fixture
def token() -> Callable[..., Program]:
    """Make programs for officers."""

    def make(officer: Officer, *scopes: str, days: int = 30) -> Program:
        username = Staff.objects.get(pk=officer.staff_id).username
        with journal.process("token.create", actor=the_system("测试"), at=timezone.now()) as process:
            _, secret = access.create_token(
                username=username, role=officer.role_code, scopes=scopes, days=days, label="测试", process=process
            )
        return Program(secret, officer)

    return make


@pytest.fixture
def place(db: None, token: Callable[..., Program]) -> Iterator[Place]:
    """Make the place."""
    tree = make_office_tree()
    own, foreign = make_kindergarten(tree.county), make_kindergarten(tree.other_county)
    cache.clear()
    yield Place(
        own,
        foreign,
        token(make_officer("registrar", own)),
        token(make_officer("principal", own)),
        token(make_officer("registrar", foreign)),
        token(make_officer("county_reviewer", tree.county)),
        token(make_officer("county_reviewer", tree.other_county)),
        token(make_officer("school_registrar", make_school(tree.county))),
    )


def row(**given: str) -> dict[str, str]:
    """Return one child as a program gives it, with an ID number that no other call returns."""
    values = child_values(**{"class": "小一班", "guardian1_id_number": "", **given})
    words = {"ethnicity": "汉族", "guardian1_relation": "父亲", "id_type": "居民身份证", "sex": "", **given}
    values.update(words)
    return {key: text for key, text in values.items() if text and key not in {"health", "nationality"}}


def bring_in(program: Program, *rows: dict[str, str]) -> dict[str, Any]:
    """Bring rows in and return the answer."""
    answer = program.post("/rows", {"rows": list(rows)})
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()
