"""R-07 at the pages: the same form sent four times at once by a nervous hand, and again later, has one effect.

The API's half, with idempotency keys, stands in tests/doors/api/test_repeats.py.
"""

import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from miaoce.api.v1.api import api
from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.children.models import Child
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal.models import Event
from tests.factories.children import make_children
from tests.factories.places import make_kindergarten, make_officer, signed_in
from tests.fire.dying import together
from tests.fire.sheets import sheet

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("without_threads")]

Say = Callable[[str], None]
WITHOUT_A_KEY = {
    "rows_mend": "the version of the row is its key: the second one finds another version (If-Match)",
    "children_search": "reads only; it is a POST so that no name stands in an address",
    "children_reveal": "every look is a look of its own and is logged as one",
    "children_edit": "the version of the record is its key (If-Match)",
    "papers_roll": "reads only; every print is a look of its own",
    "papers_cards": "reads only; every print is a look of its own",
    "proofs_keep": "the same bytes are the same proof",
    "transfers_code": "a new code takes the place of the one before",
    "transfers_guardian": "a code is used once",
    "handover_lookup": "reads only; it is a POST so that no name stands in an address",
    "subscriptions_create": "the same address again takes the place of the one before",
    "turn_change": "the version of the plan is its key (If-Match)",
    "subscriptions_end": "what has ended is found no more",
}


def pressing(client: Client, send: Callable[[Client], object]) -> Callable[[Say], None]:
    """Return the act of pressing a button in a browser of one's own with the same session."""

    def run(say: Say) -> None:
        hand = Client()
        hand.cookies = client.cookies
        answer = send(hand)
        say(f"{answer.status_code}:{answer.get('Location', '')}")

    return run


def pressed(client: Client, send: Callable[[Client], object], times: int = 4) -> list[str]:
    """Press a button so many times at once and once more later; return where each was led."""
    ended = together([pressing(client, send)] * times)
    assert [one.error for one in ended] == [""] * times
    later = send(client)
    return [word for one in ended for word in one.said] + [f"{later.status_code}:{later.get('Location', '')}"]


@pytest.mark.django_db(transaction=True)
def test_one_file_uploaded_four_times_at_once_is_one_batch() -> None:
    client = signed_in(make_officer("registrar", make_kindergarten()))
    data = sheet(8)

    def send(hand: Client) -> object:
        file = BytesIO(data)
        file.name = "幼儿.csv"
        return hand.post(reverse("intake"), {"file": file})

    led = pressed(client, send)
    batch = Batch.objects.get()
    assert {re.search(r"[0-9a-f-]{36}", word)[0] for word in led} == {str(batch.pk)}
    assert Row.objects.count() == batch.rows_read == 8


@pytest.mark.django_db(transaction=True)
def test_submitting_four_times_at_once_sends_each_child_once() -> None:
    client = signed_in(make_officer("registrar", make_kindergarten()))
    client.post(reverse("intake-paste"), {"text": sheet(8).decode()})
    address = reverse("intake-submit", args=[Batch.objects.get().pk])
    led = pressed(client, lambda hand: hand.post(address, {"promise": "1"}))
    assert {word[:3] for word in led} == {"302"}
    assert Child.objects.count() == Proposal.objects.count() == 8
    assert Counter(Event.objects.filter(verb="proposal.submitted").values_list("verb", flat=True)).total() == 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("verb", "past"), [("approve", "proposal.approved"), ("return", "proposal.returned")])
def test_deciding_four_times_at_once_decides_once(verb: str, past: str) -> None:
    place = make_kindergarten()
    make_children([{}] * 8, place, state=states.SUBMITTED)
    client = signed_in(make_officer("county_reviewer", place.office))
    picks = [f"{case}:{version}" for case, version in Proposal.objects.values_list("pk", "version")]
    chosen = client.post(reverse("approvals-choose"), {"pick": picks, "decision": verb})
    led = pressed(client, lambda hand: hand.post(chosen["Location"], {"words": "请补材料"}))
    decision = {str(pk) for pk in Proposal.objects.values_list("decision_id", flat=True)}
    assert len(decision) == 1
    assert {(word[:3], re.search(r"[0-9a-f-]{36}", word)[0]) for word in led} == {("302", decision.pop())}
    assert Event.objects.filter(verb=past).count() == 8
    assert set(Proposal.objects.values_list("version", flat=True)) == {2}


def test_every_write_of_the_api_is_repeatable() -> None:
    """Each takes an idempotency key, unless it says here what stands in for one."""
    bare = [
        operation["operationId"]
        for methods in api.get_openapi_schema()["paths"].values()
        for method, operation in methods.items()
        if method in {"post", "put", "patch", "delete"}
        and "Idempotency-Key" not in {parameter["name"] for parameter in operation.get("parameters", ())}
    ]
    assert [name for name in bare if name not in WITHOUT_A_KEY] == []
