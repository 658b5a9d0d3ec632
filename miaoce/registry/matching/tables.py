"""The files of the table of outcomes: made by `miaoce match tune`, read by people and by the program.

`outcomes.csv`: one row a code with its verdict, and how often the code was seen with the same child, with twins and with
others where it was learned. `points.csv`: what each digit, and each two digits together, add for the same child and for
twins; its first rows are the start and the bounds.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np

from miaoce.registry.matching.comparison import ATTRIBUTES, WIDTH, numbered, written
from miaoce.registry.matching.learning import Seen
from miaoce.registry.matching.outcomes import DIGITS, FEATURES, PAIRS, PLAIN, Bounds, Outcomes, Points, Verdict

CODES, POINTS = "outcomes.csv", "points.csv"
CODES_HEADING = ("code", "verdict", "same", "twin", "other")
POINTS_HEADING = ("attribute", "digit", "with", "with_digit", "same", "twin")
_START, _BOUND = "start", "bound"


@dataclass(frozen=True, slots=True)
class Table:
    """What the files hold: the outcomes, and what was seen of each code that has a row, in the same order."""

    outcomes: Outcomes
    seen: Seen


@lru_cache(maxsize=1)
def shipped() -> Table:
    """Return the table that comes with the program."""
    return load(files("miaoce.registry.matching") / "data")


def save(table: Table, folder: Path) -> None:
    """Write the two files; the codes seen most often first."""
    outcomes, seen = table.outcomes, table.seen
    order = np.lexsort((outcomes.codes, -seen.counts.sum(axis=1)))
    with (folder / CODES).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(CODES_HEADING)
        for code, verdict, counts in zip(
            written(seen.codes[order]), outcomes.verdicts[order].tolist(), seen.counts[order].astype(int), strict=True
        ):
            rows.writerow([code, Verdict(verdict).name.lower(), *counts.tolist()])
    with (folder / POINTS).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(POINTS_HEADING)
        rows.writerows(_lines(outcomes))


def _lines(outcomes: Outcomes) -> Iterator[list[str]]:
    """Return the lines of the points; what adds nothing is left out."""
    bounds = outcomes.bounds
    for name in Bounds.__slots__:
        yield [_BOUND, name, "", "", f"{getattr(bounds, name):g}", ""]
    yield [_START, "", "", "", *_figures(outcomes.start)]
    for feature, points in enumerate(outcomes.points):
        if np.abs(points).max() >= 0.005:
            yield [*_name(feature), *_figures(points)]


def _figures(points: Points) -> list[str]:
    return [f"{value:.2f}" for value in points.tolist()]


def _name(feature: int) -> list[str]:
    """Return the attribute and digit, or the two of each, that a feature stands for."""
    if feature < PLAIN:
        return [ATTRIBUTES[feature // DIGITS].key, str(feature % DIGITS), "", ""]
    pair, digits = divmod(feature - PLAIN, DIGITS * DIGITS)
    one, other = PAIRS[pair]
    return [ATTRIBUTES[one].key, str(digits // DIGITS), ATTRIBUTES[other].key, str(digits % DIGITS)]


def load(folder: Traversable) -> Table:
    """Return the table that a folder's two files hold."""
    text = (folder / CODES).read_text(encoding="utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: row["code"])
    digits = np.array([[int(digit) for digit in row["code"]] for row in rows], np.uint8).reshape(-1, WIDTH)
    counts = np.array([[int(row[column]) for column in CODES_HEADING[2:]] for row in rows], float).reshape(-1, 3)
    verdicts = np.array([Verdict[row["verdict"].upper()] for row in rows], np.uint8)
    start, points, bounds = _points((folder / POINTS).read_text(encoding="utf-8"))
    return Table(Outcomes(numbered(digits), verdicts, start, points, bounds), Seen(digits, counts))


def _points(text: str) -> tuple[Points, Points, Bounds]:
    """Return start, points by feature, and bounds."""
    places = {attribute.key: place for place, attribute in enumerate(ATTRIBUTES)}
    pairs = {pair: place for place, pair in enumerate(PAIRS)}
    start, points, bounds = np.zeros(2), np.zeros((FEATURES, 2)), dict[str, float]()
    for row in csv.DictReader(text.splitlines()):
        if row["attribute"] == _BOUND:
            bounds[row["digit"]] = float(row["same"])
            continue
        added = [float(row["same"]), float(row["twin"])]
        if row["attribute"] == _START:
            start = np.array(added)
        elif row["with"]:
            pair = pairs[places[row["attribute"]], places[row["with"]]]
            points[PLAIN + pair * DIGITS * DIGITS + int(row["digit"]) * DIGITS + int(row["with_digit"])] = added
        else:
            points[places[row["attribute"]] * DIGITS + int(row["digit"])] = added
    return start, points, Bounds(**bounds)
