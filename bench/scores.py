"""How good the pairs of a matcher are beside a labelled roll, counted on pairs; tallies of several rolls add up."""

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

Pair = tuple[str, str]
Verdicts = Mapping[Pair, str]


@dataclass
class Tally:
    """Counts of one roll or of several: pairs by verdict, and which of them are right."""

    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    kinds_same: Counter[str] = field(default_factory=Counter)
    kinds_offered: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Self) -> Self:
        """Add what another roll gave."""
        self.counts += other.counts
        self.kinds += other.kinds
        self.kinds_same += other.kinds_same
        self.kinds_offered += other.kinds_offered
        return self

    def share(self, part: str, whole: str) -> float:
        """Return one count divided by another; nothing of nothing is no number."""
        return self.counts[part] / self.counts[whole] if self.counts[whole] else float("nan")

    @property
    def load(self) -> float:
        """`review` pairs for each 1,000 records."""
        return 1_000 * self.share("review", "records")


def tally(folder: Path, verdicts: Verdicts) -> Tally:
    """Count the verdicts on the roll of a folder (`truth.csv`, `twins.csv`, `kinds.csv`)."""
    truth, twins = set(pairs_of(folder / "truth.csv")), set(pairs_of(folder / "twins.csv"))
    same = {pair for pair, verdict in verdicts.items() if verdict == "same"}
    review = {pair for pair, verdict in verdicts.items() if verdict == "review"}
    offered, found = same | review, Tally()
    found.counts.update({
        "records": records_in(folder), "true": len(truth), "same": len(same), "review": len(review),
        "offered": len(offered), "same_right": len(same & truth), "offered_right": len(offered & truth),
        "twins": len(twins), "twins_same": len(twins & same), "twins_review": len(twins & review),
    })  # fmt: skip
    for pair, kinds in pairs_of(folder / "kinds.csv", "kinds").items():
        for kind in filter(None, kinds.split(";")):
            found.kinds[kind] += 1
            found.kinds_same[kind] += pair in same
            found.kinds_offered[kind] += pair in offered
    return found


def pairs_of(path: Path, column: str = "left") -> dict[Pair, str]:
    """Return the pairs of a file, the smaller record first, with what stands in one of its columns."""
    with path.open(encoding="utf-8", newline="") as file:
        return {_ordered(row["left"], row["right"]): row[column] for row in csv.DictReader(file)}


def _ordered(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def records_in(folder: Path) -> int:
    """Return how many records a roll has."""
    with (folder / "roll.csv").open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def must_agree(found: Tally, told: Mapping[str, Any]) -> None:
    """Stop the run where `score_match.py` counts otherwise; `told` is what its `score` returns."""
    counts = found.counts
    ours = {
        "true_pairs": counts["true"], "same": counts["same"], "review": counts["review"],
        "false_same": counts["same"] - counts["same_right"], "missed": counts["true"] - counts["offered_right"],
        "twin_pairs": counts["twins"], "twins_same": counts["twins_same"], "twins_review": counts["twins_review"],
    }  # fmt: skip
    theirs = {name: told[name] for name in ours}
    if ours != theirs:
        raise RuntimeError(f"the figures differ from those of score_match.py: {ours} here, {theirs} there")
    for kind, (total, same, offered) in told["by_kind"].items():
        here = found.kinds_same[kind] / total, found.kinds_offered[kind] / total
        if found.kinds[kind] != total or max(abs(here[0] - same), abs(here[1] - offered)) > 1e-9:
            raise RuntimeError(f"the recall of {kind} differs from that of score_match.py")
