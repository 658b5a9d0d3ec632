"""What a code and a verdict say, in the words that a person reads."""

from miaoce.registry.matching.comparison import ATTRIBUTES, WIDTH, reasons
from miaoce.registry.matching.models import DECIDED, VERDICTS

JOINED = "；"


def reasons_of(code: str) -> list[str]:
    """Return why two records could be one child, in the order of the attributes; nothing for a pair that only people named."""
    return reasons(code) if len(code) == WIDTH else []


def said(code: str) -> str:
    """Return the reasons as one line."""
    return JOINED.join(reasons_of(code))


def attributes_of(code: str) -> list[tuple[str, str]]:
    """Return each attribute's name with what the code says of it, "" where it says nothing."""
    if len(code) != WIDTH:
        return []
    return [(a.name, a.levels(int(digit)).words) for a, digit in zip(ATTRIBUTES, code, strict=True)]


def verdict_of(verdict: str) -> str:
    """Return a verdict of the table in words."""
    return VERDICTS[verdict]


def decided_as(decided: str) -> str:
    """Return what a person decided, in words."""
    return DECIDED[decided]
