"""The county's approvals as a reviewer works with them: list, panel, choosing, deciding, taking back."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.approvals import queries, states
from miaoce.registry.approvals.models import Proposal, Selection
from miaoce.registry.journal.models import Process, Reading
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def garden():
    return places.make_kindergarten(code="1199000001", name="青禾中心幼儿园")


@pytest.fixture
def reviewer(garden):
    return places.make_officer("county_reviewer", garden.office, name="李建华")


@pytest.fixture
def county(client, reviewer):
    return places.sign_in(client, reviewer)


def waiting(garden, number=1, risk=0, flags=(), **given):
    rows = [{"name": f"陈{chr(0x4E00 + index)}", **given} for index in range(number)]
    made = children.make_children(rows, garden, state=states.SUBMITTED, at=timezone.now() - timedelta(days=2))
    cases = Proposal.objects.filter(child_id__in=[child.pk for child in made])
    cases.update(risk=risk, flags=list(flags))
    return list(cases.order_by("id"))


def picks(cases):
    return [f"{case.pk}:{case.version}" for case in cases]


def text(answer):
    return answer.content.decode()


def test_risky_cases_stand_first_and_clean_ones_are_ticked(county, garden):
    clean = waiting(garden, 2)
    risky = waiting(garden, 1, risk=3, flags=["SAME_CHILD_ELSEWHERE"], name="赵一鸣", birth_date="2023-01-09")
    answer = county.get("/approvals/")
    lines = answer.context["lines"]
    assert [line.case.pk for line in lines] == [risky[0].pk, *[case.pk for case in clean]]
    page = text(answer)
    assert "可能重复" in page
    ticked = re.findall(r'name="pick" value="([0-9a-f-]+):1" checked', page)
    assert sorted(ticked) == sorted(str(case.pk) for case in clean)
    assert "已选 2 名（本页无异常）" in page


def test_the_list_logs_whom_it_shows_and_writes_nothing_else(county, garden):
    cases = waiting(garden, 2)
    before = Process.objects.count()
    county.get("/approvals/")
    reading = Reading.objects.get()
    assert (reading.what, reading.actor_name) == ("approval.list", "李建华")
    assert sorted(reading.child_ids.split(",")) == sorted(case.child_id.hex for case in cases)
    assert Process.objects.count() == before


def test_the_list_costs_the_same_statements_for_three_and_for_sixty(county, garden):
    waiting(garden, 3)
    with CaptureQueriesContext(connection) as few:
        county.get("/approvals/")
    waiting(garden, 60, birth_date="2023-04-04")
    with CaptureQueriesContext(connection) as many:
        county.get("/approvals/")
    assert len(few) == len(many) <= 22


def test_tabs_count_to_a_thousand_and_no_further(county, garden, monkeypatch):
    waiting(garden, 6)
    monkeypatch.setattr(queries, "MOST", 4)
    page = text(county.get("/approvals/"))
    assert "待审批<b>4+</b>" in page
    assert "要细看<b>0</b>" in page


def test_pages_follow_each_other_without_counting(county, garden, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 4)
    waiting(garden, 10)
    waiting(garden, 1, risk=2, birth_date="2023-06-06")
    seen, address = [], "/approvals/"
    for _ in range(3):
        answer = county.get(address)
        seen += [line.case.pk for line in answer.context["lines"]]
        address = f"/approvals/{answer.context['following']}"
    assert len(seen) == len(set(seen)) == 11
    assert answer.context["following"] == ""
    back = county.get(f"/approvals/{answer.context['previous']}")
    assert [line.case.pk for line in back.context["lines"]] == seen[4:8]


def test_filters_live_in_the_address(county, garden):
    other = places.make_kindergarten(garden.office, code="1199000002", name="小星星幼儿园")
    mine, theirs = waiting(garden, 1), waiting(other, 1, birth_date="2023-03-03")
    page = county.get("/approvals/?kindergarten=1199000002")
    assert [line.case.pk for line in page.context["lines"]] == [theirs[0].pk]
    assert mine[0].pk != theirs[0].pk
    assert text(county.get("/approvals/?tab=look")).count("data-row>") == 0
    assert county.get("/approvals/?tab=nonsense").status_code == 200


def test_the_empty_list_says_what_will_come(county, garden):
    assert "还没有待审批的幼儿" in text(county.get("/approvals/"))
    case = waiting(garden)[0]
    county.post(reverse("approvals-one", args=[case.pk]), {"pick": picks([case])})
    page = text(county.get("/approvals/"))
    assert "都批完了" in page
    assert "今天批准 1 名" in page


# the panel ------------------------------------------------------------------------------------------------------------


def test_opening_a_case_is_a_post_and_shows_the_panel(county, garden):
    number = children.document_number(serial=101)  # odd: a boy's
    case = waiting(garden, 1, name="赵一鸣", id_number=number)[0]
    assert "还没打开看" in text(county.get(f"/approvals/?case={case.pk}"))
    assert Proposal.objects.get().opened_at is None
    answer = county.post(reverse("approvals-open", args=[case.pk]), {"tab": "pending"})
    assert answer["Location"] == f"/approvals/?case={case.pk}"
    assert Proposal.objects.get().opened_at is not None
    page = text(county.get(answer["Location"]))
    for words in ("证件号格式、校验位正确", "没有相似的记录", "小一班 1 / 25 人，有空位", "990101<span aria-hidden"):
        assert words in page
    assert "13800005678" not in page
    assert Reading.objects.filter(what="approval.panel").count() == 1
    assert county.get(reverse("approvals-open", args=[case.pk])).status_code == 405


def test_htmx_gets_the_panel_alone(county, garden):
    case = waiting(garden)[0]
    answer = county.post(reverse("approvals-open", args=[case.pk]), headers={"HX-Request": "true"})
    assert text(answer).startswith('<aside class="card side" id="side"')
    assert "<html" not in text(answer)


def test_a_like_record_stands_beside_it_masked(county, garden):
    elsewhere = places.make_kindergarten(places.make_office_tree().other_county, name="柳溪镇中心幼儿园")
    children.make_child(elsewhere, name="赵一鸣", birth_date="2023-01-01", guardian1_name="赵建国")
    case = waiting(garden, 1, risk=3, flags=["SAME_CHILD_ELSEWHERE"], name="赵一鸣", birth_date="2023-01-01")[0]
    page = text(county.post(reverse("approvals-open", args=[case.pk]), headers={"HX-Request": "true"}))
    assert "与 1 名幼儿相似" in page
    assert "柳溪镇中心幼儿园 小一班" in page
    assert "赵建国" not in page, "a guardian of another county is masked"
    assert Reading.objects.filter(what="approval.compare").count() == 1
    assert 'data-key="d"' in page


def test_a_colleague_who_looks_at_the_same_case_is_named(county, garden):
    case = waiting(garden)[0]
    colleague = places.signed_in(places.make_officer("county_reviewer", garden.office, name="张敏"))
    county.post(reverse("approvals-open", args=[case.pk]), headers={"HX-Request": "true"})
    page = text(colleague.post(reverse("approvals-open", args=[case.pk]), headers={"HX-Request": "true"}))
    assert "刚刚李建华也在看" in page


def test_approving_from_the_panel_opens_the_next_one_to_look_at(county, garden):
    first, second = waiting(garden, 2, risk=2, flags=["NO_PAPERS"])
    waiting(garden, 1, birth_date="2023-08-08")
    answer = county.post(reverse("approvals-one", args=[first.pk]), {"pick": picks([first])})
    assert f"case={second.pk}" in answer["Location"]
    assert Proposal.objects.get(pk=first.pk).state == states.APPROVED
    assert Proposal.objects.get(pk=second.pk).opened_at is not None
    answer = county.post(reverse("approvals-one", args=[second.pk]), {"pick": picks([second])})
    assert "tab=clean" in answer["Location"]


def test_a_panel_that_is_out_of_date_approves_nothing(county, garden):
    case = waiting(garden)[0]
    Proposal.objects.update(version=4)
    answer = county.post(reverse("approvals-one", args=[case.pk]), {"pick": picks([case])}, follow=True)
    assert "您打开后这一件有变动" in text(answer)
    assert "成功 0，没办成 1" in text(answer)
    assert Proposal.objects.get().state == states.SUBMITTED


# choosing and deciding ------------------------------------------------------------------------------------------------


def choose(client, **data):
    return client.post("/approvals/choose/", data)


def approve_all_seen(client, address):
    selection = Selection.objects.get()
    return client.post(address, {"seen": selection.sample}, follow=True)


def test_few_are_approved_after_a_page_that_says_where(county, garden):
    cases = waiting(garden, 3)
    answer = choose(county, pick=picks(cases[:2]), decision="approve")
    page = text(county.get(answer["Location"]))
    assert "批准 2 名" in page
    assert "青禾中心幼儿园" in page
    assert 'name="seen"' not in page
    done = county.post(answer["Location"], follow=True)
    assert "已批准 2 名" in text(done)
    assert Proposal.objects.filter(state=states.APPROVED).count() == 2


def test_all_that_match_are_chosen_on_the_server_and_five_are_shown_large(county, garden):
    waiting(garden, 30)
    waiting(garden, 2, risk=2, birth_date="2023-09-09")
    assert "已选全部 30 名无异常的" in text(county.get("/approvals/?tab=clean&all=1"))
    answer = choose(county, tab="clean", all="1", decision="approve")
    page = text(county.get(answer["Location"]))
    assert "批准 30 名" in page
    assert page.count('name="seen"') == 5
    refused = county.post(answer["Location"], {"seen": Selection.objects.get().sample[:4]})
    assert refused.status_code == 422
    assert "抽查还没看完" in text(refused)
    assert not Proposal.objects.exclude(state=states.SUBMITTED).exists()
    done = approve_all_seen(county, answer["Location"])
    assert "已批准 30 名" in text(done)
    assert Proposal.objects.filter(state=states.SUBMITTED).count() == 2, "those to look at stay"
    assert Reading.objects.filter(what="approval.sample").exists()


def test_pressing_twice_decides_once_and_shows_the_same_result(county, garden):
    answer = choose(county, pick=picks(waiting(garden, 2)), decision="approve")
    first = county.post(answer["Location"])
    second = county.post(answer["Location"])
    assert first["Location"].split("?")[0] == second["Location"].split("?")[0]
    assert Process.objects.filter(kind="approval.approve").count() == 1


def test_one_that_changed_is_named_and_the_others_are_done(county, garden):
    cases = waiting(garden, 3)
    answer = choose(county, pick=picks(cases), decision="approve")
    Proposal.objects.filter(pk=cases[0].pk).update(version=9)
    done = text(county.post(answer["Location"], follow=True))
    assert "成功 2，没办成 1" in done
    assert "您打开后这一件有变动" in done


def test_nothing_ticked_is_said(county, garden):
    waiting(garden)
    answer = county.post("/approvals/choose/", {"decision": "approve"}, follow=True)
    assert "还没有选中幼儿" in text(answer)
    assert not choose(county, pick=["x", ":", "1:2"])["Location"].count("chosen")


def test_a_return_says_why_word_for_word(county, garden):
    case = waiting(garden)[0]
    answer = choose(county, pick=picks([case]), decision="return", reason="maybe_duplicate")
    page = text(county.get(answer["Location"]))
    assert re.search(r'value="maybe_duplicate"[^>]*checked', page)
    empty = county.post(answer["Location"], {})
    assert empty.status_code == 422
    assert "请选退回原因，或写明要改什么" in text(empty)
    assert Proposal.objects.get().state == states.SUBMITTED
    missing = county.post(answer["Location"], {"reasons": "other"})
    assert "请写明要改什么" in text(missing)
    done = county.post(answer["Location"], {"reasons": "address_incomplete", "words": "请写到“青禾区”。"}, follow=True)
    assert "已退回 1 名" in text(done)
    assert "请写到“青禾区”。" in text(done)
    assert Proposal.objects.get().return_words == "请写到“青禾区”。"


def test_the_lines_of_what_a_county_says_stay_lines(county, garden):
    answer = choose(county, pick=picks([waiting(garden)[0]]), decision="return")
    done = county.post(answer["Location"], {"words": "第一件：户籍。\r\n第二件：电话。"}, follow=True)
    assert '<p class="verbatim">第一件：户籍。\r\n第二件：电话。</p>' in text(done)


def test_a_return_lists_each_child_in_a_row_of_its_own(county, garden):
    answer = choose(county, pick=picks(waiting(garden, 3)), decision="return")
    assert len(re.findall(r'<tr><th scope="row">', text(county.get(answer["Location"])))) == 3


def test_a_decision_is_taken_back_from_its_page_and_from_the_list(county, garden):
    answer = choose(county, pick=picks(waiting(garden, 2)), decision="approve")
    done = county.post(answer["Location"], follow=True)
    made = done.context["made"]
    assert "撤回这次决定（还剩 10 分钟）" in text(done)
    assert "10 分钟内可以撤回" in text(county.get("/approvals/"))
    back = county.post(reverse("approvals-recall", args=[made.id]), follow=True)
    assert "已经全部撤回" in text(back)
    assert "批准已全部撤回" in text(back)
    assert "批准 0 名" not in text(back) + text(county.get("/approvals/?tab=passed"))
    assert Proposal.objects.filter(state=states.SUBMITTED).count() == 2
    late = county.post(reverse("approvals-recall", args=[made.id]))
    assert late.status_code == 409
    assert "APR-04" in text(late)


def test_passed_tab_lists_decisions_with_who_made_them(county, garden):
    case = waiting(garden)[0]
    county.post(reverse("approvals-one", args=[case.pk]), {"pick": picks([case])})
    page = text(county.get("/approvals/?tab=passed"))
    assert "批准 1 名" in page
    assert "李建华" in page


@pytest.mark.parametrize("verb", ["open", "one", "approve", "return", "decision", "recall"])
def test_foreign_and_missing_are_answered_alike(county, garden, verb):
    name = f"approvals-{verb}"
    far = places.make_kindergarten(places.make_office_tree().other_county)
    stranger = places.make_officer("county_reviewer", far.office)
    case = waiting(far)[0]
    away = places.signed_in(stranger)
    choose(away, pick=picks([case]), decision="approve")
    selection = Selection.objects.get()
    away.post(reverse("approvals-approve", args=[selection.pk]))
    foreign = {"approvals-open": case.pk, "approvals-one": case.pk}.get(name)
    decision = Process.objects.get(kind="approval.approve").pk
    foreign = foreign or (selection.pk if name in {"approvals-approve", "approvals-return"} else decision)
    missing = "00000000-0000-7000-8000-000000000000"
    method = county.get if name == "approvals-decision" else county.post
    answers = [method(reverse(name, args=[identifier])) for identifier in (foreign, missing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    first, second = (
        re.sub(r'(name="csrfmiddlewaretoken" value)="[^"]*"', "", text(answer)).replace(str(asked), "ID")
        for answer, asked in zip(answers, (foreign, missing), strict=True)
    )
    assert first == second


@pytest.mark.parametrize("role", ["registrar", "principal", "analyst", "auditor", "school_registrar"])
def test_other_roles_are_sent_away(client, garden, role):
    unit = {"registrar": garden, "principal": garden, "school_registrar": places.make_school()}.get(role, garden.office)
    places.sign_in(client, places.make_officer(role, unit))
    assert client.get("/approvals/").status_code == 403
    assert choose(client, decision="approve").status_code == 403


def test_two_hundred_with_seventeen_to_look_at_take_at_most_forty_presses(county, garden):
    """The click count of ux.md §9, by the pages a reviewer walks: each POST or link below is one press."""
    waiting(garden, 17, risk=2, flags=["NO_PAPERS"])
    waiting(garden, 183, birth_date="2023-11-11")
    presses = 0
    line = county.get("/approvals/").context["lines"][0]
    presses += 1
    answer = county.post(reverse("approvals-open", args=[line.case.pk]), follow=True)
    while (panel := answer.context.get("panel")) is not None:
        presses += 1
        answer = county.post(reverse("approvals-one", args=[panel.case.pk]), {"pick": panel.pick}, follow=True)
    presses += 1
    county.get("/approvals/?tab=clean&all=1")
    presses += 1
    address = choose(county, tab="clean", all="1", decision="approve")["Location"]
    presses += len(Selection.objects.get().sample)
    presses += 1
    approve_all_seen(county, address)
    assert Proposal.objects.filter(state=states.APPROVED).count() == 200
    assert presses <= 40
