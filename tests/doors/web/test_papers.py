"""Class rolls and student cards: on the page and in the PDF the same, complete, logged, and with every character."""

import re
import unicodedata
from collections import Counter
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader
from pypdf.generic import ContentStream

from miaoce.registry.approvals import states
from miaoce.registry.children.models import Child, ChildNumber
from miaoce.registry.ids import new_id
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Reading, ReadingOf
from miaoce.registry.papers import facts as fields
from miaoce.registry.papers import fonts, printing, tokens, typesetting
from miaoce.web.papers.pages import address_of
from tests.factories.children import make_child, make_children
from tests.factories.names import NAMES
from tests.factories.places import make_kindergarten, make_officer, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DOCUMENT = "990101202301036516"


@pytest.fixture
def place():
    return make_kindergarten(name="青禾试验幼儿园")


@pytest.fixture
def group(place):
    return place.groups.order_by("sort")[1]


@pytest.fixture
def client(place):
    return signed_in(make_officer("registrar", place, name="王敏"))


def text_of(answer) -> str:
    return answer.content.decode()


def read(answer) -> PdfReader:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    return PdfReader(BytesIO(answer.content))


def words_of(pdf: PdfReader) -> str:
    return "".join(page.extract_text() for page in pdf.pages)


def glyphs_without_a_form(pdf: PdfReader) -> int:
    """Count the glyphs number 0 (.notdef, the box) among everything that a PDF draws."""
    boxes = 0
    for page in pdf.pages:
        for operands, operator in ContentStream(page.get_contents(), pdf).operations:
            drawn = operands[0] if operator == b"TJ" else operands if operator == b"Tj" else []
            for piece in drawn:
                if hasattr(piece, "original_bytes"):
                    data = piece.original_bytes
                    boxes += sum(data[i : i + 2] == b"\0\0" for i in range(0, len(data), 2))
    return boxes


class TestRoll:
    def test_the_groups_of_the_year_are_listed_with_their_size(self, client, place):
        make_children([{}, {}], place)
        text = text_of(client.get("/papers/"))
        assert "小一班" in text
        assert "2 名" in text
        assert not Reading.objects.exists()

    def test_page_and_pdf_say_the_same(self, client, place, group):
        make_child(place, name="陈子墨", id_number=DOCUMENT, group=group)
        page = text_of(client.get(f"/papers/roll/{group.pk}/"))
        pdf = words_of(read(client.get(f"/papers/roll/{group.pk}/pdf/")))
        row = [cell for cell in re.findall(r"<td>([^<]*)</td>", page) if cell]
        assert row[1:3] == ["陈子墨", "男"]
        assert "G990101********6516" in row
        assert DOCUMENT not in page + pdf
        for text in [*row, "王敏（学籍管理员）", "青禾试验幼儿园 小一班 花名册", *(c.label for c in fields.COLUMNS)]:
            assert text in page
            assert text.replace(" ", "") in pdf.replace(" ", "").replace("\n", "")

    def test_twenty_five_a_page_with_the_heading_on_each(self, client, place, group):
        make_children([{"name": f"张{chr(0x4E00 + i)}"} for i in range(51)], place, group=group)
        page = text_of(client.get(f"/papers/roll/{group.pk}/"))
        assert page.count('<section class="sheet landscape">') == 3
        assert page.count(">学籍号</th>") == 3
        pdf = read(client.get(f"/papers/roll/{group.pk}/pdf/"))
        assert len(pdf.pages) == 3
        assert [page.extract_text().count("学籍号") for page in pdf.pages] == [1, 1, 1]
        for sheet in pdf.pages:
            assert sheet.mediabox.width > sheet.mediabox.height

    def test_only_those_who_attend_stand_on_it(self, client, place, group):
        make_child(place, name="陈子墨", group=group)
        make_child(place, name="周远", group=group, state=states.SUBMITTED)
        page = text_of(client.get(f"/papers/roll/{group.pk}/"))
        assert "陈子墨" in page
        assert "周远" not in page

    @pytest.mark.parametrize("below", ["", "pdf/"])
    def test_each_printing_is_logged_for_each_child(self, client, place, group, below):
        children = make_children([{}, {}], place, group=group)
        client.get(f"/papers/roll/{group.pk}/{below}")
        assert Reading.objects.get(what="paper.roll").unit_id == place.pk
        journal.spread_readings()
        assert {row.child_id for row in ReadingOf.objects.all()} == {child.pk for child in children}

    @pytest.mark.parametrize("below", ["", "pdf/"])
    def test_a_foreign_class_and_no_class_answer_alike(self, client, below):
        foreign = make_kindergarten().groups.first()
        assert client.get(f"/papers/roll/{foreign.pk}/{below}").status_code == 404
        assert client.get(f"/papers/roll/{new_id()}/{below}").status_code == 404

    @pytest.mark.parametrize("path", ["/papers/", "/papers/cards/?all=1", "/papers/cards/pdf/?all=1"])
    def test_who_may_not_print_is_refused(self, place, path):
        assert signed_in(make_officer("county_reviewer", place.office)).get(path).status_code == 403

    def test_an_empty_class_prints_an_empty_sheet(self, client, group):
        assert "还没有在园幼儿" in text_of(client.get(f"/papers/roll/{group.pk}/"))
        assert len(read(client.get(f"/papers/roll/{group.pk}/pdf/")).pages) == 1


