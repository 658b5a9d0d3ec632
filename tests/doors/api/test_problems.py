"""Problem records over the API: the same words, decisions, merges and ways back as on the pages, in batches."""

import pytest

from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.problems import states
from miaoce.registry.problems.models import ProblemRecord
from tests.doors.api.test_corrections import Program
from tests.factories.problems import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def desk():
    return Desk()


def seen(problem, **more):
    """Return a problem in the version that stands."""
    return {"id": str(problem.pk), "version": ProblemRecord.objects.get(pk=problem.pk).version, **more}


def test_said_decided_merged_and_undone(desk):
    problem, first, second = desk.pair(desk.here, desk.beside)
    one, other = (Program(desk.officer("registrar", garden)) for garden in (desk.here, desk.beside))
    office = Program(desk.officer("county_reviewer", desk.tree.county))
    for side in (one, other):
        answer = side.send(
            "POST", "/problems/say", {"problems": [seen(problem, said="same", words="已对照户口簿")]}
        ).json()
        assert answer.get("done") == [str(problem.pk)], answer
    (line,) = office.send("GET", "/problems?turn=mine").json()["problems"]
    assert line["state"]["code"] == states.ARBITRATION and line["is_mine"]
    shown = one.send("GET", f"/problems/{problem.pk}").json()
    assert [side["child"] for side in shown["sides"]].count(None) == 1, "another unit's record is not named"
    assert "已对照户口簿" in shown["sides"][0]["words"]
    plan = office.send("GET", f"/problems/{problem.pk}/merge?keep={first.pk}").json()
    assert plan["keep"] == str(first.pk) and {"enrolment", "guardian"} <= {row["table"] for row in plan["rows"]}
    wanted = {"problems": [seen(problem, keep=str(first.pk), stay=str(second.pk))], "words": "是同一名"}
    assert office.send("POST", "/problems/merge", wanted).json()["done"] == [str(problem.pk)]
    again = office.send("POST", "/problems/merge", wanted).json()
    assert again["not_done"][0]["code"] == "PRB-01"
    undone = {"problems": [str(problem.pk)], "words": "点错了"}
    assert office.send("POST", "/problems/undo", undone).json()["done"] == [str(problem.pk)]
    assert office.send("POST", "/problems/undo", undone).json()["not_done"][0]["id"] == str(problem.pk)


def test_a_stranger_finds_nothing_and_moves_nothing(desk):
    problem, *_ = desk.pair(desk.here, desk.beside)
    stranger = Program(desk.officer("registrar", desk.far))
    assert stranger.send("GET", f"/problems/{problem.pk}").status_code == 404
    answer = stranger.send("POST", "/problems/say", {"problems": [seen(problem, said="same", words="是")]}).json()
    assert answer["done"] == [] and answer["not_done"][0]["code"] == "PRB-01"
    office = Program(desk.officer("county_reviewer", desk.tree.far_county))
    decided = {"decision": "different", "problems": [seen(problem)], "words": "不是"}
    assert office.send("POST", "/problems/decide", decided).json()["done"] == []
    assert office.send("GET", f"/problems/{problem.pk}/merge").status_code == 404


def test_a_decision_needs_words_and_a_key(desk):
    problem, *_ = desk.pair(desk.here, desk.beside)
    office = Program(desk.officer("county_reviewer", desk.tree.county))
    decided = {"decision": "different", "problems": [seen(problem)], "words": ""}
    assert office.send("POST", "/problems/decide", decided).json()["code"] == "PRB-04"
    assert office.send("POST", "/problems/decide", decided, HTTP_IDEMPOTENCY_KEY="").status_code in {400, 422, 428}
    early = office.send("POST", "/problems/decide", {"decision": "take_up", "problems": [seen(problem)]}).json()
    assert early["not_done"][0]["code"] == "PRB-07"
    assert office.send("GET", "/problems?turn=decided").json() == {"problems": [], "next": None}


def test_split_by_its_county_with_what_was_checked(desk):
    problem, kept, _ = desk.pair(desk.here, desk.beside)
    desk.merge(desk.arbitrated(problem), kept)
    kept.refresh_from_db()
    stay = Enrolment.objects.get(child_id=kept.pk, ended_on=None)
    second = {"name": "陈子木", "sex": "男", "birth_date": "2023-01-03", "id_type": "暂无证件"}
    one = seen(problem, child_version=kept.version, stays=[str(stay.pk)], second=second)
    wanted = {"problems": [one], "words": "户口簿上是两名幼儿"}
    stranger = Program(desk.officer("county_reviewer", desk.tree.far_county))
    assert stranger.send("POST", "/problems/split", wanted).json()["not_done"][0]["code"] == "PRB-01"
    office = Program(desk.officer("county_reviewer", desk.tree.county))
    wrong = wanted | {"problems": [one | {"second": second | {"birth_date": "2023-13-40"}}]}
    assert office.send("POST", "/problems/split", wrong).json()["not_done"][0]["code"] == "COR-05"
    (done,) = office.send("POST", "/problems/split", wanted).json()["done"]
    assert (done["child"], done["id"]) == (str(kept.pk), str(problem.pk))
    assert str(Enrolment.objects.get(pk=stay.pk).child_id) == done["new_child"]
