"""What the run was measured on, as far as it matters for the figures; no name of the machine and no path."""

import os
import platform
import sqlite3
from pathlib import Path

import django


def described(postgres: str, load: float) -> str:
    """Return one sentence on processor, memory and versions; `postgres` is the server's version, or nothing.

    `load` is the load average before the run: what else the machine was doing.
    """
    engines = [f"SQLite {sqlite3.sqlite_version} (WAL, synchronous FULL)"]
    if postgres:
        engines.append(f"PostgreSQL {postgres} (as shipped: fsync and synchronous_commit on)")
    return (
        f"{_cores()} cores ({_model()}), {_memory()} GiB of memory, {platform.system()}, Python {platform.python_version()}, "
        f"Django {django.get_version()}, {', '.join(engines)}; load average before the run {load:.1f}."
    )


def bare(load: float) -> str:
    """Return one sentence on the machine alone; `load` is the load average before the run, the one after it is asked here."""
    return (
        f"{_cores()} cores ({_model()}), {_memory()} GiB of memory, {platform.system()}, Python {platform.python_version()}; "
        f"load average {load:.1f} before the run, {os.getloadavg()[0]:.1f} after it."
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
