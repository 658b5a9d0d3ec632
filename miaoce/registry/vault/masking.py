"""What each kind of viewer is shown of a value by default (the masking table of ux.md §7). Pure.

A mask is made on the server, from the clear value, and only the mask leaves. Showing more is another act: one field,
one child, a reason, logged first.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum

HIDDEN = "已隐藏"  # a value exists and this viewer gets nothing of it; a screen reader says so too


class Field(StrEnum):
    """The kinds of value that have a mask."""

    NAME = "name"
    DOCUMENT = "document"
    NUMBER = "number"
    BIRTH = "birth"
    PHONE = "phone"
    ADDRESS = "address"
    CARE = "care"  # health, disability, hardship: for a named role only


class Viewer(StrEnum):
    """In whose eyes a value is masked."""

    OWN = "own"  # the clerk of the child's own kindergarten
    COUNTY = "county"
    ANALYST = "analyst"  # city, province, ministry: counts, not children
    PARENT = "parent"
    OTHER = "other"  # another kindergarten or school
    COMPARING = "comparing"  # another kindergarten while it decides whether two records are one child
    PUBLIC = "public"  # whoever scans the code on a card


def shown(field: Field | str, value: str, viewer: Viewer | str) -> str:
    """Return what a viewer sees of a value by default; nothing recorded gives nothing, nothing allowed gives 已隐藏."""
    if not value.strip():
        return ""
    return TABLE[Field(field)].get(Viewer(viewer), _none)(value)


def mask_document(value: str) -> str:
    """Return a document number with its middle hidden: 990101202301036516 → 990101********6516.

    Six and four digits stay of 15 or more; shorter ones (passports) keep two and two, or the last two, or nothing.
    """
    value = value.strip()
    length = len(value)
    if length >= 15:
        return value[:6] + "*" * (length - 10) + value[-4:]
    if length >= 9:
        return value[:2] + "*" * (length - 4) + value[-2:]
    return last(value, 2)


def mask_number(value: str) -> str:
    """Return a 学籍号 with its middle hidden: the letter stays, the rest is masked as a document number.

    G holds an ID number and L a birth date.
    """
    value = value.strip()
    return value[:1] + mask_document(value[1:]) if value[:1].isalpha() else mask_document(value)


def last(value: str, count: int) -> str:
    """Return four stars and the last few characters, or only the stars where that would be half of the value."""
    value = value.strip()
    return "****" + value[-count:] if len(value) > 2 * count else "****"


def mask_phone(value: str) -> str:
    """Return a phone number with its middle hidden: 13812344943 → 138****4943; other forms by their last digits."""
    digits = re.sub(r"[\s\-()（）+]", "", value)
    if re.fullmatch(r"(?:0{0,2}86)?1\d{10}", digits):
        return f"{digits[-11:-8]}****{digits[-4:]}"
    return last(digits, 4) if len(digits) >= 10 else last(digits, 2)


def mask_name(value: str) -> str:
    """Return a name by its ends: 陈子墨 → 陈*墨, 李娜 → 李*, 阿卜杜·热合曼 → 阿*曼. One star: length tells too."""
    signs = _signs(value)
    if len(signs) < 2:
        return "*"
    return f"{signs[0]}*{signs[-1]}" if len(signs) > 2 else f"{signs[0]}*"


def surname_of(value: str) -> str:
    """Return the surname of a person: 李建华 → 李, 欧阳明 → 欧阳; a name without one is shown by its ends (mask_name)."""
    signs = _signs(value)
    if not signs or signs[0] < "\u3400" or any(dot in value for dot in _DOTS):
        return mask_name(value)
    return "".join(signs[: 2 if len(signs) > 2 and DOUBLE_SURNAMES.match(value) else 1])


def mask_birth(value: str) -> str:
    """Return year and month of a date written 2023-01-03."""
    return value[:7] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else HIDDEN


def mask_address(value: str, *, to: str = "town") -> str:
    """Return an address cut after its 乡镇 (`to="town"`) or its 区县 (`to="county"`).

    Where the wanted level cannot be told, the address is cut earlier; where no level can be told, all of it is hidden.
    """
    text = re.sub(r"\s", "", value)
    county = COUNTY.match(text)
    cut = county.end() if county else 0
    if to == "town" and (town := TOWN.match(text, cut)):
        cut = town.end()
    return text[:cut] + "…" if 0 < cut < len(text) else text[:cut] or HIDDEN


# A level's name holds none of the signs that begin a street, a house or a village, so a cut never lies behind one of
# them; 小区, 社区, 园区 and 市场 are no districts, and only short names of districts hold 镇 or 乡 (镇平县, 桐乡市).
_END = "0-9０-９路巷号村组栋室弄楼市县区旗"
_LEVEL = rf"(?:[^{_END}镇乡街]{{1,12}}|[^{_END}]{{1,3}}|[^{_END}]{{1,12}}族(?=自治))"
_CITY = r"(?:市(?!场)|自治州|地区|盟)"
_DISTRICT = r"(?:自治县|自治旗|县|(?<![小社园校宅])区|旗|市(?!场))"
COUNTY = re.compile(rf"(?:[^{_END}省]{{2,6}}(?:省|自治区))?(?:{_LEVEL}{_CITY})?{_LEVEL}{_DISTRICT}")
TOWN = re.compile(r"[^0-9０-９路巷号村组栋室弄楼]{1,10}?(?:街道办事处|街道|民族乡|镇|乡|苏木)")

DOUBLE_SURNAMES = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|"
    "钟离|长孙|宇文|司徒|鲜于|司空|闾丘|司寇|巫马|公西|颛孙|漆雕|乐正|宰父|谷梁|拓跋|夹谷|轩辕|令狐|段干|百里|呼延|东郭|南门|羊舌|"
    "微生|梁丘|左丘|西门|第五|即墨|达奚|褚师|纳兰"
)

_DOTS = "·•‧・･⋅．."


def _signs(text: str) -> list[str]:
    """Return the written signs of a name: each character with its marks and variation selectors; no dots, no spaces."""
    signs: list[str] = []
    for character in text:
        if character in _DOTS or character.isspace():
            continue
        if signs and (unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Mc", "Me"}):
            signs[-1] += character
        else:
            signs.append(character)
    return signs


def _full(value: str) -> str:
    return value


def _none(_value: str) -> str:
    return HIDDEN


def _last4(value: str) -> str:
    return last(value, 4)


def _last2(value: str) -> str:
    return last(value, 2)


def _town(value: str) -> str:
    return mask_address(value)


def _county(value: str) -> str:
    return mask_address(value, to="county")


Mask = Callable[[str], str]
TABLE: dict[Field, dict[Viewer, Mask]] = {  # a viewer who is not named gets nothing
    Field.NAME: {
        Viewer.OWN: _full,
        Viewer.COUNTY: _full,
        Viewer.PARENT: mask_name,
        Viewer.OTHER: mask_name,
        Viewer.COMPARING: mask_name,
        Viewer.PUBLIC: mask_name,
    },
    Field.DOCUMENT: {
        Viewer.OWN: mask_document,
        Viewer.COUNTY: mask_document,
        Viewer.PARENT: _last4,
        Viewer.OTHER: _last2,
        Viewer.COMPARING: _last2,
    },
    Field.NUMBER: {
        Viewer.OWN: mask_number,
        Viewer.COUNTY: mask_number,
        Viewer.PARENT: _last4,
        Viewer.OTHER: _last2,
        Viewer.COMPARING: _last2,
    },
    Field.BIRTH: {
        Viewer.OWN: _full,
        Viewer.COUNTY: _full,
        Viewer.ANALYST: mask_birth,
        Viewer.PARENT: mask_birth,
        Viewer.COMPARING: _full,
    },
    Field.PHONE: {Viewer.OWN: mask_phone, Viewer.COUNTY: mask_phone, Viewer.PARENT: _full},
    Field.ADDRESS: {Viewer.OWN: _town, Viewer.COUNTY: _town, Viewer.ANALYST: _county, Viewer.PARENT: _town},
    Field.CARE: {Viewer.PARENT: _full},
}
