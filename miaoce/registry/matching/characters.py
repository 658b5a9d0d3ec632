"""How alike two Chinese characters are: the same sound by any of their readings, nearly the same sound, a similar shape (pure).

Readings come from pypinyin, surnames read as surnames, simplified forms from OpenCC. Similar shapes are `data/shapes.txt`;
docs/matching.md says how the list was made.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import polars as pl
from numpy.typing import NDArray
from opencc import OpenCC
from pypinyin import Style, pinyin

from miaoce.registry.children.rules import SURNAMES
from miaoce.registry.matching.tokens import token_of

UNLIKE, SAME, SOUND, NEAR_SOUND, SHAPE = range(5)
_CODE_POINTS = 0x32000
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of some names, numbered from 1; 0 is no character and like nothing."""

    number: NDArray[np.uint16]  # by code point
    points: NDArray[np.uint64]  # and the code points by number
    reading: NDArray[np.uint64]  # a token of the usual reading, by the character's number
    kin: NDArray[np.uint8]  # how alike two are, by their two numbers

    def numbered(self, code_points: NDArray[np.uint32]) -> NDArray[np.uint16]:
        """Return the characters' numbers for an array of code points, 0 for what is unknown here."""
        return self.number[np.minimum(code_points, _CODE_POINTS - 1)]


def characters_of(code_points: Iterable[int]) -> Characters:
    """Return the table of all these characters (each once, simplified already)."""
    signs = sorted(set(code_points) - {0})
    number = np.zeros(_CODE_POINTS, np.uint16)
    number[signs] = np.arange(1, len(signs) + 1)
    readings = [readings_of(chr(sign)) for sign in signs]
    usual = np.array([0, *(_token_of_syllable(spoken[0]) for spoken in readings)], np.uint64)
    return Characters(
        number, np.array([0, *signs], np.uint64), usual, _kinship([chr(sign) for sign in signs], readings)
    )


def _kinship(signs: list[str], readings: list[tuple[str, ...]]) -> NDArray[np.uint8]:
    """Return the table of likeness, the stronger kind where two hold."""
    kin = np.zeros((len(signs) + 1, len(signs) + 1), np.uint8)
    place = {sign: number for number, sign in enumerate(signs, 1)}
    alike = shapes()
    for sign in place.keys() & alike.keys():
        known = [place[other] for other in alike[sign] if other in place]
        kin[place[sign], known] = SHAPE
    for kind, heard in ((NEAR_SOUND, blurred), (SOUND, str)):
        together = defaultdict(list)
        for number, spoken in enumerate(readings, 1):
            for syllable in {heard(syllable) for syllable in spoken}:
                together[syllable].append(number)
        for group in together.values():
            kin[np.ix_(group, group)] = kind
    np.fill_diagonal(kin, SAME)
    kin[0] = kin[:, 0] = UNLIKE
    return kin


@lru_cache(maxsize=4096)
def _token_of_syllable(syllable: str) -> int:
    """Return a syllable's token; there are some four hundred."""
    return int(token_of(pl.Series([syllable]))[0])


@lru_cache(maxsize=65536)
def readings_of(sign: str) -> tuple[str, ...]:
    """Return a character's readings without tones, the usual one first; its reading as a surname is one of them."""
    spoken = pinyin(sign, style=Style.NORMAL, heteronym=True)[0]
    return tuple(dict.fromkeys([*spoken, *SURNAMES.get(sign, spoken[0]).split()]))


def blurred(syllable: str) -> str:
    """Return a syllable as it is heard where zh, ch, sh, l and -ng are not told from z, c, s, n and -n."""
    for plain, merged in _INITIALS:
        if syllable.startswith(plain):
            syllable = merged + syllable[len(plain) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable


@lru_cache(maxsize=1)
def shapes() -> Mapping[str, str]:
    """Return for each character those that look like it."""
    alike: dict[str, str] = defaultdict(str)
    text = (files("miaoce.registry.matching") / "data" / "shapes.txt").read_text(encoding="utf-8")
    for group in text.split():
        alike[group[0]] += group[1:]
        for other in group[1:]:
            alike[other] += group[0]
    return alike


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=65536)
def simplified(sign: str) -> str:
    """Return the simplified form of one character."""
    return str(_converter().convert(sign))[:1] or sign
