"""Headings are understood by meaning, wherever they stand."""

import pytest

from miaoce.registry.intake.headers import find_header
from miaoce.registry.intake.headings import arrange
from miaoce.registry.intake.sheets import RawRow, RawSheet


def fields(*headings: str) -> list[str | None]:
    layout = arrange([(h, "") for h in headings], {})
    by_place = {c.index: c.field for c in layout.columns}
    return [by_place.get(i) for i in range(len(headings))]


@pytest.mark.parametrize(
    ("headings", "meanings"),
    [
        ("孩子姓名 班别 生日 手机号码 与孩子关系", "name class birth_date guardian1_phone guardian1_relation"),
        ("姓名 身份证号 姓名 关系 电话", "name id_number guardian1_name guardian1_relation guardian1_phone"),
        ("*姓名 1.性别 证件号码（必填） 民　族", "name sex id_number ethnicity"),
        ("学生姓名 父亲 联系电话 母亲 联系电话", "name guardian1_name guardian1_phone guardian2_name guardian2_phone"),
        ("幼儿姓名 监护人（母亲）姓名 母亲手机", "name guardian1_name guardian1_phone"),
        ("姓名 第一监护人姓名 第二监护人姓名 家长电话", "name guardian1_name guardian2_name guardian1_phone"),
        ("幼儿姓名 性別 身份證號碼", "name sex id_number"),
    ],
)
def test_meanings(headings: str, meanings: str) -> None:
    assert fields(*headings.split(" ")) == meanings.split()


def test_columns_of_other_people_stay_out() -> None:
    assert fields("姓名", "班主任姓名", "班主任电话", "接送方式", "血型") == ["name", None, None, None, None]


def test_a_heading_explained_once_goes_before_what_it_seems_to_mean() -> None:
    layout = arrange([("姓名", ""), ("称呼", ""), ("电话", "")], {"称呼": "former_name", "电话": ""})
    assert {c.heading: c.field for c in layout.columns} == {"姓名": "name", "称呼": "former_name"}
    assert layout.unmapped == ((2, "电话"),)


def test_two_rows_of_headings_below_a_title() -> None:
    rows = (
        RawRow(1, ("幼儿花名册",)),
        RawRow(3, ("姓名", "性别", "身份证号", "父亲", "", "母亲", "")),
        RawRow(4, ("", "", "", "姓名", "电话", "姓名", "电话")),
        RawRow(5, ("周一诺", "男", "990101202301036516", "周建国", "13800004943", "", "")),
    )
    header = find_header(RawSheet("Sheet1", rows), {})
    assert header is not None
    assert (header.first_row, header.last_row) == (3, 4)
    assert [c.field for c in header.layout.columns][3:] == [
        "guardian1_name", "guardian1_phone", "guardian2_name", "guardian2_phone",
    ]  # fmt: skip


def test_a_sheet_without_a_header_has_none() -> None:
    rows = (RawRow(1, ("周一诺", "男", "2023-01-03")), RawRow(2, ("李安", "女", "2023-02-03")))
    assert find_header(RawSheet("Sheet1", rows), {}) is None


@pytest.mark.parametrize("n", [1, 2])
def test_headings_of_older_templates_are_still_understood(n: int) -> None:
    parts = {"姓名": "name", "与幼儿关系": "relation", "证件号码": "id_number", "手机号码": "phone"}
    assert fields(*(f"监护人{n}{part}" for part in parts)) == [f"guardian{n}_{key}" for key in parts.values()]
