"""The pages that ask for a day: one child beside how it is now, and the roll of a kindergarten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.enrolments import moving
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Reading
from miaoce.registry.reference import actions as reference
from tests.factories.children import make_child
from tests.factories.places import make_kindergarten, make_office_tree, make_officer, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
ENTERED, MOVED = TODAY - timedelta(days=40), TODAY - timedelta(days=10)


@pytest.fixture
def place():
    reference.load_shipped(on=TODAY)
    return make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def registrar(place):
    return make_officer("registrar", place)


@pytest.fixture
def client(registrar):
    return signed_in(registrar)


@pytest.fixture
def child(place, registrar):
    child = make_child(place, name="陈子墨", entry_date=ENTERED.isoformat(), at=NOW - timedelta(days=30))
    group = place.groups.select_related("school_year").get(name="中一班")
    with journal.process("child.regroup", actor=registrar, at=NOW - timedelta(days=9)) as process:
        assert not moving.regroup(chosen={child.pk: 0}, group=group, on=MOVED, process=process).refused
    return child


def page_of(client, child, **asked):
    return client.get(f"/children/{child.pk}/as-of/", {name: str(day) for name, day in asked.items()})


def test_the_childs_page_asks_for_a_day(client, child):
    text = client.get(f"/children/{child.pk}/").content.decode()
    assert f'action="/children/{child.pk}/as-of/"' in text and f'max="{TODAY}"' in text


def test_a_day_is_shown_beside_today_and_what_differs_says_so(client, child):
    answer = page_of(client, child, on=MOVED - timedelta(days=1))
    rows = {row.label: row for row in answer.context["rows"]}
    assert (rows["班级"].cells, rows["班级"].differs) == (["小一班", "中一班"], True)
    assert not rows["出生日期"].differs, "an age is another every day"
    assert rows["学籍号"].cells[0] == rows["学籍号"].cells[1]
    assert "*" in rows["学籍号"].cells[0] and "13800005678" not in answer.content.decode()


def test_what_was_known_by_a_day_is_shown(client, child):
    answer = page_of(client, child, on=MOVED, known=MOVED)
    rows = {row.label: row.cells[0] for row in answer.context["rows"]}
    assert rows["班级"] == "小一班"
    assert "为止登记的情况" in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"on": ENTERED - timedelta(days=1)}, f"最早可以看 {ENTERED}"),
        ({"on": TODAY + timedelta(days=1)}, f"最晚可以看 {TODAY}"),
        ({"on": ENTERED, "known": ENTERED}, "还没有登记这名幼儿"),
        ({"on": "上周"}, "日期写成 2026-09-01 这样"),
    ],
)
def test_a_day_that_cannot_be_asked_says_which_can(client, child, asked, words):
    answer = page_of(client, child, **asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert str(next(iter(asked.values()))) in answer.content.decode(), "what was typed stays to be mended"


def test_looking_at_a_day_is_a_reading(client, child, registrar):
    page_of(client, child, on=ENTERED)
    reading = Reading.objects.get(what="child.as_of")
    assert (reading.actor_id, reading.child_ids) == (registrar.staff_id, child.pk.hex)


def test_the_roll_of_a_day_has_the_classes_of_that_day(client, child):
    before = client.get("/children/roll/", {"on": str(MOVED - timedelta(days=1))})
    assert [(row.name, row.group, row.ended_on) for row in before.context["rows"]] == [("陈子墨", "小一班", str(MOVED))]
    after = client.get("/children/roll/", {"on": str(MOVED)})
    assert [(row.group, row.url) for row in after.context["rows"]] == [("中一班", f"/children/{child.pk}/")]
    assert Reading.objects.filter(what="child.roll", child_ids=child.pk.hex).count() == 2


def test_who_went_on_stays_on_the_roll_by_name_only(client, child):
    type(child).objects.filter(pk=child.pk).update(kindergarten=make_kindergarten(make_office_tree().far_county))
    (row,) = client.get("/children/roll/", {"on": str(ENTERED)}).context["rows"]
    assert (row.name, row.born_on, row.url) == ("陈子墨", "", "")


def test_a_roll_of_a_day_to_come_is_not_shown(client, child):
    answer = client.get("/children/roll/", {"on": str(TODAY + timedelta(days=1))})
    assert answer.status_code == 422 and "还没到这一天" in answer.content.decode()
    assert not Reading.objects.exists()


def test_a_county_chooses_one_of_its_kindergartens(place, child):
    county = signed_in(make_officer("county_reviewer", place.office))
    assert "还没有选幼儿园" in county.get("/children/roll/").content.decode()
    shown = county.get("/children/roll/", {"on": str(ENTERED), "kindergarten": place.code})
    assert [row.name for row in shown.context["rows"]] == ["陈子墨"]
    foreign = make_kindergarten(make_office_tree().other_county)
    assert county.get("/children/roll/", {"kindergarten": foreign.code}).status_code == 404
