"""The tables of docs/matching.md that `bench/matching.py` measures."""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.rolls import MADE_ELSEWHERE, MADE_OPEN, OPEN
from bench.scores import Tally

PAGE, FIGURES = Path("docs/matching.md"), Path("miaoce/registry/matching/data/figures.csv")
ORDER = (MADE_OPEN, MADE_ELSEWHERE, OPEN)  # the product shows the first two, as they stand in the table
Tallies = Mapping[str, Tally]


def write(part: str, text: str) -> None:
    """Put the tables of one part between its marks on the page."""
    whole = PAGE.read_text()
    begin, end = (f"<!-- {part}: {words} -->" for words in ("written by make bench-match", "end"))
    before, rest = whole.split(begin)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}")


TOLD: dict[str, Callable[[Tally], str]] = {
    "precision": lambda t: f"{t.share('same_right', 'same'):.4f}",
    "recall_same": lambda t: f"{t.share('same_right', 'true'):.3f}",
    "recall_review": lambda t: f"{t.share('offered_right', 'true'):.3f}",
    "review_load": lambda t: f"{t.load:.1f}",
    "twin_same": lambda t: f"{100 * t.share('twins_same', 'twins'):.3f} %",
    "twin_review": lambda t: f"{100 * t.share('twins_review', 'twins'):.1f} %",
}
"""What the quality page tells officials, by the measure's key in its file."""


def tell_officials(opened: Tally, elsewhere: Tally) -> None:
    """Write the figures of fresh rolls into the file that the product shows; words and bars stay."""
    with FIGURES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        told = TOLD[row["measure"]]
        row["open"], row["elsewhere"] = told(opened), told(elsewhere)
    with FIGURES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


MEASURES: tuple[tuple[str, str, Callable[[Tally], str]], ...] = (
    (
        "records; true pairs; twin pairs",
        "",
        lambda t: "; ".join(f"{t.counts[n]:,}" for n in ("records", "true", "twins")),
    ),
    ("precision of `same`", "≥ 0.999", TOLD["precision"]),
    ("wrong pairs in `same`", "", lambda t: f"{t.counts['same'] - t.counts['same_right']} of {t.counts['same']:,}"),
    ("recall of `same`", "≥ 0.80", TOLD["recall_same"]),
    ("precision of `same` + `review`", "", lambda t: f"{t.share('offered_right', 'offered'):.3f}"),
    ("recall of `same` + `review`", "≥ 0.97", TOLD["recall_review"]),
    ("`review` pairs per 1,000 records", "≤ 6", TOLD["review_load"]),
    ("twin pairs called `same`", "≤ 0.1 %", TOLD["twin_same"]),
    ("twin pairs in `review`", "≤ 8 %", TOLD["twin_review"]),
)


def quality(ours: Tallies, theirs: Tallies) -> list[str]:
    """Return the table of quality by group of rolls, and recall by kind of slip over all fresh rolls."""
    groups = sorted(ours, key=ORDER.index)
    heads = [f"{who}: {group}" for who in ("Miaoce", "Splink") for group in groups]
    lines = [f"| | bar | {' | '.join(heads)} |", f"|---|---|{'---|' * len(heads)}"]
    for what, bar, told in MEASURES:
        cells = [told(tallies[group]) for tallies in (ours, theirs) for group in groups]
        lines.append(f"| {what} | {bar} | {' | '.join(cells)} |")
    fresh = [_added(tallies, ORDER[:2]) for tallies in (ours, theirs)]
    return [*lines, "", "Recall by kind of slip, all fresh rolls together:", "", *_by_kind(*fresh)]


def _added(tallies: Tallies, groups: Sequence[str]) -> Tally:
    total = Tally()
    for group in groups:
        total += tallies[group]
    return total


def _by_kind(ours: Tally, theirs: Tally) -> list[str]:
    """Return the lines of the table by kind of slip."""
    lines = [
        "| kind | pairs | Miaoce `same` | with `review` | Splink `same` | with `review` |",
        "|---|---|---|---|---|---|",
    ]
    for kind, total in sorted(ours.kinds.items()):
        counts = [seen[kind] for one in (ours, theirs) for seen in (one.kinds_same, one.kinds_offered)]
        lines.append(f"| {kind} | {total:,} | {' | '.join(f'{count / total:.3f}' for count in counts)} |")
    return lines


def speed(rows: Sequence[tuple[int, float, float, float, int]]) -> list[str]:
    """Return the table of cost by size: each row has records, wall, processor, MiB and pairs written."""
    lines = [
        "| records | wall | processor | memory at most | pairs written | processor, to n·log n of the first |",
        "|---|---|---|---|---|---|",
    ]
    first, _, spent, _, _ = rows[0]
    for size, wall, processor, memory, pairs in rows:
        grown = processor / spent / (size * math.log(size) / (first * math.log(first)))
        lines.append(f"| {size:,} | {wall:.0f} s | {processor:.0f} s | {memory:,.0f} MiB | {pairs:,} | {grown:.2f} × |")
    return lines
