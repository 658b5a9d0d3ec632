"""Code lists by the words people write."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.reference.codebook import Codebook, tidy
from miaoce.registry.reference.rows import LISTS, Entry

BOOK = Codebook.from_files(date(2026, 9, 1))


def test_there_are_56_peoples_and_two_more_entries():
    codes = [entry.code for entry in BOOK.entries("ethnicity")]
    assert codes == [f"{n:02d}" for n in range(1, 57)] + ["97", "98"]
    assert BOOK.names("ethnicity")[0] == "汉族"
    assert len(set(BOOK.names("ethnicity"))) == 58


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("汉", "01"),
        ("汉族", "01"),
        ("汉 族", "01"),
        ("01", "01"),
        ("1", "01"),
        ("０１", "01"),
        ("HA", "01"),
        ("蒙族", "02"),
        ("维吾尔", "05"),
        ("维族", "05"),
        ("满", "11"),
        ("土家族", "15"),
        ("土", "30"),
        ("高山族", "23"),
        ("柯尔克孜族", "29"),
        ("乌孜别克", "43"),
        ("达斡尔", "31"),
        ("哈萨克族", "17"),
        ("塔吉克", "41"),
        ("鄂伦春族", "52"),
        ("仡佬", "37"),
        ("基诺族", "56"),
        ("外国血统", "98"),
        ("\u200b汉族\ufeff", "01"),
    ],
)
def test_a_people_is_known_by_its_names_and_codes(text, code):
    assert BOOK.code("ethnicity", text) == code


@pytest.mark.parametrize("text", ["汗族", "汊族", "日本族", "维吾尓族", "", "57", "汉族人民"])
def test_what_is_no_people_is_not_taken_for_one(text):
    assert BOOK.code("ethnicity", text) is None


@pytest.mark.parametrize(
    ("list_name", "text", "code"),
    [
        ("ethnicity", "汗族", "01"),
        ("ethnicity", "汊族", "01"),
        ("ethnicity", "维吾尓族", "05"),
        ("ethnicity", "会族", "03"),
        ("ethnicity", "土加族", "15"),
        ("ethnicity", "苗组", "06"),
        ("ethnicity", "日本族", None),
        ("ethnicity", "", None),
        ("ethnicity", "族", None),
        ("relation", "父秦", "51"),
        ("relation", "外祖毋", None),
        ("document", "居民身分证", "resident_id"),
        ("document", "驾驶证", None),
        ("country", "澳大利业", "AUS"),
        ("sex", "汉", None),
        ("country", "国" * 5000, None),
    ],
)
def test_one_slip_is_offered_only_when_one_entry_is_meant(list_name, text, code):
    assert BOOK.closest(list_name, text) == code


@pytest.mark.parametrize(
    ("list_name", "text", "code"),
    [
        ("sex", "男", "1"),
        ("sex", "女孩", "2"),
        ("sex", "f", "2"),
        ("sex", "Ｍ", "1"),
        ("sex", "2", "2"),
        ("sex", "未知", None),
        ("country", "中国", "CHN"),
        ("country", "中华人民共和国", "CHN"),
        ("country", "cn", "CHN"),
        ("country", "USA", "USA"),
        ("country", "美国", "USA"),
        ("country", "840", "USA"),
        ("country", "香港", "HKG"),
        ("country", "韩国", "KOR"),
        ("document", "身份证", "resident_id"),
        ("document", "回乡证", "hm_travel_permit"),
        ("document", "台胞证", "tw_travel_permit"),
        ("document", "护照", "passport"),
        ("document", "永居证", "foreign_permanent_residence"),
        ("document", "出生证", "birth_certificate"),
        ("document", "其他", "none"),
        ("document", "无", "none"),
        ("document", "户口簿", None),
        ("document", "港澳台居民居住证", "hmt_residence_permit"),
        ("relation", "爸爸", "51"),
        ("relation", "妈", "52"),
        ("relation", "爷爷", "61"),
        ("relation", "奶奶", "62"),
        ("relation", "姥爷", "63"),
        ("relation", "外婆", "64"),
        ("relation", "姥姥", "64"),
        ("relation", "监护人", "99"),
        ("relation", "51", "51"),
        ("health", "健康", "10"),
        ("hukou_kind", "农村", "1"),
        ("hmt", "0", "00"),
        ("boarding", "住校", "boarding"),
        ("boarding", "走读", "day"),
        ("yes_no", "√", "1"),
        ("yes_no", "否", "0"),
        ("left_behind", "是", "3"),
        ("left_behind", "双亲留守", "2"),
        ("disability", "无", "0"),
        ("ownership", "公办(教育部门)", "public_education"),
        ("ownership", "民办（普惠性、非营利）", "private_inclusive"),
        ("ownership", "民办（营利性）", "private_profit"),
        ("urban_rural", "镇中心区", "121"),
        ("group_kind", "混龄", "mixed"),
        ("entry_kind", "转园", "2"),
        ("office_level", "县级", "county"),
    ],
)
def test_everyday_words_mean_codes(list_name, text, code):
    assert BOOK.code(list_name, text) == code


@pytest.mark.parametrize(
    ("old", "code"),
    [
        ("1", "resident_id"),
        ("6", "hm_travel_permit"),
        ("7", "hm_travel_permit"),
        ("8", "tw_travel_permit"),
        ("9", "foreign_permanent_residence"),
        ("A", "passport"),
        ("Z", "none"),
    ],
)
def test_the_school_registers_document_codes_still_mean_something(old, code):
    assert BOOK.code("document", old) == code


def test_every_kind_of_document_says_which_number_it_leads_to():
    assert {e.code: e.extra["number_kind"] for e in BOOK.entries("document")} == {
        "resident_id": "G",
        "hmt_residence_permit": "G",
        "hm_travel_permit": "J",
        "tw_travel_permit": "J",
        "foreign_permanent_residence": "J",
        "passport": "J",
        "birth_certificate": "L",
        "none": "L",
    }


def test_groups_have_the_size_norms_of_the_rules():
    sizes = {entry.code: int(entry.extra["size"]) for entry in BOOK.entries("group_kind")}
    assert sizes == {"nursery": 20, "junior": 25, "middle": 30, "senior": 35, "mixed": 30}


def test_the_country_list_is_complete_and_names_china_first():
    entries = BOOK.entries("country")
    assert len(entries) == 249
    assert [e.name for e in entries[:4]] == ["中国", "中国香港", "中国澳门", "中国台湾"]
    assert all(len(e.code) == 3 and len(e.extra["numeric"]) == 3 and not e.name.isascii() for e in entries)


@pytest.mark.parametrize("list_name", LISTS)
def test_a_list_reads_back_its_own_names_and_no_word_means_two_things(list_name):
    owner: dict[str, str] = {}
    for entry in BOOK.entries(list_name):
        assert BOOK.code(list_name, entry.name) == entry.code
        assert BOOK.name(list_name, entry.code) == entry.name
        assert entry.source
        for word in (entry.code, entry.name, *entry.aliases, *entry.slips):
            assert owner.setdefault(tidy(word), entry.code) == entry.code, word


def test_a_dated_entry_counts_only_in_its_time():
    rows = [
        Entry("1", "旧名", valid_to=date(2026, 1, 1)),
        Entry("1", "新名", valid_from=date(2026, 1, 1)),
    ]
    assert Codebook.from_rows({"sex": rows}, [], date(2025, 12, 31)).name("sex", "1") == "旧名"
    assert Codebook.from_rows({"sex": rows}, [], date(2026, 1, 1)).name("sex", "1") == "新名"


def test_a_slip_is_heard_again_the_same_way():
    assert [BOOK.closest("ethnicity", "哈萨克斯") for _ in range(2)] == ["17", "17"]


def test_a_region_has_a_level():
    assert [BOOK.region_level(code) for code in ("990000", "990100", "990101", "320576", "990199")] == [
        "province",
        "city",
        "county",
        "zone",
        "",
    ]


def test_what_the_list_does_not_hold_is_shown_as_it_stands():
    assert BOOK.name("health", "77") == "77"
    assert BOOK.entry("health", "77") is None
    assert not BOOK.extra("health", "77")  # noqa: S610  a code list, no database
    with pytest.raises(KeyError):
        BOOK.code("shoe_size", "38")


@given(st.text(max_size=60), st.sampled_from(LISTS))
def test_any_text_gets_an_answer_that_the_list_holds(text, list_name):
    for answer in (BOOK.code(list_name, text), BOOK.closest(list_name, text)):
        assert answer is None or BOOK.entry(list_name, answer) is not None
