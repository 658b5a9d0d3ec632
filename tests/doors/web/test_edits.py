"""编辑: the record as a form, saved at once; numbers are replaced and never shown; a colleague's change is put beside one's own."""

import re

import pytest
from django.urls import reverse

from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child, Guardian
from miaoce.registry.corrections import edits
from miaoce.registry.journal.models import Reading
from tests.factories import children, places

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PHONE = "13800005678"


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden, name="王敏")


@pytest.fixture
def clerk(registrar):
    return places.signed_in(registrar)


@pytest.fixture
def child(garden, registrar):
    return children.make_child(garden, registrar=registrar)


def opened(client, child) -> dict[str, str]:
    """Return what a browser would send when nothing is touched."""
    page = client.get(reverse("child-edit", args=[child.pk])).content.decode()
    form = re.search(r'<form method="post" class="stack".*?</form>', page, re.S)[0]
    given = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            given[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        given[name] = chosen[1] if chosen else ""
    return given | dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form, re.S))


def save(client, child, given, **typed):
    return client.post(reverse("child-edit", args=[child.pk]), {**given, **typed})


def values_of(child) -> dict[str, str]:
    return edits.known_values([Child.objects.get(pk=child.pk)])[child.pk]


def test_the_form_shows_the_record_and_no_number(clerk, child):
    page = clerk.get(reverse("child-edit", args=[child.pk])).content.decode()
    assert "新苗路 8 号" not in page and 'value="陈立"' in page
    assert PHONE not in page and "138****5678" in page and "990101199001011234" not in page
    assert Reading.objects.filter(what="child.edit").exists()


def test_what_is_not_touched_stays(clerk, child):
    before = values_of(child)
    answer = save(clerk, child, opened(clerk, child))
    assert answer.status_code == 302 and values_of(child) == before
    assert "没有改动" in clerk.get(answer["Location"]).content.decode()


def test_saved_at_once_and_told_on_the_page_of_the_child(clerk, child):
    answer = save(
        clerk, child, opened(clerk, child), address="新苗路 9 号", ethnicity="回族", guardian1_phone="13900002222"
    )
    assert answer.status_code == 302
    page = clerk.get(answer["Location"]).content.decode()
    assert "已保存" in page and "回族" in page
    assert "修改登记信息" in page and "民族、现住址、监护人" in page
    assert (values_of(child)["guardian1_phone"], values_of(child)["address"]) == ("13900002222", "新苗路 9 号")


def test_an_address_is_replaced_or_taken_away_and_never_shown(clerk, child):
    save(clerk, child, opened(clerk, child), homeless="on")
    assert values_of(child)["address"] == ""


def test_the_page_of_the_child_leads_there_by_a_key(clerk, child, garden):
    link = f'href="{reverse("child-edit", args=[child.pk])}" data-key="e"'
    assert link in clerk.get(reverse("child", args=[child.pk])).content.decode()
    principal = places.signed_in(places.make_officer("principal", garden))
    assert link not in principal.get(reverse("child", args=[child.pk])).content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"guardian1_phone": "138000"}, "手机号只有 6 位"),
        ({"hukou_region": "没有这地方"}, "没认出户籍地"),
        ({"guardian1_name": ""}, "没填监护人姓名"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(clerk, child, typed, words):
    answer = save(clerk, child, opened(clerk, child), address="新苗路 9 号", **typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and words in page and 'value="新苗路 9 号"' in page
    again = save(clerk, child, {**opened(clerk, child)}, address="新苗路 9 号")
    assert again.status_code == 302


def test_a_colleague_who_was_faster_is_put_beside_and_nothing_is_lost(clerk, child, garden):
    mine = opened(clerk, child)
    colleague = places.signed_in(places.make_officer("registrar", garden, name="李霞"))
    save(colleague, child, opened(colleague, child), address="新苗路 1 号", ethnicity="回族")
    answer = save(clerk, child, mine, address="新苗路 2 号")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "您打开后，李霞改过现住址，请对照后再保存。" in page
    assert "您填的" in page and "新苗路 2 号" in page and "新苗路 1 号" not in page
    assert values_of(child)["address"] == "新苗路 1 号"
    form = re.search(r'<form method="post" class="stack".*?</form>', page, re.S)[0]
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    was = dict(re.findall(r'name="(was-[^"]+)" value="([^"]*)"', form))
    sent = {name.removeprefix("was-"): text for name, text in was.items()}
    assert save(clerk, child, {**was, **sent, "version": version}, address="新苗路 2 号").status_code == 302
    values = values_of(child)
    assert (values["address"], values["ethnicity"]) == ("新苗路 2 号", "03"), (
        "what only the colleague touched stays the colleague's"
    )


def test_two_forms_open_at_once_that_touch_different_fields_both_count(clerk, child, garden):
    mine = opened(clerk, child)
    colleague = places.signed_in(places.make_officer("registrar", garden))
    save(colleague, child, opened(colleague, child), ethnicity="回族")
    assert save(clerk, child, mine, address="新苗路 2 号").status_code == 302
    assert (values_of(child)["address"], values_of(child)["ethnicity"]) == ("新苗路 2 号", "03")


def test_a_second_guardian_is_added_and_taken_away(clerk, child):
    save(
        clerk,
        child,
        opened(clerk, child),
        guardian2_name="林芳",
        guardian2_relation="母亲",
        guardian2_phone="13900001111",
    )
    assert Guardian.objects.filter(child_id=child.pk).count() == 2
    save(clerk, child, opened(clerk, child), without2="on")
    assert Guardian.objects.filter(child_id=child.pk).count() == 1


def test_another_person_in_the_place_of_a_guardian(clerk, child):
    first = Guardian.objects.get(child_id=child.pk)
    typed = {
        "guardian1_name": "孙玉兰",
        "guardian1_relation": "外祖母",
        "guardian1_phone": "13900003333",
        "other1": "on",
    }
    assert save(clerk, child, opened(clerk, child), **typed).status_code == 302
    assert Guardian.objects.get(child_id=child.pk).pk != first.pk


def test_a_child_still_being_registered_is_mended_in_its_row(clerk, garden, registrar):
    waiting = children.make_child(garden, registrar=registrar, state=states.RETURNED)
    assert clerk.get(reverse("child-edit", args=[waiting.pk])).status_code == 409


@pytest.mark.parametrize("version", ["", "0", "99999999999999", "x"])
def test_a_form_without_a_sound_version_never_writes_over(clerk, child, version):
    given = opened(clerk, child)
    save(clerk, child, given, address="新苗路 1 号")
    answer = save(clerk, child, {**given, "version": version}, address="新苗路 2 号")
    assert answer.status_code == 409
    assert values_of(child)["address"] == "新苗路 1 号"
