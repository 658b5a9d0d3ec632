"""Checks names. A refused name is a denied right: every character a person's document can hold is accepted.

The allow list goes by code points, not by Python's Unicode tables, which lag behind GB 18030-2022 (extensions G to J).
"""

import re
import unicodedata

from miaoce.registry.intake.rowwork import RowWork
from miaoce.registry.intake.sheets import INVISIBLE
from miaoce.registry.intake.tidy import is_nothing, tidy_name
from miaoce.registry.intake.wording import say

LONGEST_NAME = 50

_HAN = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0002a6df\U0002a700-\U0002ee5d\U0002f800-\U0002fa1f\U00030000-\U000323af\U000323b0-\U00033479"
)
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_CHINESE_NAME = re.compile(rf"(?:[{_HAN}][{_SELECTORS}]?)+(?:·(?:[{_HAN}][{_SELECTORS}]?)+)*")
_LATIN_NAME = re.compile(rf"[{_LATIN}](?:[{_LATIN}]|[ .'’\-](?=[{_LATIN} (.]|$)|·(?=[{_LATIN}]))*")
_ALLOWED = re.compile(rf"[{_HAN}{_LATIN}{_PRIVATE}{_SELECTORS}· .'’\-]+")
_HIDDEN = re.compile("[" + "".join(re.escape(chr(c)) for c in INVISIBLE) + r"\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LOST = re.compile("[?？□■▢�¿☐]")
_BRACKETS = re.compile(r"[(（\[【〔《<].*?[)）\]】〕》>]?$|[(（\[【〔《<].*?[)）\]】〕》>]")
_DOTS = re.compile("[\u2022\u2027\u30fb\uff65\u22c5\uff0e.\u2219]")
_PLAIN = re.compile(r"[\u4e00-\u9fa5]{2,4}")


def check_child(work: RowWork) -> None:
    """Check the child's name and former name."""
    raw = work.row.raw.get("name", "")
    if _PLAIN.fullmatch(raw):
        work.row.values["name"] = raw
    elif is_nothing(raw):
        work.find("name", "NAME_MISSING", say("name_missing"))
    elif check_name(work, "name", raw):
        work.put("name", raw if "name" in work.verbatim else tidy_name(raw))
    former = work.row.raw.get("former_name", "")
    if not is_nothing(former):
        name = former if "former_name" in work.verbatim else tidy_name(former)
        if _ALLOWED.fullmatch(name):
            work.put("former_name", name)
        else:
            check_name(work, "former_name", former, remark=True)


def check_name(work: RowWork, key: str, raw: str, *, remark: bool = False) -> bool:
    """Find fault with a name's characters; tell whether it can be kept."""
    name = raw if key in work.verbatim else tidy_name(raw)
    if _CHINESE_NAME.fullmatch(name) and len(name) <= LONGEST_NAME:
        return True
    if name[0] in "=+-@＝＋－＠#":
        work.find(key, "FORMULA", say("formula"), remark=remark)
        return False
    fault = _fault(name)
    if fault is not None:
        wording, facts, suggestion = fault
        work.find(key, "NAME_CHARACTERS", say(wording, **facts), suggestion, remark=remark)
        return False
    if re.search(f"[{_PRIVATE}]", name):
        work.find(key, "NAME_PRIVATE_USE", say("name_private"), remark=True)
    elif key in work.verbatim and _DOTS.search(name) and re.search(f"[{_HAN}]", name):
        work.find(key, "NAME_DOT", say("name_dot"), remark=True)
    elif re.search(f"[{_HAN}]", name) and re.search(f"[{_LATIN}]", name):
        work.find(key, "NAME_MIXED", say("name_mixed"), remark=True)
    return True


def _fault(name: str) -> tuple[str, dict[str, object], str | None] | None:
    """Return (wording, facts, suggestion) for what no name can hold, or None."""
    if _HIDDEN.search(name):
        return "name_hidden", {}, _sound(tidy_name(_HIDDEN.sub("", name)))
    lost = _LOST.search(name)
    if lost:
        return "name_lost", {"what": lost[0]}, None
    if _BRACKETS.search(name) and re.search(f"[{_HAN}]", name):
        return "name_brackets", {}, _sound(tidy_name(_BRACKETS.sub("", name)))
    digit = re.search(r"[0-9０-９]+", name)
    if digit:
        return "name_digit", {"what": digit[0]}, None
    if len(name) > LONGEST_NAME:
        return "name_long", {"have": len(name)}, None
    rest = _ALLOWED.sub("", _DOTS.sub("", name))
    if rest:
        return "name_strange", {"what": "".join(dict.fromkeys(rest))[:3]}, _sound(tidy_name(_compatible(name)))
    if not re.search(f"[{_HAN}{_LATIN}{_PRIVATE}]", name) or name[0] in "· .'’" or name[-1] in "· '’-":
        return "name_strange", {"what": name[:3]}, None
    return None


def _compatible(name: str) -> str:
    """Put the usual character for each look-alike that no name holds (full-width letters, radicals, SMITH, JOHN)."""
    name = name if re.search(f"[{_HAN}]", name) else re.sub("[,，]", " ", name)
    return "".join(c if _ALLOWED.fullmatch(c) else unicodedata.normalize("NFKC", c) for c in name)


def _sound(name: str) -> str | None:
    return name if _CHINESE_NAME.fullmatch(name) or _LATIN_NAME.fullmatch(name) else None
