"""Bringing the problem sheet back on the page: what was changed there meanwhile stands beside what the sheet says."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from miaoce.registry.intake import review
from miaoce.registry.journal.models import Reading
from tests.doors.web.test_intake import brought_in
from tests.factories.places import make_kindergarten, make_officer, signed_in
from tests.factories.rolls import child, pasted

pytestmark = pytest.mark.django_db


def test_both_texts_are_shown_and_one_press_takes_the_sheets() -> None:
    clerk = signed_in(make_officer("registrar", make_kindergarten()))
    rows = [child(1, 民族="汗族"), child(2, 民族="汗族")]
    batch = brought_in(clerk, pasted(rows))
    clerk.post(
        reverse("intake-mend", args=[batch.pk]), {"f0.1.ethnicity": "回族", "f0.1.guardian1_phone": "13900009999"}
    )
    sheet = pasted([row | {"民族": "汉族"} for row in rows])
    answer = clerk.post(
        reverse("intake-bring-back", args=[batch.pk]), {"file": SimpleUploadedFile("问题清单.txt", sheet.encode())}
    )
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "1 行在下载问题清单后又改过" in shown
    assert "问题清单已收回：改了 1 行，没变 0 行。" in shown
    assert "回族" in shown
    assert "13900009999" not in shown
    assert Reading.objects.filter(what="intake.bring_back").exists()
    names = [part.split('"')[0] for part in shown.split('name="')[1:] if part.startswith("f0.")]
    assert {name.rpartition(".")[2] for name in names} == {"ethnicity", "guardian1_phone"}
    texts = {"ethnicity": "汉族", "guardian1_phone": rows[0]["联系电话"]}
    sent = {name: texts[name.rpartition(".")[2]] for name in names}
    clerk.post(reverse("intake-mend", args=[batch.pk]), {**sent, "save": "0"})
    assert review.open_rows(batch)[0].content.raw["ethnicity"] == "汉族"
