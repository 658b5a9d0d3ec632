"""Figures: what was measured, the bound it must keep, and the floor of the same run that it is compared with."""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

OUT, SMALL = "MIAOCE_BENCH_OUT", "MIAOCE_BENCH_SMALL"


@dataclass(frozen=True)
class Figure:
    """One measurement. `ratio` is how many times the floor it costs (for requests: which share of the floor's it reaches)."""

    what: str
    bound: str
    value: str
    holds: bool | None
    ratio: str = ""
    floor: str = ""


@dataclass
class Watch:
    """Seconds of wall and of this process's processor, filled when the block ends."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def watch() -> Iterator[Watch]:
    """Time a block."""
    seen, wall, cpu = Watch(), time.perf_counter(), time.process_time()
    yield seen
    seen.wall, seen.cpu = time.perf_counter() - wall, time.process_time() - cpu


def keep(figure: Figure) -> None:
    """Hand a figure to the run that collects them, and show it."""
    verdict = {True: "OK", False: "over", None: ""}[figure.holds]
    print(
        f"  {figure.what}: {figure.value} (bound {figure.bound}) {verdict} | {figure.ratio} of: {figure.floor}",
        flush=True,
    )
    with Path(os.environ[OUT]).open("a") as out:
        out.write(json.dumps(asdict(figure), ensure_ascii=False) + "\n")


def scaled(full: int, small: int) -> int:
    """Return a size: the full one, or the small one of a quick run."""
    return small if os.environ.get(SMALL) else full


def p95(seconds: Sequence[float]) -> float:
    """Return the time that 95 of 100 keep."""
    return statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]


def times_of(work: Callable[[], object], count: int) -> list[float]:
    """Return the wall seconds of each of many calls."""
    found = []
    for _ in range(count):
        with watch() as seen:
            work()
        found.append(seen.wall)
    return found
