"""`python -m bench.learned --rolls FOLDER`: learns the shipped table of outcomes again and says whether the same files come out.

FOLDER holds `make_roll.py`. The rolls are those that docs/matching.md names, in this order; the same maker, numpy, pypinyin
and code give the same rolls and the same table.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.rolls import Source

SHIPPED = Path("miaoce/registry/matching/data")
OPEN = [((0, seed), 100_000) for seed in range(11, 17)]
PLACES = [((number, 200 + number), 50_000) for number in range(1, 15)]


def main() -> int:
    """Make the rolls, learn, compare; 0 when both files are the shipped ones."""
    reader = argparse.ArgumentParser(prog="python -m bench.learned")
    reader.add_argument("--rolls", type=Path, required=True, help="where make_roll.py is")
    reader.add_argument(
        "--small", action="store_true", help="a twentieth of the size: shows that it runs, gives another table"
    )
    given = reader.parse_args()
    with tempfile.TemporaryDirectory(prefix="miaoce-learned-") as folder:
        source = Source(given.rolls, Path(folder), given.small)
        if not source.is_there():
            sys.stderr.write(
                f"{given.rolls}/make_roll.py is not there: without it the table cannot be learned again.\n"
            )
            return 69
        rolls = [str(source.made(drawn, size)) for drawn, size in OPEN + PLACES]
        table = Path(folder) / "table"
        tune = [sys.executable, "-m", "miaoce.cli.main", "match", "tune", *rolls, "--out", str(table)]
        subprocess.run(tune, check=True)
        return max([_compared(table / name, SHIPPED / name) for name in ("outcomes.csv", "points.csv")])


def _compared(found: Path, shipped: Path) -> int:
    """Say whether two files are the same, by their hashes, and how many lines stand in one of them only."""
    one, other = found.read_bytes(), shipped.read_bytes()
    if one == other:
        print(f"{shipped}: the same, sha256 {hashlib.sha256(one).hexdigest()}")
        return 0
    apart = len(set(one.splitlines()) ^ set(other.splitlines()))
    print(f"{shipped}: another file came out; {apart} lines stand in one of the two only")
    return 1


if __name__ == "__main__":
    sys.exit(main())