class TestCards:
    def test_one_card_on_page_and_pdf(self, client, place):
        child = make_child(place, name="陈子墨", id_number=DOCUMENT)
        page = text_of(client.get(f"/papers/cards/?child={child.pk}"))
        pdf = words_of(read(client.get(f"/papers/cards/pdf/?child={child.pk}"))).replace("\n", "")
        for text in ("陈子墨", "G990101********6516", "小一班", "2023-01-03", "青禾试验幼儿园", "王敏"):
            assert text in page
            assert text in pdf
        assert "<svg" in page
        assert "style=" not in page

    def test_all_that_match_in_one_file_eight_a_page(self, client, place, group):
        make_children([{"name": f"张{chr(0x4E00 + i)}"} for i in range(11)], place, group=group)
        make_child(place, group=place.groups.order_by("sort")[2])
        pdf = read(client.get(f"/papers/cards/pdf/?all=1&group={group.pk}"))
        assert len(pdf.pages) == 2
        assert words_of(pdf).count("扫码核对") == 11

    def test_children_without_a_number_are_left_out_and_that_is_said(self, client, place):
        numbered, waiting = make_child(place), make_child(place, state=states.SUBMITTED)
        page = text_of(client.get(f"/papers/cards/?child={numbered.pk}&child={waiting.pk}"))
        assert "1 名还没有学籍号或已不在园，不印" in page

    @pytest.mark.parametrize("query", ["", "child=x", "all=1&q=没有"])
    def test_nobody_chosen_is_said(self, client, query):
        assert client.get(f"/papers/cards/?{query}").status_code == 422

    def test_somebody_elses_child_is_not_printed(self, client):
        assert client.get(f"/papers/cards/?child={make_child().pk}").status_code == 422
        assert not Reading.objects.exists()

    def test_too_many_at_once_are_refused(self, client, place, monkeypatch):
        monkeypatch.setattr(printing, "MOST_CARDS", 1)
        make_children([{}, {}], place)
        answer = client.get("/papers/cards/?all=1")
        assert answer.status_code == 422
        assert "一次最多打印 1 名" in text_of(answer)

    def test_each_card_is_logged(self, client, place):
        child = make_child(place)
        client.get(f"/papers/cards/?child={child.pk}")
        assert ReadingOf.objects.get(child_id=child.pk).reading_id == Reading.objects.get(what="paper.cards").pk


