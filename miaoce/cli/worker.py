"""`miaoce worker`: reads waiting files, issues numbers, spreads readings, until stopped."""

import argparse
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("worker", help="只启动后台任务")
    top.add_argument("--once", action="store_true", help="把现在能做的做完就停")
    top.add_argument(
        "--only", choices=("long", "short"), default="", help="只做费时的（读文件、成批提交），或只做其余的"
    )
    top.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    """Work until stopped, or until nothing is left to do."""
    from miaoce.jobs import worker

    worker.run(once=given.once, only=given.only)
    return 0
