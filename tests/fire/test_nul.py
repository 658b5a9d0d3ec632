"""A NUL, which PostgreSQL takes in no text and no JSON, comes through no door: not by a page, a file or the API."""

import io

import pytest
import xlwt
from django.urls import reverse

from miaoce.registry.intake.models import Batch
from tests.doors.api.conftest import Place, row
from tests.doors.api.conftest import place as api_place
from tests.doors.api.conftest import token as api_token
from tests.factories.places import make_kindergarten, make_officer, signed_in
from tests.factories.rolls import HEADINGS, child, fresh_number, pasted

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
place, token = api_place, api_token
NUL = "\x00"


def old_workbook(where: str) -> bytes:
    """Return an .xls whose headings, cells or sheet name hold a NUL."""
    book = xlwt.Workbook()
    page = book.add_sheet("名单")
    texts = child(fresh_number())
    for column, heading in enumerate(HEADINGS):
        page.write(0, column, heading + NUL if where == "heading" else heading)
        page.write(1, column, texts[heading] + NUL if where == "cell" else texts[heading])
    page.write(0, len(HEADINGS), f"别的{NUL}列")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("where", ["heading", "cell"])
def test_by_an_old_workbook(where: str) -> None:
    client = signed_in(make_officer("registrar", make_kindergarten()))
    file = io.BytesIO(old_workbook(where))
    file.name = "名单.xls"
    answer = client.post(reverse("intake"), {"file": file}, follow=True)
    assert answer.status_code == 200
    assert Batch.objects.get().state in {"open", "refused"}


@pytest.mark.parametrize("kind", ["<table><tr><td>%s</table>", "<?xml version='1.0'?><x>%s</x>"])
def test_by_other_files(kind: str) -> None:
    client = signed_in(make_officer("registrar", make_kindergarten()))
    file = io.BytesIO((kind % "姓名&#0;\x00").encode())
    file.name = "名单\x00.xls"
    assert client.post(reverse("intake"), {"file": file}, follow=True).status_code in {200, 400, 422}


def test_by_pasting() -> None:
    client = signed_in(make_officer("registrar", make_kindergarten()))
    assert client.post(reverse("intake-paste"), {"text": pasted([child(1)]) + NUL}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"rows": [row(name="陈\x00墨")]},
        {"rows": [row(address="\x00")]},
        {"rows": [row()], "name": "名\x00单"},
        {"rows": [{"\x00": "x"}]},
        {"rows": [row(name="陈\ud800墨")]},
        {"rows": [row()], "name": "\udfff"},
    ],
)
def test_by_the_api(place: Place, body: dict[str, object]) -> None:
    assert place.registrar.post("/rows", body).status_code in {201, 400, 422}


def test_in_an_address_of_the_api(place: Place) -> None:
    for path in ("/children", "/rows/%00", "/batches?cursor=%00", "/codes/%00", "/registrations?state=%00"):
        assert place.registrar.get(path).status_code in {200, 400, 404, 422}, path
