"""Files made to hurt (trust.md S-13): each is refused in words, inside its own process, within its limits."""

import time
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from miaoce.registry.intake import reader
from miaoce.registry.intake.sheets import FileRefusal, Limits

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEET = f"{HEAD}<worksheet {MAIN}><sheetData>%s</sheetData></worksheet>"
MEGABYTE = b" " * 1_000_000

Part = bytes | Iterable[bytes]


def workbook(path: Path, sheet: Part, **more: Part) -> Path:
    """Write the smallest workbook around a sheet's XML."""
    parts: Mapping[str, Part] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'.encode(),
        "_rels/.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ).encode(),
        "xl/workbook.xml": (
            f'{HEAD}<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>"
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        ).encode(),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": f"{HEAD}<sst {MAIN}/>".encode(),
    } | more  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in [data] if isinstance(data, bytes) else data:
                    part.write(piece)
    return path


def refusal(path: Path, limits: Limits | None = None) -> FileRefusal:
    answer = reader.read(path, name=path.name, limits=limits or Limits())
    assert answer.refused is not None
    assert answer.sheets == ()
    assert len(answer.sha256) == 64 or answer.refused.code == "TOO_LARGE"
    return answer.refused


def test_six_hundred_megabytes_of_blanks(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", (MEGABYTE for _ in range(600)))
    assert path.stat().st_size < 1_000_000
    assert refusal(path).code == "BOMB"


def test_one_cell_at_the_end_of_the_world(tmp_path: Path) -> None:
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refusal(workbook(tmp_path / "a.xlsx", (SHEET % far).encode())).code == "BOMB"


def test_one_lonely_far_cell(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert refusal(workbook(tmp_path / "a.xlsx", (SHEET % far).encode())).code == "TOO_LARGE"


@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "docProps/app.xml"]
)
def test_declarations_are_refused_in_every_part(tmp_path: Path, part: str) -> None:
    laughs = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    data = f"{HEAD}<!-- {'x' * 5000} -->{laughs}<worksheet {MAIN}/>".encode()
    sheet = data if part.endswith("sheet1.xml") else (SHEET % "").encode()
    more = {} if part.endswith("sheet1.xml") else {part: data}
    assert refusal(workbook(tmp_path / "a.xlsx", sheet, **more)).code == "BOMB"


def test_a_declaration_in_utf_16(tmp_path: Path) -> None:
    data = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><x/>'.encode("utf-16")
    assert refusal(workbook(tmp_path / "a.xlsx", (SHEET % "").encode(), **{"xl/styles.xml": data})).code == "BOMB"


def test_one_long_string_shared_by_many_cells(tmp_path: Path) -> None:
    shared = f"{HEAD}<sst {MAIN}><si><t>{'长' * 30_000}</t></si></sst>".encode()
    rows = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(1, 18_000))
    assert (
        refusal(workbook(tmp_path / "a.xlsx", (SHEET % rows).encode(), **{"xl/sharedStrings.xml": shared})).code
        == "BOMB"
    )


def test_thousands_of_entries(tmp_path: Path) -> None:
    more: dict[str, Part] = {f"xl/media/{n}.png": b"" for n in range(2100)}
    assert refusal(workbook(tmp_path / "a.xlsx", (SHEET % "").encode(), **more)).code == "BOMB"


def test_more_rows_than_are_read(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>1</v></c></row>' for r in range(1, 20_050))
    assert refusal(workbook(tmp_path / "a.xlsx", (SHEET % rows).encode())).code == "TOO_LARGE"


def test_more_columns_than_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名" + ",x" * 500 + "\n")
    assert refusal(tmp_path / "a.csv").code == "TOO_LARGE"


def test_a_line_without_an_end(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("姓名,性别\n".encode() + b"x" * 4_000_000)
    assert refusal(tmp_path / "a.csv").code == "BOMB"


@pytest.mark.parametrize(
    "page",
    [
        "<table>" * 100_000 + "<tr><td>x",
        "<table><tr>" + "<td rowspan=99999999 colspan=99999999>x" * 500,
        "<table><tr><td>" + "<b>" * 300_000,
    ],
)
def test_html_out_of_bounds_ends(tmp_path: Path, page: str) -> None:
    (tmp_path / "a.xls").write_text(page)
    answer = reader.read(tmp_path / "a.xls", name="a.xls")
    assert answer.refused is None or answer.refused.code in ("TOO_LARGE", "EMPTY", "NOT_A_TABLE")


def test_an_xml_spreadsheet_that_declares_entities(tmp_path: Path) -> None:
    page = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">]><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    (tmp_path / "a.xls").write_text(page)
    assert refusal(tmp_path / "a.xls").code == "BOMB"


def test_only_macros(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsm", (SHEET % "").encode(), **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    assert refusal(path).code == "MACROS_ONLY"


def test_a_document_and_an_archive(tmp_path: Path) -> None:
    for name in ("word/document.xml", "readme.txt"):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            archive.writestr(name, "x")
        assert refusal(tmp_path / "a.xlsx").code == "NOT_A_TABLE"


def test_too_little_memory_ends_the_child_only(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", (MEGABYTE for _ in range(90)))
    limits = Limits(memory_bytes=40 * 1024 * 1024, archive_ratio=10_000)
    assert refusal(path, limits).code == "BOMB"


def test_a_child_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("x")
    sleeper = ["/bin/sleep", "600"]
    monkeypatch.setattr(reader.reader_child, "command", lambda *_: sleeper)
    begun = time.monotonic()
    assert refusal(tmp_path / "a.csv", Limits(seconds=1)).code == "BOMB"
    assert time.monotonic() - begun < 60
