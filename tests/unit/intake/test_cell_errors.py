"""What a sheet shows as #N/A is said, never blank: a look-up that found nothing must not look like an empty cell."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from miaoce.registry.intake import reader, rolls
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.rolls import Roll
from miaoce.registry.reference.codebook import Codebook

from .conftest import HEADINGS, cells

KIND = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = " ".join(
    [f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")]
    + ['xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"']
)
MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
ETHNICITY = HEADINGS.index("民族")


def in_xlsx(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("封面").write(0, 0, "青禾中心幼儿园")
    sheet = book.add_worksheet("小一班")
    for row, texts in enumerate((HEADINGS, cells(), cells()), 2):
        for column, text in enumerate(texts, 1):
            sheet.write_string(row, column, text)
    sheet.write_formula(4, 1 + ETHNICITY, f'=VLOOKUP("{"长" * 3000}",A:B,2,0)', None, "#N/A")
    for row in (5, 6):
        sheet.write_formula(row, 1, "=NA()", None, "#N/A")
        sheet.write_formula(row, 2, "=1/0", None, "#DIV/0!")
    book.close()


def in_xls(path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("封面").write(0, 0, "青禾中心幼儿园")
    sheet = book.add_sheet("小一班", cell_overwrite_ok=True)
    for row, texts in enumerate((HEADINGS, cells(), cells()), 2):
        for column, text in enumerate(texts, 1):
            sheet.write(row, column, text)
    sheet.row(4).set_cell_error(1 + ETHNICITY, 0x2A)
    for row in (5, 6):
        sheet.row(row).set_cell_error(1, 0x2A)
        sheet.row(row).set_cell_error(2, 0x07)
    book.save(str(path))


def in_ods(path: Path) -> None:
    def cell(text: str) -> str:
        if text.startswith("#"):
            kind = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
        else:
            kind = 'office:value-type="string"'
        return f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"

    lookup = (*cells()[:ETHNICITY], "#N/A", *cells()[ETHNICITY + 1 :])
    rows = [("", *row) for row in (HEADINGS, cells(), lookup, ("#N/A", "#DIV/0!"), ("#N/A", "#DIV/0!"))]
    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0"?><office:document-content {NAMESPACES}><office:body><office:spreadsheet>'
        '<table:table table:name="封面"><table:table-row><table:table-cell office:value-type="string"><text:p>青禾中心幼儿园'
        '</text:p></table:table-cell></table:table-row></table:table><table:table table:name="小一班">'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="9"/></table:table-row>'
        f"{lines}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr("mimetype", KIND)
        whole.writestr("content.xml", content)
        whole.writestr("META-INF/manifest.xml", MANIFEST)


@pytest.mark.parametrize("write", [in_xlsx, in_xls, in_ods])
def test_a_look_up_that_found_nothing_is_told(
    tmp_path: Path, place: Place, codebook: Codebook, write: Callable[[Path], None]
) -> None:
    path = tmp_path / f"名单.{write.__name__[3:]}"
    write(path)
    reading = reader.read(path, name=path.name)
    assert reading.sheets[1].rows[2].cells[1 + ETHNICITY] == "#N/A"
    roll: Roll = rolls.check(reading, place=place, codebook=codebook)
    assert [(r.row, r.state) for r in roll.rows] == [(4, "ready"), (5, "fix"), (6, "ignored"), (7, "ignored")]
    assert [f.code for f in roll.rows[1].findings if not f.remark and f.field] == ["FORMULA"]
    assert [f.code for f in roll.rows[2].findings] == ["ERROR_LINE"]


def test_an_error_in_a_free_text_is_left_out_and_told(checked: Callable[..., rolls.CheckedRow]) -> None:
    row = checked(address="#REF!", remark="#N/A")
    assert row.state == "ready"
    assert [(f.field, f.code, f.remark) for f in row.findings] == [
        ("address", "FORMULA", True),
        ("remark", "FORMULA", True),
    ]
    assert not {"address", "remark"} & set(row.values)
