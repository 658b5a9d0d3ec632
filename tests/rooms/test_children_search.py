"""Finding children: by every way in, only one's own, by an index, and with every character that a name may hold."""

import pytest
from django.db import connection
from django.utils import timezone

from miaoce.registry.approvals import states
from miaoce.registry.children import queries, search
from miaoce.registry.children.models import Child
from miaoce.registry.children.rules import understand
from miaoce.registry.vault import queries as vault
from tests.factories.children import make_child, make_children
from tests.factories.names import NAMES
from tests.factories.places import make_kindergarten, make_office_tree, make_officer

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DOCUMENT = "990101202301036516"


def find(actor, text) -> list[str]:
    return [child.name for child in search.find(actor=actor, text=text, on=timezone.localdate()).children]


@pytest.fixture
def place():
    return make_kindergarten()


@pytest.fixture
def clerk(place):
    return make_officer("registrar", place)


@pytest.fixture
def reviewer(place):
    return make_officer("county_reviewer", place.office)


@pytest.mark.parametrize(
    "text", ["陈子墨", "陈", "czm", "cz", "chenzi", "CHEN ZIMO", DOCUMENT, "6516", f"G{DOCUMENT}", f"g{DOCUMENT}"]
)
def test_every_way_in_finds_the_child_at_home_and_at_the_county(place, clerk, reviewer, text):
    make_child(place, name="陈子墨", id_number=DOCUMENT)
    make_child(place, name="林小满")
    assert find(clerk, text) == find(reviewer, text) == ["陈子墨"]


def test_a_kindergarten_finds_any_part_of_a_name_and_a_county_its_beginning(place, clerk, reviewer):
    make_child(place, name="陈子墨")
    assert find(clerk, "墨") == ["陈子墨"]
    assert find(reviewer, "墨") == []


@pytest.mark.parametrize("text", ["陈子墨", "czm", "chenzimo", DOCUMENT, "6516", f"G{DOCUMENT}"])
def test_nobody_finds_somebody_elses_child(place, text):
    make_child(name="陈子墨", kindergarten=make_kindergarten(), id_number=DOCUMENT)
    stranger = make_officer("registrar", place)
    analyst = make_officer("analyst", place.office)
    assert find(stranger, text) == []
    assert find(analyst, text) == []


@pytest.mark.parametrize("text", ["", " ", "12", "%", "_", "'; drop table", "\x00", "陈%", "zzzz", "9" * 40])
def test_whatever_is_typed_is_answered(place, clerk, reviewer, text):
    make_child(place, name="陈子墨", id_number=DOCUMENT)
    assert find(clerk, text) == find(reviewer, text) == []


def test_more_than_fifty_are_not_listed_and_that_is_said(place, clerk):
    make_children([{"name": f"陈{index:03d}"} for index in range(52)], place, state=states.SUBMITTED)
    found = search.find(actor=clerk, text="陈", on=timezone.localdate())
    assert (len(found.children), found.has_more) == (50, True)


WAYS = {
    "陈": {False: ["child_of_kindergarten"], True: ["child_of_county_by_name"]},
    "chen": {False: ["child_of_kindergarten"], True: ["child_of_county"]},
    "6516": {  # a kindergarten's few hundred children, or (SQLite) the last four in each of the few counties
        False: ["child_of_kindergarten", "child_of_kg_by_initials", "ANY(office_id) AND document_last4=?"],
        True: ["child_of_county_by_last_four"],
    },
}
FILLED = 3_000


@pytest.fixture
def crowd(place):
    """Many children in other places and most in another county, so that a plan has something to choose between."""
    beside, far = make_kindergarten(place.office), make_kindergarten(make_office_tree().far_county)
    places = [place, *[beside] * 4, *[far] * 25]
    now = timezone.now()
    Child.objects.bulk_create(
        [
            Child(
                name=f"陈{chr(0x4E00 + index)}", pinyin=f"chen{index:05d}", initials=f"c{index % 26:02d}", sex="1",
                born_on="2023-01-03", document_kind="none", document_last4=f"{index:064x}",
                kindergarten=places[index % 30], office_id=places[index % 30].office_id, state="submitted",
                recorded_at=now, changed_at=now,
            )
            for index in range(FILLED)
        ],
        batch_size=500,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize("in_county", [False, True])
@pytest.mark.parametrize("text", WAYS)
def test_the_first_way_of_each_kind_follows_the_index_it_names(crowd, clerk, reviewer, text, in_county):
    actor = reviewer if in_county else clerk
    order, condition = search.ways(understand(text), in_county=in_county, on=timezone.localdate())[0]
    asked = Child.objects.visible_to(actor).filter(condition).order_by(*order)[:51]
    plan = plan_of(asked)
    assert any(way in plan for way in WAYS[text][in_county])


@pytest.mark.parametrize("in_county", [False, True])
def test_initials_follow_their_index(crowd, clerk, reviewer, in_county):
    actor, index = (reviewer, "child_of_county_by_initials") if in_county else (clerk, "child_of_kg_by_initials")
    order, condition = search.ways(understand("cb"), in_county=in_county, on=timezone.localdate())[1]
    assert index in plan_of(Child.objects.visible_to(actor).filter(condition).order_by(*order)[:51])


@pytest.mark.parametrize("in_county", [False, True])
def test_the_first_page_of_the_list_follows_its_index_and_does_not_sort(crowd, clerk, reviewer, in_county):
    actor, index = (reviewer, "child_of_county") if in_county else (clerk, "child_of_kindergarten")
    plan = plan_of(search.shown(Child.objects.visible_to(actor)).order_by("pinyin", "id")[:51])
    assert index in plan
    assert "TEMP B-TREE" not in plan
    assert " Sort" not in plan


def plan_of(asked) -> str:
    """Return how the database would answer; small tables must not tempt PostgreSQL to read them whole."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    return asked.explain()


def test_three_hundred_names_are_stored_and_found_as_they_are(place, clerk, reviewer):
    assert len(NAMES) == len(set(NAMES)) == 300
    made = make_children([{"name": name} for name in NAMES], place, state=states.SUBMITTED)
    stored = dict(Child.objects.values_list("id", "name"))
    assert [stored[child.pk].encode() for child in made] == [name.encode() for name in NAMES]
    for name in NAMES:
        assert name in find(clerk, name), name
        assert name in find(reviewer, name), name


def test_pages_of_a_list_hold_every_one_of_the_names_once(place, clerk):
    make_children([{"name": name} for name in NAMES], place, state=states.SUBMITTED)
    mine = Child.objects.visible_to(clerk)
    seen, after = [], None
    while True:
        page = queries.page_of(mine, among=mine, after=after)
        seen += [child.name for child in page.children]
        after = page.following
        if after is None:
            break
    assert sorted(seen) == sorted(NAMES)


def test_last_four_are_kept_as_a_digest_only(place):
    child = make_child(place, id_number=DOCUMENT)
    assert child.document_last4 in vault.findable(vault.Purpose.DOCUMENT_LAST4, "6516")
    assert "6516" not in child.document_last4
