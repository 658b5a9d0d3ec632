"""Foreign ids in bodies and queries answer like missing ones, show nothing and change nothing."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child
from miaoce.registry.intake.models import Row
from miaoce.registry.transfers.models import Transfer
from tests.matrix.answers import ask, comparable, content
from tests.matrix.nested import NESTED, Nested
from tests.matrix.world import OTHER, Identity, World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def asked(row: Nested, who: Identity, whose: str, world: World) -> Any:
    own, tried = world.things(who, "own"), world.things(who, whose)
    address, sent = row.address.format(**own), row.sent(tried)
    if row.method == "GET":
        return ask(world.client, who, "GET", f"{address}?{urlencode(sent)}")
    if row.is_json:
        return ask(
            world.client, who, row.method, address, json.dumps(sent), content_type="application/json", **row.headers
        )
    return ask(world.client, who, row.method, address, sent)


@pytest.mark.parametrize("row", NESTED, ids=lambda row: row.label)
@pytest.mark.parametrize("side", sorted(OTHER))
def test_a_nested_id_that_is_foreign_answers_like_a_missing_one(row: Nested, side: str, world: World) -> None:
    everybody = world.programs if row.is_json else world.people
    who = next(who for who in everybody if who.role == row.role and who.side == side)
    own, foreign, missing = (asked(row, who, whose, world) for whose in ("own", "foreign", "missing"))
    assert (own.status_code, foreign.status_code) == (row.own, row.other), content(own).decode()[:400]
    theirs = world.things(who, "foreign")
    told = (
        content(foreign).replace(f"{theirs['mark']}童".encode(), b"?")
        if row.label.endswith("mark")
        else content(foreign)
    )
    assert [mark for mark in world.foreign_marks(who) if mark in told] == []
    assert comparable_without_words(foreign, theirs) == comparable_without_words(missing, world.missing)


def comparable_without_words(answer: Any, things: dict[str, Any]) -> Any:
    """Return an answer without the caller's own words in it."""
    status, found, headers = comparable(answer)
    for word in ("mark", "kindergarten_code", "office", "token"):
        found = found.replace(str(things[word]).encode(), b"<word>").replace(
            quote(str(things[word])).encode(), b"<word>"
        )
    return status, found, [(name, value.replace(str(things["kindergarten_code"]), "")) for name, value in headers]


def test_what_was_asked_changed_nothing(world: World) -> None:
    """Foreign ids sent in earnest: the other side's cases, children and rows stand as before."""
    before = standing()
    for row in NESTED:
        everybody = world.programs if row.is_json else world.people
        for who in (who for who in everybody if who.role == row.role and who.officer):
            others = OTHER[who.side]
            asked(row, who, "foreign", world)
            assert standing()[others] == before[others], row.label


def standing() -> dict[str, Any]:
    """Return the state of every case, child and row by side."""
    found: dict[str, Any] = {}
    for side, code in (("here", "990101"), ("there", "990201")):
        found[side] = (
            sorted(Proposal.objects.filter(office__code=code).values_list("pk", "state", "version")),
            sorted(Child.objects.filter(office__code=code).values_list("pk", "state", "standing", "version")),
            sorted(Row.objects.filter(batch__kindergarten__office__code=code).values_list("pk", "state", "version")),
            sorted(Transfer.objects.filter(from_office__code=code).values_list("pk", "state", "version")),
        )
    return found
