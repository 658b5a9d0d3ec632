"""Pages of corrections: filed by an ordinary form with files, seen side by side by the county, decided, mended, undone."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.approvals import states
from miaoce.registry.approvals.models import Case
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.children.models import Child
from miaoce.registry.journal.models import Reading
from tests.factories import changes, children, places, proofs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOW = timezone.now().replace(microsecond=0)
OLD, NEW = children.document_number("2023-01-03", serial=701), children.document_number("2023-01-03", serial=703)


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


@pytest.fixture
def reviewer(garden):
    return places.make_officer("county_reviewer", garden.office)


@pytest.fixture
def clerk(registrar):
    return places.signed_in(registrar)


@pytest.fixture
def county(reviewer):
    return places.signed_in(reviewer)


@pytest.fixture
def child(garden, registrar):
    return children.make_child(garden, registrar=registrar, id_number=OLD)


def form(**given):
    base = {
        "name": "陈子墨", "sex": "男", "birth_date": "2023-01-03", "id_type": "居民身份证", "id_number": "",
        "reason": "recorded_wrong", "true_since": "", "words": "", "proof_kind": "household_book",
    }  # fmt: skip
    photo = SimpleUploadedFile("户口簿.jpg", proofs.photo())
    return base | {"proof_files": [photo]} | given


def filed(clerk, child, **given):
    answer = clerk.post(reverse("correction-new", args=[child.pk]), form(**given))
    assert answer.status_code == 302, answer.content.decode()
    return Case.objects.get(child_id=child.pk, state=states.FILED)


def page(client, case) -> str:
    return client.get(reverse("correction", args=[case.pk])).content.decode()


def pick(case):
    case.refresh_from_db()
    return {"pick": f"{case.pk}:{case.version}"}


def test_the_form_begins_with_what_stands_and_shows_no_number(clerk, child):
    shown = clerk.get(reverse("correction-new", args=[child.pk])).content.decode()
    assert 'value="陈子墨"' in shown and 'value="2023-01-03"' in shown
    assert OLD not in shown and f"{OLD[:6]}********{OLD[-4:]}" in shown
    assert Reading.objects.filter(what="correction.form").exists()


def test_filed_agreed_and_true_without_any_script(clerk, county, child):
    case = filed(clerk, child, name="陈子默", id_number=NEW)
    assert "等县里核准" in page(clerk, case)
    listed = county.get(reverse("cases")).content.decode()
    assert "陈子墨" in listed and "姓名、证件号码" in listed
    shown = page(county, case)
    assert "陈子默" in shown and OLD not in shown and NEW not in shown
    assert "户口簿（首页和幼儿页）" in shown and "证件号格式、校验位正确" in shown
    assert county.post(reverse("correction-agree", args=[case.pk]), pick(case)).status_code == 302
    assert Child.objects.get(pk=child.pk).name == "陈子默"
    after = page(county, case)
    assert "已核准" in after and "变更前" in after and "变更后" in after
    story = clerk.get(reverse("child", args=[child.pk])).content.decode()
    assert "关键信息变更" in story


def test_two_numbers_that_differ_only_behind_the_mask_say_so_and_can_be_shown(clerk, county, child):
    days = [f"2023-{month:02d}-{day:02d}" for month in range(2, 13) for day in range(1, 29)]
    born = next(day for day in days if children.document_number(day, serial=701)[-4:] == OLD[-4:])
    near = children.document_number(born, serial=701)
    case = filed(clerk, child, id_number=near, birth_date=born)
    assert "不同的几位在遮住的部分" in page(county, case)
    shown = county.post(reverse("correction-reveal", args=[case.pk]), {"which": "after", "reason": "check_document"})
    assert near in shown.content.decode()
    assert Reading.objects.get(what="correction.document").reason == "核对证件"
    refused = county.post(reverse("correction-reveal", args=[case.pk]), {"which": "after", "reason": ""})
    assert refused.status_code == 422 and near not in refused.content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "陈1墨"}, "姓名里有数字"),
        ({}, "没有要变更的"),
        ({"name": "陈子默", "reason": ""}, "没选变更原因"),
        ({"name": "陈子默", "reason": "other"}, "请再写一句"),
        ({"name": "陈子默", "reason": "changed", "true_since": "2099-01-01"}, "生效日期要在"),
        ({"name": "陈子默", "true_since": "去年"}, "没认出日期"),
        ({"sex": "女"}, "第 17 位"),
        ({"name": "陈子默", "proof_files": []}, "要有佐证"),
        ({"name": "陈子默", "proof_files": [SimpleUploadedFile("a.txt", b"text")]}, "这不是照片或 PDF"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_what_was_typed_stays(clerk, child, given, words):
    answer = clerk.post(reverse("correction-new", args=[child.pk]), form(**given))
    shown = answer.content.decode()
    assert answer.status_code == 422 and words in shown
    assert f'value="{given.get("name", "陈子墨")}"' in shown
    assert not Case.objects.exists()


def test_a_file_that_came_with_a_form_in_error_need_not_be_sent_again(clerk, child):
    first = clerk.post(reverse("correction-new", args=[child.pk]), form(name="陈1墨"))
    kept = ProofFile.objects.get()
    assert re.search(rf'name="proofs" value="{kept.pk}" checked', first.content.decode())
    filed(clerk, child, name="陈子默", proof_files=[], proofs=[str(kept.pk)])
    assert ProofFile.objects.get().case_id is not None


def test_a_file_can_be_taken_in_before_the_form_is_finished(clerk, child):
    answer = clerk.post(reverse("correction-new", args=[child.pk]), form(name="陈子默", act="upload"))
    assert answer.status_code == 200 and 'value="陈子默"' in answer.content.decode()
    assert ProofFile.objects.count() == 1 and not Case.objects.exists()


def test_sent_back_in_words_mended_and_filed_again(clerk, county, child):
    case = filed(clerk, child, name="陈子默")
    asked = county.get(reverse("correction-send-back", args=[case.pk]))
    assert "退回原因" in asked.content.decode()
    empty = county.post(reverse("correction-send-back", args=[case.pk]), pick(case))
    assert empty.status_code == 422
    words = "户口簿上是“末”字"
    assert (
        county.post(reverse("correction-send-back", args=[case.pk]), {**pick(case), "words": words}).status_code == 302
    )
    assert words in page(clerk, case)
    mend = reverse("correction-mend", args=[case.pk])
    assert 'value="陈子默"' in clerk.get(mend).content.decode()
    case.refresh_from_db()
    sent = {**form(name="陈子末", proof_files=[]), "version": case.version}
    assert clerk.post(mend, sent).status_code == 302
    county.post(reverse("correction-agree", args=[case.pk]), pick(case))
    assert Child.objects.get(pk=child.pk).name == "陈子末"


def test_whoever_has_to_act_next_finds_it_on_the_desk(clerk, county, child):
    case = filed(clerk, child, name="陈子默")
    assert "1 件关键信息变更待核准" in county.get("/").content.decode()
    assert "件关键信息变更" not in clerk.get("/").content.decode()
    county.post(reverse("correction-send-back", args=[case.pk]), {**pick(case), "words": "请补证明"})
    assert "县里退回 1 件关键信息变更" in clerk.get("/").content.decode()
    assert "件关键信息变更" not in county.get("/").content.decode()


def test_taken_back_before_the_decision(clerk, county, child):
    case = filed(clerk, child, name="陈子默")
    stale = pick(case)
    assert clerk.post(reverse("correction-take-back", args=[case.pk]), stale).status_code == 302
    assert county.post(reverse("correction-agree", args=[case.pk]), stale).status_code == 409
    assert Child.objects.get(pk=child.pk).name == "陈子墨"


def test_a_case_that_moved_on_is_not_decided_by_an_old_page(clerk, county, child):
    case = filed(clerk, child, name="陈子默")
    old = pick(case)
    county.post(reverse("correction-send-back", args=[case.pk]), {**old, "words": "请补证明"})
    answer = county.post(reverse("correction-agree", args=[case.pk]), old)
    assert answer.status_code == 409 and Child.objects.get(pk=child.pk).name == "陈子墨"


def test_a_wrong_correction_is_undone_from_its_own_page(clerk, county, child):
    case = filed(clerk, child, name="陈子默", id_number=NEW)
    county.post(reverse("correction-agree", args=[case.pk]), pick(case))
    undo = f"{reverse('correction-new', args=[child.pk])}?undo={case.pk}"
    assert undo in page(clerk, case)
    shown = clerk.get(undo).content.decode()
    assert 'value="陈子墨"' in shown and OLD not in shown
    again = SimpleUploadedFile("b.png", proofs.photo("PNG"))
    assert clerk.post(undo, form(name="陈子墨", proof_files=[again])).status_code == 302
    back = Case.objects.get(state=states.FILED)
    county.post(reverse("correction-agree", args=[back.pk]), pick(back))
    restored = Child.objects.get(pk=child.pk)
    assert restored.name == "陈子墨" and restored.document_digest == child.document_digest


def test_another_unit_finds_no_case(clerk, child, reviewer):
    case = filed(clerk, child, name="陈子默")
    strangers = [
        places.make_officer("registrar", places.make_kindergarten()),
        places.make_officer("county_reviewer", places.make_office_tree().far_county),
    ]
    for officer in strangers:
        client = places.signed_in(officer)
        assert client.get(reverse("correction", args=[case.pk])).status_code == 404
        for name in ("correction-agree", "correction-take-back", "correction-reveal"):
            assert client.post(reverse(name, args=[case.pk]), pick(case)).status_code in {403, 404}


def test_the_child_page_offers_the_way_only_while_nothing_else_is_in_hand(clerk, child):
    address = reverse("correction-new", args=[child.pk])
    assert address in clerk.get(reverse("child", args=[child.pk])).content.decode()
    filed(clerk, child, name="陈子默")
    shown = clerk.get(reverse("child", args=[child.pk])).content.decode()
    assert "正在办“关键信息变更”" in shown
    second = clerk.post(address, form(name="陈子末", proof_files=[SimpleUploadedFile("c.webp", proofs.photo("WEBP"))]))
    assert second.status_code == 409 and "正在办“关键信息变更”" in second.content.decode()


def test_a_child_still_being_registered_is_sent_to_its_row(clerk, garden, registrar):
    waiting = children.make_child(garden, registrar=registrar, state=states.SUBMITTED)
    answer = clerk.get(reverse("correction-new", args=[waiting.pk]))
    assert answer.status_code == 409 and "在登记里改" in answer.content.decode()


def test_who_filed_sees_no_button_to_agree(garden, registrar, child):
    from miaoce.registry.access.models import Staff

    both = places.make_officer("county_reviewer", garden.office, staff=Staff.objects.get(pk=registrar.staff_id))
    case = changes.file(child, registrar, NOW, name="陈子默").done[0]
    client = places.signed_in(both)
    assert reverse("correction-agree", args=[case.pk]) not in page(client, case)
    assert client.post(reverse("correction-agree", args=[case.pk]), pick(case)).status_code == 403
