"""Sheets of invented children, as many as wanted, no two alike: for tests that bring in thousands."""

from datetime import date, timedelta
from itertools import count

from tests.factories.rolls import HEADINGS, document_number, name_of

FIRST_DAY, DAYS, SERIALS = date(2021, 9, 1), 700, 998
_serial = count(1)


def child(number: int) -> dict[str, str]:
    """Return one sound child as texts by heading; 698,600 numbers are as many different children."""
    born = FIRST_DAY + timedelta(days=number % DAYS)
    serial = 1 + number // DAYS % SERIALS
    return {
        "姓名": name_of(number) + chr(0x4E00 + number // 50_000),  # the names alone come round after 72,800
        "性别": "男" if serial % 2 else "女",
        "出生日期": born.isoformat(),
        "证件号码": document_number(f"{born:%Y%m%d}", serial),
        "民族": "汉族",
        "班级": "小一班",
        "监护人姓名": f"陈建{name_of(number)[1:2]}",
        "与幼儿关系": "父亲",
        "联系电话": f"139{number:08d}",
    }


def sheet(rows: int) -> bytes:
    """Return a sheet of children that no other call in this run returns, as a tab-separated file."""
    children = [child(next(_serial)) for _ in range(rows)]
    lines = ["\t".join(HEADINGS), *("\t".join(texts[heading] for heading in HEADINGS) for texts in children)]
    return ("\n".join(lines) + "\n").encode()
