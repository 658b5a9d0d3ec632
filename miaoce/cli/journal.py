"""`miaoce journal rebuild --compare`: do the events give the tables; `adopt`: write down how older rows stand."""

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from miaoce.registry.journal.rebuild import Difference


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("journal", help="日志：rebuild 核对日志和各表，adopt 为旧数据补记")
    verbs = top.add_subparsers(dest="verb", required=True)
    rebuild = verbs.add_parser("rebuild", help="由日志重建每名幼儿的各表，和现有各表逐列比对，不改任何数据")
    rebuild.add_argument("--compare", action="store_true", required=True, help="比对（目前只有这一种做法）")
    rebuild.add_argument("--ids", action="store_true", help="另列出有差异的内部编号，每表最多 5 个")
    rebuild.set_defaults(run=_rebuild)
    adopt = verbs.add_parser("adopt", help="旧版本写的日志不全：把和日志不同的行按现状各补记一条，供以后核对")
    adopt.set_defaults(run=_adopt)


def _rebuild(given: argparse.Namespace) -> int:
    """Print one line for each table and column that differs, with counts and nothing personal; status 1 when there are any."""
    import sys

    from miaoce.cli.main import say
    from miaoce.registry.journal import rebuild
    from miaoce.registry.journal.facts import noun_of

    def tell(children: int) -> None:
        sys.stderr.write(f"\r已核对 {children} 名")

    found = rebuild.compare(watch=tell)
    sys.stderr.write("\n")
    for table, difference in sorted(found.tables.items()):
        for line in _lines(difference):
            say(f"不同  {table}：{line}")
        if given.ids:
            say(f"      幼儿内部编号：{'、'.join(sorted(str(child) for child in difference.children))}")
    names = "、".join(sorted(noun_of(model) for model in rebuild.tables()))
    say(f"核对了 {found.children} 名幼儿、{found.rows} 行：{names}")
    say("日志和各表不一致。" if found.tables else "日志和各表一致。")
    return 1 if found.tables else 0


def _lines(difference: "Difference") -> list[str]:
    """Return what differs in a table."""
    lines = [f"{column} 有 {count} 行不同" for column, count in sorted(difference.columns.items())]
    if difference.only_in_table:
        lines.append(f"{difference.only_in_table} 行只在表里，日志没有记")
    if difference.only_in_events:
        lines.append(f"{difference.only_in_events} 行只在日志里，表里没有")
    return lines


def _adopt(_given: argparse.Namespace) -> int:
    """Write down how rows stand that their events do not tell, a part at a time; asked again it goes on where it was."""
    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.journal import actions as journal
    from miaoce.registry.journal import adopting, rebuild

    done = 0
    for rows in rebuild.differing_rows():
        if rows:
            with journal.process("journal.adopt", actor=the_system("命令行"), at=timezone.now()) as process:
                done += adopting.adopt(rows=rows, process=process)
    say(f"补记了 {done} 行。")
    return 0
