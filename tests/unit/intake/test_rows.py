"""One row: normalising, findings, suggestions, states."""

from collections.abc import Callable

import pytest

from miaoce.registry.intake.rowwork import CheckedRow

from .conftest import number

Check = Callable[..., CheckedRow]


def codes(row: CheckedRow) -> list[str]:
    return [f.code for f in row.findings if not f.remark]


def test_a_sound_row_is_ready(checked: Check) -> None:
    row = checked()
    assert row.state == "ready"
    assert row.findings == []
    assert row.tidied == []
    assert row.values["id_type"] == "resident_id"
    assert row.values["ethnicity"] == "01"
    assert row.values["sex"] == "1"


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("id_number", " 990101 20230103 651X ".replace("651X", number()[14:]), number()),
        ("id_number", "'" + number(), number()),
        ("birth_date", "2023.1.3", "2023-01-03"),
        ("birth_date", "二〇二三年一月三日", "2023-01-03"),
        ("birth_date", "44929", "2023-01-03"),
        ("guardian1_phone", "+86 138-0000-4943", "13800004943"),
        ("guardian1_phone", "１３８００００４９４３", "13800004943"),
        ("class", "小（1）班", "小一班"),
        ("class", "小班一班", "小一班"),
        ("ethnicity", "汉", "01"),
        ("sex", "男孩", "1"),
        ("name", "周 一 诺", "周一诺"),
        ("name", "阿卜杜拉•买买提", "阿卜杜拉·买买提"),
    ],
)
def test_untidy_cells_are_normalised_and_listed(checked: Check, field: str, written: str, value: str) -> None:
    row = checked(**{field: written})
    assert row.values[field] == value
    assert row.state == "ready"
    assert [(t.field, t.before) for t in row.tidied] == [(field, written)]


@pytest.mark.parametrize(
    ("changes", "code", "suggestion"),
    [
        ({"ethnicity": "汗族"}, "ETHNICITY_UNKNOWN", "01"),
        ({"ethnicity": ""}, "ETHNICITY_UNKNOWN", None),
        ({"id_number": number()[:17]}, "ID_LENGTH", None),
        ({"id_number": "9.90101E+17"}, "ID_EXCEL_DAMAGED", None),
        ({"id_number": "990101202301036000"}, "ID_EXCEL_DAMAGED", None),
        ({"id_number": number(region="660101")}, "ID_REGION", None),
        ({"id_number": ""}, "ID_MISSING", None),
        ({"id_type": "驾驶证"}, "ID_TYPE_UNKNOWN", None),
        ({"birth_date": "2023-02-30"}, "BIRTH_INVALID", "2023-01-03"),
        ({"birth_date": "2033-01-03"}, "BIRTH_FUTURE", "2023-01-03"),
        ({"birth_date": "2023-01-04"}, "BIRTH_MISMATCH", "2023-01-03"),
        ({"sex": "女"}, "SEX_MISMATCH", "1"),
        ({"class": "向日葵班"}, "CLASS_UNKNOWN", None),
        ({"class": "小班"}, "CLASS_UNKNOWN", None),
        ({"class": "小一般"}, "CLASS_UNKNOWN", "小一班"),
        ({"name": ""}, "NAME_MISSING", None),
        ({"name": "周?诺"}, "NAME_CHARACTERS", None),
        ({"name": "周一诺（小）"}, "NAME_CHARACTERS", "周一诺"),
        ({"name": "=A1"}, "FORMULA", None),
        ({"class": "#N/A"}, "FORMULA", None),
        ({"guardian1_phone": "1380000494"}, "PHONE_INVALID", None),
        ({"guardian1_phone": ""}, "GUARDIAN_MISSING", None),
        ({"guardian1_relation": "毋亲"}, "RELATION_UNKNOWN", "52"),
        ({"guardian1_name": "", "guardian1_phone": "", "guardian1_relation": ""}, "GUARDIAN_MISSING", None),
        ({"hukou_region": "火星市"}, "REGION_UNKNOWN", None),
        ({"entry_date": "不久"}, "ENTRY_DATE_INVALID", None),
        ({"nationality": "火星"}, "NATIONALITY_UNKNOWN", None),
    ],
)
def test_one_thing_wrong_is_one_finding(
    checked: Check, changes: dict[str, str], code: str, suggestion: str | None
) -> None:
    row = checked(**changes)
    assert codes(row) == [code]
    assert row.state == "fix"
    assert next(f.suggestion for f in row.findings if f.code == code) == suggestion


def test_sex_and_birth_follow_from_a_sound_number(checked: Check) -> None:
    row = checked(sex="", birth_date="")
    assert (row.values["sex"], row.values["birth_date"], row.state) == ("1", "2023-01-03", "ready")


def test_nothing_follows_from_a_wrong_number(checked: Check) -> None:
    row = checked(sex="", birth_date="", id_number=number()[:17] + ("1" if number()[17] != "1" else "2"))
    assert codes(row) == ["ID_CHECKSUM", "SEX_MISSING", "BIRTH_MISSING"]


@pytest.mark.parametrize("words", ["暂无证件", "无", "未上户口", "还没办身份证"])
def test_a_child_without_papers(checked: Check, words: str) -> None:
    row = checked(id_number=words)
    assert (row.values["id_type"], row.state, row.values.get("id_number")) == ("none", "ready", None)


def test_a_foreigner_has_no_ethnic_group(checked: Check) -> None:
    row = checked(nationality="美国", id_type="护照", id_number="M00001234", ethnicity="", name="EMMA LOUISE SMITH")
    assert (row.state, row.values["nationality"], row.values["id_type"]) == ("ready", "USA", "passport")


@pytest.mark.parametrize(
    ("birth", "code", "state"),
    [
        ("20250912", "AGE_TOO_YOUNG", "fix"),
        ("20240618", "AGE_UNDER_3", "ready"),
        ("20230831", None, "ready"),
        ("20191020", "AGE_SCHOOL", "ready"),
        ("20180520", "AGE_TOO_OLD", "fix"),
    ],
)
def test_ages_on_the_first_of_september(checked: Check, birth: str, code: str | None, state: str) -> None:
    row = checked(birth_date=birth, id_number=number(birth))
    assert row.state == state
    assert [f.code for f in row.findings] == ([code] if code else [])


def test_one_complete_guardian_of_two_is_enough(checked: Check) -> None:
    row = checked(guardian1_phone="", guardian2_name="李秀兰", guardian2_relation="母亲", guardian2_phone="13900001234")
    assert row.state == "ready"
    assert [f.remark for f in row.findings] == [True]


def test_tidying_of_a_name_can_be_undone(checked: Check) -> None:
    row = checked(name="阿卜杜拉•买买提", verbatim=frozenset({"name"}))
    assert row.values["name"] == "阿卜杜拉•买买提"
    assert row.state == "ready"
    assert [f.code for f in row.findings] == ["NAME_DOT"]


def test_a_word_that_no_list_has_is_told_and_does_not_hold_back(checked: Check) -> None:
    row = checked(health="超级棒")
    assert row.state == "ready"
    assert [(f.code, f.remark) for f in row.findings] == [("HEALTH_UNKNOWN", True)]
