"""`miaoce database prepare|grants`: bring the schema up to date; print the rights of the application's role."""

import argparse
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("database", help="数据库：prepare 升级结构，grants 打印权限语句")
    verbs = top.add_subparsers(dest="verb", required=True)
    verbs.add_parser("prepare", help="建表、升级、装入代码表").set_defaults(run=_prepare)
    grants = verbs.add_parser("grants", help="PostgreSQL：应用账号的权限，由表的主人执行")
    grants.add_argument("role", help="应用账号")
    grants.set_defaults(run=_grants)


def _prepare(_given: argparse.Namespace) -> int:
    """Migrate and load."""
    from miaoce.cli.main import say
    from miaoce.cli.serve import prepare

    prepare()
    say("数据库已是最新。")
    return 0


def _grants(given: argparse.Namespace) -> int:
    """Print the statements."""
    from miaoce.cli.main import say
    from miaoce.registry.journal.guards import grants

    for statement in grants(given.role):
        say(statement + ";")
    return 0
