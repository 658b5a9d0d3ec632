"""What a page hands to a component: plain frozen records, no markup, every text as a person reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "ok", "fix", "warn", "dup", "info"]
"""Colour family of a tag or a count; always beside a word and a shape, never alone."""


@dataclass(frozen=True)
class Flash:
    """One message after a redirect, drawn as a note; `tone` is ok, warn, bad or info."""

    text: str
    tone: str = "ok"


@dataclass(frozen=True)
class Crumb:
    """One step of the path above the page's title; the last one has no address."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Tab:
    """One status tab: a link that filters the list, with its count."""

    label: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True)
class TodoRow:
    """One thing that waits for somebody: count, what, until when, and one button.

    `tone` colours the count: fix (something is wrong), due (a deadline is near), empty (ordinary).
    `urgency` colours the deadline: due or late.
    """

    count: int
    title: str
    detail: str
    url: str
    action: str
    due: str = ""
    tone: Literal["", "fix", "due"] = ""
    urgency: Literal["", "due", "late"] = ""


@dataclass(frozen=True)
class KeyValue:
    """One line of a key-value table. `value` may be safe HTML; `used` and `limit` add a bar."""

    label: str
    value: str
    used: int | None = None
    limit: int | None = None


@dataclass(frozen=True)
class CompareRow:
    """One field of a comparison, with one cell per record; `differs` tints it and says 不同, `how` says how they differ."""

    label: str
    cells: Sequence[str]
    differs: bool = False
    how: str = ""


@dataclass(frozen=True)
class Check:
    """One thing that was checked: passed, not passed, or (None) still waiting for an answer."""

    text: str
    passed: bool | None = True


@dataclass(frozen=True)
class Entry:
    """One event of a timeline; `kind` is empty (done), next (still to come) or bad (returned, refused).

    `mark` says what is unusual about its day, as a line of its own.
    """

    title: str
    detail: str = ""
    kind: Literal["", "next", "bad"] = ""
    mark: str = ""


@dataclass(frozen=True)
class Kpi:
    """One figure with its denominator or change underneath."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Tile:
    """One place among the region tiles; `level` 1 (lowest fifth) to 5, 0 for no figure."""

    label: str
    value: str
    url: str
    level: int = 0


@dataclass(frozen=True)
class TileGroup:
    """Tiles under one heading, in the order of the official codes."""

    label: str
    tiles: Sequence[Tile]
