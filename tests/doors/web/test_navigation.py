"""What waits behind the entries of the navigation: one statement, counted to a hundred, silent where nothing waits."""

import re

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from miaoce.registry import rows
from miaoce.registry.access.permissions import ROLES
from miaoce.registry.approvals import states
from miaoce.web import waiting
from miaoce.web.desks import ENTRIES
from tests.factories import children, places, rolls

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def garden():
    return places.make_kindergarten()


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


def counted(officer, path: str = "/children/") -> dict[str, str]:
    """Return the counts of the navigation by entry, as a page shows them."""
    page = places.signed_in(officer).get(path).content.decode()
    nav = page[page.index('aria-label="主导航"') : page.index("</nav>")]
    return dict(re.findall(r'>([^<>]+)<span class="count">([^<]+)<', nav))


def test_where_nothing_waits_there_is_no_count(garden, registrar):
    children.make_child(garden)
    assert counted(registrar) == {}


def test_a_registrar_sees_rows_to_mend_and_returned_cases(garden, registrar):
    text = rolls.pasted([rolls.child(1, 民族="汗族"), rolls.child(2), rolls.child(3), rolls.child(3)])
    places.signed_in(registrar).post("/intake/paste/", {"text": text})
    children.make_child(garden, state=states.RETURNED)
    assert counted(registrar) == {"登记": "3"}


def test_a_principal_who_mends_nothing_sees_no_count(garden, registrar):
    places.signed_in(registrar).post("/intake/paste/", {"text": rolls.pasted([rolls.child(1, 民族="汗族")])})
    assert counted(places.make_officer("principal", garden)) == {}


def test_a_county_sees_what_waits_for_it_and_no_other_county_s(garden):
    children.make_child(garden, state=states.SUBMITTED)
    children.make_child(places.make_kindergarten(places.make_office_tree().other_county), state=states.SUBMITTED)
    assert counted(places.make_officer("county_reviewer", garden.office)) == {"审批": "1"}


def test_beyond_a_hundred_nothing_is_counted(garden, registrar):
    text = rolls.pasted([rolls.child(n, 民族="汗族") for n in range(120)])
    places.signed_in(registrar).post("/intake/paste/", {"text": text})
    assert counted(registrar) == {"登记": "99+"}


def test_it_costs_one_statement_whatever_waits(garden, registrar):
    with CaptureQueriesContext(connection) as asked:
        waiting.counts_of(registrar)
    assert len(asked) == 1
    assert rows.counted([], most=5) == []


def test_a_page_lives_without_its_counts(garden, registrar, monkeypatch):
    def broken(*_: object, **__: object) -> list[int]:
        raise DatabaseError

    monkeypatch.setattr(rows, "counted", broken)
    assert counted(registrar) == {}


def test_a_part_of_a_page_counts_nothing(garden, registrar):
    child = children.make_child(garden)
    client = places.signed_in(registrar)
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/children/{child.pk}/reveal/?field=number", headers={"HX-Request": "true"})
    assert not [query for query in asked if "AS counted" in query["sql"]]


def test_the_navigation_has_six_entries_and_the_others_stand_under_the_name(garden):
    client = places.signed_in(places.make_officer("county_reviewer", garden.office))
    page = client.get("/").content.decode()
    nav = page[page.index('aria-label="主导航"') : page.index("</nav>")]
    assert nav.count("<a ") == 6
    held = [entry for entry in ENTRIES if entry[2] in ROLES["county_reviewer"].permissions]
    assert len(held) > 6 and all(entry[0] in page for entry in held)


def test_what_is_seldom_used_stands_under_the_name(garden):
    page = places.signed_in(places.make_officer("county_reviewer", garden.office)).get("/children/").content.decode()
    nav = page[page.index('aria-label="主导航"') : page.index("</nav>")]
    assert "时限" not in nav and 'href="/clocks/"' in page and 'href="/institutions/"' in page
