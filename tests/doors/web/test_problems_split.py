"""Splitting at the desk: chosen, shown row by row, done with words; by the record's county and nobody else."""

from datetime import timedelta

import pytest
from django.urls import reverse

from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal import actions as journal
from miaoce.registry.problems import states
from miaoce.registry.problems.models import Joining, ProblemRecord, ProblemSide
from tests.factories import places
from tests.factories.children import document_number
from tests.factories.problems import NOW, Desk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SECOND = {
    "name": "陈子木", "sex": "男", "birth_date": "2023-01-03", "id_type": "暂无证件", "id_number": "",
    "words": "户口簿上是两名幼儿",
}  # fmt: skip


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def case(desk):
    """A record of two children with its problem, which waits for the county."""
    child = desk.child(desk.here, guardian2_name="赵敏", guardian2_relation="52", guardian2_phone="13800008888")
    own = Enrolment.objects.get(child_id=child.pk)
    began = own.started_on - timedelta(days=300)
    older = Enrolment(
        child_id=child.pk, kindergarten=desk.here, group=own.group, state=stays.LEFT, started_on=began, ended_on=own.started_on
    )  # fmt: skip
    with journal.process("stay.open", actor=desk.officer("registrar", desk.here), at=NOW) as process:
        older.save()
        journal.note(process, [journal.made("enrolment.opened", older, child_id=child.pk, effective_on=began)])
    problem = desk.open_documents({child.pk: states.NAME_DIFFERS}).new[0]
    desk.say(problem, desk.here, words="户口簿上是两名幼儿")
    return ProblemRecord.objects.get(pk=problem.pk), Child.objects.get(pk=child.pk), older


@pytest.fixture
def county(desk):
    return places.signed_in(desk.officer("county_reviewer", desk.tree.county))


def sent(client, case, act="preview", **more):
    problem, child, older = case
    body = {
        "version": problem.version,
        "child_version": child.version,
        "stays": [str(older.pk)],
        "act": act,
        **SECOND,
        **more,
    }
    return client.post(reverse("problem-split", args=[problem.pk]), body)


def seen_in(answer) -> str:
    return answer.context["seen"]


def test_the_page_of_the_problem_leads_to_it(county, case):
    problem, child, _ = case
    page = county.get(reverse("problem", args=[problem.pk])).content.decode()
    assert "是两名幼儿：拆分" in page and reverse("problem-split", args=[problem.pk]) in page
    asked = county.get(reverse("problem-split", args=[problem.pk])).content.decode()
    assert f"{child.name}：拆分" in asked and "赵敏" in asked and "看会移动什么" in asked and "确认拆分" not in asked


def test_every_row_is_shown_before_and_then_it_is_done_as_shown(county, case):
    problem, child, older = case
    guardian = Guardian.objects.get(child_id=child.pk, position=2)
    chosen = {"guardians": [str(guardian.pk)]}
    shown = sent(county, case, **chosen)
    page = shown.content.decode()
    for words in ("会移动的每一行", "转到新的一条", "新发一个", "第 2 监护人", "拆分不能撤销"):
        assert words in page
    assert not Joining.objects.exists(), "looking moves nothing"
    done = sent(county, case, "do", seen=seen_in(shown), **chosen)
    assert done.status_code == 302, done.content.decode()
    made = Joining.objects.get(kind=Joining.SPLIT)
    assert Enrolment.objects.get(pk=older.pk).child_id == Guardian.objects.get(pk=guardian.pk).child_id == made.gone_id
    after = county.get(reverse("problem", args=[problem.pk])).content.decode()
    assert "拆分的结果" in after and reverse("child", args=[made.gone_id]) in after
    assert county.get(reverse("child", args=[made.gone_id])).status_code == 200
    assert sent(county, case, "do", seen=seen_in(shown), **chosen).status_code == 409


def test_choices_that_changed_are_shown_anew_before_they_are_done(county, case):
    shown = sent(county, case)
    guardian = Guardian.objects.get(child_id=case[1].pk, position=2)
    again = sent(county, case, "do", seen=seen_in(shown), guardians=[str(guardian.pk)])
    assert again.status_code == 200 and "第 2 监护人" in again.content.decode()
    assert not Joining.objects.exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "没填姓名"),
        ({"words": ""}, "请写明理由"),
        ({"stays": []}, "两边都要有就读"),
        ({"birth_date": "2023-13-40"}, "出生日期"),
        ({"id_type": "居民身份证", "id_number": "990101202301030011"}, "证件"),
        ({"child_version": 99}, "有变动"),
    ],
)
def test_what_is_missing_or_not_sound_is_said_at_its_field(county, case, more, words):
    answer = sent(county, case, **more)
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not Joining.objects.exists()


def test_a_document_of_another_child_is_refused(desk, county, case):
    number = document_number(serial=779)
    desk.child(desk.beside, id_number=number)
    given = {"id_type": "居民身份证", "id_number": number, "birth_date": "", "sex": ""}
    values = {
        "birth_date": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
        "sex": "男" if int(number[16]) % 2 else "女",
    }
    answer = sent(county, case, **given | values)
    assert answer.status_code == 422 and "证件" in answer.content.decode()


def test_only_the_records_county_and_never_who_filed_the_word(desk, county, case):
    problem, _, _ = case
    where = reverse("problem-split", args=[problem.pk])
    assert places.signed_in(desk.officer("registrar", desk.here)).get(where).status_code == 403
    assert places.signed_in(desk.officer("county_reviewer", desk.tree.far_county)).get(where).status_code == 404
    reviewer = desk.officer("county_reviewer", desk.tree.county)
    ProblemSide.objects.filter(problem_id=problem.pk).update(said_by=reviewer.staff_id)
    shown = sent(county, case)
    refused = sent(county, case, "do", seen=seen_in(shown))
    assert refused.status_code == 422 and "另一位同事" in refused.content.decode()
    assert not Joining.objects.exists()
