"""Masks: the table of ux.md §7, cell by cell, and what no mask may ever show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.vault.masking import (
    HIDDEN,
    Field,
    Viewer,
    last,
    mask_address,
    mask_document,
    mask_name,
    mask_number,
    mask_phone,
    shown,
    surname_of,
)

VALUES = {
    Field.NAME: "陈子墨",
    Field.DOCUMENT: "990101202301036516",
    Field.NUMBER: "G990101202301036516",
    Field.BIRTH: "2023-01-03",
    Field.PHONE: "13812344943",
    Field.ADDRESS: "晴川省云州市清河县柳溪镇幸福路3号",
    Field.CARE: "低保",
}
TOWN, COUNTY = "晴川省云州市清河县柳溪镇…", "晴川省云州市清河县…"
TABLE = {
    Field.NAME: ["陈子墨", "陈子墨", HIDDEN, "陈*墨", "陈*墨", "陈*墨", "陈*墨"],
    Field.DOCUMENT: ["990101********6516", "990101********6516", HIDDEN, "****6516", "****16", "****16", HIDDEN],
    Field.NUMBER: ["G990101********6516", "G990101********6516", HIDDEN, "****6516", "****16", "****16", HIDDEN],
    Field.BIRTH: ["2023-01-03", "2023-01-03", "2023-01", "2023-01", HIDDEN, "2023-01-03", HIDDEN],
    Field.PHONE: ["138****4943", "138****4943", HIDDEN, "13812344943", HIDDEN, HIDDEN, HIDDEN],
    Field.ADDRESS: [TOWN, TOWN, COUNTY, TOWN, HIDDEN, HIDDEN, HIDDEN],
    Field.CARE: [HIDDEN, HIDDEN, HIDDEN, "低保", HIDDEN, HIDDEN, HIDDEN],
}
VIEWERS = [
    Viewer.OWN,
    Viewer.COUNTY,
    Viewer.ANALYST,
    Viewer.PARENT,
    Viewer.OTHER,
    Viewer.COMPARING,
    Viewer.PUBLIC,
]


@pytest.mark.parametrize(
    ("field", "viewer", "seen"),
    [(field, viewer, seen) for field, row in TABLE.items() for viewer, seen in zip(VIEWERS, row, strict=True)],
)
def test_each_viewer_sees_what_the_table_says(field, viewer, seen):
    assert shown(field, VALUES[field], viewer) == seen
    assert shown(field.value, VALUES[field], viewer.value) == seen


def test_the_table_names_every_field_and_viewer():
    assert set(TABLE) == set(Field)
    assert set(VIEWERS) == set(Viewer)


@pytest.mark.parametrize("field", list(Field))
@pytest.mark.parametrize("viewer", list(Viewer))
def test_nothing_recorded_shows_nothing(field, viewer):
    assert shown(field, "", viewer) == shown(field, "  ", viewer) == ""


def test_an_unknown_field_or_viewer_is_a_bug_not_a_clear_value():
    with pytest.raises(ValueError, match="nickname"):
        shown("nickname", "墨墨", Viewer.OWN)
    with pytest.raises(ValueError, match="neighbour"):
        shown(Field.NAME, "陈子墨", "neighbour")


@pytest.mark.parametrize(
    ("number", "mask"),
    [
        ("990101202301036516", "990101********6516"),
        ("99010120230103651X", "990101********651X"),
        (" 990101202301036516 ", "990101********6516"),
        ("990101230103651", "990101*****3651"),
        ("E12345678", "E1*****78"),
        ("HA1234567890", "HA********90"),
        ("12345678", "****78"),
        ("A1234", "****34"),
        ("A123", "****"),
        ("", "****"),
    ],
)
def test_documents(number, mask):
    assert mask_document(number) == mask


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("李建华", "李"),
        ("李娜", "李"),
        ("欧阳明", "欧阳"),
        ("欧阳", "欧"),
        ("阿卜杜拉·买买提", "阿*提"),
        ("Anna Bell", "A*l"),
        ("", "*"),
    ],
)
def test_surnames(name, surname):
    assert surname_of(name) == surname


def test_numbers_of_every_scheme_hide_their_middle():
    assert mask_number("G990101202301036516") == "G990101********6516"
    assert mask_number("L990101202301031234") == "L990101********1234"
    assert mask_number("990101202301036516") == "990101********6516"


@pytest.mark.parametrize(
    ("phone", "mask"),
    [
        ("13812344943", "138****4943"),
        ("138-1234-4943", "138****4943"),
        ("+86 138 1234 4943", "138****4943"),
        ("008613812344943", "138****4943"),
        ("0991-1234567", "****4567"),
        ("1234567", "****67"),
        ("110", "****"),
    ],
)
def test_phones(phone, mask):
    assert mask_phone(phone) == mask


@pytest.mark.parametrize(
    ("name", "mask"),
    [
        ("陈子墨", "陈*墨"),
        ("李娜", "李*"),
        ("李", "*"),
        ("欧阳子墨", "欧*墨"),
        ("阿卜杜·热合曼", "阿*曼"),
        ("阿卜杜‧热合曼•買買提", "阿*提"),
        ("扎·西", "扎*"),
        ("·", "*"),
        ("", "*"),
        ("陈 子 墨", "陈*墨"),
        ("Maria Chen", "M*n"),
        ("𠮷田子", "𠮷*子"),
        ("葛\U000e0100城", "葛\U000e0100*"),
        ("葛\U000e0100", "*"),
        ("𰻝子𱁬", "𰻝*𱁬"),
    ],
)
def test_names(name, mask):
    assert mask_name(name) == mask


@pytest.mark.parametrize(
    ("address", "town", "county"),
    [
        ("云州市柳溪镇阳光小区3栋", "云州市柳溪镇…", "云州市…"),
        ("柳溪镇光明小区", "柳溪镇…", HIDDEN),
        ("柳溪镇大市场东", "柳溪镇…", HIDDEN),
        ("云州市大市场3号", "云州市…", "云州市…"),
        ("景德镇市珠山区新村街道广场路1号", "景德镇市珠山区…", "景德镇市珠山区…"),
        ("浙江省嘉兴市桐乡市乌镇大道1号", "浙江省嘉兴市桐乡市乌镇…", "浙江省嘉兴市桐乡市…"),
        ("河南省南阳市镇平县城关镇大街", "河南省南阳市镇平县城关镇…", "河南省南阳市镇平县…"),
        (
            "甘肃省临夏回族自治州积石山保安族东乡族撒拉族自治县吹麻滩镇1号",
            "甘肃省临夏回族自治州积石山保安族东乡族撒拉族自治县吹麻滩镇…",
            "甘肃省临夏回族自治州积石山保安族东乡族撒拉族自治县…",
        ),
        (
            "内蒙古自治区锡林郭勒盟苏尼特左旗满都拉图镇",
            "内蒙古自治区锡林郭勒盟苏尼特左旗满都拉图镇",
            "内蒙古自治区锡林郭勒盟苏尼特左旗…",
        ),
        ("上海市浦东新区陆家嘴街道世纪大道", "上海市浦东新区陆家嘴街道…", "上海市浦东新区…"),
        (
            "新疆维吾尔自治区阿克苏地区库车市乌恰镇二组",
            "新疆维吾尔自治区阿克苏地区库车市乌恰镇…",
            "新疆维吾尔自治区阿克苏地区库车市…",
        ),
        ("清河县 柳溪镇 幸福路", "清河县柳溪镇…", "清河县…"),
        ("幸福路3号", HIDDEN, HIDDEN),
        ("柳溪", HIDDEN, HIDDEN),
    ],
)
def test_addresses(address, town, county):
    assert mask_address(address) == town
    assert mask_address(address, to="county") == county


@given(st.text("省市县区旗镇乡街道路村号小社场自治州盟族0123456789柳溪清河", min_size=1, max_size=40))
def test_an_address_is_cut_never_rearranged_and_never_behind_a_house_number(address):
    for to in ("town", "county"):
        mask = mask_address(address, to=to)
        assert mask == HIDDEN or address.startswith(mask.removesuffix("…"))
        assert mask == HIDDEN or not any(sign.isdigit() for sign in mask)


@given(st.text("0123456789X", min_size=1, max_size=24))
def test_a_document_keeps_no_more_than_ten_signs_and_never_its_middle(number):
    mask = mask_document(number)
    kept = sum(sign != "*" for sign in mask)
    assert kept <= 10
    assert number not in mask
    assert kept * 3 <= len(number) * 2
    assert len(last(number, 4).strip("*")) * 2 < len(number)


@given(st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_a_name_is_never_shown_whole(name):
    assert mask_name(name).count("*") >= 1
    assert mask_name(name) == "*" or mask_name(name) != name


@given(field=st.sampled_from(Field), value=st.text(min_size=1, max_size=40))
def test_the_public_sees_at_most_the_ends_of_a_name(field, value):
    assert shown(field, value, Viewer.PUBLIC) in {"", HIDDEN, mask_name(value) if field is Field.NAME else HIDDEN}
