"""Which characters the installed fonts can print. A character that none has is said before anything is printed."""

from collections.abc import Iterable
from functools import lru_cache

import typst
from fontTools.ttLib import TTFont

from miaoce.registry.refusals import Refusal

MAIN = "Noto Sans CJK SC"
FAMILIES = (MAIN, "HanaMinA", "HanaMinB", "BabelStone Han")  # the first that has a character draws it
SURE = frozenset(
    map(chr, [*range(0x20, 0x7F), *range(0x4E00, 0x9FA6), 0xB7, *range(0x3000, 0x3018), *range(0xFF01, 0xFF5F)])
)


class NoChineseFont(Refusal):
    """The machine has no Chinese font, so a PDF would show boxes for all names."""

    code, message, http = "PAP-01", "这台服务器没有装中文字体，生成不了 PDF。可以在网页上直接打印。", 409


@lru_cache(maxsize=1)
def installed() -> typst.Fonts:
    """Return the fonts of the machine, looked for once in each process."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


def require_chinese() -> None:
    """Refuse (PAP-01) where the main font is missing."""
    if MAIN not in installed().families():
        raise NoChineseFont


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Return every code point that one of the families can draw."""
    points: set[int] = set()
    for font in installed().fonts():
        if font.family in FAMILIES and font.path and font.style == "normal" and font.weight <= 500:
            with TTFont(font.path, fontNumber=font.index, lazy=True) as read:
                points |= set(read["cmap"].getBestCmap())
    return frozenset(points)


def missing(texts: Iterable[str]) -> list[str]:
    """Return the characters that no font of the papers can draw, each once; variation selectors draw nothing themselves.

    Private-use characters count as missing: what a font draws for one is its own idea and nobody's name.
    """
    unsure = {character for text in texts for character in text} - SURE
    unsure = {c for c in unsure if not 0xFE00 <= ord(c) <= 0xFE0F and not 0xE0100 <= ord(c) <= 0xE01EF}
    return sorted(c for c in unsure if _is_private(c) or ord(c) not in covered()) if unsure else []


def _is_private(character: str) -> bool:
    return 0xE000 <= ord(character) <= 0xF8FF or ord(character) >= 0xF0000
