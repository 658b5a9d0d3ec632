"""What is sealed stands masked while a sheet is checked; a value is shown for a reason, one at a time, logged first."""

import re
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from miaoce.registry.access.permissions import PRINCIPAL
from miaoce.registry.intake import review
from miaoce.registry.intake.models import Batch, Row
from miaoce.registry.journal import actions as journal
from miaoce.registry.journal.models import Reading, ReadingOf
from tests.factories.places import make_kindergarten, make_officer, signed_in
from tests.factories.rolls import HEADINGS, child, document_number, pasted

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
GUARDIAN = document_number("19850303", 652)
ALL = (*HEADINGS, "监护人证件号码", "现住址", "健康状况")
ADDRESS = "云川省青江市青禾区禾苗路 8 号"


@pytest.fixture
def place():
    return make_kindergarten()


@pytest.fixture
def clerk(place) -> Client:
    return signed_in(make_officer("registrar", place, name="王敏"))


def sealed(number: int = 1, **changes: str) -> dict[str, str]:
    """Return a child with everything that is sealed."""
    return child(number, 现住址=ADDRESS, 监护人证件号码=GUARDIAN, 健康状况="健康或良好", **changes)


def brought_in(client: Client, *children: dict[str, str]) -> Batch:
    client.post(reverse("intake-paste"), {"text": pasted(children, ALL)})
    return Batch.objects.get()


def text_of(answer) -> str:
    return answer.content.decode()


def row_page(client: Client, batch: Batch, position: int = 0) -> str:
    return text_of(client.get(reverse("intake-row", args=[batch.pk, position])))


def values_of(batch: Batch) -> dict[str, str]:
    """Return the normalised values of the first row."""
    return review.open_rows(batch)[0].content.values


def opened() -> list[tuple[str, str]]:
    """Return what was shown one at a time, and why."""
    return [(one.what, one.reason) for one in Reading.objects.filter(what__startswith="reveal:").order_by("id")]


class TestReview:
    def test_the_field_that_has_the_problem_stands_open_and_is_logged_for_its_purpose(self, clerk) -> None:
        wrong = child(1)["证件号码"][:-1]
        batch = brought_in(clerk, sealed(1, 证件号码=wrong), sealed(2))
        page = text_of(clerk.get(reverse("intake-batch", args=[batch.pk])))
        assert f'value="{wrong}"' in page
        for clear in (child(1)["联系电话"], child(2)["证件号码"], child(2)["联系电话"], GUARDIAN, ADDRESS):
            assert clear not in page
        assert opened() == [("reveal:document_number", "登记核对")]
        reading = Reading.objects.get(what="reveal:document_number")
        assert ReadingOf.objects.get(reading_id=reading.pk).child_id == Row.objects.get(position=0).becomes_id

    def test_each_showing_is_logged_again_and_each_field_for_itself(self, clerk) -> None:
        batch = brought_in(
            clerk, sealed(1, 证件号码=child(1)["证件号码"][:-1], 联系电话="1381"), sealed(2, 联系电话="1382")
        )
        for _ in range(2):
            clerk.get(reverse("intake-batch", args=[batch.pk]))
        assert len(opened()) == 6

    def test_a_row_that_comes_back_from_mending_is_logged_too(self, clerk) -> None:
        batch = brought_in(clerk, sealed(1, 联系电话="1381"))
        sent = {"f0.1.guardian1_phone": "1382", "save": "0"}
        answer = text_of(clerk.post(reverse("intake-mend", args=[batch.pk]), sent, **HTMX))
        assert 'value="1382"' in answer
        assert opened() == [("reveal:guardian1_phone", "登记核对")]

    def test_who_may_not_mend_sees_no_input_and_nothing_is_logged_as_shown(self, clerk, place) -> None:
        batch = brought_in(clerk, sealed(1, 联系电话="1381"))
        page = text_of(signed_in(make_officer("principal", place)).get(reverse("intake-batch", args=[batch.pk])))
        assert 'value="1381"' not in page
        assert opened() == []

    def test_a_conflict_tells_sealed_values_masked(self, clerk) -> None:
        batch = brought_in(clerk, sealed(1, 联系电话="1381"))
        address = reverse("intake-mend", args=[batch.pk])
        clerk.post(address, {"f0.1.guardian1_phone": "13800001234", "save": "0"})
        answer = clerk.post(address, {"f0.1.guardian1_phone": "13899991234", "save": "0"})
        assert answer.status_code == 409
        assert "现在是“138****1234（隐藏的几位不同）”，您填的是“138****1234”" in text_of(answer)


