"""Every page × every method × everybody × own, foreign and missing ids."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from miaoce.registry.access.permissions import ROLES, Permission
from tests.matrix.answers import METHODS, ask, comparable, content
from tests.matrix.routes import ROWS, Row
from tests.matrix.world import NOBODY, Identity, World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
OPEN = [
    "big-text", "health", "inbox", "old-browser", "sign-in", "sign-out", "style-guide", "style-guide-paper",
    "transfer-guardian", "verify",
]  # fmt: skip
WHOSE = ("own", "foreign", "missing")


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Walk every route; yield its whole address and its pattern."""
    for one in (resolver or get_resolver()).url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from patterns(one, route)
        else:
            yield route, one


PAGES = {str(pattern.name): pattern for route, pattern in patterns() if not route.startswith("api/")}


def test_every_page_has_a_row_and_every_row_a_page() -> None:
    assert sorted(PAGES) == sorted(row.name for row in ROWS)


def test_every_page_declares_the_permissions_of_its_row() -> None:
    declared = {name: (pattern.callback.permission, pattern.callback.act) for name, pattern in PAGES.items()}
    assert declared == {row.name: (row.view, row.act) for row in ROWS}


def test_exactly_these_pages_are_open() -> None:
    assert sorted(name for name, pattern in PAGES.items() if pattern.callback.permission is None) == OPEN


def test_every_parameter_of_a_page_stands_in_its_row() -> None:
    for name, pattern in PAGES.items():
        row = next(row for row in ROWS if row.name == name)
        assert set(pattern.pattern.converters) == set(row.ids), name


def may(who: Identity, permission: Permission) -> bool:
    return who.role != NOBODY and permission in ROLES[who.role].permissions


def expected(row: Row, who: Identity, method: str, whose: str) -> set[int]:
    """Return the statuses that are right."""
    reads = method in {"GET", "HEAD"}
    if not reads and method != "POST":
        return {200, 405, 422} if row.view is None else {405}
    if reads and row.posts_only:
        return {405} if row.view is None or may(who, row.view) else {302, 403, 405}
    if method == "POST" and row.act is None and row.view is not None:
        return {405}
    needed = row.view if reads else row.act
    if needed is not None and not may(who, needed):
        return {403} if who.role != NOBODY else {302 if reads else 401}
    if row.ids and whose != "own":
        return {row.elsewhere}
    if reads and row.inside and who.role != NOBODY:
        return {row.inside}
    return {row.shown if reads else row.done}


def address_of(row: Row, things: dict[str, Any]) -> str:
    return reverse(row.name, kwargs={name: things[word] for name, word in row.ids.items()})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_page_answers_each_as_it_should(row: Row, world: World) -> None:
    wrong = []
    for who in world.people:
        for method in METHODS:
            tried = WHOSE if row.ids and method in {"GET", "HEAD", "POST"} else WHOSE[:1]
            answers = {whose: _asked(row, who, method, whose, world) for whose in tried}
            for whose, answer in answers.items():
                if answer.status_code not in expected(row, who, method, whose):
                    wrong.append(f"{who} {method} {whose}: {answer.status_code}")
                wrong += [f"{who} {method} {whose}: {told}" for told in _told(row, who, answer, world)]
            if (
                len(tried) == len(WHOSE)
                and comparable(answers["foreign"]) != comparable(answers["missing"])
                and row.view
            ):
                wrong.append(f"{who} {method}: foreign and missing differ")
    assert wrong == []


def _asked(row: Row, who: Identity, method: str, whose: str, world: World) -> Any:
    """Ask with ids of one kind; what else is sent is the asker's own."""
    own = world.things(who, "own")
    given = row.query(own) if method in {"GET", "HEAD"} else row.body(own)
    address = address_of(row, world.things(who, whose))
    if method in {"GET", "HEAD"} and given:
        address += "?" + "&".join(f"{name}={value}" for name, value in given.items())
        given = {}
    return ask(world.client, who, method, address, given)


def _told(row: Row, who: Identity, answer: Any, world: World) -> Iterator[str]:
    """Yield what an answer tells or leaves out that it must not."""
    if answer["Cache-Control"] != "no-store":
        yield f"Cache-Control {answer['Cache-Control']}"
    if "default-src 'none'" not in answer["Content-Security-Policy"]:
        yield "no policy"
    found = content(answer)
    if row.name != "verify":
        yield from (f"leaks {mark.decode()}" for mark in world.foreign_marks(who) if mark in found)


@pytest.mark.parametrize("row", [row for row in ROWS if row.act], ids=lambda row: row.name)
def test_a_form_without_its_token_does_nothing(row: Row, world: World) -> None:
    """Cross-site requests are refused before anything is looked up."""
    strict = Client(enforce_csrf_checks=True)
    who = next(who for who in world.people if may(who, row.act))  # type: ignore[arg-type]  # the list holds rows with act
    assert ask(strict, who, "POST", address_of(row, world.things(who, "own")), {}).status_code == 403
