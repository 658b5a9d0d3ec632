"""Merging at the desk: every row is shown before it moves, the old address leads on, undoing puts all back."""

import base64
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.children.models import Child, ChildNumber
from miaoce.registry.enrolments.models import Enrolment
from miaoce.registry.handover import actions as handover
from miaoce.registry.handover import looking, packages
from miaoce.registry.handover.models import Handover
from miaoce.registry.handover.rules import Line
from miaoce.registry.journal import actions as journal
from miaoce.registry.papers import tokens
from miaoce.registry.problems import deciding, states
from miaoce.registry.problems.deciding import Said
from miaoce.registry.problems.models import ProblemRecord
from miaoce.registry.reference import queries as reference
from miaoce.registry.vault import queries as vault
from tests.factories import places
from tests.factories.problems import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
GROUND = "各方佐证一致，是同一名"


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def reviewer(desk):
    return desk.officer("county_reviewer", desk.tree.county)


def arbitrated(desk, one=None, other=None) -> tuple[ProblemRecord, Child, Child]:
    """Return a pair of which both sides have said that it is one child."""
    gardens = one or desk.here, other or desk.beside
    problem, first, second = desk.pair(*gardens)
    for garden in gardens:
        officer = desk.officer("registrar", garden)
        with journal.process("problem.say", actor=officer, at=timezone.now()) as process:
            deciding.say(words_of=[Said(problem.pk, 0, said=states.SAME, words="已对照户口簿")], process=process)
    return ProblemRecord.objects.get(pk=problem.pk), first, second


def merged(client, problem, kept, stay, **headers):
    sent = {"choice": "same", "version": problem.version, "ground": GROUND, "keep": kept.pk, "stay": stay.pk}
    return client.post(reverse("problem-decide", args=[problem.pk]), sent, headers=headers)


def test_every_row_that_moves_is_shown_before_and_which_is_kept_can_be_changed(desk, reviewer):
    problem, first, second = arbitrated(desk)
    client, where = places.signed_in(reviewer), reverse("problem", args=[problem.pk])
    shown = client.get(f"{where}?choice=same&keep={first.pk}").content.decode()
    assert "会移动的每一行" in shown and "正式学籍号" in shown and "第 1 监护人" in shown and "孩子现在在" in shown
    assert f'name="keep" value="{first.pk}"' in shown and f"keep={second.pk}" in shown
    other = client.get(f"{where}?choice=same&keep={second.pk}").content.decode()
    assert f'name="keep" value="{second.pk}"' in other
    assert Enrolment.objects.filter(child_id=second.pk).exists(), "looking moves nothing"


def test_merged_by_the_desk_and_undone_at_once(desk, reviewer):
    problem, first, second = arbitrated(desk)
    client = places.signed_in(reviewer)
    answer = merged(client, problem, first, second, **{"HX-Request": "true"})
    shown = answer.content.decode()
    assert "已合并成一条" in shown and "撤销合并" in shown and "都办完了" in shown
    assert Child.objects.get(pk=second.pk).standing == "merged"
    page = client.get(reverse("problem", args=[problem.pk])).content.decode()
    assert "合并的结果" in page and "移动了" in page
    back = client.post(reverse("problem-undo", args=[problem.pk]), {"ground": "点错了"}, follow=True).content.decode()
    assert "已撤销合并" in back and "待园里佐证" in back
    assert Child.objects.get(pk=second.pk).standing == second.standing
    again = client.post(reverse("problem-undo", args=[problem.pk]), {"ground": "点错了"})
    assert again.status_code == 409


def test_undoing_needs_its_ground(desk, reviewer):
    problem, first, second = arbitrated(desk)
    client = places.signed_in(reviewer)
    merged(client, problem, first, second)
    assert client.post(reverse("problem-undo", args=[problem.pk]), {"ground": ""}).status_code == 422


