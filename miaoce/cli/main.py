"""The command `miaoce`: one sub-command a module of this folder."""

import argparse
import os
import sys
from collections.abc import Sequence

from miaoce.registry.refusals import Refusal

MODULES = (
    "appointment",
    "check",
    "child",
    "database",
    "demo",
    "institution",
    "intake",
    "journal",
    "keys",
    "match",
    "package",
    "regions",
    "serve",
    "states",
    "token",
    "worker",
)


def parser() -> argparse.ArgumentParser:
    """Return the parser with every sub-command; none of them imports Django before it runs."""
    from importlib import import_module

    top = argparse.ArgumentParser(prog="miaoce", description="苗册：学前儿童学籍系统")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令")
    for name in MODULES:
        import_module(f"miaoce.cli.{name}").add_to(commands)
    return top


def start_django() -> None:
    """Load settings and models; called by a command just before it works."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miaoce.settings")
    import django

    django.setup()


def say(text: str) -> None:
    """Write a line for the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; a Refusal is said in its words, with status 2."""
    given = parser().parse_args(arguments)
    start_django()
    try:
        return int(given.run(given) or 0)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}（{refusal.code}）\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
