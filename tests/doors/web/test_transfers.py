"""The pages of transfers: who sees what, what is said when a step cannot be taken, and the desk's to-dos."""

from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from miaoce.registry.approvals.models import Clock
from miaoce.registry.children.models import Child
from miaoce.registry.journal.models import Reading
from miaoce.registry.transfers import states
from tests.factories.places import make_officer, signed_in
from tests.factories.transfers import ENDING, Stage, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def stage():
    return Stage(now=timezone.now() - timedelta(hours=20))


def page(officer, address="/"):
    answer = signed_in(officer).get(address)
    return answer.status_code, answer.content.decode()


def test_the_childs_page_says_that_a_transfer_is_in_hand(stage):
    (transfer,) = stage.bring_to(states.REQUESTED)
    _, words = page(stage.releaser, f"/children/{transfer.child_id}/")
    assert "转园办理中" in words
    assert f"/transfers/{transfer.pk}/" in words


def test_a_child_that_attends_can_be_given_a_code_from_its_page(stage):
    (child,) = stage.children()
    _, words = page(stage.releaser, f"/children/{child.pk}/")
    assert f"/transfers/invite/?child={child.pk}" in words


@pytest.mark.parametrize(
    ("state", "who", "said"),
    [
        (states.REQUESTED, "taker", "等监护人确认转园"),
        (states.CONFIRMED, "releaser", "转园待核办"),
        (states.RELEASED, "taker", "转园待受理"),
        (states.ACCEPTED, "county", "转园待核准"),
        (states.FORWARDED, "far_county", "转园待核准"),
    ],
)
def test_the_desk_of_who_is_next_shows_it_and_it_goes_when_it_is_done(stage, state, who, said):
    stage.bring_to(state)
    officer = getattr(stage, who)
    assert said in page(officer)[1]
    Clock.objects.update(stopped_at=timezone.now())
    assert said not in page(officer)[1]


def test_a_silent_kindergarten_stands_on_its_countys_desk(stage):
    stage.bring_to(states.CONFIRMED)
    Clock.objects.filter(step="release").update(
        due_on=timezone.localdate() - timedelta(days=3), started_on="2026-01-01"
    )
    assert "转出园过了时限还没核办" in page(stage.county)[1]


def test_fees_are_answered_on_the_page(stage):
    (transfer,) = stage.bring_to(states.CONFIRMED)
    answer = signed_in(stage.releaser).post(
        f"/transfers/{transfer.pk}/handle/",
        {"verb": "refuse", "version": transfer.version, "reasons": "not_attending", "words": "伙食费没交清"},
    )
    assert answer.status_code == 422
    assert "不能作为不同意转园的理由" in answer.content.decode()
    assert fresh([transfer])[0].state == states.CONFIRMED


def test_an_old_page_is_told_that_something_changed(stage):
    (transfer,) = stage.bring_to(states.CONFIRMED)
    stage.release([transfer])
    answer = signed_in(stage.releaser).post(
        f"/transfers/{transfer.pk}/handle/", {"verb": "release", "version": transfer.version}
    )
    assert answer.status_code == 409
    assert "待转入园受理" in answer.content.decode()


@pytest.mark.parametrize("verb", ["", "approve", "nothing"])
def test_a_verb_of_nobody_is_not_found(stage, verb):
    (transfer,) = stage.bring_to(states.ACCEPTED)
    answer = signed_in(stage.releaser).post(f"/transfers/{transfer.pk}/handle/", {"verb": verb})
    assert answer.status_code == 404


def test_every_look_at_a_case_is_logged(stage):
    (transfer,) = stage.bring_to(states.CONFIRMED)
    page(stage.taker, f"/transfers/{transfer.pk}/")
    assert Reading.objects.filter(what="transfer.page", child_ids=transfer.child_id.hex).count() == 1


def test_the_province_reads_without_names(stage):
    (transfer,) = stage.bring_to(states.CONFIRMED)
    name = Child.objects.get(pk=transfer.child_id).name
    province = make_officer("analyst", stage.old.office.parent.parent)
    for address in ("/transfers/", f"/transfers/{transfer.pk}/"):
        status, words = page(province, address)
        assert status == 200
        assert name not in words
        assert stage.old.name in words
    assert '<form method="post" action="/transfers/' not in page(province, f"/transfers/{transfer.pk}/")[1]


def test_a_guardian_needs_no_account_and_sees_a_masked_name(stage):
    (transfer,) = stage.bring_to(states.REQUESTED)
    code, name = stage.paper([transfer])[transfer.pk], Child.objects.get(pk=transfer.child_id).name
    wrong = Client().post("/transfers/guardian/", {"code": code, "ending": "0000", "act": "look"})
    assert (wrong.status_code, "对不上" in wrong.content.decode()) == (422, True)
    words = Client().post("/transfers/guardian/", {"code": code, "ending": ENDING, "act": "look"}).content.decode()
    assert "同意转园" in words
    assert name not in words
    done = Client().post("/transfers/guardian/", {"code": code, "ending": ENDING, "act": "consent"}).content.decode()
    assert "请记下查询码" in done
    assert fresh([transfer])[0].state == states.CONFIRMED


def test_a_printed_code_stands_on_paper_without_a_name(stage):
    (transfer,) = stage.bring_to(states.REQUESTED)
    answer = signed_in(stage.releaser).post(f"/transfers/{transfer.pk}/handle/", {"verb": "print"})
    words = answer.content.decode()
    assert "转园确认码" in words
    assert Child.objects.get(pk=transfer.child_id).name not in words
    refused = signed_in(stage.taker).post(f"/transfers/{transfer.pk}/handle/", {"verb": "print"})
    assert (refused.status_code, "原幼儿园" in refused.content.decode()) == (403, True)


def test_the_inbox_is_there_in_the_demonstration_only():
    assert Client().get("/messages/").status_code == 404
    with override_settings(MESSAGES="inbox"):
        assert Client().get("/messages/").status_code == 200
