"""`miaoce demo`: the demonstration place, filled once, then served."""

import argparse
import sys
from pathlib import Path
from typing import Any

from miaoce.cli import serve

FILLING, FILLED = "正在准备\n", "虚构数据\n"  # what the mark in the data folder says
ACCOUNT_LINE = "  {username:<14}{password:<26}{name} {role}（{unit}）"


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("demo", help="演示：装好虚构的云川省，启动网页")
    top.add_argument("--no-serve", action="store_true", help="只准备数据，不启动")
    top.add_argument("--reset", action="store_true", help="先清空，从头再来")
    top.add_argument("--port", type=int, default=8000)
    top.set_defaults(run=_run, host="127.0.0.1", workers=2, threads=8)


def _run(given: argparse.Namespace) -> int:
    """Fill the register when it is empty, print the accounts, serve."""
    from miaoce.cli.main import say

    if (given.reset or _was_cut_short()) and not _reset():
        return 2
    serve.prepare()
    if not _fill():
        return 2
    _print_accounts(given.port)
    if given.no_serve:
        return 0
    say("")
    return serve.run(given)


def _was_cut_short() -> bool:
    """Say whether an earlier call was interrupted while it filled the register."""
    from django.conf import settings

    return settings.DEMO_MARK.exists() and settings.DEMO_MARK.read_text(encoding="utf-8") == FILLING


def _reset() -> bool:
    """Empty the data of an earlier demonstration; any other data is left alone."""
    import shutil

    from django.conf import settings
    from django.db import connection

    from miaoce.cli.main import say

    if not settings.DEMO_MARK.exists():
        has_data = connection.vendor == "sqlite" and Path(settings.DATABASES["default"]["NAME"]).exists()
        if has_data or connection.vendor == "postgresql":
            sys.stderr.write("这里不是演示数据，没有清空。要看演示请换一个 MIAOCE_DATA 文件夹。\n")
            return False
        return True
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    connection.close()
    for name in ("miaoce.sqlite3", "miaoce.sqlite3-wal", "miaoce.sqlite3-shm", "demo.mark"):
        (settings.DATA / name).unlink(missing_ok=True)
    for folder in (settings.UPLOADS, settings.PROOFS):
        shutil.rmtree(folder, ignore_errors=True)
    say("已清空，重新开始。")
    return True


def _fill() -> bool:
    """Fill an empty register; keep a filled demonstration; refuse data that is none."""
    from django.conf import settings
    from django.utils import timezone

    from miaoce.cli.demonstration import transfers
    from miaoce.cli.demonstration.fill import fill
    from miaoce.cli.main import say
    from miaoce.registry.access.models import Staff

    if settings.DEMO_MARK.exists() and Staff.objects.filter(username="wangmin").exists():
        say("演示数据已在，原样保留（要重来用 make demo-reset）。")
        return True
    if Staff.objects.exists():
        sys.stderr.write("这里已有真实数据，不放演示数据。请换一个 MIAOCE_DATA 文件夹。\n")
        return False
    say("正在准备演示数据（虚构的云川省），约半分钟……")
    settings.DEMO_MARK.write_text(FILLING, encoding="utf-8")
    settings.POPULATION_REGISTER = "stand-in"  # what the mark means from the next start on
    children = fill(now=timezone.now(), tell=say)
    settings.DEMO_MARK.write_text(FILLED, encoding="utf-8")
    settings.DEMO = True
    if children:
        transfers.ask(now=timezone.now())  # with a message, which only the demonstration's inbox shows
    say(f"演示数据好了：{children} 名幼儿。")
    return True


def _print_accounts(port: int) -> None:
    """Print address and accounts."""
    from miaoce.cli.demonstration.place import ACCOUNTS, password_of
    from miaoce.cli.main import say
    from miaoce.registry.access.permissions import ROLES

    say(f"\n网址  http://127.0.0.1:{port}/\n账号          密码                      身份")
    for username, name, role, unit in ACCOUNTS:
        line = ACCOUNT_LINE.format(
            username=username, password=password_of(username), name=name, role=ROLES[role].name, unit=unit
        )
        say(line)
