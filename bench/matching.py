"""`python -m bench.matching --rolls FOLDER`: how good and how fast `miaoce match` is, beside Splink on the same rolls.

FOLDER holds `make_roll.py`, `score_match.py` and `match-20k`. The tables are written into docs/matching.md between their
marks; `--small` shows them and writes nothing, `--only` takes one part.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import matching_page as page
from bench.machine import bare
from bench.rolls import MADE_ELSEWHERE, MADE_OPEN, SCALE, Source
from bench.scores import Pair, Tally, Verdicts, must_agree, pairs_of, tally

SPLINK = Path(".venv-bench/bin/python")
PRECISION, LOAD = 0.99, 6.0
"""Splink's thresholds: `same` from where this share is right on the scale roll, `review` down to this load per 1,000."""
SIZES = (100_000, 1_000_000, 3_000_000)
SPEED_SEED = 51


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds of wall and of processor, and MiB at most of memory."""

    wall: float
    processor: float
    memory: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which weight on Splink's pairs are called the same, or to be reviewed."""

    same: float
    review: float


def main() -> int:
    """Measure what was asked for."""
    given = _arguments()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="miaoce-rolls-") as folder:
        source = Source(given.rolls, Path(folder), given.small)
        if not source.is_there():
            sys.stderr.write(
                f"{given.rolls}/make_roll.py is not there: without the maker of rolls nothing is measured.\n"
            )
            return 69
        for part in [given.only] if given.only else ["quality", "speed"]:
            began = time.monotonic()
            lines = quality(source) if part == "quality" else speed(source)
            minutes = (time.monotonic() - began) / 60
            head = f"Measured on {datetime.now(UTC):%Y-%m-%d} in {minutes:.0f} minutes. {bare(load)}"
            text = "\n".join([head, "", *lines])
            print(f"\n{text}", flush=True)
            if not given.small:
                page.write(part, text)
    return 0


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench.matching")
    reader.add_argument("--rolls", type=Path, required=True, help="make_roll.py, score_match.py and match-20k")
    reader.add_argument("--small", action="store_true", help="a twentieth of the size; nothing is written")
    reader.add_argument("--only", choices=("quality", "speed"), default="")
    return reader.parse_args()


def quality(source: Source) -> list[str]:
    """Match every labelled roll with both, count, and return the tables."""
    thresholds = _thresholds(source)
    ours, theirs = defaultdict[str, Tally](Tally), defaultdict[str, Tally](Tally)
    for group, roll in source.labelled():
        verdicts, _ = _matched(roll, source.under / "pairs.csv")
        found = tally(roll, verdicts)
        must_agree(found, source.scorer().score(str(roll), dict(verdicts)))
        beside = tally(roll, _judged(_splink(roll, source.under / "splink.csv"), thresholds))
        for name, one in (("miaoce", found), ("splink", beside)):
            print(f"  {group} {name}: {dict(one.counts)}", flush=True)
        ours[group] += found
        theirs[group] += beside
        if source.under in roll.parents:
            shutil.rmtree(roll)
    if not source.small:
        page.tell_officials(ours[MADE_OPEN], ours[MADE_ELSEWHERE])
    return page.quality(ours, theirs)


def _matched(roll: Path, out: Path) -> tuple[Verdicts, Cost]:
    """Run `miaoce match` on a roll."""
    cost = _run([sys.executable, "-m", "miaoce.cli.main", "match", str(roll / "roll.csv"), "--out", str(out)])
    return pairs_of(out, "verdict"), cost


def _run(command: Sequence[str]) -> Cost:
    """Run a command and return what it took, by the kernel's own count. A command that fails ends the run."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


Weights = dict[Pair, tuple[float, str]]


def _splink(roll: Path, out: Path) -> Weights:
    """Run Splink on a roll and return the weight and the rule of each pair."""
    _run([str(SPLINK), str(Path(__file__).with_name("splink_side.py")), str(roll / "roll.csv"), str(out)])
    rules = pairs_of(out, "rule")
    return {pair: (float(weight), rules[pair]) for pair, weight in pairs_of(out, "weight").items()}


def _thresholds(source: Source) -> Thresholds:
    """Return Splink's thresholds, set with the labels of a roll that is measured by neither."""
    roll = source.made(SCALE, 50_000)
    truth, weights = set(pairs_of(roll / "truth.csv")), _splink(roll, source.under / "splink.csv")
    ranked = sorted(((weight, pair) for pair, (weight, rule) in weights.items() if not rule), reverse=True)
    right, count, same = 0, 0, ranked[0][0]
    for place, (weight, pair) in enumerate(ranked, 1):
        right += pair in truth
        if right / place >= PRECISION:
            same, count = weight, place
    rest = sorted((weight for weight, rule in weights.values() if rule != "twin"), reverse=True)
    allowed = count + int(LOAD * tally(roll, {}).counts["records"] / 1_000)
    shutil.rmtree(roll)
    return Thresholds(same, rest[min(allowed, len(rest) - 1)])


def _judged(weights: Weights, thresholds: Thresholds) -> Verdicts:
    """Return Splink's verdicts by its thresholds and the rules for twins and documents."""
    found = {}
    for pair, (weight, rule) in weights.items():
        if rule == "twin":
            found[pair] = "twin"
        elif weight >= thresholds.same and not rule:
            found[pair] = "same"
        elif weight > thresholds.review:
            found[pair] = "review"
    return found


def speed(source: Source) -> list[str]:
    """Match ever larger rolls and return the table of what they cost."""
    rows = []
    for size in SIZES:
        roll = source.made((0, SPEED_SEED), size)
        found, cost = _matched(roll, source.under / "pairs.csv")
        print(f"  {size:,}: {cost}", flush=True)
        rows.append((size, cost.wall, cost.processor, cost.memory, len(found)))
        shutil.rmtree(roll)
    return page.speed(rows)


if __name__ == "__main__":
    sys.exit(main())
