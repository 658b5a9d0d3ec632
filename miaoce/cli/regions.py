"""`miaoce regions import FILE --year YEAR`: the ministry's yearly list; shows what it would change before it does."""

import argparse
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("regions", help="行政区划：import 导入当年代码表")
    verbs = top.add_subparsers(dest="verb", required=True)
    load = verbs.add_parser("import", help="先列出会改什么；加 --apply 才写入")
    load.add_argument("file", type=Path)
    load.add_argument("--year", type=int, required=True, help="从哪一年起有效")
    load.add_argument("--source", default="", help="来源，如 民政部2026年代码表")
    load.add_argument("--changes-only", action="store_true", help="名单只含变化；没有列出的区划不停用")
    load.add_argument("--apply", action="store_true", help="确认写入")
    load.set_defaults(run=_import)


def _import(given: argparse.Namespace) -> int:
    """Print the plan, and carry it out when asked."""
    from miaoce.cli.main import say
    from miaoce.registry.reference import actions as reference

    plan = reference.plan_regions(
        given.file.read_text(encoding="utf-8-sig"),
        year=given.year,
        source=given.source or given.file.name,
        complete=not given.changes_only,
    )
    for line in plan.lines():
        say(line)
    if not given.apply:
        say("以上还没有写入。核对无误后加 --apply 再运行一次。")
        return 0
    reference.apply_regions(plan=plan)
    say("已写入。")
    return 0
