"""`miaoce match ROLL.csv --out PAIRS.csv`: finds the records of one roll that belong to the same child.

`miaoce match tune FOLDER… --out FOLDER` learns the table of outcomes from labelled rolls.
`miaoce match --register [--all]` runs over the register itself: over what changed since the last run, or over everybody.
"""

import argparse
from pathlib import Path
from typing import Any

TUNE = "tune"


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser(
        "match",
        help="查重：在一份名单里找同一幼儿的记录；match tune 从有答案的名单学出结论表",
        usage="miaoce match 名单.csv --out 结果.csv [--table 文件夹]\n       miaoce match tune 文件夹 [文件夹 …] --out 文件夹\n"
        "       miaoce match --register [--all]",
    )
    top.add_argument("what", nargs="*", help="名单（CSV，UTF-8）；或 tune 和有答案的名单文件夹")
    top.add_argument("--out", type=Path, help="结果写到哪里")
    top.add_argument("--table", type=Path, help="不用自带的结论表，用这个文件夹里的")
    top.add_argument("--register", action="store_true", help="在系统登记的全部幼儿里查，看上次以来有变化的")
    top.add_argument("--all", action="store_true", help="和 --register 一起用：全部重查一遍")
    top.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    """Match the register or one roll, or learn from several."""
    if given.register:
        return _register(everybody=given.all)
    if not given.what or given.out is None:
        raise SystemExit("请写出名单和 --out 结果文件；查系统里的幼儿用 --register。")
    what, *more = given.what
    if what == TUNE:
        return _tune([Path(folder) for folder in more], given.out)
    if more:
        raise SystemExit("一次只查一份名单。")
    return _match(Path(what), given.out, given.table)


def _match(roll: Path, out: Path, folder: Path | None) -> int:
    """Write the pairs of a roll that are not plainly different."""
    from miaoce.cli.main import say
    from miaoce.registry.matching import bare, tables

    table = tables.load(folder) if folder else tables.shipped()
    counts = bare.match(roll, out=out, outcomes=table.outcomes)
    say(f"共 {counts.records} 条：同一幼儿 {counts.same} 对，待核 {counts.review} 对，双胞胎 {counts.twin} 对")
    return 0


def _tune(folders: list[Path], out: Path) -> int:
    """Learn the table and write its two files."""
    from miaoce.cli.main import say
    from miaoce.registry.matching import tables, tuning

    if not folders:
        raise SystemExit("请写出至少一个有答案的名单文件夹。")
    table = tuning.tune(folders, tell=say)
    out.mkdir(parents=True, exist_ok=True)
    tables.save(table, out)
    say(f"结论表 {len(table.outcomes.codes)} 行，写在 {out}")
    return 0


def _register(*, everybody: bool) -> int:
    """Run over the register and say what was found."""
    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.matching import running

    done = running.run_now(everybody=everybody, actor=the_system("查重"), at=timezone.now(), now=timezone.now)
    found = done.found
    say(
        f"查了 {done.records} 名幼儿：同一幼儿 {found.get('same', 0)} 对，待核 {found.get('review', 0)} 对，"
        f"双胞胎 {found.get('twin', 0)} 对；新找到 {found.get('new', 0)} 对，不再算的 {found.get('gone', 0)} 对"
    )
    return 0
