"""Finds a kindergarten's own class behind the ways people write it: 小2班, 小（二）班, 小班二班, 二班（小）."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_NUMERALS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": "0",
    "两": "2",
    "①": "1",
    "②": "2",
    "③": "3",
    "④": "4",
    "⑤": "5",
}
_KIND = re.compile(r"混龄|混合|混|托|小|中|大|学前|亲子|苗")
_NOISE = re.compile(r"[\s()（）\[\]【】<>《》\-_—.·、,，:：'\"#]+")
_YEARS = re.compile(r"\d{4}\s*(?:[—–\-~]\s*\d{4})?\s*(?:学年|级|届|年)?(?:第?[一二]学期|秋季?|春季?)?")
_HEADCOUNT = re.compile(r"[（(]?\s*(?:共\s*)?\d+\s*(?:人|名)\s*[)）]?")
_AROUND = re.compile(
    r"[（(【\[](?![一二三四五六七八九十\d]+班?[)）\]】])[^)）\]】]*[)）\]】]|(?:幼儿|名单|花名册|新生|学生|小朋友)+$"
)
_TEN = re.compile(r"(\d?)十(\d?)")


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """A class of the kindergarten: name, kind (托 小 中 大 混龄 or the register's word), size norm, enrolment."""

    name: str
    kind: str
    size_norm: int = 0
    enrolled: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows are checked for: the kindergarten, its county, the day, the school year and its classes."""

    kindergarten_code: str
    name: str
    region_code: str
    today: date
    school_year_start: date
    classes: tuple[GroupSpec, ...]


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """A class that was found, or the ones it could be."""

    name: str | None
    candidates: tuple[str, ...] = ()


class GroupFinder:
    """Knows the classes of one kindergarten; remembers every text it was asked about."""

    def __init__(self, classes: Sequence[GroupSpec], kindergarten_name: str) -> None:
        self.names = tuple(c.name for c in classes)
        self.kindergarten_name = kindergarten_name
        self._exact = {_squeeze(n): n for n in self.names}
        self._keys: dict[tuple[str, str], list[str]] = {}
        for name in self.names:
            self._keys.setdefault(_key(_squeeze(name)), []).append(name)
        self._remembered = lru_cache(maxsize=4096)(self._find)

    def find(self, text: str) -> FoundGroup:
        """Find the class that the text means; candidates where it could be several."""
        return self._remembered(text)

    def within(self, text: str) -> str | None:
        """Find the one class that a longer text (a sheet's name, a title, a file's name) speaks of."""
        found = self.find(text)
        if found.name:
            return found.name
        squeezed = _squeeze(_YEARS.sub("", text.replace(self.kindergarten_name, "")))
        named = {name for key, name in self._exact.items() if key in squeezed}
        for match in re.finditer(r"(?:混龄|混合|[托小中大])班?\d{1,2}班?", squeezed):
            named.update(self._keys.get(_key(match[0]), ()))
        return named.pop() if len(named) == 1 else None

    def _find(self, text: str) -> FoundGroup:
        plain = unicodedata.normalize("NFKC", text).replace(self.kindergarten_name, "")
        shorter = _AROUND.sub("", _HEADCOUNT.sub("", plain))
        for candidate in dict.fromkeys((plain, shorter, _YEARS.sub("", shorter))):
            squeezed = _squeeze(candidate)
            for form in (squeezed, squeezed + "班", squeezed.removesuffix("班")):
                if form in self._exact:
                    return FoundGroup(self._exact[form])
            kind, number = _key(squeezed)
            if kind:
                hits = (
                    self._keys.get((kind, number), [])
                    if number
                    else [n for (k, _), ns in self._keys.items() if k == kind for n in ns]
                )
                if len(hits) == 1:
                    return FoundGroup(hits[0])
                if hits:
                    return FoundGroup(None, tuple(hits))
        return FoundGroup(None, self._slips(_squeeze(plain)))

    def _slips(self, squeezed: str) -> tuple[str, ...]:
        """Classes whose name is one wrong character away; a wrong number is no slip."""
        out = []
        for form, name in self._exact.items():
            if len(form) != len(squeezed) or len(form) < 3:
                continue
            different = [(a, b) for a, b in zip(form, squeezed, strict=True) if a != b]
            if len(different) == 1 and not different[0][0].isdigit() and not different[0][1].isdigit():
                out.append(name)
        return tuple(out) if len(out) == 1 else ()


def _squeeze(text: str) -> str:
    """Remove spaces, brackets and dashes; write every number in digits."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text))
    plain = "".join(_NUMERALS.get(c, c) for c in plain)
    return _TEN.sub(lambda m: str(int(m[1] or 1) * 10 + int(m[2] or 0)), plain)


def _key(squeezed: str) -> tuple[str, str]:
    """Return (kind, number) of a class's squeezed name: 小班2班 → (小, 2); ("", "") where it has no such form."""
    rest = re.sub(r"幼儿园|年级|年段|班级|班|组|第", "", squeezed)
    kind = _KIND.match(rest) or re.search(r"(?<=\d)(?:混龄|托|小|中|大)$", rest)
    if kind is None:
        return "", ""
    number = rest.replace(kind[0], "", 1).lstrip("0")
    if number and not number.isdigit():
        return "", ""
    return ("混龄" if kind[0] in ("混", "混合") else kind[0]), number
