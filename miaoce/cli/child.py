"""`miaoce child show NUMBER --as-of D [--known-on K]`: one child as of any day, masked, and logged as read by an operator."""

import argparse
from datetime import date
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("child", help="幼儿：show 按学籍号看一名幼儿某一天的情况")
    verbs = top.add_subparsers(dest="verb", required=True)
    show = verbs.add_parser("show", help="看一名幼儿；证件号、电话等遮住，每次都记入查看记录")
    show.add_argument("number", help="学籍号，用过的旧号也可以；写 - 就从标准输入读，不留在命令记录里")
    show.add_argument("--as-of", type=_day, default=None, metavar="日期", help="看哪一天，如 2026-10-01；默认今天")
    show.add_argument("--known-on", type=_day, default=None, metavar="日期", help="按哪一天为止登记的情况；默认现在")
    show.add_argument("--format", choices=("text", "json"), default="text", help="默认 text")
    show.add_argument("--reason", default="", help="为什么要看，记入查看记录")
    show.set_defaults(run=_show)


def _day(text: str) -> date:
    """Return a day written 2026-10-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("日期写成 2026-10-01 这样") from None


def _show(given: argparse.Namespace) -> int:
    """Print the child, one line a fact; status 1 when no child has the number."""
    import sys

    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.children.numbers import holder_of
    from miaoce.registry.enrolments import history
    from miaoce.registry.journal import actions as journal
    from miaoce.registry.reference import queries as reference
    from miaoce.web.children.asof import lines_of

    operator, now = the_system("命令行"), timezone.now()
    today = timezone.localdate(now)
    child_id = holder_of(sys.stdin.readline() if given.number == "-" else given.number)
    if child_id is None:
        say("没有这个学籍号。请核对 19 位是否写全。")
        return 1
    journal.log_reading(actor=operator, at=now, what="cli.child", child_ids=[child_id], reason=given.reason[:200])
    then = history.child_on(child_id, on=given.as_of or today, today=today, known_on=given.known_on)
    lines = {"日期": then.on.isoformat()}
    if then.known_on:
        lines["按登记到"] = then.known_on.isoformat()
    lines |= lines_of(then, reference.codebook(today), operator)
    if given.format == "json":
        say(_json(then, lines))
        return 0
    for label, text in lines.items():
        say(f"{label}：{text or '–'}")
    return 0


def _json(then: Any, lines: dict[str, str]) -> str:
    """Return the same for a program, with the codes beside the words."""
    import json

    facts = {
        "child": str(then.child.pk), "as_of": then.on.isoformat(),
        "known_on": then.known_on.isoformat() if then.known_on else None, "state": then.child.state,
        "standing": then.standing, "kindergarten": then.place.code if then.place else None,
        "group": then.group.name if then.group else None,
        "stay_from": then.stay.started_on.isoformat() if then.stay else None, "lines": lines,
    }  # fmt: skip
    return json.dumps(facts, ensure_ascii=False)
