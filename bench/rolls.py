"""The rolls that matching is measured on: the open one, fresh ones of its maker, and other places (`variants.py`).

The maker, the open roll and the scorer to agree with lie in a folder that the caller names. None of the seeds below was
learned from (docs/matching.md names those that were).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from bench import variants

SCALE = (0, 30)
"""The place and the seed of the roll on which Splink's thresholds are set."""
FRESH = ((0, 31), (0, 32), (0, 33))
PLACES = ((107, 41), (108, 42), (109, 43))
OPEN, MADE_OPEN, MADE_ELSEWHERE = "open roll", "fresh seeds", "other places"


@dataclass(frozen=True, slots=True)
class Source:
    """The folder that the rolls come from, and the folder that new ones are made in."""

    given: Path
    under: Path
    small: bool = False

    def is_there(self) -> bool:
        """Tell whether rolls can be made."""
        return (self.given / "make_roll.py").is_file()

    def scorer(self) -> ModuleType:
        """Return the scorer that the figures must agree with."""
        return variants.load(self.given / "score_match.py")

    def made(self, drawn: tuple[int, int], size: int) -> Path:
        """Make a roll and return its folder; place 0 is the maker as it is."""
        place, seed = drawn
        folder = self.under / f"{place}-{seed}-{size}"
        maker = variants.vary(variants.load(self.given / "make_roll.py"), place)
        maker.build(size // 20 if self.small else size, seed, str(folder))
        return folder

    def labelled(self) -> Iterator[tuple[str, Path]]:
        """Yield every labelled roll to measure on with its group, each made when it is asked for."""
        if (opened := self.given / "match-20k").is_dir():
            yield OPEN, opened
        for drawn in FRESH:
            yield MADE_OPEN, self.made(drawn, 100_000)
        for drawn in PLACES:
            yield MADE_ELSEWHERE, self.made(drawn, 50_000)
