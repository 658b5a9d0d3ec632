"""The one comparison of two records: attribute by attribute into a code, one digit an attribute (pure, in columns).

A pair is a batch of one. The code says all that the outcome is decided by; `outcomes.py` looks it up.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from miaoce.registry.matching import dates, documents, families, homes, names
from miaoce.registry.matching.levels import Level
from miaoce.registry.matching.records import Numbers, Places, Records

Codes = NDArray[np.uint8]
"""One row a pair, one column an attribute."""

Part = TypeVar("Part")
AT_ONCE = 100_000
THREADS = 2


class Third(Level):
    """What a third record says, that was found to be the same child as, or a twin of, one of the two."""

    NOTHING = 0
    SAME = 1, "两条都与同一条第三记录相符"
    TWIN = 2, "一条与第三记录相符，另一条是它的同胞"
    SAME_TWIN = 3, "两条都是同一条第三记录的同胞"
    BOTH = 4, "第三记录的说法不一"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One digit of the code: its English key, its Chinese name, its levels, and what compares it."""

    key: str
    name: str
    levels: type[Level]
    compare: Callable[[Records, Places, Places], Numbers]


def _nothing(_records: Records, left: Places, _right: Places) -> Numbers:
    """Return that no third record says anything; the second pass fills it in (`thirds.py`)."""
    return np.zeros(len(left), np.uint8)


ATTRIBUTES = (
    Attribute("surname", "姓", names.Surname, names.compare_surname),
    Attribute("given", "名", names.Given, names.compare_given),
    Attribute("rarity", "名字多寡", names.Rarity, names.compare_rarity),
    Attribute("sex", "性别", homes.Sex, homes.compare_sex),
    Attribute("birth", "出生日期", dates.Birth, dates.compare_birth),
    Attribute("document", "证件", documents.Document, documents.compare_documents),
    Attribute("guardians", "监护人姓名", families.GuardianNames, families.compare_guardian_names),
    Attribute("guardian_documents", "监护人证件", families.GuardianDocuments, families.compare_guardian_documents),
    Attribute("phones", "监护人手机", families.Phones, families.compare_phones),
    Attribute("address", "住址", homes.Address, homes.compare_addresses),
    Attribute("stay", "在园", homes.Stay, homes.compare_stays),
    Attribute("origin", "户籍与民族", homes.Origin, homes.compare_origin),
    Attribute("third", "第三记录", Third, _nothing),
)
WIDTH = len(ATTRIBUTES)
THIRD = WIDTH - 1


def compare(records: Records, left: Places, right: Places) -> Codes:
    """Return the code of each pair of places, row by row. It is the same whichever of the two comes first."""
    parts = by_parts(lambda some: compare_some(records, left[some], right[some]), len(left))
    return np.concatenate(parts) if parts else np.zeros((0, WIDTH), np.uint8)


def compare_some(records: Records, left: Places, right: Places) -> Codes:
    """Return the codes of pairs few enough to be compared at once."""
    return np.stack([attribute.compare(records, left, right) for attribute in ATTRIBUTES]).T


def by_parts(work: Callable[[slice], Part], count: int) -> list[Part]:
    """Return what some work gives for one part of many pairs after the other, done by several threads; few take none."""
    if count <= AT_ONCE:
        return [work(slice(0, count))] if count else []
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, (slice(start, start + AT_ONCE) for start in range(0, count, AT_ONCE))))


def numbered(codes: Codes) -> NDArray[np.int64]:
    """Return each code as one number, its digits in order."""
    number = np.zeros(len(codes), np.int64)
    for column in codes.T:
        number = number * 10 + column
    return number


def written(codes: Codes) -> list[str]:
    """Return each code as text."""
    return [f"{number:0{WIDTH}d}" for number in numbered(codes).tolist()]


def reasons(code: str) -> list[str]:
    """Return in plain words what a code says, in the order of its digits."""
    told = [attribute.levels(int(digit)).words for attribute, digit in zip(ATTRIBUTES, code, strict=True)]
    return [words for words in told if words] or ["没有可比的内容"]
