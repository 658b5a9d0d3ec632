"""变更 on the pages: 缓学, 注销 and 恢复 filed with proofs, seen before and after, decided, mended; one list of all kinds."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from miaoce.registry.approvals import listing
from miaoce.registry.approvals.models import Case, Clock
from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.children.models import Child
from tests.factories import changes, places, proofs
from tests.factories import children as factory

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = timezone.localdate()


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def registrar(garden):
    return places.make_officer("registrar", garden)


@pytest.fixture
def desk(registrar):
    return places.signed_in(registrar)


@pytest.fixture
def county(garden):
    return places.signed_in(places.make_officer("county_reviewer", garden.office))


@pytest.fixture
def child(garden):
    return factory.make_child(garden, entry_date=(TODAY - timedelta(days=40)).isoformat())


def files(desk, child, reason="cancellation.missing", way="cancel", **given):
    sent = {"reason": reason, "on": TODAY.isoformat(), "words": "派出所证明，原件", "version": child.version, **given}
    return desk.post(f"/cases/{way}/{child.pk}/", sent, follow=True)


def pick():
    case = Case.objects.get()
    return f"{case.pk}:{case.version}"


def photo():
    return SimpleUploadedFile("回执.jpg", proofs.photo())


def test_filed_with_a_proof_from_the_childs_page_and_agreed(child, desk, county):
    assert f"/cases/cancel/{child.pk}/" in desk.get(f"/children/{child.pk}/").content.decode()
    page = files(desk, child, words="", proof_kind="police_letter", proof_files=[photo()]).content.decode()
    assert "已交给县里核准" in page and "公安机关出具的证明" in page and "已注销" in page
    case = Case.objects.get()
    assert ProofFile.objects.get().case_id == case.pk
    shown = county.get(f"/cases/{case.pk}/").content.decode()
    assert "看佐证" in shown and "给监护人的消息" in shown and "有 1 份佐证" in shown
    done = county.post(f"/cases/{case.pk}/agree/", {"pick": pick()}, follow=True).content.decode()
    assert "已核准，已经生效。" in done and "变更前" in done and "在园" in done
    assert Child.objects.get(pk=child.pk).standing == "cancelled"


def test_a_proof_alone_is_taken_in_first_and_filed_later_without_scripts(child, desk):
    kept = files(desk, child, act="upload", proof_kind="police_letter", proof_files=[photo()])
    assert kept.status_code == 200 and not Case.objects.exists()
    proof = ProofFile.objects.get()
    assert f'value="{proof.pk}" checked' in kept.content.decode()
    files(desk, child, words="", proofs=str(proof.pk))
    assert Case.objects.get().proofs == [proof.pk.hex]


def test_several_are_agreed_to_from_the_list(child, desk, county):
    files(desk, child)
    answer = county.post("/cases/", {"pick": pick(), "kind": "cancellation"}, follow=True)
    assert "已核准 1 件，已生效。" in answer.content.decode()
    assert answer.redirect_chain[0][0] == "/cases/?tab=waiting&kind=cancellation"


def test_sent_back_mended_with_other_words_and_another_proof_and_filed_again(child, desk, county):
    files(desk, child)
    case = Case.objects.get()
    page = county.post(f"/cases/{case.pk}/send-back/", {"pick": pick(), "words": "请补报警回执"}, follow=True)
    assert "已退回" in page.content.decode()
    shown = desk.get(f"/cases/{case.pk}/").content.decode()
    assert "请补报警回执" in shown and "去补正" in shown
    form = desk.get(f"/cases/{case.pk}/mend/").content.decode()
    assert "派出所证明，原件" in form and "请补报警回执" in form and TODAY.isoformat() in form
    sent = {
        "reason": "cancellation.death", "on": (TODAY - timedelta(days=1)).isoformat(), "words": "死亡证明，原件",
        "version": child.version, "case_version": Case.objects.get().version, "proof_kind": "death", "proof_files": [photo()],
    }  # fmt: skip
    again = desk.post(f"/cases/{case.pk}/mend/", sent, follow=True).content.decode()
    assert "已补正，再次交给县里" in again and "死亡证明，原件" in again
    case.refresh_from_db()
    assert (case.state, case.facts["reason"], len(case.proofs)) == ("filed", "cancellation.death", 1)
    assert case.effective_on == TODAY - timedelta(days=1)


def test_taken_back_changes_nothing(child, desk):
    files(desk, child)
    case = Case.objects.get()
    page = desk.post(f"/cases/{case.pk}/take-back/", {"pick": pick()}, follow=True).content.decode()
    assert "申请已撤回，没有改动。" in page
    assert Child.objects.get(pk=child.pk).standing == "attending"


def test_what_cannot_be_filed_says_why_and_keeps_what_was_typed(child, desk):
    late = (TODAY + timedelta(days=2)).isoformat()
    answer = files(desk, child, on=late)
    assert answer.status_code == 422
    assert "日期要在" in answer.content.decode() and late in answer.content.decode()
    bare = files(desk, child, words=" ")
    assert bare.status_code == 422 and "没有佐证。请上传证明" in bare.content.decode()
    assert not Case.objects.exists()


def test_a_page_that_is_behind_decides_nothing(child, desk, county):
    files(desk, child)
    case = Case.objects.get()
    late = county.post(f"/cases/{case.pk}/agree/", {"pick": f"{case.pk}:9"})
    assert late.status_code == 409 and "您打开后这一件有变动" in late.content.decode()


def test_one_list_holds_all_kinds_counted_and_the_first_due_at_its_head(garden, registrar, desk, county):
    one, two = (factory.make_child(garden, name=name) for name in ("甲一诺", "乙二诺"))
    files(desk, one)
    changes.file(two, registrar, timezone.now(), name="乙二糯")
    (correction,) = Case.objects.filter(kind="correction")
    Clock.objects.filter(case_id=correction.pk).update(
        started_on=TODAY - timedelta(days=30), due_on=TODAY - timedelta(days=9)
    )
    page = county.get("/cases/").content.decode()
    assert page.index("乙二诺") < page.index("甲一诺"), "what is due first stands first"
    assert "全部<b>2</b>" in page and "关键信息<b>1</b>" in page and "注销<b>1</b>" in page and "缓学<b>0</b>" in page
    only = county.get("/cases/?kind=cancellation").content.decode()
    assert "甲一诺" in only and "乙二诺" not in only
    assert f"/corrections/{correction.pk}/" in page, "each kind has its page"
    home = county.get("/").content.decode()
    assert "1 件注销学籍待核准" in home and "1 件关键信息变更待核准" in home


def test_what_came_back_is_a_to_do_of_the_kindergarten(child, desk, county):
    files(desk, child)
    assert "件注销学籍" not in desk.get("/").content.decode(), "it waits for the county"
    county.post(f"/cases/{Case.objects.get().pk}/send-back/", {"pick": pick(), "words": "请补证明"})
    home = desk.get("/").content.decode()
    assert "县里退回 1 件注销学籍" in home and "/cases/?tab=back&amp;kind=cancellation" in home


def test_the_list_goes_on_behind_a_page(garden, desk):
    found = [factory.make_child(garden, name=name) for name in ("甲一诺", "乙二诺", "丙三诺")]
    for one in found:
        files(desk, one)
    officer = places.make_officer("county_reviewer", garden.office)
    seen, after = [], None
    while True:
        waiting = listing.cases(officer, listing.WAITING)
        page, after = listing.page_of(waiting, tab=listing.WAITING, after=after, among=listing.cases(officer), most=1)
        seen += [case.child_id for case in page]
        if after is None:
            break
    assert sorted(seen) == sorted(child.pk for child in found)


def test_a_case_of_another_county_is_not_there(child, desk):
    files(desk, child)
    far = places.signed_in(places.make_officer("county_reviewer", places.make_office_tree().far_county))
    assert far.get(f"/cases/{Case.objects.get().pk}/").status_code == 404
    assert child.name not in far.get("/cases/").content.decode()