class TestFull:
    """Full numbers for a reason, on rolls and cards, on the page and in the file."""

    @pytest.fixture
    def child(self, place, group):
        return make_child(place, name="陈子墨", id_number=DOCUMENT, guardian1_phone="13812345678", group=group)

    @pytest.fixture(params=["roll", "cards"])
    def address(self, request, child, group):
        return f"/papers/roll/{group.pk}/" if request.param == "roll" else f"/papers/cards/?child={child.pk}"

    def test_a_reason_prints_full_values_and_is_logged_for_each_child(self, client, child, address):
        page = text_of(client.post(address, {"reason": "issue_paper"}))
        assert f"G{DOCUMENT}" in page
        reading = Reading.objects.get()
        assert reading.what in {"paper.roll.full", "paper.cards.full"}
        assert reading.reason == "开具证明"
        assert ReadingOf.objects.get(reading_id=reading.pk).child_id == child.pk

    def test_the_file_takes_the_reason_along(self, client, address):
        page = text_of(client.post(address, {"reason": "other", "words": "上级要表"}))
        assert 'name="words" value="上级要表"' in page
        where = address.replace("?", "pdf/?") if "?" in address else f"{address}pdf/"
        given = {"reason": "other", "words": "上级要表"}
        assert f"G{DOCUMENT}" in words_of(read(client.post(where, given))).replace("\n", "")
        assert client.post(where, {}).status_code == 422

    @pytest.mark.parametrize("given", [{}, {"reason": "nonsense"}, {"reason": "other"}])
    def test_without_a_reason_it_stays_masked_and_says_what_is_missing(self, client, address, given):
        answer = client.post(address, given)
        assert answer.status_code == 422
        assert DOCUMENT not in text_of(answer)
        assert "为什么要看" in text_of(answer)
        assert not Reading.objects.filter(what__endswith=".full").exists()


class TestCharacters:
    def test_every_name_is_printed_with_a_form_for_each_character(self, client, place, group):
        assert fonts.missing(NAMES) == []
        make_children([{"name": name} for name in NAMES], place, group=group)
        pdf = read(client.get(f"/papers/roll/{group.pk}/pdf/"))
        assert glyphs_without_a_form(pdf) == 0
        words = drawn(words_of(pdf))
        assert [name for name in NAMES if drawn(name) not in words] == []
        page = text_of(client.get(f"/papers/roll/{group.pk}/"))
        assert [name for name in NAMES if f"<td>{name}</td>" not in page.replace("&#x27;", "'")] == []

    def test_the_count_of_boxes_sees_a_box(self):
        mark = {"kindergarten": "园", "on": "", "mark": "", "a_page": 8, "cards": [card("陈\U0002ebf0")]}
        assert glyphs_without_a_form(PdfReader(BytesIO(typesetting.pdf("cards", mark)))) > 0

    @pytest.mark.parametrize("sign", ["\U0002ebf0", "\ue000"])
    def test_a_character_without_a_form_is_said_before_printing(self, client, place, group, sign):
        make_child(place, name=f"陈{sign}", group=group)
        page = text_of(client.get(f"/papers/roll/{group.pk}/"))
        assert f"PDF 上会印成方框：{sign}" in page

    def test_a_machine_without_chinese_fonts_says_so(self, client, place, group, monkeypatch):
        monkeypatch.setattr(fonts, "MAIN", "No Such Font")
        make_child(place, group=group)
        answer = client.get(f"/papers/roll/{group.pk}/pdf/")
        assert answer.status_code == 409
        assert "没有装中文字体" in text_of(answer)

    @pytest.mark.parametrize("name", ["#panic()", "$x$", "*陈*", "@label", '"]) #read("/etc/passwd")', "\\u{4e00}"])
    def test_a_name_that_looks_like_markup_is_printed_as_it_is(self, name):
        data = {"kindergarten": "园", "on": "", "mark": "", "a_page": 8, "cards": [card(name)]}
        words = words_of(PdfReader(BytesIO(typesetting.pdf("cards", data))))
        assert name.replace(" ", "") in words.replace("\n", "").replace(" ", "")


