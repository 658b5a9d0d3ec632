"""How pressing a deadline is."""

from typing import Literal

Urgency = Literal["", "due", "late"]
ClockTone = Literal["fix", "due"]


def urgency_of(days_left: int) -> Urgency:
    """Return how a deadline looks with so many working days left: late below 0, due at 0 and 1."""
    return "late" if days_left < 0 else "due" if days_left <= 1 else ""


def clock_tone(red: int) -> ClockTone:
    """Return how a two-month clock looks: red as soon as one case is past its day."""
    return "fix" if red else "due"
