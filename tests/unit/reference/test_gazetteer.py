"""Regions by code, name, path and address."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.reference.codebook import Codebook
from miaoce.registry.reference.gazetteer import Gazetteer, short_name
from miaoce.registry.reference.rows import RegionEntry, shipped_regions

BOOK = Codebook.from_files(date(2026, 9, 1))
PLACES = BOOK.regions


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("云川省青江市青禾区", "990101"),
        ("云川省/青江市/青禾区", "990101"),
        ("云川省 青江市 青禾区", "990101"),
        ("云川省-青江市-青禾区", "990101"),
        ("云川青江青禾", "990101"),
        ("云川省青禾区", "990101"),
        ("青禾区", "990101"),
        ("青禾", "990101"),
        ("990101", "990101"),
        ("９９０１０１", "990101"),
        ("990101002003", "990101"),
        ("云川省青江市青禾区禾苗路1号", "990101"),
        ("云川省青江市", "990100"),
        ("云川省", "990000"),
        ("云川省白石市云岭县", "990202"),
        ("北京市东城区", "110101"),
        ("北京市市辖区东城区", "110101"),
        ("广东省东莞市", "441900"),
        ("广东省东莞市长安镇", "441900"),
        ("嘉峪关市", "620200"),
        ("甘肃省嘉峪关市", "620200"),
        ("湖北省随州市", "421300"),
        ("河南省济源市", "419001"),
        ("新疆石河子", "659001"),
        ("苏州工业园区", "320576"),
        ("内蒙古自治区呼和浩特市新城区", "150102"),
        ("密云区", "110118"),
        ("香港", "810000"),
    ],
)
def test_a_region_is_found_the_way_people_write_it(text, code):
    assert BOOK.region_code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "云川省青江市某某区",
        "990199",
        "99010",
        "9901010",
        "鼓楼区",
        "朝阳区",
        "吉林",
        "市辖区",
        "火星",
        "海南" * 3000,
    ],
)
def test_what_is_unknown_or_ambiguous_is_not_guessed(text):
    assert BOOK.region_code(text) is None


@pytest.mark.parametrize(
    ("text", "near", "code"),
    [
        ("鼓楼区", "320106", "320106"),
        ("鼓楼区", "320102", "320106"),
        ("通州区", "320602", "320612"),
        ("朝阳区", "110101", "110105"),
        ("朝阳区", "990101", None),
        ("西湖区", "330102", "330106"),
    ],
)
def test_the_kindergartens_county_settles_which_of_several_is_meant(text, near, code):
    assert BOOK.region_code(text, near=near) == code


@pytest.mark.parametrize(
    "code", ["110103", "110228", "320584", "990101", "830000", "810000", "441900", "460400", "620201"]
)
def test_a_code_ever_used_is_known(code):
    assert BOOK.knows_region(code)


@pytest.mark.parametrize("code", ["", "000000", "990199", "123456", "99010", "abcdef"])
def test_a_code_never_used_is_not_known(code):
    assert not BOOK.knows_region(code)


def test_a_repealed_place_is_found_by_name_when_no_other_bears_it():
    assert BOOK.region_code("崇文区") == "110103"
    assert BOOK.region_code("北京市密云县") == "110228"
    assert BOOK.region_name("110103") == "北京市崇文区"


def test_a_path_leaves_out_rows_without_a_name_of_their_own():
    assert BOOK.region_name("990101") == "云川省青江市青禾区"
    assert BOOK.region_name("110101") == "北京市东城区"
    assert BOOK.region_name("419001") == "河南省济源市"
    assert BOOK.region_name("000000") == "全国"
    assert BOOK.region_name("990199") == ""


@pytest.mark.parametrize(
    ("code", "leads", "above"),
    [
        ("990101", True, "990100"),
        ("990100", False, "990000"),
        ("990000", False, "000000"),
        ("419001", True, "410000"),
        ("429021", True, "420000"),
        ("110101", True, "110000"),
        ("500230", True, "500000"),
        ("441900", True, "440000"),
        ("620200", True, "620000"),
        ("620201", False, "620200"),
        ("460400", True, "460000"),
        ("320576", True, "320500"),
        ("320500", False, "320000"),
        ("110100", False, "110000"),
        ("999999", False, ""),
    ],
)
def test_who_leads_kindergartens_and_who_stands_above(code, leads, above):
    assert PLACES.leads_kindergartens(code) is leads
    assert PLACES.office_above(code) == above


def test_every_office_but_the_nations_has_one_above_it_listed_before():
    seen: set[str] = set()
    for row in PLACES.offices():
        assert row.code == "000000" or PLACES.office_above(row.code) in seen, row
        seen.add(row.code)
    assert len(seen) > 3000


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("青禾区", "青禾"),
        ("忠县", "忠县"),
        ("恩施土家族苗族自治州", "恩施"),
        ("新疆维吾尔自治区", "新疆"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("孟村回族自治县", "孟村"),
        ("鄂伦春自治旗", "鄂伦春"),
        ("大兴安岭地区", "大兴安岭"),
        ("锡林郭勒盟", "锡林郭勒"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江"),
        ("香港特别行政区", "香港"),
        ("浦东新区", "浦东"),
    ],
)
def test_a_short_name_drops_what_the_place_is(name, short):
    assert short_name(name) == short


def test_a_code_given_out_twice_shows_the_place_of_its_year():
    rows = [
        RegionEntry("990900", "某市", "city", "", None, None),
        RegionEntry("990901", "旧县", "county", "990900", None, 2000),
        RegionEntry("990901", "新区", "county", "990900", 2010, None),
    ]
    assert Gazetteer(rows, 1995).full_name("990901") == "某市旧县"
    assert Gazetteer(rows, 2005).full_name("990901") == "某市新区"
    assert Gazetteer(rows, 2026).find("某市旧县", "") == "990901"


def test_every_region_in_force_is_found_by_its_own_full_path():
    lost = []
    for code, row in PLACES.in_force().items():
        path = BOOK.region_name(code)
        if row.level in ("county", "zone") and row.own_office and BOOK.region_code(path, near=code) != code:
            lost.append((code, path))
    assert lost == []


def test_every_shipped_row_has_a_parent_and_a_level():
    codes = {row.code for row in shipped_regions()}
    for row in shipped_regions():
        assert row.level in ("nation", "province", "city", "county", "zone")
        assert row.parent in codes or row.level == "nation"
        assert row.valid_from is None or row.valid_to is None or row.valid_from <= row.valid_to


@given(st.text(alphabet="云川省青江市青禾区柳溪县北京海南吉林/·-0199 ", max_size=40))
def test_any_text_gets_a_known_code_or_none(text):
    code = BOOK.region_code(text)
    assert code is None or PLACES.get(code) is not None
