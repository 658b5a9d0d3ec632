"""The day of entry on the pages: asked for on the review and once more before submitting, and said at both ends."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.approvals.models import Proposal
from miaoce.registry.intake import review
from tests.doors.web.test_intake import brought_in, page_of
from tests.factories.places import make_kindergarten, make_officer, signed_in
from tests.factories.rolls import child, pasted

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_kindergarten()


@pytest.fixture
def clerk(place):
    return signed_in(make_officer("registrar", place))


def test_the_review_asks_for_the_whole_batch_and_presets_nothing(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1), child(2)]))
    shown = page_of(clerk, batch)
    assert "2 行没填入园日期。" in shown
    address = reverse("intake-alike", args=[batch.pk])
    wrong = clerk.post(address, {"field": "entry_date", "wrong": "", "right": "开学"}, follow=True)
    assert "没认出入园日期“开学”。" in wrong.content.decode()
    day = timezone.localdate() - timedelta(days=9)
    right = clerk.post(address, {"field": "entry_date", "wrong": "", "right": day.isoformat()}, follow=True)
    assert "已给 2 行填上入园日期。" in right.content.decode()
    assert "没填入园日期" not in page_of(clerk, batch)
    assert {row.content.values["entry_date"] for row in review.open_rows(batch)} == {day.isoformat()}


def test_before_submitting_it_is_asked_once_more(clerk) -> None:
    batch = brought_in(clerk, pasted([child(1)]))
    address = reverse("intake-submit", args=[batch.pk])
    assert "入园日期（1 名没填）" in clerk.get(address).content.decode()
    again = clerk.post(address, {"promise": "1", "entry": "那天"})
    assert again.status_code == 422
    assert 'value="那天"' in again.content.decode(), "what was typed stays"
    assert not Proposal.objects.exists()
    day = timezone.localdate() - timedelta(days=9)
    clerk.post(address, {"promise": "1", "entry": day.isoformat()})
    assert Proposal.objects.get().entered_on == day


def test_left_empty_both_ends_say_that_it_counts_from_submission(clerk, place) -> None:
    batch = brought_in(clerk, pasted([child(1)]))
    done = clerk.post(reverse("intake-submit", args=[batch.pk]), {"promise": "1"}, follow=True).content.decode()
    assert "其中 1 名没填入园日期，建籍期限按提交日计。" in done
    case = Proposal.objects.get()
    assert "按提交日计" in clerk.get(reverse("child", args=[case.child_id])).content.decode()
    county = signed_in(make_officer("county_reviewer", place.office))
    panel = county.post(reverse("approvals-open", args=[case.pk]), follow=True).content.decode()
    assert "没填，按提交日计" in panel