def drawn(text: str) -> str:
    """Return a text as a PDF can tell it: characters that share a form are one there (葛 with and without a selector)."""
    plain = "".join(c for c in text if not c.isspace() and not 0xE0100 <= ord(c) <= 0xE01EF)
    return unicodedata.normalize("NFC", plain)


def card(name: str) -> dict:
    code = tokens.drawing("http://127.0.0.1/verify/x/")
    return {"name": name, "lines": [["班级", "小一班"]], "code": code}


class TestVerify:
    def token(self, child: Child) -> str:
        return tokens.tokens_of([child.pk])[child.pk]

    def test_a_valid_card_shows_masked_name_and_kindergarten_and_nothing_else(self, client, place):
        child = make_child(place, name="陈子墨", id_number=DOCUMENT)
        client.logout()
        answer = client.get(f"/verify/{self.token(child)}/")
        text = text_of(answer)
        assert answer.status_code == 200
        assert "有效" in text
        assert "陈<span" in text
        assert "青禾试验幼儿园" in text
        for clear in ("陈子墨", DOCUMENT, "2023-01-03", str(child.pk)):
            assert clear not in text

    def test_a_look_at_a_card_is_logged_for_the_child(self, client, place):
        child = make_child(place)
        client.get(f"/verify/{self.token(child)}/")
        assert Reading.objects.get(what="card.verify").unit_name == "扫码查验"
        assert "扫学籍卡上的二维码" in text_of(client.get(f"/children/{child.pk}/"))

    def test_a_changed_number_makes_the_card_void(self, client, place):
        child = make_child(place)
        token = self.token(child)
        ChildNumber.objects.filter(child_id=child.pk).update(to_on="2026-10-01")
        assert "已失效" in text_of(client.get(f"/verify/{token}/"))

    def test_what_was_never_issued_answers_as_what_is_void(self, client, place):
        child = make_child(place)
        token = self.token(child)
        ChildNumber.objects.filter(child_id=child.pk).update(to_on="2026-10-01")
        void = text_of(client.get(f"/verify/{token}/"))
        for other in ("x", token[:-1], token + "x", token.swapcase(), tokens.token_of(new_id())):
            assert shape(text_of(client.get(f"/verify/{other}/"))) == shape(void)
        assert not Reading.objects.exists()

    def test_a_token_holds_no_id_of_the_child_and_every_flipped_sign_breaks_it(self, place):
        child = make_child(place)
        token = self.token(child)
        assert child.pk.hex not in token
        assert tokens.row_id_of(token) == ChildNumber.objects.get(child_id=child.pk).pk
        survivors = Counter(
            tokens.row_id_of(token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :]) for i in range(len(token))
        )
        assert set(survivors) == {None}

    def test_the_code_on_the_card_leads_to_the_page(self, client, place):
        child = make_child(place)
        answer = client.get(f"/papers/cards/?child={child.pk}")
        address = address_of(answer.wsgi_request, self.token(child))
        assert tokens.drawing(address) in text_of(answer)
        assert client.get(address).status_code == 200


def shape(text: str) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="[^"]+"|/verify/[^"]+', "", text)


def test_a_child_that_left_gets_no_card_and_its_old_one_still_leads_to_a_valid_record():
    """The card is for those who attend; the record behind an old one stays valid until it is cancelled."""
    place = make_kindergarten()
    child = make_child(place)
    registrar = make_officer("registrar", place)
    token = tokens.tokens_of([child.pk])[child.pk]
    Child.objects.filter(pk=child.pk).update(standing="left")
    answer = signed_in(registrar).get("/papers/cards/", {"child": child.pk})
    assert answer.status_code == 422
    assert "已不在园" in answer.content.decode()
    assert "有效" in Client().get(f"/verify/{token}/").content.decode()
    Child.objects.filter(pk=child.pk).update(standing="cancelled")
    assert "已失效" in Client().get(f"/verify/{token}/").content.decode()
