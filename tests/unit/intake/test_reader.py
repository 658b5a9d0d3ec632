"""Files of every kind kindergartens send are read in the child process, with the values a person sees."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from miaoce.registry.intake import reader
from miaoce.registry.intake.sheets import Reading
from miaoce.registry.intake.text_files import decode

TABLE = [["姓名", "性别"], ["周一诺", "男"]]


def read(path: Path, data: bytes | None = None) -> Reading:
    if data is not None:
        path.write_bytes(data)
    return reader.read(path, name=path.name)


def grid(reading: Reading) -> list[list[str]]:
    assert reading.refused is None
    return [list(r.cells) for r in reading.sheets[0].rows]


def test_a_workbook_with_every_kind_of_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        [
            "周一诺",
            dt.date(2023, 1, 3),
            dt.datetime.fromisoformat("2023-01-03 08:30"),
            13800004943,
            990101202301036000,
            1.5,
            True,
            None,
        ]
    )
    sheet["B3"] = "李安"
    book.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx")
    assert [r.number for r in reading.sheets[0].rows] == [1, 3]
    assert grid(reading)[0] == [
        "周一诺",
        "2023-01-03",
        "2023-01-03 08:30:00",
        "13800004943",
        "9.90101202301036E+17",
        "1.5",
        "TRUE",
    ]
    assert grid(reading)[1] == ["", "李安"]


def test_an_old_workbook_counting_from_1904(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.dates_1904 = True
    sheet = book.add_sheet("小一班")
    sheet.write(1, 1, dt.date(2023, 1, 3), xlwt.easyxf(num_format_str="yyyy/m/d"))
    book.save(str(tmp_path / "a.xls"))
    reading = read(tmp_path / "a.xls")
    assert reading.sheets[0].name == "小一班"
    assert reading.sheets[0].rows[0].number == 2
    assert grid(reading) == [["", "2023-01-03"]]


def test_merged_cells_hidden_rows_and_hidden_sheets(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet, other = book.add_worksheet("一"), book.add_worksheet("二")
    sheet.merge_range(1, 0, 3, 0, "小一班")
    for row in (1, 2, 3):
        sheet.write(row, 1, f"幼儿{row}")
    sheet.set_row(2, None, None, {"hidden": True})
    other.write(0, 0, "x")
    other.very_hidden()
    book.close()
    reading = read(tmp_path / "a.xlsx")
    assert reading.sheets[0].merged == ((2, 0, 4, 0),)
    assert [r.number for r in reading.sheets[0].rows] == [2, 3, 4]
    assert [s.hidden for s in reading.sheets] == [False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_in_every_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    text = "\r\n".join(separator.join(r) for r in TABLE)
    assert grid(read(tmp_path / "a.csv", text.encode(encoding))) == TABLE


def test_cells_of_several_lines_keep_the_row_numbers(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.csv", '姓名,住址\n周一诺,"青禾区\n东门"\n\n李安,x\n'.encode())
    assert [r.number for r in reading.sheets[0].rows] == [1, 2, 5]
    assert reading.sheets[0].rows[1].cells == ("周一诺", "青禾区\n东门")


def test_exports_keep_numbers_whole_in_their_own_ways(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.csv", 'sep=;\n姓名;号\n周一诺;="990101202301036516"\n'.encode())
    assert [r.number for r in reading.sheets[0].rows] == [2, 3]
    assert grid(reading)[1] == ["周一诺", "990101202301036516"]


def test_codes_that_gb18030_gave_characters_in_2022() -> None:
    text, encoding = decode("姓名\n".encode("gb18030") + b"\xfe\x59\xfe\x61\xa6\xd9")
    assert encoding == "gb18030"
    assert text == "姓名\n\u9fb4\u9fb5\ufe10"


def test_four_byte_characters_come_through(tmp_path: Path) -> None:
    name = "刘𬭎\U00031351"
    assert grid(read(tmp_path / "a.csv", f"姓名,性别\n{name},男\n".encode("gb18030")))[1][0] == name


@pytest.mark.parametrize("charset", ["gb2312", "utf-8"])
def test_html_named_xls(tmp_path: Path, charset: str) -> None:
    page = (
        f'<html><head><meta charset="{charset}"><style>td{{}}</style></head><body><table><tr><td colspan=2><b>名册</b></td></tr>'
        "<tr><th>姓名<th>班级</tr><tr><td>孙&#134071;祥</td><td rowspan=2>小一班</td></tr><tr><td>李<br>安</td></tr></table></body></html>"
    )
    reading = read(tmp_path / "a.xls", page.encode("gbk" if charset == "gb2312" else charset))
    assert grid(reading) == [["名册"], ["姓名", "班级"], ["孙𠮷祥", "小一班"], ["李\n安"]]
    assert reading.sheets[0].merged == ((1, 0, 1, 1), (3, 1, 4, 1))


def test_an_xml_spreadsheet_named_xls(tmp_path: Path) -> None:
    page = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="小一班"><Table><Row ss:Index="2"><Cell><Data ss:Type="String">周一诺</Data></Cell>'
        '<Cell ss:Index="3"><Data ss:Type="DateTime">2023-01-03T00:00:00.000</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    reading = read(tmp_path / "a.xls", page.encode())
    assert (reading.sheets[0].name, reading.sheets[0].rows[0].number) == ("小一班", 2)
    assert grid(reading) == [["周一诺", "", "2023-01-03"]]


def test_a_reading_survives_storing(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.csv", "姓名,性别\n周一诺,男\n".encode())
    assert Reading.from_json(reading.to_json()) == reading


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xlsx", b"", "EMPTY"),
        ("a.csv", b"\r\n \r\n", "EMPTY"),
        ("a.xlsx", b"%PDF-1.4\n", "NOT_A_TABLE"),
        ("a.xls", b"\x89PNG\r\n\x1a\n", "NOT_A_TABLE"),
        ("a.csv", bytes(range(256)) * 20, "NOT_A_TABLE"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 500, "CORRUPT"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "NOT_A_TABLE"),
        ("a.xls", "<html><body><p>没有表</p></body></html>".encode(), "NOT_A_TABLE"),
        ("a.csv", b"x" * (5 * 1024 * 1024 + 1), "TOO_LARGE"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    refused = read(tmp_path / name, data).refused
    assert refused is not None
    assert refused.code == code
    assert refused.message.endswith("。")
