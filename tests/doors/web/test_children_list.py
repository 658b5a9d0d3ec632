"""The list of children: what it shows and to whom, its pages, its filters, what it costs."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from miaoce.registry.approvals import states
from miaoce.registry.children import queries
from miaoce.registry.journal.models import Reading
from tests.factories.children import make_child, make_children
from tests.factories.places import make_kindergarten, make_office_tree, make_officer, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def place():
    return make_kindergarten()


@pytest.fixture
def client(place):
    return signed_in(make_officer("registrar", place))


def names_on(answer) -> list[str]:
    return re.findall(r"data-open>([^<]+)<", answer.content.decode())


def test_a_kindergarten_sees_its_own_children_and_no_others(client, place):
    make_child(place, name="陈子墨")
    make_child(name="林小满")
    answer = client.get("/children/")
    assert answer.status_code == 200
    assert names_on(answer) == ["陈子墨"]


def test_a_county_sees_its_children_with_their_kindergartens():
    tree = make_office_tree()
    place, foreign = make_kindergarten(tree.county, name="青禾试验幼儿园"), make_kindergarten(tree.other_county)
    make_child(place, name="陈子墨")
    make_child(foreign, name="林小满")
    answer = signed_in(make_officer("county_reviewer", tree.county)).get("/children/")
    assert names_on(answer) == ["陈子墨"]
    assert "青禾试验幼儿园</td>" in answer.content.decode()


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_offices_that_see_counts_only_see_no_list(role):
    answer = signed_in(make_officer(role, make_office_tree().province)).get("/children/")
    assert answer.status_code == 403


def test_numbers_are_masked_and_no_sealed_value_leaves(client, place):
    child = make_child(place, id_number="990101202301036516")
    text = client.get("/children/").content.decode()
    assert "990101202301036516" not in text
    assert "********" in text
    assert str(child.pk) in text


def test_what_a_list_shows_is_logged_before_it_leaves(client, place):
    shown = make_children([{}, {}], place)
    client.get("/children/")
    reading = Reading.objects.get(what="child.list")
    assert {*reading.child_ids.split(",")} == {child.pk.hex for child in shown}
    assert reading.unit_id == place.pk


def test_pages_walk_forwards_and_back_without_losing_or_repeating_anybody(client, place, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 4)
    names = ["安一", "安一", "安一", "白二", "曹三", "邓四", "邓四", "冯五", "高六", "何七", "江八"]
    make_children([{"name": name} for name in names], place, state=states.SUBMITTED)
    seen, backwards, address = [], [], "/children/"
    while True:
        answer = client.get(address)
        seen += [(name, url) for url, name in rows_on(answer)]
        if not (following := link(answer, "next")):
            break
        address = f"/children/{following}"
    backwards = rows_on(answer)
    while previous := link(answer, "prev"):
        answer = client.get(f"/children/{previous}")
        backwards = rows_on(answer) + backwards
    assert [name for name, _ in seen] == names
    assert [(name, url) for url, name in backwards] == seen


def rows_on(answer) -> list[tuple[str, str]]:
    return re.findall(r'<a href="(/children/[^"]+/)" data-open>([^<]+)<', answer.content.decode())


def link(answer, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', answer.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def test_a_cursor_of_somebody_elses_child_starts_at_the_beginning(client, place):
    make_child(place, name="安一")
    foreign = make_child(name="钟九")
    assert names_on(client.get(f"/children/?after={foreign.pk}")) == ["安一"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=陈", ["陈子墨"]),
        ("q=czm", ["陈子墨"]),
        ("q=子", ["陈子墨", "林子安"]),
        ("state=returned", ["周远"]),
        ("sex=2", ["林子安"]),
        ("document=none", ["林子安"]),
        ("number=L", ["林子安"]),
        ("number=G", ["陈子墨"]),
        ("born_from=2023-05-01", ["林子安"]),
        ("born_to=2023-04-30", ["陈子墨", "周远"]),
        ("q=没有这个名字", []),
        ("state=nonsense&born_from=13&group=x&after=y", ["陈子墨", "林子安", "周远"]),
    ],
)
def test_filters(client, place, query, expected):
    make_child(place, name="陈子墨")
    make_child(place, name="林子安", sex="2", id_type="none", id_number="", birth_date="2023-06-01")
    make_child(place, name="周远", state=states.RETURNED)
    assert names_on(client.get(f"/children/?{query}")) == expected


def test_a_class_is_a_filter(client, place):
    first, second = place.groups.order_by("sort")[:2]
    make_child(place, name="陈子墨", group=first)
    make_child(place, name="林子安", group=second)
    answer = client.get(f"/children/?group={second.pk}")
    assert names_on(answer) == ["林子安"]
    assert "selected>小一班" in answer.content.decode()


def test_an_empty_register_and_an_empty_answer_say_different_things(client):
    assert "还没有幼儿" in client.get("/children/").content.decode()
    assert "清除条件" in client.get("/children/?q=陈").content.decode()


def test_a_page_costs_the_same_number_of_statements_however_many_children(client, place):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/children/").status_code == 200
        return len([q for q in asked.captured_queries if not re.match(r"(?i)savepoint|release|begin|commit", q["sql"])])

    make_children([{}] * 2, place)
    client.get("/children/")
    few = cost()
    make_children([{"name": f"张{index:02d}"} for index in range(48)], place)
    assert cost() == few
    assert (
        few <= 10
    )  # session, officer, children, groups, code book, reading, data keys, changes in hand, stays, navigation


def test_no_page_counts_the_children(client, place):
    make_child(place)
    with CaptureQueriesContext(connection) as asked:
        client.get("/children/?state=numbered")
    assert [
        q["sql"] for q in asked.captured_queries if "COUNT(" in q["sql"].upper() and "registry_child" in q["sql"]
    ] == []


def test_markup_in_a_name_is_shown_and_not_run(client, place):
    make_child(place, name="<b>陈</b>")
    text = client.get("/children/").content.decode()
    assert "<b>陈</b>" not in text
    assert "&lt;b&gt;陈&lt;/b&gt;" in text
