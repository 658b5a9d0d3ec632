"""离园, 去向 and 再入园 on the pages: one child, many, the queue of both desks, and a child from another kindergarten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.children import numbers
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.journal.models import Reading
from tests.factories import children as factory
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


@pytest.fixture
def desk(registrar):
    return places.signed_in(registrar)


def attending(garden, count=1):
    began = (TODAY - timedelta(days=40)).isoformat()
    return factory.make_children(
        [{"name": f"陈小{'甲乙丙丁戊己庚辛壬癸'[n]}", "entry_date": began} for n in range(count)], garden
    )


def picks(*children):
    found = Child.objects.in_bulk([child.pk for child in children])
    return [f"{child.pk}:{found[child.pk].version}" for child in children]


def leaves(desk, *children, **given):
    sent = {"pick": picks(*children), "reason": "moved", "destination": "unknown", "on": TODAY.isoformat(), **given}
    return desk.post("/enrolments/leave/", sent)


def group(garden, name="中一班"):
    return garden.groups.get(name=name).pk


def number_of(child, registrar):
    return numbers.number_of(Child.objects.get(pk=child.pk), registrar)


def test_one_child_leaves_from_its_page_and_says_whereto(garden, desk):
    (child,) = attending(garden)
    assert f"/enrolments/leave/?child={child.pk}" in desk.get(f"/children/{child.pk}/").content.decode()
    answer = leaves(desk, child, reason="other", destination="kindergarten", words="搬到城东，进了城东幼儿园")
    assert (answer.status_code, answer["Location"]) == (302, f"/children/{child.pk}/")
    page = desk.get(answer["Location"]).content.decode()
    assert "已办离园" in page and "已离园" in page
    assert "去向：别的幼儿园" in page and "城东幼儿园" in page
    assert "/enrolments/readmit/" in page and "/enrolments/leave/" not in page


def test_other_needs_words_and_what_was_typed_stays(garden, desk):
    (child,) = attending(garden)
    answer = leaves(desk, child, reason="other", destination="home", on="2026.13.45")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "选了“其他”，请写明。" in page and 'value="2026.13.45"' in page
    assert Enrolment.objects.get(child_id=child.pk).ended_on is None


def test_those_nobody_knows_whereto_wait_at_the_kindergarten_and_before_the_county(garden, desk):
    first, second = attending(garden, 2)
    leaves(desk, first, second)
    county = places.signed_in(places.make_officer("county_reviewer", garden.office))
    for client in (desk, county):
        page = client.get("/enrolments/destinations/").content.decode()
        assert first.name in page and second.name in page and "还剩 10 个工作日" in page
    assert "<select" not in county.get("/enrolments/destinations/").content.decode()
    assert Reading.objects.filter(what="enrolment.whereto").count() == 3
    told = desk.post(
        "/enrolments/destinations/", {"child": first.pk, "destination": "abroad", "words": ""}, follow=True
    )
    page = told.content.decode()
    assert "去向已写明。" in page and first.name not in page and second.name in page
    assert Enrolment.objects.get(child_id=first.pk).destination == "abroad"


@pytest.mark.parametrize(
    ("destination", "words"), [("", "没选去向"), ("unknown", "问清楚以后再来填"), ("other", "请写明")]
)
def test_no_answer_is_no_answer(garden, desk, destination, words):
    (child,) = attending(garden)
    leaves(desk, child)
    page = desk.post("/enrolments/destinations/", {"child": child.pk, "destination": destination}, follow=True)
    assert words in page.content.decode() and child.name in page.content.decode()


def test_a_destination_of_anothers_child_is_refused_like_a_missing_one(garden, desk):
    (child,) = attending(garden)
    leaves(desk, child)
    stranger = places.signed_in(places.make_officer("registrar", places.make_kindergarten()))
    sent = {"child": child.pk, "destination": "home"}
    page = stranger.post("/enrolments/destinations/", sent, follow=True).content.decode()
    assert "不在本单位名单里" in page and child.name not in page
    assert Enrolment.objects.get(child_id=child.pk).destination == "unknown"


def test_ones_own_child_returns_from_its_page(garden, desk):
    (child,) = attending(garden)
    leaves(desk, child)
    sent = {"pick": picks(child), "group": group(garden), "on": TODAY.isoformat()}
    page = desk.post("/enrolments/readmit/", sent, follow=True).content.decode()
    assert "沿用原学籍号" in page and "再入园" in page
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).group.name == "中一班"


def test_a_child_that_left_elsewhere_is_taken_in_by_number_and_name(garden, desk, registrar):
    (child,) = attending(garden)
    number = number_of(child, registrar)
    leaves(desk, child)
    other = places.make_kindergarten(places.make_office_tree().far_county, name="石桥实验幼儿园")
    there = places.signed_in(places.make_officer("registrar", other))
    asked = there.get("/enrolments/readmit/").content.decode()
    assert "在本园再入园" in asked and child.name not in asked
    sent = {"number": number, "name": child.name, "group": group(other), "on": TODAY.isoformat()}
    page = there.post("/enrolments/readmit/", sent, follow=True).content.decode()
    assert child.name in page and "石桥实验幼儿园" in page and "再入园" in page
    assert desk.get(f"/children/{child.pk}/").status_code == 404, "the record went with the child"
    assert Child.objects.get(pk=child.pk).office_id == other.office_id


def test_a_wrong_name_and_an_unknown_number_answer_alike_and_are_counted(garden, desk, registrar):
    (child,) = attending(garden)
    number = number_of(child, registrar)
    leaves(desk, child)
    other = places.make_kindergarten()
    there = places.signed_in(places.make_officer("registrar", other))
    base = {"group": group(other), "on": TODAY.isoformat()}
    tries = [{"number": number, "name": "王不对"}, {"number": "G990101202201010000", "name": child.name}]
    pages = [there.post("/enrolments/readmit/", {**base, **given}) for given in tries]
    assert [page.status_code for page in pages] == [422, 422]
    for left, page in zip((9, 8), pages, strict=True):
        assert f"对不上。请向监护人核对，今天还可试 {left} 次。" in page.content.decode()
    assert Child.objects.get(pk=child.pk).standing == "left"


def test_name_or_birth_date_is_enough_and_neither_is_not(garden, desk, registrar):
    (child,) = attending(garden)
    number = number_of(child, registrar)
    leaves(desk, child)
    other = places.make_kindergarten()
    there = places.signed_in(places.make_officer("registrar", other))
    base = {"number": number, "group": group(other), "on": TODAY.isoformat()}
    neither = there.post("/enrolments/readmit/", base)
    assert "姓名和出生日期至少填一样" in neither.content.decode()
    assert there.post("/enrolments/readmit/", {**base, "born_on": child.born_on.isoformat()}).status_code == 302


def test_a_child_that_attends_elsewhere_is_not_taken_in(garden, registrar):
    (child,) = attending(garden)
    other = places.make_kindergarten()
    there = places.signed_in(places.make_officer("registrar", other))
    sent = {
        "number": number_of(child, registrar), "name": child.name, "group": group(other), "on": TODAY.isoformat(),
    }  # fmt: skip
    answer = there.post("/enrolments/readmit/", sent)
    assert answer.status_code == 422
    assert "这名幼儿现在是“在园”，不能办再入园" in answer.content.decode()
    assert Child.objects.get(pk=child.pk).kindergarten_id == garden.pk


def test_many_leave_at_once(garden, desk):
    children = attending(garden, 3)
    page = desk.get("/enrolments/leave/", {"child": [child.pk for child in children]}).content.decode()
    assert "离园 3 名" in page
    result = leaves(desk, *children)
    assert "离园 3 名" in desk.get(result["Location"]).content.decode()
