"""Both parents in one cell: taken apart where it is certain who is who, left alone where it is not."""

from collections.abc import Callable

import pytest

from miaoce.registry.intake.families import Person, people_in, take_apart
from miaoce.registry.intake.headings import understand
from miaoce.registry.intake.rowwork import CheckedRow

A, B = "13800004943", "13900001111"
BOTH = [Person("张三", "父", A), Person("李四", "母", B)]


@pytest.mark.parametrize(
    "text",
    [
        f"父:张三 {A} 母:李四 {B}", f"父：张三{A}；母：李四{B}", f"父张三{A}母李四{B}", f"张三（父）{A}、李四（母）{B}",
        f"父:张三，电话:{A}\n母:李四，电话:{B}", "父 张三 138-0000-4943/母 李四 139 0000 1111",
    ],
)  # fmt: skip
def test_two_people_in_a_cell_are_told_apart(text: str) -> None:
    assert people_in(text) == BOTH


@pytest.mark.parametrize(
    ("text", "people"),
    [
        (f"父亲张三{A}", [Person("张三", "父亲", A)]),
        (f"母建国{A}", [Person("母建国", "", A)]),
        ("张三/李四", [Person("张三"), Person("李四")]),
        ("阿卜杜拉·买买提、古丽", [Person("阿卜杜拉·买买提"), Person("古丽")]),
        (f"{A}（父）{B}（母）", [Person("", "父", A), Person("", "母", B)]),
        (f"{A}/{B}", [Person(phone=A), Person(phone=B)]),
    ],
)
def test_what_is_not_said_stays_empty(text: str, people: list[Person]) -> None:
    assert people_in(text) == people


@pytest.mark.parametrize(
    "text", [f"张三 李四 {A} {B}", "张 三", f"小王{A}转1208室王小明家里", "Smith, John", "张三的爸爸是李四的叔叔"]
)
def test_what_is_not_understood_as_a_whole_is_left_alone(text: str) -> None:
    assert people_in(text) == []


def test_names_and_telephones_in_two_cells_belong_together_in_order() -> None:
    raw = {"guardian1_name": "张三、李四", "guardian1_relation": "父亲、母亲", "guardian1_phone": f"{A}/{B}"}
    assert take_apart(raw) == {
        "guardian1_name": "张三", "guardian1_relation": "父亲", "guardian1_phone": A,
        "guardian2_name": "李四", "guardian2_relation": "母亲", "guardian2_phone": B,
    }  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        {"guardian1_name": "张三", "guardian1_relation": "父亲", "guardian1_phone": A},
        {"guardian1_name": "张三", "guardian1_phone": f"{A} "},
        {"guardian1_name": "张三", "guardian1_phone": "138-0000-4943"},
        {"guardian1_name": "张三、李四", "guardian2_name": "王五", "guardian1_phone": f"{A}/{B}"},
        {"guardian1_name": "张三", "guardian1_phone": f"{A}/{B}"},
        {"guardian1_name": f"父:张三 {A} 母:李四 {B} 爷爷:张大 {A}"},
        {},
    ],
)
def test_ordinary_cells_and_families_of_three_stay_as_they_are(raw: dict[str, str]) -> None:
    assert take_apart(raw) == {}


def test_a_row_with_both_parents_in_one_cell_is_ready(checked: Callable[..., CheckedRow]) -> None:
    cell = f"父:张三 {A} 母:李四 {B}"
    row = checked(guardian1_name=cell, guardian1_relation="", guardian1_phone="")
    assert row.state == "ready"
    assert row.raw["guardian1_name"] == cell
    assert {key: text for key, text in row.values.items() if key.startswith("guardian")} == {
        "guardian1_name": "张三", "guardian1_relation": "51", "guardian1_phone": A,
        "guardian2_name": "李四", "guardian2_relation": "52", "guardian2_phone": B,
    }  # fmt: skip
    assert [(t.field, t.before, t.after) for t in row.tidied] == [("guardian1_name", cell, "张三")]
    assert (
        checked(frozenset({"guardian1_name"}), guardian1_name=cell, guardian1_relation="", guardian1_phone="").state
        == "fix"
    )


@pytest.mark.parametrize(
    "heading", ["家长信息", "父母姓名及电话", "家长姓名及联系电话", "监护人（姓名、电话）", "父母信息"]
)
def test_headings_of_such_cells_mean_the_guardian(heading: str) -> None:
    meaning = understand(heading)
    assert meaning is not None
    assert meaning.person == "guardian"
