"""Province, city and county: three columns of the template that follow each other, three columns or one on the way in."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from miaoce.registry.intake import problems_sheet, reader, rolls, template
from miaoce.registry.intake.cascade import Cascade, cascade, joined
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.headings import step_of
from miaoce.registry.intake.layouts import SheetLayout
from miaoce.registry.intake.problems_sheet import ProblemRow
from miaoce.registry.intake.rolls import Roll
from miaoce.registry.reference.codebook import Codebook

from .conftest import HEADINGS, cells, child

STEPS = ("户口所在省", "户口所在市", "户口所在区县")
BYTES = 120 * 1024


@pytest.fixture(scope="module")
def offered(codebook: Codebook) -> Cascade:
    return cascade(codebook.regions, "990101")


@pytest.fixture(scope="module")
def book(place: Place, codebook: Codebook) -> Workbook:
    data = template.build(place=place, codebook=codebook)
    assert len(data) < BYTES
    return openpyxl.load_workbook(io.BytesIO(data))


def paths(offered: Cascade) -> Iterator[tuple[str, str, str]]:
    for province in offered.provinces:
        for city in offered.cities[province]:
            for county in offered.counties[province + city]:
                yield province, city, county


def test_every_path_that_can_be_chosen_means_one_place_in_force(offered: Cascade, codebook: Codebook) -> None:
    found = {path: codebook.region_code(joined(path)) for path in paths(offered)}
    assert [path for path, code in found.items() if code is None] == []
    assert len(set(found.values())) == len(found)
    in_force = codebook.regions.in_force()
    assert [path for path, code in found.items() if code not in in_force or in_force[code].name != path[2]] == []


def test_every_county_in_force_can_be_chosen(offered: Cascade, codebook: Codebook) -> None:
    chosen = {codebook.region_code(joined(path)) for path in paths(offered)}
    leading = {code for code in codebook.regions.in_force() if codebook.regions.leads_kindergartens(code)}
    assert leading - chosen == set()
    assert {codebook.region_name(code or "")[:3] for code in chosen - leading} <= {
        "台湾省",
        "香港特",
        "澳门特",
        "新疆维",
    }


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (("云川省", "青江市", "青禾区"), "990101"),
        (("北京市", "北京市", "东城区"), "110101"),
        (("重庆市", "重庆市", "城口县"), "500229"),
        (("湖北省", "仙桃市", "仙桃市"), "429004"),
        (("海南省", "定安县", "定安县"), "469021"),
        (("新疆维吾尔自治区", "石河子市", "石河子市"), "659001"),
        (("广东省", "东莞市", "东莞市"), "441900"),
        (("甘肃省", "嘉峪关市", "嘉峪关市"), "620200"),
        (("台湾省", "台湾省", "台湾省"), "710000"),
    ],
)  # fmt: skip
def test_places_that_lack_a_level(path: tuple[str, str, str], code: str, offered: Cascade, codebook: Codebook) -> None:
    assert path in set(paths(offered))
    assert codebook.region_code(joined(path)) == code


def test_the_demonstration_province_is_offered_only_at_home(offered: Cascade, codebook: Codebook) -> None:
    assert offered.provinces[0] == "云川省"
    assert offered.own == ("云川省", "青江市", "青禾区")
    elsewhere = cascade(codebook.regions, "429004")
    assert "云川省" not in elsewhere.provinces
    assert (elsewhere.provinces[0], elsewhere.own) == ("湖北省", ("湖北省", "仙桃市", "仙桃市"))


def named(book: Workbook, name: str) -> tuple[Worksheet, int, int]:
    """Return where a defined name leads: the sheet, the column, the last row."""
    destinations = list(book.defined_names[name].destinations)
    assert len(destinations) == 1
    sheet, area = destinations[0]
    match = re.fullmatch(r"\$([A-Z]+)\$2:\$([A-Z]+)\$(\d+)", area)
    assert match is not None and match[1] == match[2]
    return book[sheet], openpyxl.utils.column_index_from_string(match[1]), int(match[3])


def texts(book: Workbook, name: str) -> list[str]:
    sheet, column, last = named(book, name)
    return [str(sheet.cell(row, column).value) for row in range(2, last + 1)]


def choices(book: Workbook, formula: str, row: dict[str, str]) -> list[str]:
    """Work a list's formula out as Excel and WPS do: a name, or OFFSET of a name by MATCH and COUNTIF of what stands beside."""
    if not formula.startswith("OFFSET"):
        return texts(book, formula)
    match = re.fullmatch(r"OFFSET\((.+?),MATCH\((.+?),(.+?),0\)-1,0,COUNTIF\((.+?),(.+?)\),1\)", formula)
    assert match is not None and (match[2], match[3]) == (match[5], match[4])
    key = "".join(row[reference] for reference in match[2].split("&"))
    above = texts(book, match[3])
    if key not in above:
        return []
    sheet, column, _ = named(book, match[1])
    first = 2 + above.index(key)
    return [str(sheet.cell(r, column).value) for r in range(first, first + above.count(key))]


