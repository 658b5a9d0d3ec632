"""How two values of two records differ, in the words of an official (pure)."""

from collections.abc import Callable
from datetime import date

from miaoce.registry.children.rules import sounds_of

SAME, ONE_MISSING, DIFFERENT = "一致", "一方没有", "不同"


def in_words(kind: str, one: str, other: str) -> str:
    """Return how two values of a kind ("name", "date", "number", "" for any other) differ; nothing where both are empty."""
    if not one and not other:
        return ""
    if one == other:
        return SAME
    if not one or not other:
        return ONE_MISSING
    return WORDS[kind](one, other) if kind in WORDS else DIFFERENT


def _names(one: str, other: str) -> str:
    """Return how two names differ."""
    if sounds_of(one)[0] == sounds_of(other)[0]:
        return "读音相同，写法不同"
    if sorted(one) == sorted(other):
        return "字相同，次序不同"
    if len(one) == len(other) and _apart(one, other) == 1:
        return "差一个字"
    if one in other or other in one:
        return "一方多字"
    return DIFFERENT


def _dates(one: str, other: str) -> str:
    """Return how two days (2023-01-03) differ."""
    first, second = date.fromisoformat(one), date.fromisoformat(other)
    if (first.month, first.day) == (second.day, second.month) and first.year == second.year:
        return "月和日对调"
    if (first.month, first.day) == (second.month, second.day):
        return f"差 {abs(first.year - second.year)} 年"
    return f"相差 {abs((first - second).days)} 天"


def _numbers(one: str, other: str) -> str:
    """Return how two numbers of documents differ."""
    if len(one) != len(other):
        return "位数不同"
    apart = _apart(one, other)
    if apart <= 2 and sorted(one) == sorted(other):
        return "两位对调"
    return f"差 {apart} 位" if apart <= 3 else DIFFERENT


def _apart(one: str, other: str) -> int:
    """Return in how many places two texts of one length differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


WORDS: dict[str, Callable[[str, str], str]] = {"name": _names, "date": _dates, "number": _numbers}
