"""A refused name is a denied right: real names pass as they are, homoglyphs and hidden characters do not."""

from collections.abc import Callable

import pytest

from miaoce.registry.intake.rowwork import CheckedRow

Check = Callable[..., CheckedRow]

REAL = (
    "丹", "李〇一", "冯㛃", "王𠮷安", "张𫖮", "赵𬱖", "金䶮", "山﨑", "何\U0002f81a", "欧阳沐兮", "巴特尔", "𰻝小麦",
    "陈\U00031351", "吴\U0002ebf0",
    "阿卜杜热合曼·买买提吐尔逊·艾合买提江·库尔班尼亚孜", "次仁·卓玛", "葛\U000e0100城", "NGUYEN THI LAN", "Zoë O'Neil-Müller", "鿴一",
)  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_names_are_kept_character_by_character(checked: Check, name: str) -> None:
    row = checked(name=name)
    assert row.values["name"] == name
    assert row.state == "ready"


@pytest.mark.parametrize(
    "name",
    [
        "王小满2", "张?宇", "刘一禾😀", "陈□", "陈\ufffd", "孙\u200b予禾", "吴\u202e安宁\u202c", "⽟兰", "ⅩⅤ", "РоманПетров",
        "=周小苗", "+周小苗",
        "@周小苗", "-周小苗", "周" * 51, "·周", "周·", "。", "周<b>一",
    ],
)  # fmt: skip
def test_what_no_name_holds_is_asked_about(checked: Check, name: str) -> None:
    row = checked(name=name)
    assert row.state == "fix"
    assert {f.code for f in row.findings} <= {"NAME_CHARACTERS", "FORMULA"}
    assert "name" not in row.values


@pytest.mark.parametrize("dot", "\u2022\u2027\u30fb\uff65\u22c5\uff0e.")
def test_lookalike_dots_become_the_one_dot(checked: Check, dot: str) -> None:
    row = checked(name=f"艾力{dot}亚森")
    assert row.values["name"] == "艾力·亚森"
    assert [t.after for t in row.tidied] == ["艾力·亚森"]


def test_a_private_use_character_waits_for_conversion(checked: Check) -> None:
    row = checked(name="郑\ue863")
    assert row.state == "ready"
    assert [f.code for f in row.findings] == ["NAME_PRIVATE_USE"]
