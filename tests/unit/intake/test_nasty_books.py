"""Workbooks as kindergartens really send them: no row is lost, values are right, or it is said what to do."""

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from xlsxwriter.workbook import Workbook

from miaoce.registry.intake import problems_sheet, reader, rolls
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.layouts import SheetLayout
from miaoce.registry.intake.problems_sheet import ProblemRow
from miaoce.registry.intake.rolls import Roll
from miaoce.registry.reference.codebook import Codebook

from .conftest import HEADINGS, number
from .nasty import FIX, IGNORED, READY, Case, kid, plain, put, rows_below, told_of, without, workbook

FIRST, SECOND = (2, READY, "周一诺"), (3, READY, "李安")
SHUFFLED = (1, 0, 3, 2, 4, 5, 6, 7, 8, 9)


def read(path: Path, data: bytes, place: Place, codebook: Codebook) -> Roll:
    path.write_bytes(data)
    return rolls.check(reader.read(path, name=path.name), place=place, codebook=codebook)


def titles_and_merged_headings() -> bytes:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("名单")
        sheet.merge_range(0, 0, 0, 10, "青禾中心幼儿园2026年秋季新生花名册")
        sheet.merge_range(1, 0, 1, 10, "填表单位：青禾中心幼儿园　　填表日期：2026年9月6日")
        for column, heading in enumerate((*HEADINGS[:6], "", "", "", HEADINGS[9])):
            if heading:
                sheet.merge_range(2, column, 3, column, heading)
        sheet.merge_range(2, 6, 2, 8, "监护人")
        put(sheet, [("", "", "", "", "", "", "姓名", "与幼儿关系", "联系电话")], 3)
        put(sheet, [kid(0), kid(1)], 4)
        sheet.merge_range(6, 0, 6, 9, "说明：1.本表由班主任填写，一式两份。2.证件号按户口簿填。")
        put(sheet, [("园长（签字）：", "", "", "", "填表人：李老师")], 7)

    return workbook(fill)


def colours_filters_comments_and_what_is_hidden() -> bytes:
    def fill(book: Workbook) -> None:
        sheet, hint = book.add_worksheet("小一班"), book.add_format({"font_color": "red", "bg_color": "yellow"})
        put(sheet, [HEADINGS, ("必填", "必填", "格式：2023-01-01", "18位", "必填", "下拉选择"), kid(0), kid(1), kid(2)])
        sheet.set_row(1, 20, hint)
        sheet.write_comment(2, 0, "家长说：弟弟叫张三，13800000000")
        sheet.autofilter(0, 0, 4, 9)
        sheet.filter_column(0, "x == 李安")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_column(3, 3, None, None, {"hidden": True})
        sheet.freeze_panes(1, 1)

    return workbook(fill)


def a_sheet_per_class() -> bytes:
    def fill(book: Workbook) -> None:
        for n, name in enumerate(("小1班", "小二班（25人）", "中班")):
            sheet = book.add_worksheet(name)
            put(sheet, [(f"{name}花名册",), without(HEADINGS, "班级"), without(kid(n), "班级")])
        put(book.add_worksheet("各班人数"), [("班级", "人数"), ("小一班", "1"), ("小二班", "1")])

    return workbook(fill)


def formulas(*, are_kept: bool) -> bytes:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        put(sheet, [HEADINGS, kid(0)])
        born, sex = ("2023-01-03", "男") if are_kept else ("", "")
        sheet.write_formula(1, 2, '=TEXT(MID(D2,7,8),"0000-00-00")', None, born)
        sheet.write_formula(1, 1, '=IF(MOD(MID(D2,17,1),2),"男","女")', None, sex)

    return workbook(fill)


def guardians_below(*, are_merged: bool) -> bytes:
    heads = (*HEADINGS[:6], "家长姓名", "与幼儿关系", "联系电话")
    rows = [
        heads,
        kid(0)[:9],
        ("", "", "", "", "", "", "王芳", "母亲", "13900001111"),
        kid(1)[:9],
        ("", "", "", "", "", "", "陈静", "母亲", "13900001112"),
        ("", "", "", "", "", "", "李老根", "祖父", "13900001113"),
        ("", "", "", "", "", "", "李老师", "", "13900001114"),
    ]

    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet("名单")
        put(sheet, rows)
        for column in range(6) if are_merged else ():
            sheet.merge_range(1, column, 2, column, rows[1][column])

    return workbook(fill)