def test_the_lists_of_the_template_follow_each_other(book: Workbook, offered: Cascade) -> None:
    sheet = book[template.SHEET]
    letters = {str(cell.value): cell.column_letter for cell in sheet[1]}
    formulas = {
        str(v.sqref).split(":")[0]: v.formula1
        for v in sheet.data_validations.dataValidation
        if str(v.sqref).split("2:")[0] in {letters[step] for step in STEPS}
    }
    first, second, third = (formulas[f"{letters[step]}2"] for step in STEPS)
    assert all(len(formula) <= 255 for formula in formulas.values())
    row = dict.fromkeys((f"${letters[step]}2" for step in STEPS), "")
    assert choices(book, first, row) == offered.provinces
    assert choices(book, second, row) == []
    for province in offered.provinces:
        row[f"${letters[STEPS[0]]}2"] = province
        assert choices(book, second, row) == offered.cities[province]
        for city in offered.cities[province]:
            row[f"${letters[STEPS[1]]}2"] = city
            assert choices(book, third, row) == offered.counties[province + city]


def test_the_places_stand_on_a_hidden_sheet_without_macros(book: Workbook) -> None:
    assert book[template.PLACES_SHEET].sheet_state == "hidden"
    assert book.vba_archive is None
    assert [book[template.SHEET][f"{c.column_letter}2"].value for c in book[template.SHEET][1] if c.value in STEPS] == [
        "云川省", "青江市", "青禾区",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (("北京市", "北京市", "东城区"), "110101"),
        (("湖北省", "仙桃市", ""), "429004"),
        (("广东省", "东莞市", "/"), "441900"),
        (("云川省", "云川省青江市", "云川省青江市柳溪县"), "990102"),
        (("", "", "青江市柳溪县"), "990102"),
    ],
)
def test_a_filled_template_is_read_back(
    tmp_path: Path, place: Place, codebook: Codebook, texts: tuple[str, str, str], code: str
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template.build(place=place, codebook=codebook)))
    sheet = book[template.SHEET]
    given = child() | dict(zip(STEPS, texts, strict=True))
    keys = {field.label: field.key for field in template.FIELDS}
    for cell in sheet[1]:
        sheet.cell(3, cell.column).value = given.get(keys.get(str(cell.value), str(cell.value)))
    book.save(tmp_path / "t.xlsx")
    roll = rolls.check(reader.read(tmp_path / "t.xlsx", name="t.xlsx"), place=place, codebook=codebook)
    assert [(r.row, r.state) for r in roll.rows] == [(2, "ignored"), (3, "ready")]
    assert roll.rows[1].values["hukou_region"] == code
    assert roll.unmapped_columns == []
    assert {roll.columns[step] for step in STEPS} == {"hukou_region"}


@pytest.mark.parametrize(
    ("headings", "steps"),
    [
        (STEPS, (1, 2, 3)),
        (("户籍省份", "户籍地市", "户籍县区"), (1, 2, 3)),
        (("户口所在地（省）", "户口所在地（市、州）", "户口所在地（县、市、区）"), (1, 2, 3)),
        (("出生地-省", "出生地-市", "出生地-区/县"), (1, 2, 3)),
        (("户口所在地", "户籍所在地（省市县）", "户口性质"), (0, 0, 0)),
        (("市", "区县", "省"), (0, 0, 0)),
    ],
)
def test_headings_of_a_part_of_a_place(headings: tuple[str, ...], steps: tuple[int, ...]) -> None:
    assert tuple(map(step_of, headings)) == steps


def test_the_columns_may_stand_in_any_order(roll_of: Callable[..., Roll]) -> None:
    headings = ("户籍区县", *HEADINGS, "户籍市", "户籍省")
    roll = roll_of(headings, ("东城区", *cells(), "北京市", "北京市"))
    assert roll.rows[0].values["hukou_region"] == "110101"
    assert "hukou_region" not in {t.field for t in roll.rows[0].tidied}


def test_headings_of_two_rows(roll_of: Callable[..., Roll]) -> None:
    above = (*HEADINGS, "户籍所在地", "", "")
    below = (*[""] * len(HEADINGS), "省", "市", "县（区）")
    roll = roll_of(above, below, (*cells(), "云川省", "青江市", "临江县"))
    assert [r.values["hukou_region"] for r in roll.rows] == ["990103"]


def test_a_second_column_of_the_whole_place_is_listed_and_not_joined(roll_of: Callable[..., Roll]) -> None:
    roll = roll_of((*HEADINGS, "户口所在地", "户籍地址"), (*cells(), "青江市青禾区", "禾苗路1号"))
    assert roll.unmapped_columns == ["户籍地址"]
    assert roll.rows[0].values["hukou_region"] == "990101"


def test_a_place_mended_on_the_page_goes_out_in_the_first_of_its_columns(
    tmp_path: Path, place: Place, codebook: Codebook, roll_of: Callable[..., Roll]
) -> None:
    roll = roll_of((*HEADINGS, *STEPS), (*cells(), "云川省", "青江市", "没有县"))
    assert [f.code for f in roll.rows[0].findings] == ["REGION_UNKNOWN"]
    row = ProblemRow("Sheet1", 2, "a7", [], {"hukou_region": "云川省青江市柳溪县"})
    layouts = [SheetLayout.from_json(layout.to_json()) for layout in roll.layouts]
    (tmp_path / "p.xlsx").write_bytes(problems_sheet.build(roll.reading, layouts, [row]))
    again = rolls.check(reader.read(tmp_path / "p.xlsx", name="p.xlsx"), place=place, codebook=codebook)
    assert again.rows[0].raw["hukou_region"] == "云川省青江市柳溪县"
    assert again.rows[0].values["hukou_region"] == "990102"
