"""班级 and 调班 on the pages: sizes with norms, ticking in the list, one child, many, and what could not be done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import rules
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
def desk(garden):
    return places.signed_in(places.make_officer("registrar", garden))


def attending(garden, count=1, **values):
    began = (TODAY - timedelta(days=40)).isoformat()
    rows = [{"name": f"陈小{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "entry_date": began, **values} for n in range(count)]
    return factory.make_children(rows, garden)


def picks(children):
    return [f"{child.pk}:{child.version}" for child in children]


def group(garden, name="中一班"):
    return garden.groups.get(name=name)


def test_the_list_leads_with_ticked_children_to_the_change_of_group(garden, desk):
    first, second = attending(garden, 2)
    page = desk.get("/children/").content.decode()
    assert 'formaction="/enrolments/regroup/"' in page
    chosen = desk.get("/enrolments/regroup/", {"child": [first.pk, second.pk]}).content.decode()
    assert "调班 2 名" in chosen and first.name in chosen and second.name in chosen
    assert "中一班：现有 0 名，班额 30 名；加上这 2 名是 2 名" in chosen
    assert "小一班：现有 2 名，班额 25 名</" in chosen.replace("\n", ""), "nobody comes to the group they are in"
    (reading,) = Reading.objects.filter(what="enrolment.choose")
    assert set(reading.child_ids.split(",")) == {first.pk.hex, second.pk.hex}


def test_one_child_goes_from_its_page_to_another_group_and_back_to_its_page(garden, desk):
    (child,) = attending(garden)
    assert f"/enrolments/regroup/?child={child.pk}" in desk.get(f"/children/{child.pk}/").content.decode()
    sent = {"pick": picks([child]), "group": group(garden).pk, "on": TODAY.isoformat()}
    answer = desk.post("/enrolments/regroup/", sent)
    assert (answer.status_code, answer["Location"]) == (302, f"/children/{child.pk}/")
    page = desk.get(answer["Location"]).content.decode()
    assert "已调到中一班。" in page and "调班" in page
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).group.name == "中一班"


def test_a_single_refusal_keeps_what_was_typed(garden, desk):
    (child,) = attending(garden)
    late = (TODAY + timedelta(days=3)).isoformat()
    sent = {"pick": picks([child]), "group": group(garden).pk, "on": late}
    answer = desk.post("/enrolments/regroup/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "日期要在" in page and f'value="{late}"' in page


@pytest.mark.parametrize(("on", "words"), [("上周", "没看懂“上周”是哪一天"), ("", "没填从哪天起")])
def test_a_day_that_cannot_be_read_says_how_to_write_it(garden, desk, on, words):
    (child,) = attending(garden)
    answer = desk.post("/enrolments/regroup/", {"pick": picks([child]), "group": group(garden).pk, "on": on})
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_days_are_read_as_people_write_them(garden, desk):
    (child,) = attending(garden)
    day = TODAY - timedelta(days=2)
    written = f"{day.year}.{day.month}.{day.day}"
    assert desk.post("/enrolments/regroup/", {"pick": picks([child]), "group": group(garden).pk, "on": written})
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).started_on == day


def test_many_lead_to_a_page_that_says_who_did_not_move_and_why(garden, desk):
    first, second = attending(garden, 2)
    Child.objects.filter(pk=second.pk).update(version=second.version + 1)
    sent = {"pick": picks([first, second]), "group": group(garden).pk, "on": TODAY.isoformat()}
    answer = desk.post("/enrolments/regroup/", sent, follow=True)
    page = answer.content.decode()
    assert "成功 1 名，没办成 1 名" in page
    assert str(rules.ChangedSinceShown()) in page
    assert first.name in page and second.name in page


def test_a_result_belongs_to_the_unit_that_did_it(garden, desk):
    children = attending(garden, 2)
    sent = {"pick": picks(children), "group": group(garden).pk, "on": TODAY.isoformat()}
    where = desk.post("/enrolments/regroup/", sent)["Location"]
    stranger = places.signed_in(places.make_officer("registrar", places.make_kindergarten()))
    assert desk.get(where).status_code == 200
    assert stranger.get(where).status_code == 404


def test_a_whole_group_is_chosen_by_the_filters_of_the_list(garden, desk):
    attending(garden, 3)
    page = desk.get("/enrolments/regroup/", {"all": "1", "group": group(garden, "小一班").pk}).content.decode()
    assert "调班 3 名" in page


def test_more_than_can_be_looked_through_is_refused(garden, desk, monkeypatch):
    attending(garden, 3)
    monkeypatch.setattr(rules, "AT_ONCE", 2)
    answer = desk.get("/enrolments/regroup/", {"all": "1"})
    assert answer.status_code == 422
    assert "一次最多办 2 名" in answer.content.decode()


def test_children_without_a_number_are_named_and_left_out(garden, desk):
    (child,) = attending(garden)
    waiting = factory.make_child(garden, state="submitted", name="林在等")
    page = desk.get("/enrolments/regroup/", {"child": [child.pk, waiting.pk]}).content.decode()
    assert "林在等（现在是“建籍中”，不能办调班）" in page
    assert f"{waiting.pk}:" not in page


def test_groups_are_shown_with_size_and_norm(garden, desk):
    attending(garden, 3)
    norm = group(garden, "小一班")
    norm.size_norm = 2
    norm.save()
    page = desk.get("/enrolments/").content.decode()
    assert "在园 3 名" in page and "超出 1 名" in page and "有空位" in page


def test_a_county_sees_the_groups_beyond_their_norm_only(garden):
    attending(garden, 3)
    full = group(garden, "小一班")
    full.size_norm = 2
    full.save()
    county = places.signed_in(places.make_officer("county_reviewer", garden.office))
    page = county.get("/enrolments/").content.decode()
    assert "青禾中心幼儿园" in page and "超出 1 名" in page and "中一班" not in page
    other = places.signed_in(places.make_officer("county_reviewer", places.make_office_tree().far_county))
    assert "没有超出班额的班" in other.get("/enrolments/").content.decode()


def test_the_list_is_narrowed_to_where_children_stand(garden, desk):
    (child,) = attending(garden)
    waiting = factory.make_child(garden, state="submitted", name="林在等")
    page = desk.get("/children/", {"state": "attending"}).content.decode()
    assert child.name in page and waiting.name not in page
    assert "在园" in page
