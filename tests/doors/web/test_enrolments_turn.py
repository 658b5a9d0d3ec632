"""升班 on the page: drawn, read, changed, made true on the first day, and taken back."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from miaoce.registry.enrolments.models import Enrolment, YearPlan
from tests.factories import children as factory
from tests.factories import places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
AUGUST, SEPTEMBER = datetime(2026, 8, 20, 1, 0, tzinfo=UTC), datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def garden():
    place = places.make_kindergarten(name="青禾中心幼儿园", classes=False)
    places.make_groups(place, on=date(2026, 7, 1))
    return place


def desk(garden):
    return places.signed_in(places.make_officer("registrar", garden))


def sits(garden, group, born, name):
    at = datetime(2026, 7, 1, tzinfo=UTC)
    row = {"birth_date": born, "entry_date": "2025-09-01", "name": name}
    return factory.make_child(garden, group=garden.groups.get(name=group), at=at, **row)


def now_in(child):
    return Enrolment.objects.get(child_id=child.pk, ended_on=None).group.name


def act(client, what, **more):
    plan = YearPlan.objects.order_by("-id").first()
    sent = {"act": what, "version": plan.version if plan else "", **more}
    return client.post("/enrolments/turn/", sent, follow=True)


def test_a_plan_is_drawn_read_changed_run_and_taken_back(garden):
    one, two = sits(garden, "小一班", "2022-05-01", "陈小甲"), sits(garden, "小一班", "2022-05-02", "陈小乙")
    old = sits(garden, "大一班", "2020-05-01", "陈大丙")
    with time_machine.travel(AUGUST):
        client = desk(garden)
        assert "排升班方案" in client.get("/enrolments/turn/").content.decode()
        page = act(client, "draw").content.decode()
        assert "中一班：2 名，班额 30 名" in page and "不升班，先留在原班" in page and old.name in page
        assert "2026-09-01 起才能升班" in page and 'value="run"' not in page
        page = act(client, "change", **{f"to-{two.pk.hex}": "中二班"}).content.decode()
        assert "已改 1 名，还没有升班。" in page and now_in(two) == "小一班"
    with time_machine.travel(SEPTEMBER):
        client = desk(garden)
        page = act(client, "run", **{f"to-{one.pk.hex}": "中一班"}).content.decode()
        assert "升班 2 名" in page
        assert (now_in(one), now_in(two), now_in(old)) == ("中一班", "中二班", "大一班")
        page = act(client, "undo").content.decode()
        assert "已撤回升班，2 名回到原来的班。" in page
        assert (now_in(one), now_in(two)) == ("小一班", "小一班")


def test_a_plan_that_changed_since_it_was_shown_is_not_run(garden):
    sits(garden, "小一班", "2022-05-01", "陈小甲")
    with time_machine.travel(SEPTEMBER):
        client = desk(garden)
        act(client, "draw")
        answer = client.post("/enrolments/turn/", {"act": "run", "version": "99"})
        assert answer.status_code == 409 and "升班方案有变动" in answer.content.decode()
        assert YearPlan.objects.get().state == "draft"


def test_what_is_beyond_the_norm_is_said(garden):
    group = sits(garden, "小一班", "2022-05-01", "陈小甲") and garden.groups.get(name="小一班")
    rows = [{"birth_date": "2022-05-01", "entry_date": "2025-09-01"}] * 30
    factory.make_children(rows, garden, group=group, at=datetime(2026, 7, 1, tzinfo=UTC))
    with time_machine.travel(AUGUST):
        page = act(desk(garden), "draw").content.decode()
    assert "中一班：31 名，班额 30 名" in page and "超出班额" in page
