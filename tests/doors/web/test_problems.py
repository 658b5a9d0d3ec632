"""问题学籍: the list by turn, kind and words; the one page of a pair, masked for each side; choices by two keys."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.journal.models import Reading
from miaoce.registry.matching.figures import measured
from miaoce.registry.problems import states
from miaoce.registry.problems.models import ProblemRecord
from tests.factories import places
from tests.factories.children import document_number
from tests.factories.problems import Desk
from tests.factories.proofs import photo

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def clerk(desk):
    return desk.officer("registrar", desk.here)


@pytest.fixture
def reviewer(desk):
    return desk.officer("county_reviewer", desk.tree.county)


def listed(officer, query: str = "") -> str:
    return places.signed_in(officer).get(reverse("problems") + query).content.decode()


def page(officer, problem, query: str = "", **headers) -> str:
    answer = places.signed_in(officer).get(reverse("problem", args=[problem.pk]) + query, headers=headers)
    return answer.content.decode()


def test_both_kindergartens_see_one_pair_and_a_third_sees_nothing(desk):
    problem, *_ = desk.pair(desk.here, desk.beside)
    for garden in (desk.here, desk.beside):
        shown = listed(desk.officer("registrar", garden))
        assert "陈子墨" in shown and "疑似同一名幼儿" in shown
    stranger = desk.officer("registrar", desk.far)
    assert "没有要办的问题学籍" in listed(stranger)
    client = places.signed_in(stranger)
    foreign = client.get(reverse("problem", args=[problem.pk]))
    missing = client.get(reverse("problem", args=[problem.one_id]))
    assert foreign.status_code == missing.status_code == 404


def test_the_other_side_is_masked_to_what_decides(desk, clerk):
    phone = {"guardian1_phone": "13811112222", "guardian1_name": "陈大山"}
    problem = desk.problem(desk.child(desk.here, **phone), desk.child(desk.beside, **phone))
    shown = page(clerk, problem)
    assert "本园" in shown and "柳莺幼儿园" in shown
    assert shown.count("陈大山") == 1 and "陈某" in shown
    assert len(re.findall(r"138<span[^>]*>\*\*\*\*</span>.{0,60}2222", shown)) == 1 and "13811112222" not in shown
    assert Reading.objects.filter(what="problem.page").exists()


def test_the_list_is_narrowed_by_turn_kind_and_words(desk, clerk, reviewer):
    desk.problem(desk.child(desk.here, name="林小满"), desk.child(desk.beside, name="林小满"))
    desk.open_documents({desk.child(desk.here, name="周一诺").pk: states.CHECK_DIGIT})
    assert "林小满" in listed(clerk) and "周一诺" in listed(clerk)
    assert "林小满" not in listed(clerk, "?kind=check_digit")
    assert "周一诺" not in listed(clerk, "?q=林小满")
    assert "没有符合的问题学籍" in listed(clerk, "?q=没有这个人")
    assert "没有要办的" in listed(reviewer) and "林小满" in listed(reviewer, "?tab=others")
    assert "还没有合并过的" in listed(clerk, "?tab=merged")


def test_the_list_asks_the_same_however_long_it_is(desk, clerk):
    def cost() -> int:
        client = places.signed_in(clerk)
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("problems"))
        return len(asked)

    desk.pair(desk.here, desk.beside)
    first = cost()
    for _ in range(4):
        desk.pair(desk.here, desk.beside)
    assert cost() == first


def test_a_choice_says_what_it_will_do_before_it_is_confirmed(desk, clerk):
    problem, *_ = desk.pair(desk.here, desk.beside)
    whole = page(clerk, problem)
    assert re.search(r'data-key="1"[^>]*>是同一名<', whole) and "每个选择会怎样" in whole
    part = page(clerk, problem, "?choice=same", **{"HX-Request": "true", "HX-Target": "bar"})
    assert "确认：是同一名" in part and "<html" not in part and 'id="effects"' in part
    assert "确认：是同一名" in page(clerk, problem, "?choice=same"), "and without any script"


def test_a_document_stands_at_the_same_desk_with_its_advice(desk, clerk):
    problem = desk.open_documents({desk.child(desk.here).pk: states.CHECK_DIGIT}).new[0]
    shown = page(clerk, problem)
    assert "最后一位和前面对不上" in shown
    for label in ("佐证", "变更", "删除"):
        assert f">{label}…<" in shown


def test_what_a_pair_hangs_together_with_is_set_beside_it(desk, clerk):
    one, two, three = (desk.child(garden) for garden in (desk.here, desk.beside, desk.far))
    problem = desk.problem(one, two)
    desk.problem(one, three)
    assert "连同相关的一起看" in page(clerk, problem)
    together = page(clerk, problem, "?all=1")
    assert "相关的几件" in together and "桥鹭幼儿园" in together and "柳莺幼儿园" in together


def test_a_value_is_shown_for_a_reason_and_only_of_the_own_record(desk, clerk):
    problem, mine, other = desk.pair(desk.here, desk.beside)
    client, where = places.signed_in(clerk), reverse("problem-reveal", args=[problem.pk])
    asked = {"what": f"{mine.pk.hex}:document_number", "reason": "check_document"}
    shown = client.post(where, asked, headers={"HX-Request": "true"}).content.decode()
    assert re.search(r"<b>990101\d{11}[\dX]</b>", shown)
    assert client.post(where, asked | {"reason": ""}).status_code == 422
    assert client.post(where, asked | {"what": f"{other.pk.hex}:document_number"}).status_code == 404
    assert Reading.objects.filter(reason="核对证件").count() == 1


def test_the_quality_page_tells_figures_and_how_decisions_turned_out(desk, reviewer, clerk):
    desk.pair(desk.here, desk.beside)
    shown = places.signed_in(reviewer).get(reverse("match-quality")).content.decode()
    assert measured()[0].elsewhere in shown and "禾雀幼儿园" in shown and "站住的" in shown
    assert places.signed_in(clerk).get(reverse("match-quality")).status_code == 403


def chosen(problem, choice: str, ground: str = "已对照户口簿，是同一名", **more):
    return {"choice": choice, "version": fresh(problem).version, "ground": ground, **more}


def fresh(problem):
    return ProblemRecord.objects.get(pk=problem.pk)


def said(problem, officer, choice: str, ground: str, **headers):
    where = reverse("problem-say", args=[problem.pk])
    return places.signed_in(officer).post(where, chosen(problem, choice, ground), headers=headers)


def arbitrated(desk, one=None, other=None):
    """Return a pair of which both sides have said their word."""
    one, other = one or desk.here, other or desk.beside
    problem, *_ = desk.pair(one, other)
    said(problem, desk.officer("registrar", one), "same", "已对照户口簿，是同一名")
    said(problem, desk.officer("registrar", other), "different", "双胞胎，户口簿上各有一页")
    assert fresh(problem).state == states.ARBITRATION
    return fresh(problem)


def test_both_sides_speak_and_the_county_reads_both(desk, clerk, reviewer):
    problem, *_ = desk.pair(desk.here, desk.beside)
    answer = said(problem, clerk, "same", "已对照户口簿，是同一名")
    assert answer.status_code == 302
    shown = page(desk.officer("registrar", desk.beside), problem)
    assert "是同一名幼儿" in shown and "已对照户口簿，是同一名" in shown
    said(problem, desk.officer("registrar", desk.beside), "different", "双胞胎，户口簿上各有一页")
    assert fresh(problem).state == states.ARBITRATION
    shown = page(reviewer, problem)
    assert "双胞胎，户口簿上各有一页" in shown and "不是同一名：都保留" in shown
    assert "等我办<b>1</b>" in listed(reviewer)


def test_two_keys_decide_a_pair_and_the_next_one_stands_there(desk, reviewer):
    first, second = arbitrated(desk), arbitrated(desk)
    client = places.signed_in(reviewer)
    sent = chosen(first, "different", "佐证显示是两名幼儿")
    answer = client.post(reverse("problem-decide", args=[first.pk]), sent, headers={"HX-Request": "true"})
    shown = answer.content.decode()
    assert fresh(first).state == states.DIFFERENT
    assert "已认定不是同一名" in shown and f"/problems/{second.pk}/" in shown and "<html" not in shown
    assert answer["HX-Push-Url"].startswith(f"/problems/{second.pk}/")
    sent = chosen(second, "different", "佐证显示是两名幼儿")
    answer = client.post(reverse("problem-decide", args=[second.pk]), sent, headers={"HX-Request": "true"})
    assert "都办完了" in answer.content.decode()


def test_what_changed_meanwhile_is_refused_and_shown_as_it_is(desk, reviewer):
    problem = arbitrated(desk)
    sent = chosen(problem, "different", "佐证显示是两名幼儿") | {"version": problem.version - 1}
    answer = places.signed_in(reviewer).post(reverse("problem-decide", args=[problem.pk]), sent)
    assert answer.status_code == 409 and "有变动，请刷新后再办" in answer.content.decode()


def test_a_decision_without_its_ground_is_refused(desk, reviewer):
    problem = arbitrated(desk)
    sent = chosen(problem, "different", "随便写的")
    answer = places.signed_in(reviewer).post(reverse("problem-decide", args=[problem.pk]), sent)
    assert answer.status_code == 422 and "请写明理由" in answer.content.decode()


def test_the_county_asks_for_more_and_the_kindergarten_reads_why(desk, reviewer, clerk):
    problem = arbitrated(desk)
    client, where = places.signed_in(reviewer), reverse("problem-decide", args=[problem.pk])
    sent = {"choice": "send_back", "version": problem.version, "words": ""}
    assert client.post(where, sent).status_code == 422
    assert client.post(where, sent | {"words": "请补户口簿幼儿页"}).status_code == 302
    assert "请补户口簿幼儿页" in page(clerk, problem) and fresh(problem).state == states.OPEN


def test_a_kindergarten_that_holds_both_decides_that_they_are_two(desk, clerk):
    problem, *_ = desk.pair(desk.here, desk.here)
    assert "不是同一名：都保留" in page(clerk, problem)
    said(problem, clerk, "different", "双胞胎，户口簿上各有一页")
    assert fresh(problem).state == states.DIFFERENT


def test_evidence_is_filed_with_its_proof_and_seen_by_the_office_alone(desk, clerk, reviewer):
    problem, mine, _ = desk.pair(desk.here, desk.beside)
    picture = SimpleUploadedFile("户口簿.jpg", photo())
    sent = {
        "said": "same", "words": "", "version": problem.version, "proof_kind": "household_book", "proof_files": [picture],
    }  # fmt: skip
    client, where = places.signed_in(clerk), reverse("problem-say", args=[problem.pk])
    assert client.get(where).status_code == 200
    assert client.post(where, sent).status_code == 302
    said(problem, desk.officer("registrar", desk.beside), "same", "已向监护人核实，是同一名")
    proof = ProofFile.objects.get(child_id=mine.pk)
    assert "户口簿（首页和幼儿页）" in page(reviewer, problem)
    assert "交了 1 份证明" in page(desk.officer("registrar", desk.beside), problem)
    look = reverse("problem-proof", args=[problem.pk, proof.pk])
    office = places.signed_in(reviewer)
    shown = office.post(look, {"reason": "check_document"}).content.decode()
    address = re.search(r'src="(/problems/[^"]+)"', shown)[1].replace("&amp;", "&")
    assert office.get(address)["Content-Type"] == "image/jpeg"
    assert office.get(address.partition("?")[0]).status_code == 422
    assert office.post(look, {"reason": ""}).status_code == 422
    assert client.post(look, {"reason": "check_document"}).status_code == 403


def test_a_change_is_filed_from_the_problem_and_decided_by_the_county_as_any_other(desk, clerk):
    child = desk.child(desk.here, id_number=document_number(serial=777))  # its last but one digit says a boy
    problem = desk.open_documents({child.pk: states.CHECK_DIGIT}).new[0]
    client, where = places.signed_in(clerk), reverse("problem-change", args=[problem.pk])
    assert client.get(where).status_code == 200
    picture = SimpleUploadedFile("户口簿.jpg", photo())
    sent = {
        "name": "陈子默", "sex": "男", "birth_date": "2023-01-03", "id_type": "居民身份证", "id_number": "", "words": "",
        "reason": "recorded_wrong", "true_since": "", "version": problem.version, "proof_kind": "household_book",
        "proof_files": [picture],
    }  # fmt: skip
    assert client.post(where, sent).status_code == 302
    assert Case.objects.filter(child_id=problem.one_id, kind="correction").exists()
    assert "变更" in page(clerk, problem)


def test_a_deletion_is_filed_from_the_problem(desk, clerk):
    problem, mine, _ = desk.pair(desk.here, desk.beside)
    client, where = places.signed_in(clerk), reverse("problem-void", args=[problem.pk])
    assert client.post(where, {"version": problem.version, "on": "", "words": ""}).status_code == 422
    sent = {"version": problem.version, "on": timezone.localdate().isoformat(), "words": "重复登记，孩子不在本园"}
    assert client.post(where, sent).status_code == 302
    assert Case.objects.filter(child_id=mine.pk, kind="cancellation").exists()
