"""A county's kindergartens on its pages: days, names, licences, endings, the list of children to be placed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.approvals import claims
from miaoce.registry.enrolments import rehoming
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.ids import new_id
from miaoce.registry.institutions.models import Kindergarten
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Reading
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()
ON = (TODAY - timedelta(days=10)).isoformat()


@pytest.fixture
def county():
    return places.make_office_tree().county


@pytest.fixture
def client(county):
    return places.signed_in(places.make_officer("county_reviewer", county))


def junior(place):
    return place.groups.order_by("sort")[1]


def test_the_list_shows_the_names_and_heads_of_the_day_that_is_asked(client, county):
    place = places.make_kindergarten(county, name="旧名幼儿园")
    children.make_child(place, entry_date="2026-09-01")
    client.post(reverse("institution-change", args=[place.pk, "rename"]), {"name": "新名幼儿园", "on": ON})
    today = client.get(reverse("institutions")).content.decode()
    before = client.get(reverse("institutions"), {"on": "2026-09-15"}).content.decode()
    assert "新名幼儿园" in today
    assert "在园 1 名" in today
    assert "旧名幼儿园" in before
    assert "新名幼儿园" not in before


@pytest.mark.parametrize("on", ["garbage", "2031-01-01", "1900-01-01"])
def test_a_day_outside_the_register_shows_the_nearest_one(client, county, on):
    places.make_kindergarten(county)
    assert client.get(reverse("institutions"), {"on": on}).status_code == 200


def test_a_licence_is_withdrawn_and_a_new_one_written(client, county):
    place = places.make_kindergarten(county)
    client.post(reverse("institution-change", args=[place.pk, "unlicence"]), {"on": ON})
    assert "许可证不在有效期内" in client.get(reverse("institution", args=[place.pk])).content.decode()
    given = {"number": "教民 9", "licence_from": TODAY.isoformat(), "licence_to": "", "on": TODAY.isoformat()}
    client.post(reverse("institution-change", args=[place.pk, "licence"]), given)
    assert "长期" in client.get(reverse("institution", args=[place.pk])).content.decode()


def test_what_is_wrong_in_a_form_is_said_and_nothing_changes(client, county):
    place = places.make_kindergarten(county, name="原名幼儿园")
    answer = client.post(reverse("institution-change", args=[place.pk, "rename"]), {"name": "", "on": "九月"})
    words = answer.content.decode()
    assert answer.status_code == 422
    assert "没填新名称。" in words
    assert "日期写成 2026-09-01 这样。" in words
    assert Kindergarten.objects.get(pk=place.pk).name == "原名幼儿园"


def test_a_plan_is_read_before_children_move(client, county):
    old, new = places.make_kindergarten(county), places.make_kindergarten(county, name="接收幼儿园")
    child = children.make_child(old)
    where = reverse("institution-end", args=[old.pk])
    given = {"kind": "close", "on": ON, f"to-{junior(old).pk}": f"{junior(new).pk}"}
    plan = client.post(where, given)
    assert "转到接收幼儿园 小一班，转后共 1 名，班额 25" in plan.content.decode()
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).kindergarten_id == old.pk
    done = client.post(where, given | {"sure": "1"}, follow=True)
    assert "1 名转到接收班级" in done.content.decode()
    assert Enrolment.objects.get(child_id=child.pk, ended_on=None).kindergarten_id == new.pk
    again = client.get(where)
    assert again.status_code == 409
    assert "停办" in again.content.decode()


def test_a_group_over_its_norm_and_children_in_transfer_are_said_in_the_plan(client, county):
    old, new = places.make_kindergarten(county), places.make_kindergarten(county)
    nursery = new.groups.order_by("sort")[0]
    made = children.make_children([{"name": f"周禾{c}"} for c in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌"], old)
    with journal.process("transfer.request", actor=places.make_officer("registrar", new), at=timezone.now()) as process:
        claims.claim(cases={made[0].pk: new_id()}, kind="transfer", process=process)
    given = {"kind": "merge", "on": ON, f"to-{junior(old).pk}": f"{nursery.pk}"}
    words = client.post(reverse("institution-end", args=[old.pk]), given).content.decode()
    assert "班额超出" in words
    assert "1 名正在办转园" in words


def test_a_place_that_ends_leaves_nobody_behind(client, county):
    old = places.make_kindergarten(county)
    children.make_child(old)
    given = {"kind": "close", "on": ON, f"to-{junior(old).pk}": "stay", "sure": "1"}
    answer = client.post(reverse("institution-end", args=[old.pk]), given)
    assert answer.status_code == 422
    assert "每个班都要有去处" in answer.content.decode()
    assert Kindergarten.objects.get(pk=old.pk).closed_on is None


def test_a_split_leaves_the_other_groups_where_they_are(client, county):
    old, new = places.make_kindergarten(county), places.make_kindergarten(county)
    second = old.groups.order_by("sort")[2]
    going, staying = children.make_child(old), children.make_child(old, group=second)
    given = {
        "kind": "split", "on": ON, f"to-{junior(old).pk}": f"{junior(new).pk}", f"to-{second.pk}": "stay", "sure": "1",
    }  # fmt: skip
    assert client.post(reverse("institution-end", args=[old.pk]), given).status_code == 302
    where = dict(Enrolment.objects.filter(ended_on=None).values_list("child_id", "kindergarten_id"))
    assert where == {going.pk: new.pk, staying.pk: old.pk}


def test_children_are_placed_from_the_countys_list(client, county):
    old, new = places.make_kindergarten(county), places.make_kindergarten(county)
    child = children.make_child(old, name="周禾禾")
    client.post(reverse("institution-end", args=[old.pk]), {"kind": "close", "on": ON, "sure": "1"})
    where = reverse("institution-unplaced")
    assert "周禾禾" in client.get(where).content.decode()
    assert Reading.objects.filter(what="child.list", child_ids=child.pk.hex).exists()
    assert client.post(where, {"group": f"{junior(new).pk}"}).status_code == 422
    assert client.post(where, {"child": [f"{child.pk}"], "group": f"{junior(new).pk}"}).status_code == 302
    assert not rehoming.on_list(county.pk).exists()
    assert "没有待安置的幼儿" in client.get(where).content.decode()


def test_a_child_that_somebody_placed_meanwhile_is_said(client, county):
    old, new = places.make_kindergarten(county), places.make_kindergarten(county)
    child = children.make_child(old)
    client.post(reverse("institution-end", args=[old.pk]), {"kind": "close", "on": ON, "sure": "1"})
    given = {"child": [f"{child.pk}"], "group": f"{junior(new).pk}"}
    client.post(reverse("institution-unplaced"), given)
    answer = client.post(reverse("institution-unplaced"), given)
    assert answer.status_code == 422
    assert "不能办安置" in answer.content.decode()


def test_foreign_and_unknown_kindergartens_answer_alike(client):
    foreign = places.make_kindergarten(places.make_office_tree().far_county)
    answers = [client.get(reverse("institution", args=[pk])) for pk in (foreign.pk, new_id())]
    assert [answer.status_code for answer in answers] == [404, 404]


def test_registrations_that_wait_do_not_keep_a_kindergarten_open_for_ever(client, county):
    place = places.make_kindergarten(county, name="旧名幼儿园")
    children.make_child(place, state="submitted")
    address = reverse("institution-end", args=[place.pk])
    page = client.get(address).content.decode()
    assert "1 名待审批" in page and "一起退回 1 名" in page and f"?kindergarten={place.code}" in page
    sent = {"kind": "close", "on": TODAY.isoformat(), "sure": "1"}
    refused = client.post(address, sent)
    assert refused.status_code == 409 and "请先批准" in refused.content.decode()
    page = client.post(address, {"act": "return"}, follow=True).content.decode()
    assert "已退回 1 名，写明了停办原因。" in page and "1 名已退回。" in page
    assert client.post(address, sent).status_code == 302
    assert Kindergarten.objects.get(pk=place.pk).closed_on == TODAY
