"""Pages of proofs: bringing one in without scripts, giving it up, looking for a reason, pictures that can do nothing."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from miaoce.registry.approvals.proofs_models import ProofFile
from miaoce.registry.journal.models import Reading
from tests.factories import children, places, proofs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def garden():
    return places.make_kindergarten(name="青禾中心幼儿园")


@pytest.fixture
def child(garden):
    return children.make_child(garden)


@pytest.fixture
def clerk(garden):
    return places.signed_in(places.make_officer("registrar", garden))


def sent(client, child, *files, kind="household_book"):
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(reverse("child-proofs", args=[child.pk]), {"proof_kind": kind, "proof_files": uploads})


def test_a_proof_is_brought_in_by_an_ordinary_form(clerk, child):
    page = clerk.get(reverse("child-proofs", args=[child.pk])).content.decode()
    assert 'enctype="multipart/form-data"' in page and 'type="file"' in page
    answer = sent(clerk, child, ("户口簿.jpg", proofs.photo()), ("出生证.pdf", proofs.paper(2)))
    assert answer.status_code == 302
    assert sorted(ProofFile.objects.values_list("came_as", "pages")) == [("jpeg", 1), ("pdf", 2)]
    listed = clerk.get(answer["Location"]).content.decode()
    assert "户口簿（首页和幼儿页）" in listed and "PDF 2 页" in listed and "看佐证" in listed
    assert '<option value="check_document">核对证件</option>' in listed, "each line asks why"


@pytest.mark.parametrize(
    ("files", "kind", "words"),
    [
        ([], "household_book", "还没有选佐证文件"),
        ([("a.jpg", proofs.photo())], "", "没选佐证种类"),
        ([("表.xlsx", b"PK\x03\x04")], "other", "表.xlsx：这不是照片或 PDF"),
        ([("a.pdf", proofs.paper(password="secret"))], "other", "加了密码"),
        ([("a.jpg", b"\xff\xd8\xff" + b"\0" * (5 << 20))], "other", "最多 5 MB"),
        ([(f"{count}.jpg", b"\xff\xd8\xff") for count in range(13)], "other", "已有 13 份"),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_page_stays(clerk, child, files, kind, words):
    answer = sent(clerk, child, *files, kind=kind)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ProofFile.objects.exists()


def test_of_several_files_the_sound_ones_are_kept(clerk, child):
    answer = sent(clerk, child, ("坏.jpg", proofs.photo()[:200]), ("好.jpg", proofs.photo()))
    assert answer.status_code == 422
    assert "坏.jpg：这个文件打不开" in answer.content.decode()
    assert ProofFile.objects.count() == 1


def looked_at(client, child, reason="check_document", **headers):
    proof = ProofFile.objects.get()
    return client.post(reverse("proof", args=[proof.pk]), {"reason": reason}, **headers)


def picture_of(answer) -> str:
    return re.search(r'<img class="page" src="([^"]+)"', answer.content.decode())[1].replace("&amp;", "&")


@pytest.mark.parametrize("headers", [{}, {"HTTP_HX_REQUEST": "true"}])
def test_a_look_needs_a_reason_and_is_logged(clerk, child, headers):
    sent(clerk, child, ("户口簿.jpg", proofs.photo()))
    proof = ProofFile.objects.get()
    asked = clerk.get(reverse("proof", args=[proof.pk]))
    assert "<img" not in asked.content.decode()
    assert looked_at(clerk, child, reason="", **headers).status_code == 422
    assert not Reading.objects.filter(what__startswith="proof:").exists()
    shown = looked_at(clerk, child, **headers)
    assert Reading.objects.get(what="proof:household_book").reason == "核对证件"
    assert ("<html" in shown.content.decode()) is not bool(headers)
    picture = clerk.get(picture_of(shown))
    assert picture.status_code == 200
    assert Image.open(BytesIO(picture.content)).size == (640, 480)


def test_a_picture_goes_out_as_what_it_is_and_can_do_nothing(clerk, child):
    sent(clerk, child, ("户口簿.jpg", proofs.photo()))
    answer = clerk.get(picture_of(looked_at(clerk, child)))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == "inline"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_picture_is_only_for_who_looked_and_only_for_minutes(clerk, child, garden):
    sent(clerk, child, ("户口簿.jpg", proofs.photo()))
    address = picture_of(looked_at(clerk, child))
    colleague = places.signed_in(places.make_officer("registrar", garden))
    assert colleague.get(address).status_code == 422
    assert clerk.get(address.split("?")[0]).status_code == 422
    assert clerk.get(address.replace("/pages/1/", "/pages/2/")).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert clerk.get(address).status_code == 422


def test_what_is_foreign_and_what_is_missing_answer_alike(clerk, child):
    sent(clerk, child, ("户口簿.jpg", proofs.photo()))
    proof = ProofFile.objects.get()
    stranger = places.signed_in(places.make_officer("registrar", places.make_kindergarten()))
    county = places.signed_in(places.make_officer("county_reviewer", child.office))
    for client in (stranger, county):
        for name, given in (("proof", [proof.pk]), ("proof-page", [proof.pk, 1])):
            assert client.get(reverse(name, args=given)).status_code == 404
        assert client.post(reverse("proof", args=[proof.pk]), {"reason": "check_document"}).status_code == 404
    assert stranger.post(reverse("proof-drop", args=[proof.pk])).status_code == 404
    assert not Reading.objects.filter(what__startswith="proof:").exists()


def test_a_proof_that_is_not_needed_is_given_up(clerk, child):
    sent(clerk, child, ("户口簿.jpg", proofs.photo()))
    proof = ProofFile.objects.get()
    assert clerk.post(reverse("proof-drop", args=[proof.pk])).status_code == 302
    assert clerk.get(reverse("proof", args=[proof.pk])).status_code == 404
    assert "户口簿（首页和幼儿页）</b>" not in clerk.get(reverse("child-proofs", args=[child.pk])).content.decode()


def test_a_principal_sees_that_there_is_a_proof_and_not_what_it_shows(clerk, child, garden):
    sent(clerk, child, ("户口簿.jpg", proofs.photo()))
    proof = ProofFile.objects.get()
    principal = places.signed_in(places.make_officer("principal", garden))
    page = principal.get(reverse("child-proofs", args=[child.pk])).content.decode()
    assert "户口簿（首页和幼儿页）" in page and "看佐证" not in page and 'type="file"' not in page
    assert principal.post(reverse("proof", args=[proof.pk]), {"reason": "check_document"}).status_code == 403
    assert principal.get(reverse("proof-page", args=[proof.pk, 1])).status_code == 403
