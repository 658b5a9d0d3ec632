"""How a child is found by name and what somebody means who types into the search box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from miaoce.registry.children.rules import (
    Asked,
    document_key,
    formal_number,
    numberless_number,
    sounds_of,
    temporary_number,
    understand,
)


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("陈子墨", "chenzimo", "czm"),
        ("曾子墨", "zengzimo", "zzm"),
        ("单于兰", "chanyulan", "cyl"),
        ("单小雨", "shanxiaoyu", "sxy"),
        ("吕布", "lvbu", "lb"),
        ("欧阳娜", "ouyangna", "oyn"),
        ("乐乐", "yuele", "yl"),
        ("于", "yu", "y"),
        ("阿卜杜拉·买买提", "abodulamaimaiti", "abdlmmt"),
        ("John Smith", "johnsmith", "js"),
        ("葛\U000e0100子安", "gezian", "gza"),
        ("", "", ""),
    ],
)
def test_sounds(name, full, initials):
    assert sounds_of(name) == (full, initials)


GIVEN = "子雨浩梓若思安明语宇长乐重阳朝晖会计音乐单于解参差行舒大夫曾经了得朴树给予便宜"


def test_two_characters_read_as_they_do_in_one_text():
    """Also where they are a word that is read otherwise (长乐, 重阳): as the library reads the whole given name."""
    for pair in (one + other for one in GIVEN for other in GIVEN):
        assert sounds_of(f"刘{pair}")[0] == "liu" + "".join(lazy_pinyin(pair, style=Style.NORMAL)), pair


@given(st.text(max_size=50))
def test_every_name_has_sounds_that_fit_their_columns(name):
    full, initials = sounds_of(name)
    assert len(full) <= 200
    assert len(initials) <= 50
    assert not set(full) & set(" ·.-'")


@pytest.mark.parametrize(
    ("typed", "kind", "text"),
    [
        ("陈子墨", "name", "陈子墨"),
        (" 陈 子墨 ", "name", "陈子墨"),
        ("阿卜杜拉•买买提", "name", "阿卜杜拉·买买提"),
        ("阿卜杜拉.买买提", "name", "阿卜杜拉·买买提"),
        ("czm", "letters", "czm"),
        ("Chen Zimo", "letters", "chenzimo"),
        ("xi'an", "letters", "xian"),
        ("lyubu", "letters", "lvbu"),
        ("Lübu", "letters", "lvbu"),
        ("John.Smith", "letters", "johnsmith"),
        ("g990101202301036516", "number", "G990101202301036516"),
        ("L990101 20230103 0001", "number", "L990101202301030001"),
        ("J99010120230103001x", "number", "J99010120230103001X"),
        ("99010120230103651x", "document", "99010120230103651X"),
        ("E12345678", "document", "E12345678"),
        ("1234", "last4", "1234"),
        ("１２３x", "last4", "123X"),
        ("12", "nothing", "12"),
        ("", "nothing", ""),
    ],
)
def test_what_is_meant(typed, kind, text):
    assert understand(typed) == Asked(kind, text)


@given(st.text(max_size=60))
def test_whatever_is_typed_means_something(typed):
    assert understand(typed).kind in {"number", "document", "last4", "letters", "name", "nothing"}


@pytest.mark.parametrize("name", ["\U00020bb7野", "豈\uf900", "\U0002f800", "〇一", "葛\U000e0100"])
def test_the_characters_of_a_name_are_searched_as_they_are(name):
    assert understand(name) == Asked("name", name)


def test_the_three_kinds_of_number_have_nineteen_characters():
    numbers = [
        formal_number("990101202301036516"),
        temporary_number(region="990101", born_on="20230103", ending=7),
        numberless_number(region="990101", born_on="20230103", sex="2", serial=3),
    ]
    assert [len(number) for number in numbers] == [19, 19, 19]
    assert numbers[1] == "L990101202301030007"
    assert numbers[2].startswith("J99010120230103006")


@pytest.mark.parametrize(("sex", "parity"), [("1", 1), ("2", 0)])
@given(serial=st.integers(0, 499))
def test_the_serial_of_a_number_without_id_number_tells_the_sex(sex, parity, serial):
    number = numberless_number(region="990101", born_on="20230103", sex=sex, serial=serial)
    assert int(number[17]) % 2 == parity


def test_a_document_is_claimed_by_kind_and_number_in_capitals():
    assert document_key("resident_id", " 99010120230103651x ") == "resident_id|99010120230103651X"
