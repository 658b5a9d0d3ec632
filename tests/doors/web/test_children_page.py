"""The page of one child: what each role is shown, what is logged, how a value is revealed, what guardians were told."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from miaoce.registry.approvals import states
from miaoce.registry.children import notices
from miaoce.registry.children.models import Guardian, NoticeServed, NoticeText
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Reading, ReadingOf
from tests.factories.children import make_child, make_children
from tests.factories.places import make_kindergarten, make_officer, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DOCUMENT, PHONE, GUARDIAN = "990101202301036516", "13800005678", "990101199001011234"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def place():
    return make_kindergarten()


@pytest.fixture
def registrar(place):
    return make_officer("registrar", place)


@pytest.fixture
def client(registrar):
    return signed_in(registrar)


def text_of(answer) -> str:
    return answer.content.decode()


class TestPage:
    def test_it_shows_the_record_masked(self, client, place):
        child = make_child(place, id_number=DOCUMENT)
        text = text_of(client.get(f"/children/{child.pk}/"))
        for clear in (DOCUMENT, PHONE, GUARDIAN):
            assert clear not in text
        assert "990101" in text
        assert "138" in text
        assert "5678" in text
        assert "陈立（父亲）" in text
        assert "新苗路 8 号" not in text

    def test_a_county_sees_the_address_to_the_street_office(self, place):
        child = make_child(place)
        text = text_of(signed_in(make_officer("county_reviewer", place.office)).get(f"/children/{child.pk}/"))
        assert "新苗路" not in text
        assert "柳河街道…" in text

    @pytest.mark.parametrize(
        ("role", "sees"),
        [("health_worker", True), ("registrar", False), ("principal", False), ("county_reviewer", False)],
    )
    def test_health_is_for_the_named_role_only(self, place, role, sees):
        child = make_child(place, health="30")
        unit = place.office if role == "county_reviewer" else place
        text = text_of(signed_in(make_officer(role, unit)).get(f"/children/{child.pk}/"))
        line = re.search(r"健康状况</th><td>([^<]+)", text)
        assert line
        assert (line[1].strip() == "已隐藏") is not sees

    def test_a_principal_is_offered_no_reveal(self, place):
        child = make_child(place)
        assert "child-reveal" not in text_of(signed_in(make_officer("principal", place)).get(f"/children/{child.pk}/"))
        assert "/reveal/" not in text_of(signed_in(make_officer("principal", place)).get(f"/children/{child.pk}/"))

    @pytest.mark.parametrize("below", ["", "looks/", "story/", "reveal/", "notices/"])
    def test_foreign_and_unknown_answer_alike(self, client, below):
        answers = []
        for child_id in (str(make_child().pk), str(new_id())):
            answer = client.get(f"/children/{child_id}/{below}")
            assert answer.status_code == 404
            token = r'csrfmiddlewaretoken" value="[^"]+"'
            answers.append(re.sub(token, "", text_of(answer)).replace(child_id, "the id asked for"))
        assert answers[0] == answers[1]

    def test_opening_is_logged_and_stands_on_the_page_at_once(self, client, place):
        child = make_child(place)
        text = text_of(client.get(f"/children/{child.pk}/"))
        reading = Reading.objects.get(what="child.page")
        assert ReadingOf.objects.get(child_id=child.pk).reading_id == reading.pk
        assert "打开幼儿页" in text

    def test_who_looked_names_unit_and_role_and_of_the_person_the_surname(self, place, registrar):
        child = make_child(place)
        reviewer = make_officer("county_reviewer", place.office, name="李建华")
        signed_in(reviewer).get(f"/children/{child.pk}/")
        text = text_of(signed_in(registrar).get(f"/children/{child.pk}/looks/"))
        assert "青禾区教育局 县级审核员 李" in text
        assert "李建华" not in text

    def test_a_list_that_is_not_spread_yet_counts_too(self, client, place):
        child, _ = make_children([{}, {}], place)
        client.get("/children/")
        assert "在名单里看到" in text_of(client.get(f"/children/{child.pk}/"))
        journal.spread_readings()
        assert text_of(client.get(f"/children/{child.pk}/")).count("在名单里看到") == 1

    def test_looks_have_pages(self, client, place):
        child = make_child(place)
        for _ in range(55):
            client.get(f"/children/{child.pk}/")
        first = text_of(client.get(f"/children/{child.pk}/looks/"))
        following = re.search(r'href="(\?before=[^"]+)"', first)
        assert first.count("打开幼儿页") == 50
        assert following
        assert text_of(client.get(f"/children/{child.pk}/looks/{following[1]}")).count("打开幼儿页") == 5

    def test_the_county_s_words_reach_the_kindergarten_as_written(self, client, place):
        child = make_child(place, state=states.RETURNED, words="请把户籍写到“柳河街道”，谢谢。")
        text = text_of(client.get(f"/children/{child.pk}/"))
        assert text.count("户籍地址不全，请写到区县；请把户籍写到“柳河街道”，谢谢。") == 2  # the note and the timeline
        assert "修改后重交" in text

    @pytest.mark.parametrize(
        ("state", "role", "button"),
        [
            (states.SUBMITTED, "county_reviewer", "去审批"),
            (states.RETURNED, "registrar", "修改后重交"),
            (states.NUMBERED, "registrar", "打印学籍卡"),
        ],
    )
    def test_the_first_button_follows_the_state(self, place, state, role, button):
        child = make_child(place, state=state)
        unit = place.office if role == "county_reviewer" else place
        assert button in text_of(signed_in(make_officer(role, unit)).get(f"/children/{child.pk}/"))

    @pytest.mark.parametrize(
        ("days", "title"), [(10, "建籍期限</b>"), (45, "建籍期限快到了</b>"), (62, "note bad"), (62, "已超")]
    )
    def test_the_clock_of_two_months(self, client, place, days, title):
        entered = timezone.localdate() - timedelta(days=days)
        child = make_child(place, state=states.SUBMITTED, entry_date=entered.isoformat())
        assert title in text_of(client.get(f"/children/{child.pk}/"))

    def test_the_story_is_told_in_words(self, client, place):
        text = text_of(client.get(f"/children/{make_child(place).pk}/"))
        told = re.findall(r"<li class=\"\"><b>([^<]+)</b>", text.split("变动时间线")[1].split("谁看过")[0])
        assert told == ["开始在园", "赋予学籍号", "县里批准", "提交县里审批"]

    def test_a_page_costs_a_fixed_number_of_statements(self, client, place, django_assert_max_num_queries):
        child = make_child(place)
        client.get(f"/children/{child.pk}/")
        with django_assert_max_num_queries(24):
            client.get(f"/children/{child.pk}/")


class TestReveal:
    @pytest.mark.parametrize(
        ("field", "clear"),
        [
            ("document_number", DOCUMENT),
            ("number", f"G{DOCUMENT}"),
            ("guardian1_phone", PHONE),
            ("guardian1_document_number", GUARDIAN),
            ("address", "新苗路 8 号"),
        ],
    )
    def test_one_field_is_shown_for_a_reason_and_logged(self, client, place, field, clear):
        child = make_child(place, id_number=DOCUMENT)
        answer = client.post(
            f"/children/{child.pk}/reveal/",
            {"field": field, "reason": "check_document", "words": " 对照  户口簿 "},
            headers=HTMX,
        )
        assert clear in text_of(answer)
        assert "delay:60s" in text_of(answer)
        assert answer["Cache-Control"] == "no-store"
        reading = Reading.objects.get(what=f"reveal:{field}")
        assert reading.reason == "核对证件：对照 户口簿"
        assert ReadingOf.objects.filter(reading_id=reading.pk, child_id=child.pk).count() == 1

    def test_without_the_script_it_is_a_page_that_leaves_by_itself(self, client, place):
        child = make_child(place, id_number=DOCUMENT)
        answer = client.post(f"/children/{child.pk}/reveal/", {"field": "document_number", "reason": "guardian_asks"})
        assert DOCUMENT in text_of(answer)
        assert '<meta http-equiv="refresh" content="60;' in text_of(answer)

    @pytest.mark.parametrize(
        ("given", "status"),
        [
            ({"field": "document_number"}, 422),
            ({"field": "document_number", "reason": "curious"}, 422),
            ({"field": "document_number", "reason": "other"}, 422),
            ({"field": "document_digest", "reason": "check_document"}, 404),
            ({"field": "guardian2_phone", "reason": "check_document"}, 404),
            ({"field": "remark", "reason": "check_document"}, 404),
            ({"reason": "check_document"}, 404),
        ],
    )
    def test_without_a_reason_or_a_value_nothing_is_shown_and_nothing_logged(self, client, place, given, status):
        child = make_child(place, id_number=DOCUMENT)
        answer = client.post(f"/children/{child.pk}/reveal/", given)
        assert answer.status_code == status
        assert DOCUMENT not in text_of(answer)
        assert not Reading.objects.exists()

    def test_what_is_missing_is_said_inside_the_form(self, client, place):
        child = make_child(place, id_number=DOCUMENT)
        form = text_of(client.get(f"/children/{child.pk}/"))
        assert 'id="why-document_number"' in form
        given = {"field": "document_number", "reason": "other"}
        answer = client.post(f"/children/{child.pk}/reveal/", given, HTTP_HX_REQUEST="true")
        assert (answer.status_code, answer["HX-Retarget"]) == (422, "#why-document_number")
        answer = client.post(f"/children/{child.pk}/reveal/", given | {"field": "a\nb"}, HTTP_HX_REQUEST="true")
        assert "HX-Retarget" not in answer

    def test_who_may_not_reveal_is_refused(self, place):
        child = make_child(place, id_number=DOCUMENT)
        given = {"field": "document_number", "reason": "check_document"}
        assert (
            signed_in(make_officer("principal", place)).post(f"/children/{child.pk}/reveal/", given).status_code == 403
        )

    def test_nothing_is_shown_when_the_log_cannot_be_written(self, client, place, monkeypatch):
        child = make_child(place, id_number=DOCUMENT)

        def broken(**_):
            raise OSError("the log is full")

        monkeypatch.setattr(journal, "log_reading", broken)
        client.raise_request_exception = False
        given = {"field": "document_number", "reason": "check_document"}
        answer = client.post(f"/children/{child.pk}/reveal/", given, headers=HTMX)
        assert answer.status_code == 500
        assert DOCUMENT not in text_of(answer)

    def test_after_the_minute_the_place_is_empty_and_nothing_is_logged(self, client, place):
        child = make_child(place, id_number=DOCUMENT)
        answer = client.get(f"/children/{child.pk}/reveal/?field=document_number", headers=HTMX)
        assert "已收起" in text_of(answer)
        assert "6516" not in text_of(answer)
        assert not Reading.objects.exists()

    def test_reveals_and_rows_of_the_log_are_one_to_one(self, client, place):
        child = make_child(place, id_number=DOCUMENT)
        for _ in range(12):
            client.post(f"/children/{child.pk}/reveal/", {"field": "number", "reason": "check_document"}, headers=HTMX)
        assert Reading.objects.filter(what="reveal:number").count() == 12
        assert ReadingOf.objects.filter(child_id=child.pk).count() == 12


class TestNotices:
    @pytest.fixture(autouse=True)
    def texts(self):
        notices.load_texts()

    @pytest.fixture
    def child(self, place):
        return make_child(place)

    def post(self, client, child, kind, answer, **more):
        given = {
            "guardian": str(Guardian.objects.get(child_id=child.pk).pk),
            "text": str(NoticeText.objects.get(kind=kind).pk),
            "kind": kind,
            "answer": answer,
            "channel": "paper",
        }
        return client.post(f"/children/{child.pk}/notices/", {**given, **more})

    def test_the_notice_is_served_with_version_and_digest_of_the_text(self, client, child):
        assert self.post(client, child, "notice", "served").status_code == 302
        served = NoticeServed.objects.get()
        assert (served.answer, served.channel, served.text.version) == ("served", "paper", "2026-09")
        assert len(served.text.digest) == 64
        assert "已告知" in text_of(client.get(f"/children/{child.pk}/notices/"))
        assert "告知监护人" in text_of(client.get(f"/children/{child.pk}/"))

    def test_a_consent_is_given_and_withdrawn_by_one_press_each(self, client, child):
        self.post(client, child, "card_photo", "given")
        assert notices.allows(child.pk, "card_photo")
        self.post(client, child, "card_photo", "withdrawn")
        assert not notices.allows(child.pk, "card_photo")
        assert [s.answer for s in NoticeServed.objects.order_by("at", "id")] == ["given", "withdrawn"]

    def test_a_refusal_is_recorded_and_blocks_nothing(self, client, child):
        self.post(client, child, "growth_record", "refused")
        assert not notices.allows(child.pk, "growth_record")
        assert client.get(f"/children/{child.pk}/").status_code == 200
        child.refresh_from_db()
        assert child.state == states.NUMBERED

    @pytest.mark.parametrize(
        ("given", "more", "status"),
        [
            (("notice", "given"), {}, 422),
            (("card_photo", "served"), {}, 422),
            (("card_photo", "withdrawn"), {}, 409),
            (("notice", "served"), {"channel": "pigeon"}, 422),
            (("notice", "served"), {"guardian": str(new_id())}, 404),
            (("notice", "served"), {"guardian": "x"}, 404),
            (("notice", "served"), {"text": str(new_id())}, 404),
            (("notice", "served"), {"text": "x"}, 404),
        ],
    )
    def test_what_does_not_fit_is_refused_and_leaves_nothing(self, client, child, given, more, status):
        assert self.post(client, child, *given, **more).status_code == status
        assert not NoticeServed.objects.exists()

    def test_only_the_registrar_records(self, child, place):
        assert self.post(signed_in(make_officer("principal", place)), child, "notice", "served").status_code == 403

    def test_loading_again_changes_nothing(self):
        assert notices.load_texts() == 0
        assert NoticeText.objects.count() == len(notices.shipped_texts()) >= 3

    def test_a_text_that_was_loaded_keeps_its_words(self):
        NoticeText.objects.filter(kind="notice").update(digest="0" * 64)
        with pytest.raises(notices.TextChanged):
            notices.load_texts()

    def test_the_page_before_any_text_is_there_says_so(self, client, child):
        NoticeText.objects.all().delete()
        assert "还没有告知文本" in text_of(client.get(f"/children/{child.pk}/notices/"))