def test_the_old_address_leads_to_the_kept_record_with_words(desk, reviewer):
    problem, first, second = arbitrated(desk)
    client = places.signed_in(reviewer)
    answer = merged(client, problem, first, first)
    assert answer.status_code == 302, answer.content.decode()
    old = client.get(reverse("child", args=[second.pk]), follow=True)
    assert old.redirect_chain[-1][0] == reverse("child", args=[first.pk]) and "这条学籍已合并" in old.content.decode()
    clerk = places.signed_in(desk.officer("registrar", desk.beside))
    told = clerk.get(reverse("child", args=[second.pk])).content.decode()
    assert "这条学籍已合并" in told and "禾雀幼儿园" in told


def test_what_cannot_be_merged_says_why_before_it_is_tried(desk, reviewer):
    problem, first, _ = arbitrated(desk)
    Child.objects.filter(pk=first.pk).update(standing="void")
    shown = places.signed_in(reviewer).get(f"{reverse('problem', args=[problem.pk])}?choice=same").content.decode()
    assert "不能合并" in shown and "<button disabled" in shown


def test_a_card_with_the_number_of_a_merged_record_is_valid_and_says_so(desk, reviewer):
    problem, kept, gone = arbitrated(desk)
    card = tokens.tokens_of([gone.pk])[gone.pk]
    merged(places.signed_in(reviewer), problem, kept, kept)
    told = Client().get(f"/verify/{card}/").content.decode()
    assert "有效" in told and "已失效" not in told and "另一条合并" in told
    assert "陈<span" in told and "禾雀幼儿园" in told, "of the kept child, and as masked as on any card"
    for personal in (kept.name, str(kept.pk), str(gone.pk), "柳莺幼儿园"):
        assert personal not in told
    places.signed_in(reviewer).post(reverse("problem-undo", args=[problem.pk]), {"ground": "点错了"})
    alone = Client().get(f"/verify/{card}/").content.decode()
    assert "柳莺幼儿园" in alone and "另一条合并" not in alone


def test_a_card_whose_number_was_changed_before_the_merge_stays_void(desk, reviewer):
    problem, kept, gone = arbitrated(desk)
    card = tokens.tokens_of([gone.pk])[gone.pk]
    merged(places.signed_in(reviewer), problem, kept, kept)
    before = timezone.localdate() - timedelta(days=1)
    ChildNumber.objects.filter(pk=tokens.row_id_of(card)).update(from_on=before, to_on=before)
    assert "已失效" in Client().get(f"/verify/{card}/").content.decode()


def test_a_certificate_of_a_merged_record_is_valid(desk, reviewer):
    problem, kept, gone = arbitrated(desk)
    stay = Enrolment.objects.get(child_id=gone.pk)
    Enrolment.objects.filter(pk=stay.pk).update(state="graduated", ended_on=timezone.localdate())
    merged(places.signed_in(reviewer), problem, kept, kept)
    code = tokens.token_of(stay.pk, tokens.CERTIFICATES)
    told = Client().get(f"/verify/{code}/").content.decode()
    assert "有效" in told and "毕业证书" in told and "柳莺幼儿园" in told


def test_a_school_that_looks_the_old_number_up_gets_the_package_of_the_kept_child(desk, reviewer):
    problem, kept, gone = arbitrated(desk)
    number = vault.open_safe([gone.pk]).open(gone.pk, "child", "number", gone.pk, bytes(gone.number))
    merged(places.signed_in(reviewer), problem, kept, kept)
    school = places.make_officer("school_registrar", places.make_school())
    book = reference.codebook(timezone.localdate())
    (row,) = looking.look_up(actor=school, lines=[Line(1, gone.name, number=number)], book=book)
    child_id, by = looking.holder_of(row.claim_pass, school)
    assert child_id == kept.pk
    with journal.process("handover.claim", actor=school, at=timezone.now()) as process:
        handover.claim(chosen={child_id: by}, process=process)
    with journal.process("package.make", actor=school, at=timezone.now()) as process:
        data = packages.package_of(handover=Handover.objects.get(child_id=kept.pk), process=process)
    sent = base64.b64decode(json.loads(data)["signed"]).decode()
    assert kept.pk.hex in sent and number in sent, "the number that the school knows stands in it as an alias"
    assert not Handover.objects.filter(child_id=gone.pk).exists()
