"""Pure rules of the child record: how it is found by name, which number kind its document leads to."""

import random
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from stdnum.iso7064 import mod_11_2

from miaoce.registry.refusals import Refusal

SURNAMES = {  # surnames that are not read as the character is elsewhere, by syllables
    "单": "shan", "于": "yu", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "盖": "ge", "区": "ou", "朴": "piao",
    "任": "ren", "华": "hua", "尉": "wei", "乐": "yue", "种": "chong", "员": "yun", "召": "shao", "翟": "zhai",
    "缪": "miao", "折": "she", "黑": "he", "盛": "sheng", "燕": "yan", "洗": "xian", "冼": "xian", "覃": "qin",
    "宁": "ning", "葛": "ge", "纪": "ji", "应": "ying", "牟": "mou", "佴": "nai", "晟": "cheng", "逄": "pang",
    "卜": "bu", "薄": "bo", "宿": "su", "都": "du", "繁": "po", "秘": "bi", "句": "gou", "祭": "zhai", "那": "na",
    "万俟": "mo qi", "尉迟": "yu chi", "澹台": "tan tai", "单于": "chan yu", "令狐": "ling hu", "长孙": "zhang sun",
}  # fmt: skip
WORD = re.compile(r"[a-z0-9]+|[^\W\da-z_]")
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
DOTS = dict.fromkeys(map(ord, "\u2022\u2027\u30fb\uff65\u22c5\uff0e."), "\u00b7")
NUMBER = re.compile(r"[GLJ]\d{17}[\dX]")
DOCUMENT = re.compile(r"(?=(?:.*\d){6})[0-9A-Z()/-]{7,20}")
LAST_FOUR = re.compile(r"(?=.*\d)[0-9A-Z]{4}")
LETTERS = re.compile(r"[a-z]+")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
BETWEEN_SIGNS = re.compile(r"(?<=[\u2e80-\uffef\U00020000-\U000323af]) (?=[\u2e80-\uffef\U00020000-\U000323af])")
BOTH_READ = re.compile("[\u4e00-\u9fff]{2}")
BETWEEN = re.compile(r"['’.·•-]")
SPELT = {"lyu": "lv", "nyu": "nv", "lü": "lv", "nü": "nv"}  # passports write lyu, input methods lv


class DocumentTaken(Refusal):
    """Another child of the register holds this document number (one child per document)."""

    code, message = "CHD-01", "这个证件号已有学籍记录，提交前请先处理重复。"


class NoNumberLeft(Refusal):
    """All random endings of a temporary number for this county and birth date are used up."""

    code, message, http = "CHD-02", "这个区县当天出生的临时学籍号已用完，请报省里处理。", 409


class NotRecordedYet(Refusal):
    """The register tells nothing of the child that was true by that day."""

    code, message, http = "CHD-21", "这一天还没有这名幼儿的学籍，最早可以看 {first}。", 422


class DayToCome(Refusal):
    """A day that has not come yet."""

    code, message, http = "CHD-22", "还没到这一天，最晚可以看 {last}。", 422


class NotKnownYet(Refusal):
    """By the day as of which the knowledge is asked, the register knew nothing of the child."""

    code, message, http = "CHD-23", "到 {known_on} 还没有登记这名幼儿，最早登记于 {first}。", 422


def document_key(kind: str, number: str) -> str:
    """Return what the claim on a document is made of: its kind and its number in capitals."""
    return f"{kind}|{number.strip().upper()}"


def sounds_of(name: str) -> tuple[str, str]:
    """Return full pinyin and initials of a name, surnames read as surnames: 曾子墨 → ("zengzimo", "zzm").

    Characters without a reading stay as they are; Latin names are split into their words and lower case.
    """
    rest, syllables = name, list[str]()
    for length in (2, 1):
        if name[:length] in SURNAMES and len(name) > length:
            syllables, rest = SURNAMES[name[:length]].split(), name[length:]
            break
    syllables += _syllables(rest)
    return "".join(syllables)[:200], "".join(part[0] for part in syllables)[:50]


@lru_cache(maxsize=65536)
def _syllables(text: str) -> tuple[str, ...]:
    """Return the syllables of a name without its surname; given names come back far more often than whole ones.

    Two characters that are no word together read as each does alone, which is known of most characters already.
    """
    if len(text) == 2 and text not in PHRASES_DICT and BOTH_READ.fullmatch(text):
        return _syllables(text[0]) + _syllables(text[1])
    read = lazy_pinyin(text, style=Style.NORMAL)
    return tuple(syllable for part in read for syllable in WORD.findall(_plain_letters(part.lower())))


@dataclass(frozen=True)
class Asked:
    """What a search asks for: `kind` is number, document, last4, letters, name or nothing; `text` in its one form."""

    kind: str
    text: str


def understand(text: str) -> Asked:
    """Return what somebody typed into the search box means. A name keeps its characters, only its dots are made one."""
    text = " ".join(CONTROL.sub("", text).split())
    plain = text.translate(FULL_WIDTH).replace(" ", "")
    capitals = plain.upper()
    if NUMBER.fullmatch(capitals):
        return Asked("number", capitals)
    if LAST_FOUR.fullmatch(capitals):
        return Asked("last4", capitals)
    if DOCUMENT.fullmatch(capitals):
        return Asked("document", capitals)
    letters = plain.lower()
    for typed, kept in SPELT.items():
        letters = letters.replace(typed, kept)
    letters = BETWEEN.sub("", _plain_letters(letters))
    if LETTERS.fullmatch(letters):
        return Asked("letters", letters)
    if not plain or (plain.isascii() and plain.isdigit()):
        return Asked("nothing", plain)
    return Asked("name", BETWEEN_SIGNS.sub("", text).translate(DOTS))


def _plain_letters(text: str) -> str:
    """Return Latin letters without their marks (ü → u); other scripts keep theirs."""
    return "".join(c if c < "\u00c0" or c > "\u1eff" else unicodedata.normalize("NFKD", c)[0] for c in text)


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
