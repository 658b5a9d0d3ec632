"""Pure rules of the child record: how it is found by name, which number kind its document leads to."""

import random
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, load_phrases_dict, pinyin
from stdnum.iso7064 import mod_11_2

from miaoce.registry.refusals import Refusal

SURNAMES = {
    "单": "shan", "于": "yu", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "盖": "ge", "区": "ou", "朴": "piao",
    "任": "ren", "华": "hua", "尉": "wei", "乐": "yue", "种": "chong", "员": "yun", "召": "shao", "翟": "zhai",
    "缪": "miao", "折": "she", "黑": "he", "盛": "sheng", "燕": "yan", "洗": "xian", "冼": "xian", "覃": "qin",
    "宁": "ning", "葛": "ge", "纪": "ji", "应": "ying", "牟": "mou", "佴": "nai", "晟": "cheng", "逄": "pang",
    "万俟": "moqi", "尉迟": "yuchi", "澹台": "tantai", "单于": "chanyu", "令狐": "linghu", "长孙": "zhangsun",
}  # fmt: skip
load_phrases_dict({})


class DocumentTaken(Refusal):
    """Another child of the register holds this document number (one child per document)."""

    code, message = "CHD-01", "这个证件号已有学籍记录，提交前请先处理重复。"


class NoNumberLeft(Refusal):
    """All random endings of a temporary number for this county and birth date are used up."""

    code, message, http = "CHD-02", "这个区县当天出生的临时学籍号已用完，请报省里处理。", 409


def document_key(kind: str, number: str) -> str:
    """Return what the claim on a document is made of: its kind and its number in capitals."""
    return f"{kind}|{number.strip().upper()}"


@lru_cache(maxsize=65536)
def sounds_of(name: str) -> tuple[str, str]:
    """Return full pinyin and initials of a name, surnames read as surnames: 曾子墨 → ("zengzimo", "zzm").

    Characters without a reading stay as they are, lower case, so that Latin names are found too.
    """
    rest, head = name, []
    for length in (2, 1):
        if name[:length] in SURNAMES and len(name) > length:
            head, rest = [SURNAMES[name[:length]]], name[length:]
            break
    syllables = head + [part.strip().lower() for part in lazy_pinyin(rest, style=Style.NORMAL) if part.strip("·. ")]
    initials = "".join(part[0] for part in syllables if part)
    if head and len(name[: len(name) - len(rest)]) == 2:
        initials = "".join(part[0][0] for part in pinyin(name[:2], style=Style.NORMAL)) + initials[1:]
    return "".join(syllables)[:200], initials[:50]


def formal_number(document_number: str) -> str:
    """Return the formal number: G and the 18 characters of the ID number (domain.md §3.4)."""
    return f"G{document_number}"


def temporary_number(*, region: str, born_on: str, ending: int) -> str:
    """Return a temporary number: L, six-digit region of the kindergarten, eight-digit birth date, four digits."""
    return f"L{region}{born_on}{ending:04d}"


def numberless_number(*, region: str, born_on: str, sex: str, serial: int) -> str:
    """Return a number by the pattern of the ID number for children who never get one: J, region, birth, serial, check.

    The serial is odd for boys and even for girls, as in GB 11643; 0 ≤ serial ≤ 499.
    """
    body = f"{region}{born_on}{serial * 2 + (1 if sex == '1' else 0):03d}"
    return f"J{body}{mod_11_2.calc_check_digit(body)}"


def draws(seed: int) -> random.Random:
    """Return a source of random endings; the seed comes from the system's entropy, numbers are no secret."""
    return random.Random(seed)  # noqa: S311 - endings need spread, not secrecy: the claim table decides
