"""Rolls as tests need them: sound children of the invented county 990101, as texts by heading."""

from collections.abc import Iterable, Sequence
from itertools import count

from stdnum.iso7064 import mod_11_2

HEADINGS = ("姓名", "性别", "出生日期", "证件号码", "民族", "班级", "监护人姓名", "与幼儿关系", "联系电话")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = "子轩梓涵浩然欣怡宇辰诗琪俊熙思远嘉宁明哲若溪雨桐"
_serial = count(1)


def document_number(born: str = "20230312", serial: int = 1, region: str = "990101") -> str:
    """Return a valid ID number of the invented province; odd serials are boys."""
    body = f"{region}{born}{serial:03d}"
    return body + mod_11_2.calc_check_digit(body)


def name_of(number: int) -> str:
    """Return a name; a number gives the same name always, different numbers up to 2,000 different ones."""
    first, second = GIVEN[number // len(SURNAMES) % len(GIVEN)], GIVEN[number // 7 % len(GIVEN)]
    return SURNAMES[number % len(SURNAMES)] + first + second


def child(number: int, **changes: str) -> dict[str, str]:
    """Return one sound child as texts by heading; `changes` by heading. Different numbers are different children."""
    born = f"2023{1 + number % 9:02d}{1 + number // 9 % 28:02d}"
    serial = number % 999
    texts = {
        "姓名": name_of(number),
        "性别": "男" if serial % 2 else "女",
        "出生日期": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "证件号码": document_number(born, serial),
        "民族": "汉族",
        "班级": "小一班",
        "监护人姓名": f"{SURNAMES[number % len(SURNAMES)]}建国",
        "与幼儿关系": "父亲",
        "联系电话": f"138{number:08d}",
    }
    return {**texts, **changes}


def pasted(children: Iterable[dict[str, str]], headings: Sequence[str] = HEADINGS) -> str:
    """Return children as the text that a copied block of cells gives."""
    lines = ["\t".join(headings)]
    lines += ["\t".join(texts.get(heading, "") for heading in headings) for texts in children]
    return "\n".join(lines) + "\n"


def fresh_number() -> int:
    """Return a number that no other call in this run got."""
    return next(_serial)
