"""Rows compared with each other: the same child, the same number, twins, namesakes, sizes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from miaoce.registry.intake.crosschecks import class_sizes, cross_check
from miaoce.registry.intake.groups import GroupSpec
from miaoce.registry.intake.rolls import Roll

from .conftest import HEADINGS, cells, number


@dataclass
class Light:
    """A row as the database keeps it."""

    row: int
    sheet: str = ""
    values: dict[str, str] = field(default_factory=dict)


def codes(roll: Roll) -> list[list[str]]:
    return [[f.code for f in r.findings] for r in roll.rows]


def test_the_later_of_two_rows_of_a_child_waits(roll_of: Callable[..., Roll]) -> None:
    roll = roll_of(HEADINGS, cells(), cells())
    assert [r.state for r in roll.rows] == ["ready", "duplicate"]
    assert codes(roll) == [[], ["SAME_CHILD_IN_FILE"]]


def test_a_child_with_and_without_papers_is_one(roll_of: Callable[..., Roll]) -> None:
    roll = roll_of(HEADINGS, cells(), cells(id_number="暂无证件"))
    assert codes(roll)[1] == ["SAME_CHILD_IN_FILE"]


def test_two_children_with_one_number_both_wait(roll_of: Callable[..., Roll]) -> None:
    roll = roll_of(HEADINGS, cells(), cells(name="李安", guardian1_phone="13900001234"))
    assert [r.state for r in roll.rows] == ["duplicate", "duplicate"]
    assert codes(roll) == [["SAME_ID_IN_FILE"], ["SAME_ID_IN_FILE"]]


def test_twins_are_a_remark(roll_of: Callable[..., Roll]) -> None:
    roll = roll_of(HEADINGS, cells(), cells(name="周一言", id_number=number(sequence="653")))
    assert [r.state for r in roll.rows] == ["ready", "ready"]
    assert codes(roll) == [["TWINS"], ["TWINS"]]


def test_namesakes_born_on_one_day_with_numbers_of_their_own(roll_of: Callable[..., Roll]) -> None:
    roll = roll_of(HEADINGS, cells(), cells(id_number=number(sequence="653"), guardian1_phone="13900001234"))
    assert roll.rows[1].state == "ready"
    assert codes(roll)[1] == ["SAME_NAME_IN_FILE"]


def test_a_class_above_its_norm_counts_those_already_there() -> None:
    rows = [Light(n, values={"class": "小一班"}) for n in range(3)]
    found = class_sizes(rows, [GroupSpec("小一班", "小", 25, 23)])
    assert [[f.code for f in f_] for f_ in found] == [[], [], ["CLASS_OVER_NORM"]]
    assert found[2][0].remark


def test_one_telephone_for_many_children_is_a_remark() -> None:
    rows = [Light(n, values={"name": str(n), "guardian1_phone": "13800004943"}) for n in range(4)]
    assert all([f.code for f in found] == ["PHONE_SHARED"] for found in cross_check(rows))


def test_a_row_of_another_sheet_is_named_with_its_sheet() -> None:
    texts = {"name": "周一诺", "birth_date": "2023-01-03"}
    rows = [Light(6, "小一班", texts), Light(9, "小二班", texts)]
    assert cross_check(rows)[1][0].message.startswith("和“小一班”第 6 行姓名、性别、生日都一样。")
    alone = [Light(6, "小一班", texts), Light(9, "小一班", texts)]
    assert cross_check(alone)[1][0].message.startswith("和第 6 行姓名")
