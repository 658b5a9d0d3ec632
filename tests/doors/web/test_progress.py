"""Registration by place and state: counties in full for their own reviewer, small cells hidden for analysts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.approvals import states
from miaoce.registry.approvals.rules import Figure, guarded, summed
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def fill(garden, number, birth="2023-01-03"):
    rows = [{"name": f"陈{chr(0x4E00 + index)}", "birth_date": birth} for index in range(number)]
    children.make_children(rows, garden, state=states.SUBMITTED)


@pytest.fixture
def tree():
    return places.make_office_tree()


def seen(officer, address="/progress/"):
    answer = places.signed_in(officer).get(address)
    assert answer.status_code == 200
    return answer.content.decode(), answer.context["table"]


def test_a_county_sees_its_kindergartens_in_full(tree):
    garden = places.make_kindergarten(tree.county, name="青禾中心幼儿园")
    fill(garden, 2)
    fill(places.make_kindergarten(tree.other_county, name="别县的幼儿园"), 7)
    words, table = seen(places.make_officer("county_reviewer", tree.county))
    assert [place.label for place in table.places] == ["青禾中心幼儿园"]
    assert table.total.total.words == "2"
    assert "少于5" not in words
    assert "别县的幼儿园" not in words


def test_an_analyst_sees_places_down_to_counties_without_small_cells(tree):
    fill(places.make_kindergarten(tree.county), 3)
    fill(places.make_kindergarten(tree.other_county), 7, birth="2023-02-02")
    officer = places.make_officer("analyst", tree.province)
    words, table = seen(officer)
    city = next(place for place in table.places if place.label == "青江市教育局")
    assert city.total.words == "7 以上"
    assert f"?office={tree.city.code}" in city.url
    words, table = seen(officer, f"/progress/?office={tree.city.code}")
    figures = {place.label: place.total.words for place in table.places}
    assert figures["青禾区教育局"] == "少于5"
    assert figures["柳溪县教育局"] == "7"
    assert [place.url for place in table.places] == ["", ""]
    assert "青江市教育局" in words
    assert "<svg" in words


def test_totals_never_tell_a_small_cell(tree):
    """City minus the shown county must not give the hidden one: every sum is made of what is shown."""
    fill(places.make_kindergarten(tree.county), 3)
    fill(places.make_kindergarten(tree.other_county), 7, birth="2023-02-02")
    officer = places.make_officer("analyst", tree.province)
    _, above = seen(officer)
    _, below = seen(officer, f"/progress/?office={tree.city.code}")
    assert above.total.total.known == sum(place.total.known for place in below.places)


@given(st.lists(st.integers(0, 12), max_size=12))
def test_a_sum_of_guarded_cells_depends_on_no_hidden_count(counts):
    other = [2 if 0 < count < 5 else count for count in counts]
    assert summed(map(guarded, counts)) == summed(map(guarded, other))


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (Figure(0), "0"),
        (Figure(1234), "1,234"),
        (Figure(0, 1), "少于5"),
        (Figure(0, 2), "2 处少于5"),
        (Figure(128, 3), "128 以上"),
    ],
)
def test_figures_in_words(figure, words):
    assert figure.words == words


@pytest.mark.parametrize("code", ["990200", "990201", "nonsense", "000000"])
def test_an_office_beside_or_above_is_not_found(tree, code):
    officer = places.make_officer("analyst", tree.city)
    assert places.signed_in(officer).get(f"/progress/?office={code}").status_code == 404


def test_an_empty_place_says_what_will_come(tree):
    words, _ = seen(places.make_officer("analyst", tree.province))
    assert "还没有登记过幼儿" in words


@pytest.mark.parametrize("role", ["registrar", "auditor"])
def test_others_are_sent_away(tree, role):
    unit = places.make_kindergarten() if role == "registrar" else tree.province
    assert places.signed_in(places.make_officer(role, unit)).get("/progress/").status_code == 403