class TestRow:
    def test_everything_sealed_comes_masked_and_the_rest_open(self, clerk) -> None:
        batch = brought_in(clerk, sealed())
        page = row_page(clerk, batch)
        for clear in (child(1)["证件号码"], child(1)["联系电话"], GUARDIAN, ADDRESS):
            assert clear not in page
        assert f'value="{child(1)["姓名"]}"' in page
        assert "云川省青江市青禾区…" in page
        assert "138<span" in page or "138****" in page
        assert opened() == []

    def test_what_is_empty_can_be_filled_in_at_once(self, clerk) -> None:
        batch = brought_in(clerk, sealed())
        assert 'name="guardian2_phone"' in row_page(clerk, batch)

    def test_the_field_that_has_the_problem_stands_open_here_too(self, clerk) -> None:
        batch = brought_in(clerk, sealed(联系电话="1381"))
        page = row_page(clerk, batch)
        assert 'value="1381"' in page
        assert opened() == [("reveal:guardian1_phone", "登记核对")]

    def test_one_field_is_shown_for_a_reason_within_the_page(self, clerk) -> None:
        batch = brought_in(clerk, sealed())
        address = reverse("intake-row-reveal", args=[batch.pk, 0])
        without = clerk.post(address, {"show": "id_number"}, **HTMX)
        assert without.status_code == 422
        assert without["HX-Retarget"] == "#why-id_number"
        assert opened() == []
        shown = text_of(clerk.post(address, {"show": "id_number", "reason.id_number": "check_document"}, **HTMX))
        assert f'value="{child(1)["证件号码"]}"' in shown
        for clear in (child(1)["联系电话"], GUARDIAN, ADDRESS):
            assert clear not in shown
        assert opened() == [("reveal:document_number", "核对证件")]

    def test_without_scripts_the_page_comes_back_as_it_was_typed(self, clerk) -> None:
        batch = brought_in(clerk, sealed())
        address = reverse("intake-row-reveal", args=[batch.pk, 0])
        typed = {"name": "新名", "version": "1", "show": "address", "reason.address": "other"}
        asked = clerk.post(address, typed)
        assert asked.status_code == 422
        assert "请再写一句为什么要看" in text_of(asked)
        page = text_of(clerk.post(address, typed | {"words.address": "家里打来电话"}))
        assert 'value="新名"' in page
        assert f'value="{ADDRESS}"' in page
        assert child(1)["证件号码"] not in page
        assert opened() == [("reveal:address", "其他（请写明）：家里打来电话")]

    def test_what_stays_masked_stays_as_it_is_when_the_row_is_saved(self, clerk) -> None:
        batch = brought_in(clerk, sealed())
        page = row_page(clerk, batch)
        fields = dict(re.findall(r'<input type="text" name="(\w+)" value="([^"]*)"', page))
        done = clerk.post(reverse("intake-row", args=[batch.pk, 0]), {**fields, "name": "新名", "version": "1"})
        assert done.status_code == 302
        clerk.post(
            reverse("intake-row-reveal", args=[batch.pk, 0]), {"show": "id_number", "reason.id_number": "registration"}
        )
        download = clerk.post(
            reverse("intake-row-reveal", args=[batch.pk, 0]), {"show": "address", "reason.address": "registration"}
        )
        assert ADDRESS in text_of(download)
        assert "新名" in row_page(clerk, batch)

    def test_a_masked_field_can_be_written_over_once_it_is_open(self, clerk) -> None:
        batch = brought_in(clerk, sealed())
        sent = {"guardian1_phone": "13800007777", "version": "1"}
        assert clerk.post(reverse("intake-row", args=[batch.pk, 0]), sent).status_code == 302
        assert "138****7777" in text_of(clerk.get(reverse("intake-batch", args=[batch.pk]))).replace("<span", "")

    @pytest.mark.parametrize("key", ["name", "health", "nonsense", "guardian2_phone"])
    def test_what_is_not_sealed_or_empty_is_nothing_to_show(self, clerk, key) -> None:
        batch = brought_in(clerk, sealed())
        answer = clerk.post(
            reverse("intake-row-reveal", args=[batch.pk, 0]), {"show": key, f"reason.{key}": "check_document"}
        )
        assert answer.status_code == 404
        assert opened() == []

    def test_health_is_hidden_and_stays_unless_it_is_written_over(self, clerk) -> None:
        batch = brought_in(clerk, sealed())
        page = row_page(clerk, batch)
        assert "健康或良好" not in page.replace('<option value="健康或良好">健康或良好</option>', "")
        assert "已隐藏，不改" in page
        address = reverse("intake-row", args=[batch.pk, 0])
        clerk.post(address, {"health": "", "version": "1"})
        assert values_of(batch)["health"] == "10"
        clerk.post(address, {"health": "一般或较弱", "version": str(Row.objects.get(position=0).version)})
        assert values_of(batch)["health"] != "10"

    def test_a_row_that_was_sent_is_masked_for_good(self, clerk) -> None:
        batch = brought_in(clerk, sealed())
        clerk.post(reverse("intake-submit", args=[batch.pk]), {"promise": "1"})
        page = row_page(clerk, batch)
        for clear in (child(1)["证件号码"], child(1)["联系电话"], GUARDIAN, ADDRESS):
            assert clear not in page
        answer = clerk.post(
            reverse("intake-row-reveal", args=[batch.pk, 0]),
            {"show": "id_number", "reason.id_number": "check_document"},
        )
        assert answer.status_code == 409
        assert opened() == []


