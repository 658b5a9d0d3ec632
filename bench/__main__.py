"""`python -m bench [--small] [--only NAME] [--engine NAME] [--write]`: every measurement, on SQLite and on PostgreSQL.

Each scenario is a process of its own with an empty database and data folder, which are deleted afterwards. A figure beyond
its bound is shown as “over” and does not fail the run; a scenario that breaks does.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlparse, urlunparse

import psycopg

from bench.figures import OUT, SMALL, Figure
from bench.machine import described

SCENARIOS = ("desk", "county", "life", "turn", "million")
LONGEST = 2_700  # seconds that a scenario may take on one engine
URL = "MIAOCE_DATABASE_URL"
PAGE = Path("docs/performance.md")
BEGIN, END = "<!-- measured: written by make bench -->", "<!-- end of measured -->"
Table = dict[str, list[Figure]]


def main() -> int:
    """Run what was asked for and write the table; the small run only shows it."""
    given = _arguments()
    base = os.environ.get(URL, "")
    engines = [engine for engine in ("sqlite", "postgresql") if given.engine in ("", engine)]
    if "postgresql" in engines and not base:
        sys.stderr.write(
            "PostgreSQL is measured beside a cluster: ops/with-postgres --durable .venv/bin/python -m bench\n"
        )
        return 69
    table, began, load = Table(), time.monotonic(), os.getloadavg()[0]
    for engine in engines:
        for scenario in [given.only] if given.only else SCENARIOS:
            print(f"{engine}: {scenario}", flush=True)
            figures = _measured(engine, scenario, base, small=given.small)
            if figures is None:
                return 1
            table.setdefault(engine, []).extend(figures)
    page = _page(table, described(_version(base), load), minutes=(time.monotonic() - began) / 60)
    print(f"\n{page}")
    whole = not given.small and not given.only and not given.engine
    if whole:
        _write(page)
    return 0


def _arguments() -> argparse.Namespace:
    reader = argparse.ArgumentParser(prog="python -m bench")
    reader.add_argument("--small", action="store_true", help="a tenth of the size or less; nothing is written")
    reader.add_argument("--only", choices=SCENARIOS, default="")
    reader.add_argument("--engine", choices=("sqlite", "postgresql"), default="")
    return reader.parse_args()


def _measured(engine: str, scenario: str, base: str, *, small: bool) -> list[Figure] | None:
    """Run one scenario on one engine and return its figures; None, with its words on the screen, when it broke."""
    with tempfile.TemporaryDirectory(prefix="miaoce-bench-") as folder, _database(engine, base) as url:
        out = Path(folder) / "figures"
        out.touch()
        surroundings = {**os.environ, "MIAOCE_DATA": folder, OUT: str(out), URL: url, SMALL: "1" if small else ""}
        if not _ends_well([sys.executable, "-m", f"bench.{scenario}"], surroundings):
            return None
        return [Figure(**json.loads(line)) for line in out.read_text().splitlines()]


def _ends_well(command: list[str], surroundings: dict[str, str]) -> bool:
    """Run a scenario and tell whether it ended well; one that takes too long is stopped with all that it started."""
    process = subprocess.Popen(command, env=surroundings, start_new_session=True)
    try:
        return process.wait(LONGEST) == 0
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"stopped after {LONGEST // 60} minutes\n")
        return False
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _database(engine: str, base: str) -> Iterator[str]:
    """Give the address of an empty database and drop it afterwards; SQLite's lies in the data folder."""
    if engine == "sqlite":
        yield ""
        return
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunparse(urlparse(base)._replace(path=f"/{name}"))
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _version(base: str) -> str:
    if not base:
        return ""
    with psycopg.connect(base) as connection:
        return str(connection.info.parameter_status("server_version")).split()[0]


def _page(table: Table, machine: str, *, minutes: float) -> str:
    """Return the table as the page holds it: one line a figure, each engine with its value and its ratio."""
    engines = list(table)
    lines = [f"Measured on {datetime.now(UTC):%Y-%m-%d} in {minutes:.0f} minutes. {machine}", ""]
    heads = [head for engine in engines for head in (NAMES[engine], "to the floor")]
    lines += [f"| What | Bound | {' | '.join(heads)} |", f"| --- | --- |{' --- |' * len(heads)}"]
    floors: dict[str, str] = {}
    for row in zip(*table.values(), strict=True):
        first = row[0]
        cells = [cell for figure in row for cell in (_verdict(figure), figure.ratio)]
        lines.append(f"| {first.what} | {first.bound} | {' | '.join(cells)} |")
        if first.floor:
            floors[first.what] = first.floor
    lines += ["", "Floors, measured in the same run:", ""]
    return "\n".join([*lines, *(f"- {what}: {floor}" for what, floor in floors.items())])


NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _verdict(figure: Figure) -> str:
    """Return the value, and whether it keeps its bound."""
    return figure.value + {True: " OK", False: " **over**", None: ""}[figure.holds]


def _write(page: str) -> None:
    """Put the table between the marks of the page."""
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{page}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    sys.exit(main())
