"""Pure rules of published counts: small cells are hidden, and nothing that is shown lets them be worked out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SMALL = 5  # trust.md S-14


@dataclass(frozen=True)
class Figure:
    """A count as it may be shown: what is known of it, and how many small cells were left out of it."""

    known: int = 0
    hidden: int = 0

    def __add__(self, other: "Figure") -> "Figure":
        """Add figures: totals are made of what is shown, so that no difference of totals tells a small cell."""
        return Figure(self.known + other.known, self.hidden + other.hidden)

    @property
    def words(self) -> str:
        """The figure as a person reads it: 128, 少于5, 128 以上, and where nothing but small cells adds up 3 处少于5."""
        if not self.hidden:
            return f"{self.known:,}"
        if self.known:
            return f"{self.known:,} 以上"
        return f"少于{SMALL}" if self.hidden == 1 else f"{self.hidden} 处少于{SMALL}"


def guarded(count: int, *, is_shown_in_full: bool = False) -> Figure:
    """Return a count as it may be shown: 1 to 4 are hidden, unless the viewer may see every child behind it."""
    return Figure(count) if is_shown_in_full or count == 0 or count >= SMALL else Figure(hidden=1)


def summed(figures: Iterable[Figure]) -> Figure:
    """Return the sum of figures."""
    return sum(figures, Figure())


def by_state(figures: Iterable[Mapping[str, Figure]], states: Iterable[str]) -> dict[str, Figure]:
    """Return the sum of rows of figures for each state."""
    rows = list(figures)
    return {state: summed(row.get(state, Figure()) for row in rows) for state in states}
