"""The API does what its description says: schemathesis sends it whatever the description allows and forbids."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import ChecksConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

from miaoce.api.problems import MEDIA_TYPE
from miaoce.api.v1.api import api
from miaoce.registry.access.officers import the_system
from miaoce.registry.access.permissions import Permission
from miaoce.registry.approvals import states as cases
from miaoce.registry.approvals.models import Proposal
from miaoce.registry.handover import actions as handover
from miaoce.registry.handover import webhooks
from miaoce.registry.handover.models import Handover
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import opening as problems
from miaoce.registry.reference.rows import LISTS
from miaoce.registry.transfers import opening
from tests.doors.api.conftest import Place, bring_in, row
from tests.factories.children import make_child

SCOPES = api.scopes()
V1 = Path(__file__).parents[3] / "miaoce" / "api" / "v1"
MOST = int(os.environ.get("MIAOCE_API_EXAMPLES", "10"))
CHECKS = ChecksConfig.from_dict(
    {
        # A request may fit the description and still be refused: a cursor nobody gave out, a reason that is missing, a
        # version that is older, a row of another batch, more than 2 MB. The refusal is a problem document with a code of its own.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "403", "404", "409", "412", "413", "422"]},
        # A change without its version is 428 (RFC 6585), which schemathesis does not count among the usual ones.
        "missing_required_header": {"expected-statuses": ["401", "422", "428"]},
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "404", "405", "409", "413", "415", "422", "428"]
        },
    }
)


@pytest.fixture
def schema(db: None) -> Iterator[Any]:
    """Load the description from the running application; its requests share the test's transaction."""
    inner = get_wsgi_application()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        """Keep the connection open between requests; Django's own test client closes the question again after each."""
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        return inner(environ, start_response)

    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(checks=CHECKS)))
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=config)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known(place: Place, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Make one of everything, own and foreign, so that addresses lead somewhere."""
    mine, theirs = bring_in(place.registrar, row(), row(ethnicity="汗族")), bring_in(place.stranger, row())
    child, waiting = make_child(place.own), make_child(place.own, state=cases.SUBMITTED, name="林小满")
    case = Proposal.objects.get(child_id=waiting.pk)
    with journal.process("transfer.invite", actor=place.registrar.officer, at=timezone.now()) as process:
        (transfer,) = opening.invite(child_ids=[make_child(place.own).pk], process=process).done
    chosen = place.county.post("/approvals/selections", {"cases": [{"id": str(case.pk), "version": case.version}]})
    gone = make_child(place.own, name="林小学")
    pair = sorted(make_child(place.own, name="林小双").pk for _ in range(2))
    with journal.process("problem.open", actor=the_system("查重"), at=timezone.now()) as process:
        (problem,) = problems.open_found(
            pairs=[problems.Found(pair[0], pair[1], "1100000000000", "review")], process=process
        ).new
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("93.184.216.34", 443))])
    with journal.process("handover.claim", actor=place.school.officer, at=timezone.now()) as process:
        handover.claim(chosen={gone.pk: "number"}, process=process)
        told, _ = webhooks.subscribe(url="https://127.0.0.1.example/hook", process=process)
    return {
        "handover_id": [str(Handover.objects.get(child_id=gone.pk).pk)],
        "subscription_id": [str(told.pk)],
        "row_id": [mine["rows"][0]["id"], mine["rows"][1]["id"], theirs["rows"][0]["id"]],
        "batch_id": [mine["batch"]["id"], theirs["batch"]["id"]],
        "child_id": [str(child.pk), str(waiting.pk)],
        "case_id": [str(case.pk)],  # a registration: found nowhere by the operations of other cases
        "kindergarten_id": [str(place.own.pk), str(place.foreign.pk)],
        "transfer_id": [str(transfer.pk)],
        "problem_id": [str(problem.pk)],
        "code": [place.own.code, place.foreign.code],
        "correction_id": [str(case.pk)],  # another kind of case: found nowhere
        "selection_id": [chosen.json()["id"]],
        "list_name": list(LISTS),
    }


def token_for(place: Place, scopes: list[str]) -> str:
    """Return the token that holds the scope of an operation."""
    decides = {
        str(Permission.APPROVAL_DECIDE),
        str(Permission.APPROVAL_VIEW),
        str(Permission.TRANSFER_DECIDE),
        str(Permission.CASE_DECIDE),
        str(Permission.INSTITUTION_CHANGE),
        str(Permission.PROBLEM_DECIDE),
    }
    if str(Permission.HANDOVER_CLAIM) in scopes:
        return place.school.secret
    return place.county.secret if decides & set(scopes) else place.registrar.secret


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does-not-fit"])
@pytest.mark.parametrize("name", sorted(SCOPES))
def test_an_operation_answers_as_it_is_described(
    name: str, mode: GenerationMode, schema: Any, place: Place, known: dict[str, list[str]]
):
    operation = schema.find_operation_by_id(name)
    headers = {"Authorization": f"Bearer {token_for(place, SCOPES[name])}", "Accept-Encoding": "identity"}
    named = [part.name for part in operation.path_parameters]
    strategies = [operation.as_strategy(generation_mode=mode)]
    if named:
        strategies += [
            operation.as_strategy(generation_mode=mode, path_parameters={named[0]: i}) for i in known[named[0]]
        ]

    @settings(
        max_examples=MOST, deadline=None, database=None, phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=st.one_of(strategies))
    def send(case: Any) -> None:
        case.call_and_validate(headers=headers)

    send()


def test_every_operation_has_scopes_problems_and_words(schema: Any):
    raw = schema.raw_schema
    for methods in raw["paths"].values():
        for method, operation in methods.items():
            assert operation["security"] == [{"AccessToken": SCOPES[operation["operationId"]]}]
            assert operation["summary"] and operation["description"]
            assert {"401", "403", "404", "500"} <= set(operation["responses"])
            if method != "get":
                assert operation["requestBody"]["content"]["application/json"]["examples"], operation["operationId"]
                assert {"400", "409", "413", "415", "422"} <= set(operation["responses"])
    assert set(raw["components"]["responses"]["Problem409"]["content"]) == {MEDIA_TYPE}


def test_the_description_is_open_and_names_no_machine(schema: Any, client: Any):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")
    assert answer.json()["servers"] == [{"url": "/"}]


def test_every_name_reads_noun_and_verb():
    assert [name for name in SCOPES if name.count("_") != 1] == []
    known = {str(permission) for permission in Permission}
    assert {scope for scopes in SCOPES.values() for scope in scopes} <= known


def test_no_two_shapes_share_a_name():
    """The description knows a shape by its name alone: the later one would stand for both."""
    shapes = Counter(re.findall(r"^class (\w+)\(", "\n".join(f.read_text() for f in V1.glob("*.py")), re.MULTILINE))
    assert len(shapes) > 50
    assert [name for name, times in shapes.items() if times > 1] == []
