"""Text files and single cells as kindergartens really send them: encodings, separators, quotes, numbers, dates, telephones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from miaoce.registry.intake import reader, rolls
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.rowwork import CheckedRow
from miaoce.registry.reference.codebook import Codebook

from .conftest import HEADINGS
from .nasty import FIX, READY, Case, kid, lines, rows_below, told_of

TWO = ((2, READY, "周一诺"), (3, READY, "李安"))
TABLE = (HEADINGS, kid(0), kid(1))


def changed(row: tuple[str, ...], change: Callable[[str], str], *columns: int) -> list[str]:
    return [change(text) if n in columns else text for n, text in enumerate(row)]


def html() -> bytes:
    head = "".join(f"<th>{heading}" for heading in HEADINGS)
    rows = "".join(
        "<tr>" + "".join(f"<td style='mso-number-format:\"\\@\"'>&nbsp;{text}</td>" for text in kid(n)) for n in (0, 1)
    )
    return f"<html><meta charset=gbk><table><tr>{head}</tr>{rows}</table></html>".encode("gbk")


CASES = {
    **{f"commas in {code}": Case("a.csv", lines(*TABLE, end="\r\n").encode(code), TWO)
       for code in ("gb18030", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")},
    **{f"separated by {name}": Case("a.txt", lines(*TABLE, separator=sign).encode(), TWO)
       for name, sign in {"tabs": "\t", "semicolons": ";", "bars": "|", "full-width commas": "，", "spaces": "  ",
                          "one space": " ", "a wide space": "\u3000"}.items()},
    "ends of lines of three kinds": Case(
        "a.csv", (lines(HEADINGS, end="\r\n") + lines(kid(0), end="\r") + lines(kid(1)) + "\r\n\n").encode(), TWO
    ),
    "every cell quoted, one with a line break": Case(
        "a.csv", lines(*(changed(row, lambda t: f'"{t}"', *range(10)) for row in (HEADINGS, kid(0), kid(1)))).replace(
            '"男"', '"男\n"', 1).encode(), ((2, READY, "周一诺"), (4, READY, "李安")),
    ),
    "a lone quotation mark": Case(
        "a.csv", lines(HEADINGS, changed(kid(0), lambda t: '"' + t, 0), kid(1)).encode(),
        ((2, FIX, "NAME_CHARACTERS"), (3, READY, "李安")),
    ),
    "signs before and after long numbers": Case(
        "a.csv", lines(HEADINGS, changed(kid(0), lambda t: f"'{t}", 3, 8), changed(kid(1), lambda t: f'="{t}"', 3, 8),
                       changed(kid(2), lambda t: f"{t}\t", 3, 8), changed(kid(3), lambda t: f"`{t}", 3, 8)).encode(),
        (*TWO, (4, READY, "王宁"), (5, READY, "赵云飞")),
    ),
    "spaces that nobody sees and full-width digits": Case(
        "a.csv", lines(changed(HEADINGS, lambda t: t[0] + "\u3000" + t[1:] + "\u200b", 0, 3),
                       changed(kid(0), lambda t: f"\u200b{t}\u00a0", *range(10)),
                       changed(kid(1), lambda t: t.translate({c: c + 0xFEE0 for c in range(0x30, 0x3A)}), 2, 3, 8),
                       ).encode(), TWO,
    ),
    "a long number as a sheet shows it": Case(
        "a.csv", lines(HEADINGS, changed(kid(0), lambda _: "1.10101E+17", 3), kid(1)).encode("gb18030"),
        ((2, FIX, "ID_EXCEL_DAMAGED"), (3, READY, "李安")),
    ),
    "a page named .xls": Case("a.xls", html(), TWO),
    "a list without headings": Case("a.csv", lines(kid(0), kid(1)).encode(), refused=("NO_HEADER", "每一列是什么")),
    "lines of spaces that are no table": Case(
        "a.txt", "周一诺 男 小一班 爸爸\n李安 女 小一班\n".encode(), refused=("NO_HEADER", "表头")
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_a_nasty_text(what: str, tmp_path: Path, place: Place, codebook: Codebook) -> None:
    case, path = CASES[what], tmp_path / CASES[what].file
    path.write_bytes(case.data)
    roll = rolls.check(reader.read(path, name=path.name), place=place, codebook=codebook)
    if case.refused is not None:
        assert roll.refused is not None
        assert roll.refused.code == case.refused[0]
        assert case.refused[1] in roll.refused.message
        return
    assert told_of(roll) == list(case.told)
    assert len(roll.rows) == rows_below(roll)
    numbers = {kid(n)[0]: kid(n)[3] for n in range(4)}
    assert all(row.values["id_number"] == numbers[row.values["name"]] for row in roll.rows if row.state == READY)


@pytest.mark.parametrize(
    "text",
    [
        "2023-01-03", "2023/1/3", "2023.1.3", "2023年1月3日", "20230103", "23.1.3", "2023-1-3 0:00", "44929", "2023、1、3",
        "二〇二三年一月三日", "2023年01月03日 星期二", "２０２３－０１－０３", "'2023-01-03", " 2023-01-03 00:00:00.000", "3-Jan-23",
        "Jan 3, 2023", "3 January 2023", "3-1月-23", "公元2023年1月3日", "3/1/2023",
    ],
)  # fmt: skip
def test_a_birth_date_of_any_shape(text: str, checked: Callable[..., CheckedRow]) -> None:
    assert checked(birth_date=text).values["birth_date"] == "2023-01-03"


@pytest.mark.parametrize("text", ["1月3日", "三岁", "2023-13-03", "1/3/23", "3-Foo-23", "Foo 3, 2023", "31-Feb-23"])
def test_a_birth_date_that_is_none_says_so(text: str, checked: Callable[..., CheckedRow]) -> None:
    row = checked(birth_date=text)
    assert "birth_date" not in row.values
    assert [f.code for f in row.findings] == ["BIRTH_INVALID"]


@pytest.mark.parametrize(
    "text",
    [
        "138 0000 4943", "138-0000-4943", "１３８００００４９４３", "(+86)13800004943", "86-13800004943", "13800004943（妈妈）",
        "妈妈13800004943", "\u202d13800004943\u202c", "13800004943.0", "1.3800004943E+10", "'13800004943", "电话：13800004943",
    ],
)  # fmt: skip
def test_a_telephone_of_any_shape(text: str, checked: Callable[..., CheckedRow]) -> None:
    row = checked(guardian1_phone=text)
    assert (row.state, row.values["guardian1_phone"]) == (READY, "13800004943")


@pytest.mark.parametrize("text", ["1.38E+10", "O13800004943", "1380000494", "138000049433", "同上", "13.8"])
def test_a_telephone_that_lost_digits_is_not_made_up(text: str, checked: Callable[..., CheckedRow]) -> None:
    row = checked(guardian1_phone=text)
    assert "guardian1_phone" not in row.values
    assert [f.code for f in row.findings] == ["PHONE_INVALID"]


@pytest.mark.parametrize(
    "text",
    [
        "父:张三 13800004943；母:李四 13900001111",
        "父：张三，13800004943；母：李四，13900001111", "爸爸张三13800004943 妈妈李四13900001111",
        "父亲张三（13800004943）\n母亲李四（13900001111）", "爸：张三  电话13800004943 妈：李四 电话：13900001111",
        "父: 张三 138 0000 4943 母: 李四 139 0000 1111",
    ],
)  # fmt: skip
def test_both_parents_in_one_cell_are_told_apart_listed_and_put_back(
    text: str, checked: Callable[..., CheckedRow]
) -> None:
    row = checked(guardian1_name=text, guardian1_relation="", guardian1_phone="")
    people = [(row.values[f"guardian{n}_name"], row.values[f"guardian{n}_relation"]) for n in (1, 2)]
    assert people == [("张三", "51"), ("李四", "52")]
    assert [row.values[f"guardian{n}_phone"] for n in (1, 2)] == ["13800004943", "13900001111"]
    assert [(t.field, t.before) for t in row.tidied] == [("guardian1_name", text)]
    undone = checked(frozenset({"guardian1_name"}), guardian1_name=text, guardian1_relation="", guardian1_phone="")
    assert undone.raw["guardian1_name"] == text
    assert "guardian2_name" not in undone.values


def test_one_parent_with_everything_in_one_cell(checked: Callable[..., CheckedRow]) -> None:
    row = checked(guardian1_name="父张三 13800004943", guardian1_relation="", guardian1_phone="")
    assert (row.state, row.values["guardian1_name"], row.values["guardian1_relation"]) == (READY, "张三", "51")
