"""docs/api.md says what is: every operation with its scope, every problem of the door with its status."""

import json
import re
from pathlib import Path

from miaoce.api import problems
from miaoce.api.v1.api import api
from miaoce.api.v1.examples import REQUESTS, RESPONSES
from miaoce.registry.refusals import Refusal
from tests.doors.api.conftest import Place

HANDBOOK = (Path(__file__).parents[3] / "docs" / "api.md").read_text()


def test_every_operation_stands_with_its_call_and_scope():
    said = {}
    for name, method, path, scope in re.findall(r"^\| `(\w+)` \| ([A-Z]+) (\S+) \| (.+?) \|$", HANDBOOK, re.MULTILINE):
        first = re.match(r"`([a-z]+:[a-z]+)`", scope)
        said[name] = (method.lower(), path.split("?")[0], [first[1]] if first else [])
    described = api.get_openapi_schema(path_prefix="")
    scopes = api.scopes()
    assert said == {
        operation["operationId"]: (method, path, scopes[operation["operationId"]])
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_every_problem_of_the_door_stands_with_its_status():
    said = dict(re.findall(r"^\| `(API-\d\d)` \| (\d{3}) \|", HANDBOOK, re.MULTILINE))
    own = [kind for kind in vars(problems).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
    assert said == {kind.code: str(kind.http) for kind in own if kind is not Refusal}
    assert set(problems.TITLES) >= {kind.http for kind in own}


def test_the_child_of_the_examples_can_be_submitted(place: Place):
    answer = place.registrar.post("/rows", REQUESTS["rows_submit"]).json()
    shown = RESPONSES["rows_submit"]["rows"][0]
    (line,) = answer["rows"]
    assert (line["state"], line["given"]) == (shown["state"], shown["given"])
    assert line["values"] == shown["values"]
    assert set(line) == set(shown)
    assert set(answer["batch"]) == set(RESPONSES["rows_submit"]["batch"])


def test_the_walk_brings_in_a_child_that_is_ready_and_one_to_mend(place: Place):
    roll = re.search(r"<<'END'\n(.*?)\nEND\n", HANDBOOK, re.DOTALL)
    assert roll is not None
    first, second = place.registrar.post("/rows", json.loads(roll[1])).json()["rows"]
    assert (first["state"], second["state"]) == ("ready", "fix")
    mended = place.registrar.patch(f"/rows/{second['id']}", {"values": {"ethnicity": "汉族"}}, version=1).json()
    assert mended["row"]["state"] == "ready"
