"""S-13, the way out: nothing that goes into a sheet comes out as a formula, and everything comes back as it went in."""

import re
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.urls import reverse

from miaoce.registry.intake import problems_sheet, reader, template
from miaoce.registry.intake.groups import GroupSpec, Place
from miaoce.registry.intake.problems_sheet import ProblemRow
from miaoce.registry.intake.sheets import RawRow, RawSheet, Reading
from miaoce.registry.reference.codebook import Codebook
from tests.factories.names import NAMES
from tests.factories.places import make_kindergarten, make_officer, signed_in
from tests.factories.rolls import child, fresh_number, pasted
from tests.fire.naughty import FORMULAS, NAUGHTY
from tests.unit.intake.conftest import TODAY

pytestmark = pytest.mark.slow

LINE_ENDS = re.compile("\r\n?")


def live_cells(data: bytes) -> list[str]:
    """Return every cell of a workbook that holds a formula, a link or anything but text, as its XML."""
    found = []
    with zipfile.ZipFile(BytesIO(data)) as book:
        for name in book.namelist():
            text = book.read(name).decode()
            if name.startswith("xl/worksheets/sheet"):
                found += re.findall(
                    r"<f[ >/].*?(?=</c>)|<hyperlink .*?>|<c (?![^>]*t=\"(?:s|inlineStr)\")[^>]*><v>", text
                )
            if "externalLink" in name or "vbaProject" in name or 'TargetMode="External"' in text:
                found.append(name)
    return found


def sheet_of(texts: list[str]) -> Reading:
    rows = [RawRow(1, ("序号", *(f"列{n}" for n in range(3))))]
    rows += [RawRow(number, (str(number), text, text, text)) for number, text in enumerate(texts, 2)]
    return Reading("名单.xlsx", (RawSheet("S", tuple(rows)),))


@pytest.mark.parametrize("texts", [NAUGHTY, NAMES], ids=["naughty", "names"])
def test_a_sheet_goes_out_as_text_and_comes_back_equal(texts: list[str], tmp_path: Path) -> None:
    assert len(texts) >= 200
    given = sheet_of(texts)
    marks = [ProblemRow("S", number, text, [text], {}) for number, text in enumerate(texts, 2)]
    data = problems_sheet.build(given, (), marks)
    assert live_cells(data) == []
    (tmp_path / "a.xlsx").write_bytes(data)
    back = reader.read(tmp_path / "a.xlsx", name="a.xlsx")
    assert back.refused is None
    came = {row.number: row.cells[1] for row in back.sheets[0].rows}
    went = {number: LINE_ENDS.sub("\n", text) for number, text in enumerate(texts, 2)}
    assert {
        n: (went[n], LINE_ENDS.sub("\n", came.get(n, "")))
        for n in went
        if LINE_ENDS.sub("\n", came.get(n, "")) != went[n]
    } == {}
    page = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
    assert [
        cell.coordinate for row in page.iter_rows() for cell in row if cell.data_type not in {"s", "inlineStr", "n"}
    ] == []


def test_the_template_holds_no_formula_whatever_its_classes_are_called(codebook_today: Codebook) -> None:
    classes = tuple(GroupSpec(text[:20], "小班", 25) for text in FORMULAS)
    place = Place("1199000001", FORMULAS[0], "990101", TODAY, TODAY, classes)
    assert live_cells(template.build(place=place, codebook=codebook_today)) == []


@pytest.fixture
def codebook_today() -> Codebook:
    return Codebook.from_files(TODAY)


@pytest.mark.django_db
def test_a_downloaded_problem_sheet_is_text_too() -> None:
    client = signed_in(make_officer("registrar", make_kindergarten()))
    rows = [child(fresh_number(), 姓名=text) for text in FORMULAS if not set(text) & set('\t\r\n"')]
    batch = client.post(reverse("intake-paste"), {"text": pasted(rows)})["Location"]
    answer = client.post(f"{batch}problems/", {"reason": "inspection"})
    assert answer.status_code == 200
    assert live_cells(answer.content) == []
    assert "attachment" in answer["Content-Disposition"]


HOSTILE_FILE_NAMES = (
    '"><script>alert(1)</script>.csv', "名单\r\nSet-Cookie: x=1.csv", "../../etc/passwd", "a" * 400 + ".csv",
    "\u202egpj.csv", "..\\..\\x.csv",
    "名'单;\".csv", "=1+1.csv", "con.csv", "名单\x00.csv",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", HOSTILE_FILE_NAMES)
def test_the_name_of_a_file_is_only_a_name(name: str) -> None:
    client = signed_in(make_officer("registrar", make_kindergarten()))
    file = BytesIO(pasted([child(fresh_number())]).encode())
    file.name = name
    answer = client.post(reverse("intake"), {"file": file}, follow=True)
    assert answer.status_code in {200, 400}
    assert b"<script>alert" not in answer.content
    if answer.status_code == 200:
        shown = client.post(answer.redirect_chain[-1][0] + "original/", {"reason": "inspection"})
        assert shown.status_code == 200
        assert "Set-Cookie" not in shown.headers
        assert "\n" not in shown["Content-Disposition"]
