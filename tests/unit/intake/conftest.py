"""The demonstration kindergarten, its code lists and small helpers for rolls."""

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from miaoce.registry.identity.rules import check_character
from miaoce.registry.intake import rolls
from miaoce.registry.intake.groups import GroupSpec, Place
from miaoce.registry.intake.rolls import Roll
from miaoce.registry.intake.rowwork import CheckedRow
from miaoce.registry.intake.sheets import RawRow, RawSheet, Reading
from miaoce.registry.reference.codebook import Codebook

TODAY = date(2026, 9, 10)
HEADINGS = (
    "姓名",
    "性别",
    "出生日期",
    "身份证号",
    "民族",
    "班级",
    "监护人姓名",
    "与幼儿关系",
    "监护人手机",
    "入园日期",
)


def number(birth: str = "20230103", sequence: str = "651", region: str = "990101") -> str:
    """Return a sound resident number."""
    first = f"{region}{birth}{sequence}"
    return first + check_character(first)


def child(**changes: str) -> dict[str, str]:
    """Return the raw texts of a row with nothing wrong."""
    texts = {
        "name": "周一诺", "sex": "男", "birth_date": "2023-01-03", "id_number": number(), "ethnicity": "汉族", "class": "小一班",
        "guardian1_name": "周建国", "guardian1_relation": "父亲", "guardian1_phone": "13800004943",
        "entry_date": "2026-09-01",
    } | changes  # fmt: skip
    return {k: v for k, v in texts.items() if v}


@pytest.fixture(scope="session")
def codebook() -> Codebook:
    return Codebook.from_files(TODAY)


@pytest.fixture(scope="session")
def place() -> Place:
    names = ("托一班", "小一班", "小二班", "中一班", "大一班", "混龄一班")
    classes = tuple(GroupSpec(n, n.removesuffix("一班").removesuffix("二班"), 25) for n in names)
    return Place("1199000001", "青禾中心幼儿园", "990101", TODAY, date(2026, 9, 1), classes)


@pytest.fixture(scope="session")
def checked(place: Place, codebook: Codebook) -> Callable[..., CheckedRow]:
    def check(verbatim: frozenset[str] = frozenset(), **changes: str) -> CheckedRow:
        return rolls.check_row(child(**changes), place=place, codebook=codebook, verbatim=verbatim)

    return check


@pytest.fixture(scope="session")
def roll_of(place: Place, codebook: Codebook) -> Callable[..., Roll]:
    def check(*rows: Sequence[str], sheet: str = "Sheet1", name: str = "名单.xlsx") -> Roll:
        raw = tuple(RawRow(n, tuple(cells)) for n, cells in enumerate(rows, 1) if any(cells))
        return rolls.check(Reading(name, (RawSheet(sheet, raw),)), place=place, codebook=codebook)

    return check


def cells(**changes: str) -> tuple[str, ...]:
    """Return a child's row in the order of HEADINGS."""
    texts = child(**changes)
    keys = (
        "name",
        "sex",
        "birth_date",
        "id_number",
        "ethnicity",
        "class",
        "guardian1_name",
        "guardian1_relation",
        "guardian1_phone",
        "entry_date",
    )
    return tuple(texts.get(k, "") for k in keys)
