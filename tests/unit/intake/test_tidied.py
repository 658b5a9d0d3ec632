"""Tidying and its undoing: whatever was made regular can be had back letter by letter, and nothing is lost on the way."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaoce.registry.intake import rolls
from miaoce.registry.intake.checks import TIDY_UNDONE
from miaoce.registry.intake.fields import FREE_TEXTS
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.rowwork import CheckedRow
from miaoce.registry.reference.codebook import Codebook
from tests.unit.intake.conftest import child, number

MESS: dict[str, tuple[str, ...]] = {
    "name": ("周 一诺", "　周一诺 ", "阿卜杜拉•买买提", "周一诺"),
    "former_name": ("周 小诺", ""),
    "sex": ("男生", "M", " 男", "1", "男"),
    "birth_date": ("2023.1.3", "20230103", "2023年1月3日", "44929", "二〇二三年一月三日", "2023-01-03", ""),
    "id_type": ("身份证", "居民身份证", "户口簿", ""),
    "id_number": (number(), f"'{number()}", number().replace("2023", " 2023 "), number().translate(str.maketrans("0123", "０１２３"))),
    "nationality": ("中华人民共和国", "CHN", "中国", ""),
    "ethnicity": ("汉", "01", "汉族", " 汉族"),
    "hukou_region": ("青禾区", "990101", "云川省青江市青禾区禾苗路1号", "云川省青江市青禾区", ""),
    "address": ("禾苗路 1号\n2单元", "", "禾苗路1号"),
    "health": ("健康", "良好", ""),
    "only_child": ("√", "是", "Y", ""),
    "boarding": ("日托", "走读生", "走读", ""),
    "entry_date": ("2026.9.1", "2026年9月", "2026-09-01", ""),
    "class": ("小班1班", "小（一）班", "小一", "小一班"),
    "guardian1_name": ("周 建国", "周建国"),
    "guardian1_relation": ("爸爸", "父", "父亲"),
    "guardian1_phone": ("138-0000-4943", "+86 13800004943", "13800004943/13900001111", "13800004943"),
    "guardian2_name": ("李 红", "李红", ""),
    "guardian2_relation": ("妈妈", "母亲", ""),
    "guardian2_phone": ("139 0000 1111", "13900001111", ""),
    "remark": ("  说明  文字", ""),
}  # fmt: skip
messy = st.fixed_dictionaries({key: st.sampled_from(texts) for key, texts in MESS.items()}).map(lambda m: child(**m))
Checked = Callable[..., CheckedRow]


@pytest.mark.slow
@given(texts=messy, data=st.data())
def test_what_is_undone_stands_as_it_was_written_and_can_be_tidied_again(
    texts: dict[str, str], data: st.DataObject, place: Place, codebook: Codebook
) -> None:
    def check(kept: frozenset[str] = frozenset()) -> CheckedRow:
        return rolls.check_row(texts, place=place, codebook=codebook, verbatim=kept)

    tidy = check()
    tidied = sorted({t.field for t in tidy.tidied})
    kept = frozenset(data.draw(st.sets(st.sampled_from(tidied)) if tidied else st.just(set[str]())))
    undone = check(kept)
    assert undone.raw == texts, "the texts as written are never touched"
    assert {t.field for t in undone.tidied} == set(tidied) - kept
    for key in kept:
        if key in FREE_TEXTS:
            assert undone.values.get(key) == texts[key] or any(f.field == key for f in undone.findings)
        else:
            assert key not in undone.values
            offered = [f.suggestion for f in undone.findings if f.field == key and f.code == TIDY_UNDONE]
            assert offered == [tidy.values[key]], "one press puts the tidied form in again"
    assert not (kept - FREE_TEXTS) or undone.state == "fix"
    assert check() == tidy, "tidying again gives the same"


def test_everything_that_is_put_in_otherwise_than_written_is_listed(checked: Checked) -> None:
    row = checked(
        sex="男生", birth_date="2023.1.3", ethnicity="汉", hukou_region="青禾区", only_child="√", boarding="走读生",
        entry_date="2026.9.1", guardian1_relation="爸爸", **{"class": "小班1班"},
    )  # fmt: skip
    assert {t.field: t.after for t in row.tidied} == {
        "sex": "男", "birth_date": "2023-01-03", "ethnicity": "汉族", "hukou_region": "云川省青江市青禾区", "only_child": "是",
        "boarding": "走读", "entry_date": "2026-09-01", "guardian1_relation": "父亲", "class": "小一班",
    }  # fmt: skip


def test_words_of_a_list_as_they_stand_in_it_are_not_called_tidied(checked: Checked) -> None:
    row = checked(boarding="走读", only_child="是", hukou_region="云川省青江市青禾区")
    assert row.tidied == []
    assert row.values["boarding"] == "day"


def test_a_field_with_a_fault_of_its_own_gets_no_second_problem(checked: Checked) -> None:
    row = checked(sex="女生", verbatim=frozenset({"sex"}))
    assert [f.code for f in row.findings if f.field == "sex"] == ["SEX_MISMATCH"]
    assert "sex" not in row.values
