"""Kindergartens are renamed, closed, merged, split, moved; their children go on, and earlier days stay as they were."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from miaoce.registry.access.officers import Denied, the_system
from miaoce.registry.approvals import cases, claims, states
from miaoce.registry.approvals.models import Case, Clock, Proposal
from miaoce.registry.children.models import DocumentClaim
from miaoce.registry.enrolments import counting, lapsing, places, rehoming
from miaoce.registry.enrolments import states as stays
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.enrolments.places import Ending
from miaoce.registry.ids import new_id
from miaoce.registry.institutions import actions as institutions
from miaoce.registry.institutions import asof, rules
from miaoce.registry.institutions.models import Kindergarten, KindergartenPast, Succession
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal import rebuild
from miaoce.registry.journal.models import Event
from tests.factories.children import make_child, make_children
from tests.factories.places import make_kindergarten, make_office_tree, make_officer

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
SOME_DAY = TODAY - timedelta(days=20)


@pytest.fixture
def tree():
    return make_office_tree()


@pytest.fixture
def county(tree):
    return make_officer("county_reviewer", tree.county)


def doing(actor, kind="institution.change"):
    return journal.process(kind, actor=actor, at=NOW)


def close(kindergarten, homes, actor, on=SOME_DAY):
    with doing(actor) as process:
        return places.close(ending=Ending(kindergarten, homes), on=on, process=process)


def test_a_renamed_kindergarten_keeps_its_code_and_yesterday_its_name(tree, county):
    place = make_kindergarten(tree.county, name="旧名幼儿园")
    with doing(county) as process:
        places.rename(kindergarten=place, name="新名幼儿园", on=SOME_DAY, process=process)
    place.refresh_from_db()
    before = asof.places_of([place.pk], on=SOME_DAY - timedelta(days=1))[place.pk]
    after = asof.places_of([place.pk], on=SOME_DAY)[place.pk]
    assert (before.code, before.name, after.name, place.name) == (place.code, "旧名幼儿园", "新名幼儿园", "新名幼儿园")
    event = Event.objects.get(verb="kindergarten.renamed")
    assert (event.before, event.after, event.effective_on) == ({"name": "旧名幼儿园"}, {"name": "新名幼儿园"}, SOME_DAY)


def test_two_changes_of_one_day_keep_what_stood_before_both(tree, county):
    place = make_kindergarten(tree.county, name="甲幼儿园")
    for name in ("乙幼儿园", "丙幼儿园"):
        with doing(county) as process:
            places.rename(kindergarten=place, name=name, on=SOME_DAY, process=process)
    assert asof.places_of([place.pk], on=SOME_DAY - timedelta(days=1))[place.pk].name == "甲幼儿园"
    assert asof.places_of([place.pk], on=SOME_DAY)[place.pk].name == "丙幼儿园"
    assert KindergartenPast.objects.count() == 1


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), SOME_DAY - timedelta(days=1)])
def test_a_change_is_neither_in_the_future_nor_before_the_last_one(tree, county, on):
    place = make_kindergarten(tree.county)
    with doing(county) as process:
        places.rename(kindergarten=place, name="第一次改名", on=SOME_DAY, process=process)
    with pytest.raises(rules.DayNotAllowed), doing(county) as process:
        places.rename(kindergarten=place, name="第二次改名", on=on, process=process)


def test_the_same_name_again_changes_nothing(tree, county):
    place = make_kindergarten(tree.county)
    for name in (place.name, "  "):
        with pytest.raises(rules.NothingChanges), doing(county) as process:
            places.rename(kindergarten=place, name=name, on=SOME_DAY, process=process)
    assert not KindergartenPast.objects.exists()


def test_only_its_own_county_changes_a_kindergarten(tree, county):
    foreign = make_kindergarten(tree.other_county)
    with pytest.raises(Kindergarten.DoesNotExist), doing(county) as process:
        places.rename(kindergarten=foreign, name="别处改的名", on=SOME_DAY, process=process)
    registrar = make_officer("registrar", foreign)
    with pytest.raises(Denied), doing(registrar) as process:
        places.rename(kindergarten=foreign, name="自己改的名", on=SOME_DAY, process=process)


def test_without_a_licence_nobody_is_submitted_from_that_day(tree, county):
    place = make_kindergarten(tree.county)
    with doing(county) as process:
        places.withdraw_licence(kindergarten=place, on=SOME_DAY, process=process)
    place.refresh_from_db()
    assert place.is_licensed(SOME_DAY - timedelta(days=1))
    assert not place.is_licensed(SOME_DAY)
    with doing(county) as process:
        places.licence(
            kindergarten=place, number="教民 7", licence_from=TODAY, licence_to=None, on=TODAY, process=process
        )
    place.refresh_from_db()
    assert place.is_licensed(TODAY)


def test_a_licence_does_not_end_before_it_begins(tree, county):
    place = make_kindergarten(tree.county)
    with pytest.raises(rules.LicenceDaysWrong), doing(county) as process:
        places.licence(
            kindergarten=place, number="教民 7", licence_from=TODAY, licence_to=SOME_DAY, on=TODAY, process=process
        )


def test_children_of_a_closed_kindergarten_go_on_in_named_groups_without_a_gap(tree, county):
    old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
    one, two = make_children([{"name": "周禾"}, {"name": "吴苗"}], old)
    group, home = old.groups.order_by("sort")[1], new.groups.order_by("sort")[1]
    done = close(old, {group.pk: home.pk}, county)
    assert sorted(done.moved) == sorted([one.pk, two.pk])
    assert not done.listed
    assert not done.refused
    for child in (one, two):
        ended, opened = Enrolment.objects.filter(child_id=child.pk).order_by("started_on", "id")
        assert (ended.state, ended.ended_on) == (stays.TRANSFERRED, SOME_DAY)
        assert (opened.state, opened.started_on, opened.ended_on, opened.group_id) == (
            stays.ATTENDING,
            SOME_DAY,
            None,
            home.pk,
        )
        child.refresh_from_db()
        assert (child.kindergarten_id, child.office_id, child.standing) == (new.pk, tree.county.pk, stays.ATTENDING)
    old.refresh_from_db()
    assert old.closed_on == SOME_DAY
    succession = Succession.objects.get()
    assert (succession.former_id, succession.successor_id, succession.kind) == (old.pk, new.pk, "close")


def test_children_for_whom_nobody_is_named_enter_the_countys_own_list_and_leave_it_when_placed(tree, county):
    old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
    child = make_child(old)
    done = close(old, {}, county)
    assert done.listed == [child.pk]
    assert list(rehoming.on_list(tree.county.pk).values_list("pk", flat=True)) == [child.pk]
    clock = Clock.objects.get(child_id=child.pk, stopped_at=None)
    assert (clock.owner_id, clock.case_kind) == (tree.county.pk, rehoming.PLACEMENT)
    home = new.groups.order_by("sort")[1]
    with doing(county) as process:
        placed = rehoming.place(chosen={child.pk: home.pk}, on=TODAY, process=process)
    assert placed.moved == [child.pk]
    assert not rehoming.on_list(tree.county.pk).exists()
    assert not Clock.objects.filter(child_id=child.pk, stopped_at=None).exists()
    last = Enrolment.objects.get(child_id=child.pk, ended_on=None)
    assert (last.group_id, last.started_on) == (home.pk, TODAY)


def test_groups_that_are_not_named_enter_the_list_when_the_place_ends(tree, county):
    old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
    first, second = old.groups.order_by("sort")[1:3]
    named, unnamed = make_child(old, group=first, name="周禾"), make_child(old, group=second, name="吴苗")
    done = close(old, {first.pk: new.groups.order_by("sort")[1].pk}, county)
    assert (done.moved, done.listed) == ([named.pk], [unnamed.pk])


def test_a_second_try_to_place_a_child_says_where_it_stands(tree, county):
    old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
    child = make_child(old)
    close(old, {}, county)
    home = new.groups.order_by("sort")[1]
    for _ in range(2):
        with doing(county) as process:
            done = rehoming.place(chosen={child.pk: home.pk}, on=TODAY, process=process)
    assert done.moved == []
    assert isinstance(done.refused[child.pk], stays.StepNotAllowed)
    assert Enrolment.objects.filter(child_id=child.pk, ended_on=None).count() == 1


def test_a_kindergarten_does_not_close_while_registrations_wait(tree, county):
    old = make_kindergarten(tree.county)
    make_child(old, state=states.SUBMITTED)
    with pytest.raises(rules.StillWaiting, match="1 名"):
        close(old, {}, county)
    old.refresh_from_db()
    assert old.closed_on is None


def test_what_waits_is_returned_together_and_lapses_with_the_closing(tree, county):
    old = make_kindergarten(tree.county)
    first = make_child(old, state=states.SUBMITTED)
    make_child(old, state=states.SUBMITTED, name="林小满")
    with doing(county) as process:
        assert lapsing.return_all(kindergarten=old, process=process) == 2
    case = Proposal.objects.get(child_id=first.pk)
    assert (case.state, "停办" in case.return_words) == (states.RETURNED, True)
    assert DocumentClaim.objects.filter(child_id=first.pk).exists()
    close(old, {}, county)
    case.refresh_from_db()
    assert case.state == states.WITHDRAWN
    assert Enrolment.objects.get(child_id=first.pk).state == stays.WITHDRAWN
    assert not DocumentClaim.objects.filter(child_id=first.pk).exists(), "another kindergarten can register it"
    assert not rebuild.compare().tables


def test_another_county_returns_nothing(tree, county):
    old = make_kindergarten(tree.county)
    make_child(old, state=states.SUBMITTED)
    with doing(make_officer("county_reviewer", tree.other_county)) as process:
        assert lapsing.return_all(kindergarten=old, process=process) == 0
    assert Proposal.objects.get().state == states.SUBMITTED


@pytest.mark.parametrize("licensed", [True, False])
def test_only_a_licensed_kindergarten_of_the_county_takes_over(tree, county, licensed):
    old = make_kindergarten(tree.county)
    make_child(old)
    other = make_kindergarten(tree.other_county if licensed else tree.county, licensed=licensed)
    group, home = old.groups.order_by("sort")[1], other.groups.order_by("sort")[1]
    with pytest.raises(rules.NotASuccessor):
        close(old, {group.pk: home.pk}, county)
    assert Enrolment.objects.filter(ended_on=None).count() == 1


def test_a_group_that_does_not_exist_takes_nobody(tree, county):
    old = make_kindergarten(tree.county)
    make_child(old)
    with pytest.raises(rules.GroupNotThere):
        close(old, {old.groups.order_by("sort")[1].pk: new_id()}, county)


def test_a_child_whose_transfer_is_in_hand_stays_and_is_said(tree, county):
    old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
    going, staying = make_children([{"name": "周禾"}, {"name": "吴苗"}], old)
    with doing(the_system()) as process:
        claims.claim(cases={going.pk: new_id()}, kind="transfer", process=process)
    done = close(old, {old.groups.order_by("sort")[1].pk: new.groups.order_by("sort")[1].pk}, county)
    assert done.moved == [staying.pk]
    assert isinstance(done.refused[going.pk], states.ChangeInHand)
    assert Enrolment.objects.get(child_id=going.pk, ended_on=None).kindergarten_id == old.pk


def test_a_case_in_hand_follows_the_child(tree, county):
    old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
    child = make_child(old)
    with doing(make_officer("registrar", old), "case.file") as process:
        filing = cases.Filing(child.pk, states.DEFERRAL, old.pk, tree.county.pk, TODAY)
        (case,) = cases.file(filings=[filing], process=process).done
    with doing(county) as process:
        cases.send_back(chosen={case.pk: 1}, reasons=["other"], words="请补材料", process=process)
    close(old, {old.groups.order_by("sort")[1].pk: new.groups.order_by("sort")[1].pk}, county)
    assert Case.objects.get(pk=case.pk).kindergarten_id == new.pk
    assert Clock.objects.get(case_id=case.pk, stopped_at=None).owner_id == new.pk


def test_a_split_hands_over_some_groups_and_the_rest_goes_on(tree, county):
    old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
    first, second = old.groups.order_by("sort")[1:3]
    going, staying = make_child(old, group=first, name="周禾"), make_child(old, group=second, name="吴苗")
    with doing(county) as process:
        done = places.split(
            ending=Ending(old, {first.pk: new.groups.order_by("sort")[1].pk}), on=SOME_DAY, process=process
        )
    assert done.moved == [going.pk]
    assert Enrolment.objects.get(child_id=staying.pk, ended_on=None).kindergarten_id == old.pk
    old.refresh_from_db()
    assert old.closed_on is None
    assert Succession.objects.get().kind == "split"


def test_heads_of_an_earlier_day_stand_where_the_places_stood_then(tree, county):
    old, new = make_kindergarten(tree.county, name="旧园"), make_kindergarten(tree.county, name="新园")
    make_children([{"name": "周禾", "entry_date": "2026-09-01"}, {"name": "吴苗", "entry_date": "2026-09-01"}], old)
    close(old, {old.groups.order_by("sort")[1].pk: new.groups.order_by("sort")[1].pk}, county)
    before = {h.place.name: h.count for h in counting.heads_of([tree.county.pk], on=SOME_DAY - timedelta(days=1))}
    after = {h.place.name: (h.count, h.place.is_closed) for h in counting.heads_of([tree.county.pk], on=SOME_DAY)}
    assert before == {"旧园": 2, "新园": 0}
    assert after == {"旧园": (0, True), "新园": (2, False)}


def test_moved_boundaries_bring_children_cases_and_clocks_to_the_other_county(tree, county):
    place = make_kindergarten(tree.county, name="边界园")
    child = make_child(place, entry_date="2026-09-01")
    with doing(make_officer("registrar", place), "case.file") as process:
        (case,) = cases.file(
            filings=[cases.Filing(child.pk, states.DEFERRAL, place.pk, tree.county.pk, TODAY)], process=process
        ).done
    with doing(the_system()) as process:
        count = places.move(
            kindergartens=[place], office=tree.other_county, region_code="990102", on=SOME_DAY, process=process
        )
    assert count == 1
    child.refresh_from_db()
    clock = Clock.objects.get(case_id=case.pk, stopped_at=None)
    assert {child.office_id, Case.objects.get().office_id, Proposal.objects.get().office_id} == {tree.other_county.pk}
    assert (clock.office_id, clock.owner_id) == (tree.other_county.pk, tree.other_county.pk)
    then = counting.heads_of([tree.county.pk], on=SOME_DAY - timedelta(days=1))
    assert [(h.place.name, h.place.office_name, h.count) for h in then] == [("边界园", tree.county.name, 1)]
    assert [h.count for h in counting.heads_of([tree.other_county.pk], on=SOME_DAY)] == [1]
    assert counting.heads_of([tree.county.pk], on=SOME_DAY) == []


def test_a_county_that_was_renamed_keeps_its_name_on_earlier_days(tree):
    place = make_kindergarten(tree.county)
    with doing(the_system()) as process:
        institutions.rename_office(office=tree.county, name="青禾新区教育局", on=SOME_DAY, process=process)
    before = asof.places_of([place.pk], on=SOME_DAY - timedelta(days=1))[place.pk].office_name
    assert (before, asof.places_of([place.pk], on=SOME_DAY)[place.pk].office_name) == ("青禾区教育局", "青禾新区教育局")


def test_a_child_that_came_after_the_day_of_closure_moves_on_the_day_it_came(tree, county):
    old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
    late = SOME_DAY + timedelta(days=5)
    child = make_child(old, entry_date=late.isoformat())
    close(old, {old.groups.order_by("sort")[1].pk: new.groups.order_by("sort")[1].pk}, county)
    ended, opened = Enrolment.objects.filter(child_id=child.pk).order_by("ended_on")[:2]
    assert {ended.started_on, ended.ended_on or late, opened.started_on} == {late}


def test_thirty_children_cost_as_many_statements_as_three(tree, county):
    counted = []
    for many in (3, 30):
        old, new = make_kindergarten(tree.county), make_kindergarten(tree.county)
        make_children([{"name": f"周禾{'甲乙丙丁戊己庚辛壬癸'[n % 10]}"} for n in range(many)], old)
        with CaptureQueriesContext(connection) as seen:
            close(old, {old.groups.order_by("sort")[1].pk: new.groups.order_by("sort")[1].pk}, county)
        counted.append(len([one for one in seen if "COPY" not in one["sql"]]))
    assert counted[1] <= counted[0] + 2  # COPY asks PostgreSQL in another way from twenty rows on
