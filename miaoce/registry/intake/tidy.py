"""Makes texts regular without changing what they mean: spaces, full-width digits, separators, look-alike dots."""

import re
from functools import lru_cache

from miaoce.registry.intake.sheets import INVISIBLE

_SPACES = re.compile(r"\s+")
_EXCEL_TEXT = re.compile(r'="?([^"]*)"?')
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}")
_FLOAT = re.compile(r"\d{7,}\.0{1,2}")
_NUMBER_NOISE = re.compile(r"[\s\-‐‑–—_.·'\"`´‘’“”,，、:：;；]+")
_PHONE_NOISE = re.compile(r"[\s\-‐‑–—_.·'\"`´‘’“”()（）]+")
_HALF = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x00A0: 0x20}
_LOOKALIKE_X = str.maketrans({"×": "X", "х": "X", "Х": "X", "✕": "X", "╳": "X", "χ": "X"})
_DOTS = "\u2022\u2027\u30fb\uff65\u22c5\uff0e.\u2219\u25cf\u25e6\u00b7\u0387"
_DOT = re.compile(rf"\s*[{re.escape(_DOTS)}]\s*")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U000323af\U000323b0-\U00033479"
_HAN_CHARACTER = re.compile(f"[{_HAN}]")
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}·\U000e0100-\U000e01ef])\s+|\s+(?=[{_HAN}·])")
_ERRORS = ("#N/A", "#REF", "#VALUE", "#NAME", "#DIV", "#NULL", "#NUM", "#SPILL", "#CALC", "#GETTING")
_EDGES = "".join(map(chr, INVISIBLE)) + " \t\r\n\u3000\xa0"

NOTHING = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "无",
        "没有",
        "空",
        "暂无",
        "n/a",
        "na",
        "null",
        "none",
        "nan",
        "未填",
        "不详",
        "*",
    }
)
"""What people write into a cell to say that there is nothing (lower case)."""

# fmt: off
NO_PAPERS = frozenset({
    "无", "暂无", "没有", "暂无证件", "无证件", "无证", "没有证件", "未办", "未办理", "暂未办理", "待办", "尚未办理",
    "未上户", "未上户口", "没上户口", "无户口", "暂无户口", "没有户口", "未落户", "无身份证", "暂无身份证",
    "没有身份证", "办理中", "正在办理",
})
# fmt: on
"""What people write in place of a document's number to say that the child has none yet."""


def half_width(text: str) -> str:
    """Turn full-width letters, digits and signs into the usual ones."""
    return text.translate(_HALF)


def tidy_text(text: str) -> str:
    """Trim free text and join its runs of spaces; line breaks become single spaces."""
    return _SPACES.sub(" ", text.strip(_EDGES)).strip()


def is_error(text: str) -> bool:
    """Tell what a sheet shows where a formula came to nothing: #N/A, #REF! and the like."""
    return text.strip(_EDGES).startswith(_ERRORS)


def is_nothing(text: str) -> bool:
    """Tell whether a cell is empty or says in words that there is nothing."""
    return not text or text.strip(_EDGES).lower() in NOTHING


@lru_cache(maxsize=16384)
def tidy_name(text: str) -> str:
    """Tidy a name: no spaces inside Chinese, single ones between Latin words, one dot (U+00B7) for all look-alikes.

    Characters are never replaced by “compatible” ones: a person's name is what the document says.
    """
    name = _SPACES.sub(" ", text.strip(_EDGES))
    if not _HAN_CHARACTER.search(name):
        return name
    return _BETWEEN_HAN.sub("", _DOT.sub("·", name))


def tidy_number(text: str) -> str:
    """Tidy a document number: upper case, half-width, without spaces, hyphens, apostrophes or Excel's ="…"."""
    plain = _whole(half_width(text.translate(INVISIBLE)).strip())
    if plain.startswith("="):
        match = _EXCEL_TEXT.fullmatch(plain)
        plain = match[1] if match else plain
    if _SCIENTIFIC.fullmatch(plain):
        return plain
    return _NUMBER_NOISE.sub("", plain).translate(_LOOKALIKE_X).upper().removesuffix("号码")


def is_scientific(text: str) -> bool:
    """Tell a number as Excel shows long ones: 9.90101E+17."""
    return _SCIENTIFIC.fullmatch(half_width(text).strip()) is not None


def _whole(text: str) -> str:
    """Write a number that a program left as 1.3800004943E+10 or 13800004943.0 in its digits, if all of them are there."""
    if _FLOAT.fullmatch(text):
        return text.partition(".")[0]
    match = _SCIENTIFIC.fullmatch(text)
    if match is None:
        return text
    mantissa, _, power = text.upper().partition("E")
    digits = mantissa.replace(".", "").replace(",", "")
    return digits if len(digits) == int(power) + 1 else text


def tidy_phone(text: str) -> str:
    """Tidy one telephone number: digits only, without the country's +86; other countries keep their +."""
    plain = _PHONE_NOISE.sub("", _whole(half_width(text.translate(INVISIBLE)).strip()))
    if plain.startswith("="):
        plain = plain[1:]
    for prefix in ("+86", "0086"):
        if plain.startswith(prefix):
            return plain[len(prefix) :]
    if len(plain) == 13 and plain.startswith("861"):
        return plain[2:]
    if len(plain) == 12 and plain[0] == "0" and plain[1] == "1" and plain[2] in "3456789":
        return plain[1:]  # a zero dialled before a mobile number
    return plain
