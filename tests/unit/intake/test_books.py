"""Books of several sheets: rolls are read, sheets that only explain or offer choices are named as not read."""

from collections.abc import Callable, Sequence

import pytest

from miaoce.registry.intake import rolls
from miaoce.registry.intake.groups import Place
from miaoce.registry.intake.rolls import Roll
from miaoce.registry.intake.sheets import RawRow, RawSheet, Reading
from miaoce.registry.reference.codebook import Codebook

from .conftest import HEADINGS, cells, number

Book = Callable[..., Roll]


def sheet(name: str, *rows: Sequence[str]) -> RawSheet:
    return RawSheet(name, tuple(RawRow(n, tuple(texts)) for n, texts in enumerate(rows, 1) if any(texts)))


@pytest.fixture
def book(place: Place, codebook: Codebook) -> Book:
    return lambda *sheets: rolls.check(Reading("名单.xlsx", sheets), place=place, codebook=codebook)


CHILDREN = sheet("小一班", HEADINGS, cells())
CHOICES = (
    ("姓名", "性别", "民族", "与幼儿关系", "班级"),
    ("王老师", "男", "汉族", "父亲", "小一班"),
    ("李老师", "女", "回族", "母亲", "小二班"),
    ("", "", "藏族", "祖父", "中一班"),
    ("", "", "苗族", "祖母", "大一班"),
    ("", "", "壮族"),
)


def test_a_visible_sheet_of_lists_is_no_roll(book: Book) -> None:
    roll = book(CHILDREN, sheet("对照表", *CHOICES))
    assert [row.sheet for row in roll.rows] == ["小一班"]
    assert roll.skipped_sheets == ("对照表",)


def test_a_hidden_roll_is_named_and_hidden_lists_are_not(book: Book) -> None:
    hidden = RawSheet("去年", CHILDREN.rows, (), hidden=True)
    lists = RawSheet("选项", (RawRow(1, ("男", "汉族")),), (), hidden=True)
    assert book(CHILDREN, hidden, lists).skipped_sheets == ("去年",)


def test_a_sheet_of_lists_alone_is_still_looked_at(book: Book) -> None:
    assert len(book(sheet("对照表", *CHOICES)).rows) == 5


@pytest.mark.parametrize(
    "second",
    [
        [("李安", "女", "2023-02-03", number("20230203", "652"))],
        [("李安", "女"), ("王宁", "男"), ("赵云", "女"), ("钱多", "")],
        [("李安",), ("王宁",), ("赵云",), ("钱多",)],
    ],
)
def test_a_second_roll_with_little_in_it_is_read(book: Book, second: list[tuple[str, ...]]) -> None:
    roll = book(CHILDREN, sheet("小二班", HEADINGS, *second))
    assert len(roll.rows) == 1 + len(second)
    assert roll.skipped_sheets == ()
