"""缓学, 注销 and 恢复 on the pages: filed from the child's page, seen before and after, agreed, sent back, mended, taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.approvals.models import Case
from miaoce.registry.children.models import Child
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


@pytest.fixture
def county(garden):
    return places.signed_in(places.make_officer("county_reviewer", garden.office))


@pytest.fixture
def child(garden):
    return factory.make_child(garden, entry_date=(TODAY - timedelta(days=40)).isoformat())


def files(desk, child, reason="cancellation.missing", **given):
    sent = {"reason": reason, "on": TODAY.isoformat(), "words": "派出所证明，原件", "version": child.version, **given}
    return desk.post(f"/cases/new/{child.pk}/", sent, follow=True)


def pick():
    case = Case.objects.get()
    return f"{case.pk}:{case.version}"


def test_filed_from_the_childs_page_and_agreed_in_bulk(child, desk, county):
    assert f"/cases/new/{child.pk}/" in desk.get(f"/children/{child.pk}/").content.decode()
    page = files(desk, child).content.decode()
    assert "已交给县里核准" in page and "派出所证明，原件" in page and "已注销" in page
    assert child.name in county.get("/cases/").content.decode()
    answer = county.post("/cases/", {"pick": pick()}, follow=True).content.decode()
    assert "已核准 1 件，已生效。" in answer
    assert Child.objects.get(pk=child.pk).standing == "cancelled"


def test_sent_back_with_words_and_filed_again(child, desk, county):
    files(desk, child)
    case = Case.objects.get()
    page = county.post(f"/cases/{case.pk}/send-back/", {"pick": pick(), "words": "请补报警回执"}, follow=True)
    assert "已退回" in page.content.decode()
    assert "请补报警回执" in desk.get(f"/cases/{case.pk}/").content.decode()
    again = desk.post(f"/cases/{case.pk}/move/", {"pick": pick(), "act": "refile"}, follow=True).content.decode()
    assert "已再次交给县里" in again and Case.objects.get().state == "filed"


def test_taken_back_changes_nothing(child, desk):
    files(desk, child)
    case = Case.objects.get()
    page = desk.post(f"/cases/{case.pk}/move/", {"pick": pick(), "act": "take_back"}, follow=True).content.decode()
    assert "已撤回，没有改动。" in page
    assert Child.objects.get(pk=child.pk).standing == "attending"


def test_what_cannot_be_filed_says_why_and_keeps_what_was_typed(child, desk):
    late = (TODAY + timedelta(days=2)).isoformat()
    answer = files(desk, child, on=late)
    assert answer.status_code == 422
    assert "日期要在" in answer.content.decode() and late in answer.content.decode()
    assert not Case.objects.exists()


def test_a_case_of_another_county_is_not_there(child, desk):
    files(desk, child)
    far = places.signed_in(places.make_officer("county_reviewer", places.make_office_tree().far_county))
    assert far.get(f"/cases/{Case.objects.get().pk}/").status_code == 404
    assert child.name not in far.get("/cases/").content.decode()
