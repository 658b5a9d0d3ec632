"""Everything that must hold before a change is taken, in stages, each timed; ends with one honest line of totals.

    .venv/bin/python ops/check.py [gate] [sqlite] [postgres] [journeys] [soak] [coverage]

With no stage named: gate, sqlite, postgres, journeys. A stage that fails does not stop the next one, so that one run
shows all there is to mend.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
USUAL = ("gate", "sqlite", "postgres", "journeys")
WORKERS = ("-n", "2", "-p", "no:cacheprovider", "-q", "--tb=short")

GATE: dict[str, Sequence[str]] = {
    "ruff": ("ruff", "check", "."),
    "form": ("ruff", "format", "--check", "--output-format", "concise", "."),
    "types": ("mypy",),
    "contracts": ("lint-imports", "--no-cache"),
    "templates": ("djlint", "miaoce", "--lint", "--quiet"),
    "settings": ("django-admin", "check", "--fail-level", "WARNING"),
    "migrations": ("django-admin", "makemigrations", "--check", "--dry-run"),
}
FAST = ("--ignore=tests/journeys",)
TESTS: dict[str, Sequence[str]] = {
    "house": ("tests/consistency", "-q", "-p", "no:cacheprovider"),
    "sqlite": (*FAST, "--ignore=tests/consistency", *WORKERS, "--dist", "worksteal"),
    "postgres": (*FAST, *WORKERS, "--dist", "worksteal"),
    "journeys": ("tests/journeys", *WORKERS, "--dist", "loadfile"),
    "soak": ("-m", "soak"),
    "soak-postgres": ("-m", "soak"),
    "coverage": (*FAST, *WORKERS, "--cov=miaoce/registry", "--cov-branch", "--cov-report=term-missing:skip-covered"),
}
STAGES = {"gate": (*GATE, "house"), "soak": ("soak", "soak-postgres")}
BESIDE_POSTGRES: dict[str, Sequence[str]] = {"postgres": (), "soak-postgres": ("--durable",)}


@dataclass
class Tally:
    """What was counted, and which runs failed without a count (a crash, a wrong option)."""

    passed: int = 0
    failed: int = 0
    excused: int = 0
    times: list[str] = field(default_factory=list)

    def add(self, name: str, seconds: float, *, passed: int, failed: int, excused: int = 0) -> None:
        """Count one run and keep a line about it for the end."""
        self.passed += passed
        self.failed += failed
        self.excused += excused
        counted = f"{passed} passed, {failed} failed" + (f", {excused} excused" if excused else "")
        self.times.append(f"{name:<14} {seconds:7.1f} s   {counted}")


def main(asked: Sequence[str]) -> int:
    """Run the stages; 0 only when every check and every test passed."""
    unknown = [name for name in asked if name not in {*USUAL, *STAGES, *TESTS}]
    if unknown:
        sys.stderr.write(f"No such stage: {', '.join(unknown)}.{__doc__}")
        return 2
    os.chdir(ROOT)
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="miaoce-check-") as scratch:
        for stage in asked or USUAL:
            for name in STAGES.get(stage, (stage,)):
                sys.stdout.write(f"\n=== {stage}: {name}\n")
                sys.stdout.flush()
                _one(name, Path(scratch), tally)
    return _close(tally)


def _one(name: str, scratch: Path, tally: Tally) -> None:
    """Run one check or one set of tests and count it."""
    started = time.monotonic()
    if name in GATE:
        program, *rest = GATE[name]
        code = _run([str(BIN / program), *rest], scratch)
        tally.add(name, time.monotonic() - started, passed=int(code == 0), failed=int(code != 0))
        return
    report = scratch / f"{name}.xml"
    command = [str(BIN / "python"), "-m", "pytest", f"--junitxml={report}", *TESTS[name]]
    if name in BESIDE_POSTGRES:
        command = ["ops/with-postgres", *BESIDE_POSTGRES[name], *command]
    code = _run(command, scratch)
    passed, failed, excused = _counted(report)
    if code and not failed:
        failed = 1  # no test failed, yet the run did: an unexcused skip, no test at all, a crash
    tally.add(name, time.monotonic() - started, passed=passed, failed=failed, excused=excused)


def _run(command: Sequence[str], scratch: Path) -> int:
    """Run a command on data of its own; SQLite unless the command itself says otherwise."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("MIAOCE_")}
    ours = {
        "DJANGO_SETTINGS_MODULE": "miaoce.settings",
        "MIAOCE_DATA": str(scratch / "data"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    return subprocess.run(command, env=given | ours, check=False).returncode


def _counted(report: Path) -> tuple[int, int, int]:
    """Return passed, failed and excused as pytest's own report counts them; nothing when it wrote none."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - the file is our own

    def total(what: str) -> int:
        return sum(int(suite.get(what, 0)) for suite in suites)

    failed, excused = total("failures") + total("errors"), total("skipped")
    return total("tests") - failed - excused, failed, excused


def _close(tally: Tally) -> int:
    """Print where the time went, the sentence of totals, and the closing line."""
    lines = ["", "=== totals", *tally.times, ""]
    total = tally.passed + tally.failed
    verdict = "Everything holds" if not tally.failed else "Not everything holds"
    said = f"; {tally.excused} tests were excused, each with the reason printed above" if tally.excused else ""
    lines.append(f"{verdict}: {tally.passed} of {total} checks and tests passed{said}.")
    lines.append(f"{tally.passed} passed, {tally.failed} failed")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
