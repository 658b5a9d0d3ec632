"""`miaoce worker`: reads waiting files, issues numbers, spreads readings, until stopped."""

import argparse
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("worker", help="只启动后台任务")
    top.add_argument("--once", action="store_true", help="把现在能做的做完就停")
    top.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    """Work until stopped, or until nothing is left to do."""
    from miaoce.jobs import worker

    worker.run(once=given.once)
    return 0