def counted_from_1904() -> bytes:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    sheet.append([*kid(0)[:2], dt.datetime.fromisoformat("2023-01-03"), *kid(0)[3:9], dt.date(2026, 9, 1)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def an_old_workbook() -> bytes:
    book = xlwt.Workbook(encoding="gbk")
    sheet = book.add_sheet("小一班")
    for row, texts in enumerate((HEADINGS, kid(0), kid(1))):
        for column, text in enumerate(texts):
            if (row, column) != (1, 2):
                sheet.write(row, column, text)
    sheet.write(1, 2, dt.date(2023, 1, 3), xlwt.easyxf(num_format_str="yyyy/m/d"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_wps_saves() -> bytes:
    """Numbers as numbers, dates as serial numbers without a format, every cell formatted down to row 1,000."""

    def fill(book: Workbook) -> None:
        sheet, text = book.add_worksheet("Sheet1"), book.add_format({"num_format": "@"})
        row = kid(0)
        put(sheet, [HEADINGS, (row[0], 1, 44929, row[3], row[4], row[5], row[6], row[7], 13800004940, 46266)])
        for below in range(2, 1000):
            for column in range(10):
                sheet.write_blank(below, column, None, text)
        sheet.write_string(500, 3, "\u3000")

    return workbook(fill)


SIDEWAYS = list(zip(HEADINGS, kid(0), kid(1), strict=True))
REFUSED_SIDEWAYS = ("NO_HEADER", "转置")
NOTES = (
    kid(0), ("小计", "", "", "", "", "1人"), kid(1), ("以下空白",), ("（以下无正文）",), ("—" * 8,), ("注：本表由班主任填写",),
    ("第1页 共1页",), ("本页完",),
)  # fmt: skip
CASES = {
    "titles, headings of two rows, a note, signatures": Case(
        "新生.xlsx", titles_and_merged_headings(),
        ((5, READY, "周一诺"), (6, READY, "李安"), (7, IGNORED, "NOTE_LINE"), (8, IGNORED, "SIGNATURE_LINE")),
    ),
    "coloured hints, a filter, comments, hidden rows and columns": Case(
        "筛选.xlsx", colours_filters_comments_and_what_is_hidden(),
        ((2, IGNORED, "NOTE_LINE"), (3, READY, "周一诺"), (4, READY, "李安"), (5, READY, "王宁")),
    ),
    "totals and ends of every kind": Case(
        "小计.xlsx", plain(HEADINGS, *NOTES),
        (FIRST, (3, IGNORED, "TOTAL_LINE"), (4, READY, "李安"), *((n, IGNORED, "NOTE_LINE") for n in range(5, 11))),
    ),
    "a sheet for each class, named by it": Case(
        "各班.xlsx", a_sheet_per_class(), ((3, READY, "周一诺"), (3, READY, "李安"), (3, READY, "王宁"))
    ),
    "empty rows above and empty columns before": Case(
        "空列.xlsx", plain((), (), ("", "", "", *HEADINGS), ("", "", "", *kid(0)), (), ("", "", "", *kid(1))),
        ((4, READY, "周一诺"), (6, READY, "李安")),
    ),
    "a list on its side": Case("横.xlsx", plain(*SIDEWAYS), refused=REFUSED_SIDEWAYS),
    "a list on its side under a title": Case("横2.xlsx", plain(("小一班名单",), *SIDEWAYS), refused=REFUSED_SIDEWAYS),
    "two lists beside each other": Case(
        "并排.xlsx", plain((*HEADINGS, "", *HEADINGS), (*kid(0), "", *kid(1)), (*kid(2), "", *kid(3))),
        refused=("NO_HEADER", "并排"),
    ),
    "two lists beside each other with running numbers": Case(
        "并排2.xlsx", plain(*(("序号", *h, "序号", *h) for h in [HEADINGS]), ("1", *kid(0), "2", *kid(1))),
        refused=("NO_HEADER", "并排"),
    ),
    "a second list below in another order": Case(
        "上下.xlsx",
        plain(HEADINGS, kid(0), (), ("转入幼儿",), [HEADINGS[i] for i in SHUFFLED], [kid(1)[i] for i in SHUFFLED]),
        (FIRST, (4, IGNORED, "NOTE_LINE"), (5, IGNORED, "HEADING_AGAIN"), (6, READY, "李安")),
    ),
    "the same headings on every page": Case(
        "分页.xlsx", plain(HEADINGS, kid(0), HEADINGS, kid(1)), (FIRST, (3, IGNORED, "HEADING_AGAIN"), (4, READY, "李安"))
    ),
    "surname and the rest of the name apart": Case(
        "姓名分开.xlsx", plain(("姓", "名", *HEADINGS[1:]), ("周", "一诺", *kid(0)[1:]), ("欧阳", "安", *kid(1)[1:])),
        (FIRST, (3, READY, "欧阳安")),
    ),
    "a surname that the name says again": Case(
        "姓氏.xlsx", plain((*HEADINGS, "姓氏"), (*kid(0), "周")), (FIRST,), unmapped=("姓氏",)
    ),
    "guardians in rows of their own": Case(
        "监护人.xlsx", guardians_below(are_merged=False),
        (FIRST, (3, IGNORED, "GUARDIAN_LINE"), (4, READY, "李安"), (5, IGNORED, "GUARDIAN_LINE"),
         (6, IGNORED, "GUARDIAN_LINE"), (7, FIX, "NAME_MISSING")),
    ),
    "guardians in rows of their own, children merged over them": Case(
        "监护人2.xlsx", guardians_below(are_merged=True),
        (FIRST, (3, IGNORED, "GUARDIAN_LINE"), (4, READY, "李安"), (5, IGNORED, "GUARDIAN_LINE"),
         (6, IGNORED, "GUARDIAN_LINE"), (7, FIX, "NAME_MISSING")),
    ),
    "a document's number as a number": Case(
        "浮点.xlsx", plain(HEADINGS, (*kid(0)[:3], 1.10101e17, *kid(0)[4:])), ((2, FIX, "ID_EXCEL_DAMAGED"),)
    ),
    "formulas with what they came to": Case("公式.xlsx", formulas(are_kept=True), (FIRST,)),
    "formulas that were never worked out": Case("公式2.xlsx", formulas(are_kept=False), (FIRST,)),
    "dates counted from 1904": Case("1904.xlsx", counted_from_1904(), (FIRST,)),
    "an old workbook": Case("旧.xls", an_old_workbook(), (FIRST, SECOND)),
    "numbers as numbers and a thousand formatted rows": Case("WPS.xlsx", as_wps_saves(), (FIRST,)),
    "a macro book without its macros": Case("宏.xlsm", plain(HEADINGS, kid(0)), (FIRST,)),
    "a password": Case(
        "加密.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
        refused=("ENCRYPTED", "密码"),
    ),
    "only a heading": Case("空表.xlsx", plain(HEADINGS), refused=("EMPTY", "没有幼儿")),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_a_nasty_book(what: str, tmp_path: Path, place: Place, codebook: Codebook) -> None:
    case = CASES[what]
    roll = read(tmp_path / case.file, case.data, place, codebook)
    if case.refused is not None:
        assert roll.refused is not None
        assert roll.refused.code == case.refused[0]
        assert case.refused[1] in roll.refused.message
        return
    assert roll.refused is None
    assert told_of(roll) == list(case.told)
    assert len(roll.rows) == rows_below(roll)
    assert tuple(roll.unmapped_columns) == case.unmapped


def test_every_value_of_a_child_comes_through(tmp_path: Path, place: Place, codebook: Codebook) -> None:
    for what in (
        "numbers as numbers and a thousand formatted rows",
        "an old workbook",
        "a second list below in another order",
    ):
        roll = read(tmp_path / CASES[what].file, CASES[what].data, place, codebook)
        values = roll.rows[0].values
        expected = {
            "name": "周一诺", "sex": "1", "birth_date": "2023-01-03", "id_number": kid(0)[3], "ethnicity": "01", "class": "小一班",
            "guardian1_name": "周建国", "guardian1_relation": "51", "guardian1_phone": "13800004940",
            "entry_date": "2026-09-01",
        }  # fmt: skip
        assert {key: values.get(key) for key in expected} == expected, what


def test_a_class_is_told_by_its_sheet(tmp_path: Path, place: Place, codebook: Codebook) -> None:
    roll = read(tmp_path / "b.xlsx", a_sheet_per_class(), place, codebook)
    assert [row.values["class"] for row in roll.rows] == ["小一班", "小二班", "中一班"]
    assert roll.skipped_sheets == ("各班人数",)


def test_a_guardian_in_a_row_below_is_the_second_one(tmp_path: Path, place: Place, codebook: Codebook) -> None:
    roll = read(tmp_path / "b.xlsx", guardians_below(are_merged=True), place, codebook)
    first, line = roll.rows[0], roll.rows[1]
    assert {key: text for key, text in first.values.items() if key.startswith("guardian2")} == {
        "guardian2_name": "王芳", "guardian2_relation": "52", "guardian2_phone": "13900001111",
    }  # fmt: skip
    assert "第 2 行" in line.findings[0].message
    assert "没有收进来" in roll.rows[4].findings[0].message


def test_a_list_in_another_order_goes_out_and_comes_back_by_its_own_headings(
    tmp_path: Path, place: Place, codebook: Codebook
) -> None:
    roll = read(tmp_path / "a.xlsx", CASES["a second list below in another order"].data, place, codebook)
    layouts = [SheetLayout.from_json(layout.to_json()) for layout in roll.layouts]
    assert layouts == list(roll.layouts)
    rows = [
        ProblemRow("Sheet1", 6, "m6", [], {"name": "李安安", "address": "禾苗路1号"}),
        ProblemRow("Sheet1", 2, "m2"),
    ]
    again = read(tmp_path / "p.xlsx", problems_sheet.build(roll.reading, layouts, rows), place, codebook)
    assert [(row.row, row.state, row.mark) for row in again.rows if row.mark] == [(2, READY, "m2"), (6, READY, "m6")]
    last = again.rows[-1]
    assert (last.values["name"], last.values["id_number"], last.values["address"]) == ("李安安", kid(1)[3], "禾苗路1号")


def test_a_child_and_its_guardian_with_like_headings_are_not_two_lists(
    tmp_path: Path, place: Place, codebook: Codebook
) -> None:
    heads = ("姓名", "性别", "民族", "班级", "证件号码", "家长姓名", "性别", "民族", "关系", "电话")
    row = ("周一诺", "男", "汉族", "小一班", number(), "周建国", "男", "汉族", "父亲", "13800004943")
    roll = read(tmp_path / "a.xlsx", plain(heads, row), place, codebook)
    assert told_of(roll) == [FIRST]
