"""Every operation of the API × every method × every token × own, foreign and missing ids."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from miaoce.api.v1.api import api
from miaoce.registry.access.permissions import ROLES
from tests.matrix.answers import METHODS, ask, comparable, content
from tests.matrix.operations import NAMES_OF_OPEN, OPEN, OPERATIONS, Operation
from tests.matrix.test_pages import WHOSE, patterns
from tests.matrix.world import NOBODY, Identity, World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOT_TAKEN = 405
BY_PATH: dict[str, list[Operation]] = {}
for one in OPERATIONS:
    BY_PATH.setdefault(one.path, []).append(one)


@cache
def declared() -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return method, path and scopes of every operation of the API, by its name."""
    views = [view for _, router in api._routers for view in router.path_operations.items()]
    return {
        operation.operation_id: (method, path.strip("/"), operation.auth_callbacks[0].scopes)
        for path, view in views
        for operation in view.operations
        for method in operation.methods
    }


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    rows = {row.name: (row.method, row.path, (row.scope,) if row.scope else ()) for row in OPERATIONS}
    assert declared() == rows


def test_nothing_else_stands_behind_this_door() -> None:
    routes = {
        route.removeprefix("api/v1/"): str(pattern.name) for route, pattern in patterns() if route.startswith("api/")
    }
    others = {route: name for route, name in routes.items() if route.replace("<", "{").replace(">", "}") not in BY_PATH}
    assert sorted(others.values()) == NAMES_OF_OPEN
    assert len(routes) == len(BY_PATH) + len(NAMES_OF_OPEN)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_no_operation_says_nothing(method: str, world: World) -> None:
    for who in world.programs:
        for address, status in OPEN.items():
            answer = ask(world.client, who, method, f"/api/v1/{address}", "", content_type="application/json")
            assert answer.status_code == status, (str(who), address)
            assert list(_told(who, answer, world)) == []


def row_of(path: str, method: str) -> Operation:
    """Return the row of a method at an address, or one that says that the method is not taken."""
    taken = [row for row in BY_PATH[path] if row.method == ("GET" if method == "HEAD" else method)]
    return taken[0] if taken else replace(BY_PATH[path][0], done=NOT_TAKEN, body=None)


def expected(row: Operation, who: Identity, whose: str) -> int:
    """Return the status that is right."""
    if row.done == NOT_TAKEN:
        return NOT_TAKEN
    if who.role == NOBODY:
        return 401
    held = ROLES[who.role].permissions if who.officer else frozenset()
    if row.scope is not None and row.scope not in held:
        return 403
    if row.ids and whose == "missing":
        return 404
    return 404 if row.ids and whose == "foreign" and row.name != "codes_list" else row.done


@pytest.mark.parametrize("path", sorted(BY_PATH))
def test_an_operation_answers_each_token_as_it_should(path: str, world: World) -> None:
    wrong = []
    for who in world.programs:
        for method in METHODS:
            row = row_of(path, method)
            tried = WHOSE if row.ids and row.done != NOT_TAKEN else WHOSE[:1]
            answers = {whose: _asked(row, who, method, whose, world) for whose in tried}
            for whose, answer in answers.items():
                if answer.status_code != expected(row, who, whose):
                    wrong.append(f"{who} {method} {whose}: {answer.status_code} {content(answer).decode()[:200]}")
                wrong += [f"{who} {method} {whose}: {told}" for told in _told(who, answer, world)]
            alike = len(tried) == 1 or comparable(answers["foreign"]) == comparable(answers["missing"])
            if not alike and path != "codes/{list_name}":
                wrong.append(f"{who} {method}: foreign and missing differ")
    assert wrong == []


def _asked(row: Operation, who: Identity, method: str, whose: str, world: World) -> Any:
    """Ask with ids of one kind in the path; the body is of one's own things."""
    things, own = world.things(who, whose), world.things(who, "own")
    address = "/api/v1/" + row.path.format(**{name: things[word] for name, word in row.ids.items()})
    headers: dict[str, Any] = {"content_type": "application/json", **row.headers}
    if method != "GET":
        headers["HTTP_IDEMPOTENCY_KEY"] = uuid4().hex
    return ask(world.client, who, method, address, json.dumps(row.body(own)) if row.body else "", **headers)


def _told(who: Identity, answer: Any, world: World) -> Iterator[str]:
    """Yield what an answer tells or leaves out that it must not."""
    if "no-store" not in answer["Cache-Control"]:
        yield f"Cache-Control {answer['Cache-Control']}"
    if "default-src 'none'" not in answer["Content-Security-Policy"]:
        yield "no policy"
    found = content(answer)
    yield from (f"leaks {mark.decode()}" for mark in world.foreign_marks(who) if mark in found)


def test_a_session_opens_nothing_here(world: World) -> None:
    for who in world.people:
        assert ask(world.client, who, "GET", "/api/v1/children").status_code == 401, who
        assert ask(world.client, who, "GET", "/api/v1/openapi.json").status_code == 200


def test_a_token_opens_no_page(world: World) -> None:
    for who in world.programs:
        assert ask(world.client, who, "GET", "/children/").status_code == 302, who