class TestDownload:
    @pytest.fixture
    def batch(self, clerk) -> Batch:
        file = SimpleUploadedFile("名单.csv", pasted([sealed(1), sealed(2)], ALL).replace("\t", ",").encode())
        clerk.post(reverse("intake"), {"file": file})
        return Batch.objects.get()

    @pytest.mark.parametrize("name", ["intake-problems", "intake-original"])
    def test_a_file_with_clear_values_is_asked_for_with_a_reason(self, clerk, batch, name) -> None:
        address = reverse(name, args=[batch.pk])
        asked = clerk.get(address)
        assert "为什么要看" in text_of(asked)
        assert clerk.post(address, {}).status_code == 422
        assert not Reading.objects.filter(what__in=["intake.problem_sheet", "intake.original"]).exists()
        file = clerk.post(address, {"reason": "other", "words": "留底"})
        assert file["Content-Disposition"].startswith("attachment")
        assert "名单" in unquote(file["Content-Disposition"])
        reading = Reading.objects.get(what__in=["intake.problem_sheet", "intake.original"])
        assert reading.reason == "其他（请写明）：留底"
        journal.spread_readings()
        told = set(ReadingOf.objects.filter(reading_id=reading.pk).values_list("child_id", flat=True))
        assert told == set(Row.objects.values_list("becomes_id", flat=True))

    def test_who_may_show_no_value_takes_no_file(self, batch, place) -> None:
        principal = signed_in(make_officer(PRINCIPAL.code, place))
        address = reverse("intake-problems", args=[batch.pk])
        assert "您现在的身份不能下载" in text_of(principal.get(address))
        assert principal.post(address, {"reason": "registration"}).status_code == 403
        assert "下载问题清单" not in text_of(principal.get(reverse("intake-batch", args=[batch.pk])))
