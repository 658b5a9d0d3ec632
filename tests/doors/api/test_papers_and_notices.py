"""Programs: records side by side, what guardians were told, papers; masked as on the pages, logged, full for a reason."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from miaoce.registry.children import notices
from miaoce.registry.children.models import NoticeServed
from miaoce.registry.journal.models import Reading
from tests.doors.api.conftest import Place, bring_in, row
from tests.factories.children import document_number, make_child
from tests.factories.places import make_kindergarten

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def words_of(answer) -> str:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).replace("\n", "")


class TestMatches:
    def test_a_record_elsewhere_stands_beside_the_row_by_the_least_that_decides(self, place: Place):
        number = document_number()
        other = make_child(make_kindergarten(name="柳溪幼儿园"), id_number=number, name="林小满")
        (line,) = bring_in(place.registrar, row(id_number=number, name="林小满"))["rows"]
        assert line["state"] == "duplicate"
        answer = place.registrar.get(f"/rows/{line['id']}/matches")
        (found,) = answer.json()["matches"]
        fields = {one["field"]: one for one in found["fields"]}
        assert found["other"] == line["matches"][0]["other"] == other.pk.hex
        assert found["same_document"] is True
        assert fields["id_number"]["theirs"] == f"****{number[-2:]}"
        assert fields["id_number"]["differs"] is False
        assert number not in answer.content.decode()
        assert other.pk.hex in Reading.objects.get(what="api.compare").child_ids

    def test_rows_of_one_batch_stand_beside_each_other(self, place: Place):
        one = row()
        first, second = bring_in(place.registrar, one, {**one, "ethnicity": "回族"})["rows"]
        doubtful = first if first["state"] == "duplicate" else second
        (found,) = place.registrar.get(f"/rows/{doubtful['id']}/matches").json()["matches"]
        assert found["other"].startswith("row:")

    def test_a_row_that_is_like_nobody_has_nothing_beside_it(self, place: Place):
        (line,) = bring_in(place.registrar, row())["rows"]
        assert place.registrar.get(f"/rows/{line['id']}/matches").json()["matches"] == []
        assert not Reading.objects.filter(what="api.compare").exists()


class TestNotices:
    @pytest.fixture(autouse=True)
    def texts(self) -> None:
        notices.load_texts()

    def test_what_was_told_and_answered_is_recorded_and_read(self, place: Place):
        child = make_child(place.own)
        address = f"/children/{child.pk}/notices"
        before = place.registrar.get(address).json()
        guardian = before["guardians"][0]
        assert {one["answer"] for one in guardian["answers"]} == {None}
        notice, *optional = before["texts"]
        told = {"guardian": guardian["id"], "text": notice["id"], "answer": "served", "channel": "paper"}
        after = place.registrar.post(address, told).json()
        assert after["guardians"][0]["answers"][0]["answer"] == "served"
        for answer in ("given", "withdrawn"):
            place.registrar.post(address, told | {"text": optional[0]["id"], "answer": answer})
        kept = list(NoticeServed.objects.filter(child_id=child.pk).order_by("id").values_list("answer", flat=True))
        assert kept == ["served", "given", "withdrawn"]
        assert Reading.objects.filter(what="api.notices").count() == 1

    def test_a_notice_takes_no_consent_and_sent_twice_is_once(self, place: Place):
        child = make_child(place.own)
        address = f"/children/{child.pk}/notices"
        found = place.registrar.get(address).json()
        told = {"guardian": found["guardians"][0]["id"], "text": found["texts"][0]["id"], "channel": "phone"}
        refused = place.registrar.post(address, told | {"answer": "given"})
        assert (refused.status_code, refused.json()["code"]) == (422, "CHD-15")
        for _ in range(2):
            assert place.registrar.post(address, told | {"answer": "served"}, key="notice-once").status_code == 200
        assert NoticeServed.objects.count() == 1

    def test_who_may_not_record_is_refused(self, place: Place):
        child = make_child(place.own)
        assert place.principal.post(f"/children/{child.pk}/notices", {}).status_code == 403


class TestPapers:
    @pytest.fixture
    def child(self, place: Place):
        return make_child(
            place.own, name="陈子墨", id_number="990101202301036516", guardian1_phone="13812345678",
            group=place.own.groups.order_by("sort")[1],
        )  # fmt: skip

    def test_a_roll_and_cards_come_masked_and_in_full_for_a_reason(self, place: Place, child):
        group = str(place.own.groups.order_by("sort")[1].pk)
        for path, body in (("/papers/roll", {"group": group}), ("/papers/cards", {"children": [str(child.pk)]})):
            masked = words_of(place.registrar.post(path, body, key=None))
            assert "陈子墨" in masked
            assert "G990101********6516" in masked
            full = words_of(place.registrar.post(path, {**body, "reason": "issue_paper"}, key=None))
            assert "G990101202301036516" in full
        kept = Reading.objects.filter(what__startswith="paper.").order_by("id").values_list("what", "reason")
        assert list(kept) == [
            ("paper.roll", ""), ("paper.roll.full", "开具证明"), ("paper.cards", ""), ("paper.cards.full", "开具证明"),
        ]  # fmt: skip

    def test_a_reason_that_is_none_and_words_that_are_missing_are_refused(self, place: Place, child):
        body = {"children": [str(child.pk)]}
        for reason, code in (("nonsense", "CHD-03"), ("other", "CHD-04")):
            refused = place.registrar.post("/papers/cards", {**body, "reason": reason}, key=None)
            assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert not Reading.objects.exists()

    def test_somebody_elses_child_and_class_are_not_printed(self, place: Place, child):
        group = str(place.own.groups.order_by("sort")[1].pk)
        assert place.stranger.post("/papers/roll", {"group": group}, key=None).status_code == 404
        refused = place.stranger.post("/papers/cards", {"children": [str(child.pk)]}, key=None)
        assert (refused.status_code, refused.json()["code"]) == (422, "PAP-03")
