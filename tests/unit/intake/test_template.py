"""The template and the problem sheet: both can be brought back."""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl

from miaoce.registry.intake import problems_sheet, reader, rolls, template
from miaoce.registry.intake.fields import FIELDS
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.layouts import SheetLayout
from miaoce.registry.intake.problems_sheet import ProblemRow
from miaoce.registry.intake.rolls import PointedHeader, Roll
from miaoce.registry.reference.codebook import Codebook

from .conftest import HEADINGS, cells, child, number


def bring_back(path: Path, data: bytes, place: Place, codebook: Codebook) -> Roll:
    path.write_bytes(data)
    return rolls.check(reader.read(path, name=path.name), place=place, codebook=codebook)


def test_the_template_offers_what_the_parser_reads(place: Place, codebook: Codebook) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template.build(place=place, codebook=codebook)))
    sheet = book[template.SHEET]
    assert [c.value for c in sheet[1]] == [label for f in FIELDS if f.in_template for label in f.steps or (f.label,)]
    assert sheet.freeze_panes == "B2"
    assert not sheet.protection.sheet
    assert book.vba_archive is None
    assert book[template.LISTS_SHEET].sheet_state == "hidden"
    offered = {
        sheet.cell(1, min(r.min_col for r in v.sqref.ranges)).value for v in sheet.data_validations.dataValidation
    }
    assert {"性别", "民族", "证件类型", "班级", "监护人与幼儿关系"} <= offered
    numbers = [c.column_letter for c in sheet[1] if c.value in ("证件号码", "监护人手机号码")]
    assert all(sheet.cell(2, openpyxl.utils.column_index_from_string(n)).number_format == "@" for n in numbers)


def test_a_filled_template_is_read_without_its_example(tmp_path: Path, place: Place, codebook: Codebook) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template.build(place=place, codebook=codebook)))
    sheet = book[template.SHEET]
    labels = {f.label: f.key for f in FIELDS}
    for column, cell in enumerate(sheet[1], 1):
        sheet.cell(3, column).value = child().get(labels.get(str(cell.value), ""))
    out = io.BytesIO()
    book.save(out)
    roll = bring_back(tmp_path / "t.xlsx", out.getvalue(), place, codebook)
    assert [(r.row, r.state) for r in roll.rows] == [(2, "ignored"), (3, "ready")]
    assert roll.unmapped_columns == []
    assert roll.skipped_sheets == (), "nobody misses the template's own explanation and lists"


def test_a_problem_sheet_comes_back_as_it_went(
    tmp_path: Path, place: Place, codebook: Codebook, roll_of: Callable[..., Roll]
) -> None:
    title, extra = ("新生名单",), ("接送", *HEADINGS)
    roll = roll_of(
        title, extra, ("步行", *cells()), ("公交", *cells(name="李安", ethnicity="汗族")), ("", "合计", "2人")
    )
    again = bring_back(tmp_path / "p.xlsx", problems_sheet.build_from(roll), place, codebook)
    assert [(r.row, r.state, r.values) for r in again.rows] == [(r.row, r.state, r.values) for r in roll.rows]
    assert [r.mark for r in again.rows] == ["0", "1", "2"]
    assert again.unmapped_columns == ["接送"]
    sheet = openpyxl.load_workbook(tmp_path / "p.xlsx").active
    assert sheet is not None
    assert sheet.cell(2, 12).value == "问题"
    assert "汗族" in str(sheet.cell(4, 12).value)


def test_a_problem_sheet_holds_what_was_mended_since(
    tmp_path: Path, place: Place, codebook: Codebook, roll_of: Callable[..., Roll]
) -> None:
    roll = roll_of(HEADINGS, cells(ethnicity="汗族"))
    row = ProblemRow("Sheet1", 2, "a7", [], {"ethnicity": "汉族", "address": "青禾区1号"})
    data = problems_sheet.build(roll.reading, [SheetLayout.from_json(s.to_json()) for s in roll.layouts], [row])
    again = bring_back(tmp_path / "p.xlsx", data, place, codebook)
    assert (again.rows[0].mark, again.rows[0].state) == ("a7", "ready")
    assert again.rows[0].values["address"] == "青禾区1号"


def test_nothing_in_a_problem_sheet_is_a_formula(
    tmp_path: Path, place: Place, codebook: Codebook, roll_of: Callable[..., Roll]
) -> None:
    naughty = [f"{sign}1+1" for sign in "=+-@\t＝＋－＠"]
    roll = roll_of(HEADINGS, *(cells(name=n) for n in naughty))
    (tmp_path / "p.xlsx").write_bytes(problems_sheet.build_from(roll))
    sheet = openpyxl.load_workbook(tmp_path / "p.xlsx").active
    assert sheet is not None
    assert [sheet.cell(r, 1).value for r in range(2, 2 + len(naughty))] == naughty
    assert all(c.data_type in ("s", "n") for line in sheet.iter_rows() for c in line)


def test_a_header_that_a_person_pointed_at(place: Place, codebook: Codebook) -> None:
    text = "甲\t乙\t丙\n周一诺\t" + number() + "\t小一班\n"
    reading = reader.read_text(text)
    assert rolls.check(reading, place=place, codebook=codebook).refused is not None
    roll = rolls.check(
        reading, place=place, codebook=codebook, header=PointedHeader(1),
        memory={"甲": "name", "乙": "id_number", "丙": "class"},
    )  # fmt: skip
    assert roll.refused is None
    assert (roll.rows[0].values["name"], roll.rows[0].values["class"]) == ("周一诺", "小一班")
