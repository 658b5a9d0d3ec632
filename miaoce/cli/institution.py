"""`miaoce institution move CODE… --to OFFICE --region CODE --on DAY`: boundaries were moved; shows what moves before it does."""

import argparse
from datetime import date
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("institution", help="机构：move 区划调整后把幼儿园划给另一个县，rename-office 县改名")
    verbs = top.add_subparsers(dest="verb", required=True)
    move = verbs.add_parser("move", help="先列出会划转什么；加 --apply 才办")
    move.add_argument("codes", nargs="+", metavar="标识码")
    move.add_argument("--to", required=True, help="接收的教育局代码")
    move.add_argument("--region", required=True, help="调整后的六位区划代码")
    rename = verbs.add_parser("rename-office", help="教育局改名")
    rename.add_argument("code")
    rename.add_argument("name")
    for one in (move, rename):
        one.add_argument("--on", type=date.fromisoformat, required=True, help="从哪天起，如 2026-09-01")
        one.add_argument("--reason", required=True, help="依据的文件")
        one.add_argument("--apply", action="store_true", help="确认办理")
    move.set_defaults(run=_move)
    rename.set_defaults(run=_rename)


def _move(given: argparse.Namespace) -> int:
    """Say what would move, and move it when asked."""
    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.children.models import Child
    from miaoce.registry.institutions.models import Kindergarten, Office
    from miaoce.registry.journal import actions as journal
    from miaoce.registry.transfers import boundaries

    office = Office.objects.filter(code=given.to, level="county").first()
    found = list(Kindergarten.objects.filter(code__in=given.codes).select_related("office").order_by("code"))
    unknown = sorted(set(given.codes) - {place.code for place in found})
    if office is None or unknown:
        say(f"没有这个县级教育局：{given.to}" if office is None else f"没有这些幼儿园：{'、'.join(unknown)}")
        return 2
    for place in found:
        heads = Child.objects.filter(kindergarten=place).count()
        say(f"{place.code} {place.name}：{place.office.name} → {office.name}，连同 {heads} 名幼儿的学籍和在办事项")
    if not given.apply:
        say("以上还没有办。核对无误后加 --apply 再运行一次。")
        return 0
    with journal.process(
        "institution.move", actor=the_system("区划调整"), at=timezone.now(), reason=given.reason
    ) as process:
        count = boundaries.move(
            kindergartens=found, office=office, region_code=given.region, on=given.on, process=process
        )
    say(f"已划转 {len(found)} 所幼儿园、{count} 名幼儿。")
    return 0


def _rename(given: argparse.Namespace) -> int:
    """Say what an office would be called, and rename it when asked."""
    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.institutions import actions as institutions
    from miaoce.registry.institutions.models import Office
    from miaoce.registry.journal import actions as journal

    office = Office.objects.filter(code=given.code).first()
    if office is None:
        say(f"没有这个教育局：{given.code}")
        return 2
    say(f"{office.code} {office.name} → {given.name}")
    if not given.apply:
        say("以上还没有办。核对无误后加 --apply 再运行一次。")
        return 0
    with journal.process(
        "office.rename", actor=the_system("区划调整"), at=timezone.now(), reason=given.reason
    ) as process:
        institutions.rename_office(office=office, name=given.name, on=given.on, process=process)
    say("已改名。")
    return 0
