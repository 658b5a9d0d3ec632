"""The promise of the import: every row below the header appears exactly once, and the sum is the number of rows."""

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.intake import reader, report
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.rolls import Roll, check
from miaoce.registry.intake.sheets import RawRow, RawSheet, Reading, is_blank
from miaoce.registry.reference.codebook import Codebook

from .conftest import HEADINGS, cells, number

LIKELY = st.sampled_from([
    "", " ", "\u3000", "周一诺", "男", "2023-01-03", number(), "汉族", "小一班", "父亲", "13800004943", "合计", "23人", "填表人：", "示例",
    "无", "姓名", "小二班", "说明：请认真填写", "1", "=1+1", "#N/A", "9.9E+17", "\u200b", "班主任", "-", "2026年9月6日", "\ud800", "\x07",
])  # fmt: skip
CELL = st.one_of(LIKELY, st.text(max_size=12))
GRID = st.lists(st.lists(CELL, max_size=len(HEADINGS) + 2), max_size=14)


@given(GRID, st.integers(0, 2))
def test_every_row_below_the_header_appears_once(
    place: Place, codebook: Codebook, grid: list[list[str]], above: int
) -> None:
    rows = [("名册",)] * above + [HEADINGS] + [tuple(r) for r in grid]
    raw = tuple(RawRow(n, r) for n, r in enumerate(rows, 1) if not all(map(is_blank, r)))
    roll = check(Reading("名单.xlsx", (RawSheet("Sheet1", raw),)), place=place, codebook=codebook)
    answer = report.as_json(roll)
    if roll.refused is not None:
        assert roll.refused.code in ("EMPTY", "NO_HEADER")
        assert answer["rows_read"] == 0
        return
    header = answer["file"]["header_row"]
    assert [r["row"] for r in answer["rows"]] == [r.number for r in raw if r.number > header]
    assert answer["rows_read"] == sum(answer["counts"].values()) == len(roll.rows)
    assert all(r["findings"] for r in answer["rows"] if r["state"] != "ready")
    json.dumps(answer)


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=10), max_size=12))
def test_pasted_lines_are_all_there(place: Place, codebook: Codebook, names: list[str]) -> None:
    body = [n.replace('"', "") for n in names]
    text = "\n".join(["\t".join(HEADINGS), *("\t".join((n, *cells()[1:])) for n in body)])
    lines = len([line for line in text.splitlines()[1:] if line])
    roll = check(reader.read_text(text), place=place, codebook=codebook)
    assert lines >= len(roll.rows) >= len(body)


def test_a_lone_quotation_mark_does_not_swallow_rows(place: Place, codebook: Codebook) -> None:
    rows = [HEADINGS, *(cells(name=n) for n in ('"周一诺', "李安", "王宁"))]
    roll = check(reader.read_text("\n".join(",".join(r) for r in rows)), place=place, codebook=codebook)
    assert [r.row for r in roll.rows] == [2, 3, 4]


def test_lines_that_are_no_child_are_ignored_with_a_word(roll_of: Callable[..., Roll]) -> None:
    roll = roll_of(
        ("青禾中心幼儿园花名册",),
        HEADINGS,
        cells(name="示例：张小苗"),
        cells(),
        ("2",),
        HEADINGS,
        cells(name="李安", id_number=number(sequence="653"), guardian1_phone="13900001234"),
        ("合计", "", "2人"),
        ("填表人：李老师　　审核人：",),
        ("", "", "", "", "（幼儿园盖章）"),
        ("", "", "2026年9月6日"),
    )
    told = {r.row: (r.state, r.findings[0].code if r.findings else None) for r in roll.rows}
    assert told == {
        3: ("ignored", "EXAMPLE_ROW"),
        4: ("ready", None),
        5: ("ignored", "NUMBER_ONLY"),
        6: ("ignored", "HEADING_AGAIN"),
        7: ("ready", None),
        8: ("ignored", "TOTAL_LINE"),
        9: ("ignored", "SIGNATURE_LINE"),
        10: ("ignored", "SIGNATURE_LINE"),
        11: ("ignored", "SIGNATURE_LINE"),
    }


def test_a_row_with_little_in_it_is_still_a_child(roll_of: Callable[..., Roll]) -> None:
    roll = roll_of(HEADINGS, ("周一诺",), ("王新生",), ("李安", "", "2023年1月3日"), ("", "男", "", number()))
    assert [r.state for r in roll.rows] == ["fix", "fix", "fix", "fix"]


def test_the_class_of_a_sheet_its_title_and_a_line_between(roll_of: Callable[..., Roll]) -> None:
    without = tuple(h for h in HEADINGS if h != "班级")

    def row(name: str, sequence: str) -> tuple[str, ...]:
        whole = cells(name=name, id_number=number(sequence=sequence))
        return whole[:5] + whole[6:]

    by_sheet = roll_of(without, row("周一诺", "651"), sheet="小2班")
    by_title = roll_of(("青禾中心幼儿园大一班幼儿名单",), without, row("周一诺", "651"))
    by_line = roll_of(without, ("小一班（2人）",), row("周一诺", "651"), ("小二班",), row("李安", "653"))
    assert [r.values["class"] for r in by_sheet.rows] == ["小二班"]
    assert [r.values["class"] for r in by_title.rows] == ["大一班"]
    assert [r.values.get("class") for r in by_line.rows] == [None, "小一班", None, "小二班"]
