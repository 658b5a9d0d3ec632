"""Bringing back a large sheet and explaining the columns of a large file: the page shows how far it is, then what came of it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from miaoce.registry.intake import actions, rules, states
from miaoce.registry.intake.models import Batch
from tests.doors.web.test_intake import brought_in
from tests.factories.places import make_kindergarten, make_officer, signed_in
from tests.factories.rolls import child, pasted

pytestmark = pytest.mark.django_db
ROWS = [child(1, 民族="汗族"), child(2)]
MENDED = pasted([ROWS[0] | {"民族": "汉族"}, ROWS[1]])


@pytest.fixture
def clerk(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "SEND_AT_ONCE", 1)
    return signed_in(make_officer("registrar", make_kindergarten()))


def taken(clerk, batch: Batch, sheet: str = MENDED):
    return clerk.post(
        reverse("intake-bring-back", args=[batch.pk]), {"file": SimpleUploadedFile("问题清单.txt", sheet.encode())}
    )


def test_a_large_sheet_is_taken_back_while_the_page_tells_how_far_it_is(clerk) -> None:
    batch = brought_in(clerk, pasted(ROWS))
    answer = taken(clerk, batch)
    page = clerk.get(answer.url)
    assert "已收到，等待读取…" in page.content.decode()
    assert "现在就读" in page.content.decode()
    assert "正在提交" not in page.content.decode()
    Batch.objects.filter(pk=batch.pk).update(
        claimed_by="one", claimed_at=timezone.now(), progress={"stage": "check", "done": 1, "of": 2, "left": 1}
    )
    assert "已查 1/2 行" in clerk.get(answer.url).content.decode()
    Batch.objects.filter(pk=batch.pk).update(claimed_by="", claimed_at=None)
    assert actions.carry_out_waiting(at=timezone.now()) == 1
    assert clerk.get(answer.url, headers={"hx-request": "true", "hx-target": "progress"})["HX-Refresh"] == "true"
    shown = clerk.get(answer.url, follow=True).content.decode()
    assert "问题清单已收回：改了 1 行，没变 1 行。" in shown


def test_reading_now_needs_no_worker(clerk) -> None:
    batch = brought_in(clerk, pasted(ROWS))
    taken(clerk, batch)
    shown = clerk.post(reverse("intake-read", args=[batch.pk]), follow=True).content.decode()
    assert "问题清单已收回" in shown
    assert Batch.objects.get(pk=batch.pk).state == states.OPEN


def test_a_sheet_of_others_says_so_and_changes_nothing(clerk) -> None:
    batch = brought_in(clerk, pasted(ROWS))
    answer = taken(clerk, batch, pasted([child(40), child(41)]))
    actions.carry_out_waiting(at=timezone.now())
    assert "这张表里没有找到这份导入的行" in clerk.get(answer.url, follow=True).content.decode()


def test_rows_changed_meanwhile_are_shown_beside_each_other(clerk) -> None:
    batch = brought_in(clerk, pasted(ROWS))
    clerk.post(reverse("intake-mend", args=[batch.pk]), {"f0.1.ethnicity": "回族"})
    answer = taken(clerk, batch)
    actions.carry_out_waiting(at=timezone.now())
    page = clerk.get(answer.url)
    assert page.status_code == 200
    assert "1 行在下载问题清单后又改过" in page.content.decode()
    other = signed_in(make_officer("registrar", make_kindergarten(code="1199000002")))
    assert other.get(answer.url).status_code == 404


def test_a_list_on_its_side_offers_no_columns_to_explain(clerk) -> None:
    sideways = "\n".join(
        "\t".join(line) for line in zip(*(row.split("\t") for row in MENDED.splitlines()), strict=True)
    )
    batch = brought_in(clerk, sideways)
    shown = clerk.get(reverse("intake-batch", args=[batch.pk])).content.decode()
    assert "转置" in shown
    assert "告诉我们每一列是什么" not in shown
    assert "换一个文件" in shown


def test_columns_of_a_large_file_are_read_by_the_worker(clerk) -> None:
    batch = brought_in(clerk, pasted(ROWS))
    form = {"heading": ["民族"], "field": ["ethnicity"]}
    answer = clerk.post(reverse("intake-columns", args=[batch.pk]), form)
    assert actions.carry_out_waiting(at=timezone.now() + timedelta(seconds=1)) == 1
    assert "已按新的列读了一遍" in clerk.get(answer.url, follow=True).content.decode()
    refused = clerk.post(reverse("intake-columns", args=[batch.pk]), {"heading": ["a", "b"], "field": ["name", "name"]})
    assert refused.status_code == 422
