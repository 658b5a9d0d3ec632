"""Graduation in bulk: who is of age and not deferred, in the season, and everybody else is left out and told why."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from miaoce.registry.access.officers import Denied
from miaoce.registry.approvals import claims
from miaoce.registry.children.models import Child
from miaoce.registry.enrolments import graduation, rules, states
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.reference import actions as reference
from miaoce.registry.reference.models import Code, Edition
from tests.factories import children as factory
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
JULY = date(2026, 7, 31)
NOW = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
OF_AGE, YOUNG = "2020-08-31", "2020-09-01"


@pytest.fixture
def garden():
    place = places.make_kindergarten(classes=False)
    places.make_groups(place, on=JULY)
    return place


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


def attending(garden, *births, group="大一班", entered="2025-09-01"):
    rows = [
        {"name": f"陈小{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "birth_date": b, "entry_date": entered}
        for n, b in enumerate(births)
    ]
    return factory.make_children(rows, garden, group=garden.groups.get(name=group), at=NOW - timedelta(days=30))


def graduate(children, actor, *, on=JULY, at=NOW):
    with journal.process("child.graduate", actor=actor, at=at) as process:
        return graduation.graduate(chosen={c.pk: c.version for c in children}, on=on, process=process)


def codes(outcome):
    return {child: refusal.code for child, refusal in outcome.refused.items()}


def test_a_stay_ends_by_graduation_and_the_number_goes_on(garden, registrar):
    (child,) = attending(garden, OF_AGE)
    assert graduate([child], registrar).done == [child.pk]
    stay, now = Enrolment.objects.get(child_id=child.pk), Child.objects.get(pk=child.pk)
    assert (stay.state, stay.ended_on, now.standing, now.version) == (
        states.GRADUATED, JULY, states.GRADUATED, child.version + 1,
    )  # fmt: skip
    assert now.number is not None
    assert not rebuild.compare().tables


def test_six_by_the_last_of_august_graduates_and_the_day_after_does_not(garden, registrar):
    old, young = attending(garden, OF_AGE, YOUNG)
    done = graduate([old, young], registrar)
    assert done.done == [old.pk]
    assert codes(done) == {young.pk: "ENR-11"}
    assert "2026-08-31" in str(done.refused[young.pk])


@pytest.mark.parametrize(("until", "code"), [(date(2027, 9, 1), "ENR-12"), (date(2026, 9, 1), None)])
def test_deferred_children_are_left_out_as_long_as_they_are_deferred(garden, registrar, until, code):
    (child,) = attending(garden, OF_AGE)
    Child.objects.filter(pk=child.pk).update(deferred_until_on=until)
    assert list(codes(graduate([child], registrar)).values()) == ([code] if code else [])


def test_a_deferral_in_hand_holds_the_child_back_and_says_so(garden, registrar):
    (child,) = attending(garden, OF_AGE)
    with journal.process("case.file", actor=registrar, at=NOW) as process:
        claims.claim(cases={child.pk: new_id()}, kind="deferral", process=process)
    assert codes(graduate([child], registrar)) == {child.pk: "APR-08"}


@pytest.mark.parametrize("day", [date(2026, 6, 30), date(2026, 9, 1), date(2025, 12, 1)])
def test_nobody_graduates_in_the_middle_of_a_school_year(garden, registrar, day):
    (child,) = attending(garden, OF_AGE, entered="2024-09-01")
    places.make_school_year(day)
    with pytest.raises(rules.OutOfSeason):
        graduate([child], registrar, on=day, at=NOW + timedelta(days=60))
    assert Enrolment.objects.get(child_id=child.pk).ended_on is None


def test_a_province_has_a_season_of_its_own(garden, registrar):
    (child,) = attending(garden, OF_AGE)
    reference.load_shipped(on=date(2026, 1, 1))
    Code.objects.create(
        list="season", code="99/graduation.from", name="云川省", extra={"month_day": "06-15"}, sort=9, source="云川省",
        aliases=[], slips=[], legacy=[],
    )  # fmt: skip
    Edition.objects.create(kind="codes", source="test", digest="x", effective_on=date(2026, 1, 1), changes={})
    assert graduate([child], registrar, on=date(2026, 6, 20)).done == [child.pk]


def test_a_day_ahead_or_before_the_stay_is_refused_alone(garden, registrar):
    (child,) = attending(garden, OF_AGE, entered="2026-07-15")
    assert codes(graduate([child], registrar, on=date(2026, 8, 10))) == {child.pk: "ENR-04"}
    assert codes(graduate([child], registrar, on=date(2026, 7, 14))) == {child.pk: "ENR-04"}


def test_who_graduated_does_not_do_so_again(garden, registrar):
    (child,) = attending(garden, OF_AGE)
    graduate([child], registrar)
    child.refresh_from_db()
    assert codes(graduate([child], registrar)) == {child.pk: "ENR-02"}


def test_the_candidates_are_who_sits_in_the_last_class_or_is_of_age(garden, registrar):
    of_age, young = attending(garden, OF_AGE, YOUNG)
    mixed_old, _mixed_young = attending(garden, OF_AGE, "2022-03-01", group="混龄一班")
    attending(garden, "2021-10-01", group="中一班")
    held = attending(garden, OF_AGE)[0]
    with journal.process("case.file", actor=registrar, at=NOW) as process:
        claims.claim(cases={held.pk: new_id()}, kind="transfer", process=process)
    year = places.make_school_year(JULY)
    found = {one.child.pk: one.why_not.code if one.why_not else "" for one in graduation.candidates(registrar, year)}
    assert found == {of_age.pk: "", young.pk: "ENR-11", mixed_old.pk: "", held.pk: "APR-08"}
    stranger = places.make_officer("registrar", places.make_kindergarten())
    assert not graduation.candidates(stranger, year)


def test_only_a_registrar_lets_children_graduate(garden):
    (child,) = attending(garden, OF_AGE)
    for role, unit in (("principal", garden), ("county_reviewer", garden.office)):
        with pytest.raises(Denied):
            graduate([child], places.make_officer(role, unit))
    assert Child.objects.get(pk=child.pk).standing == states.ATTENDING


def test_the_number_of_statements_does_not_grow_with_the_batch(garden, registrar):
    few, many = attending(garden, *[OF_AGE] * 2), attending(garden, *[OF_AGE] * 40)
    counts = []
    for children in (few, many):
        with CaptureQueriesContext(connection) as seen:
            graduate(children, registrar)
        counts.append(len(seen))
    assert counts[1] <= counts[0]
