"""`miaoce appointment renew --user NAME`: lets appointments that end soon last longer; `ending` lists them."""

import argparse
from datetime import timedelta
from typing import Any

DAYS = 180  # how long a renewal lasts where nothing is said (trust.md S-17)


def add_to(commands: Any) -> None:
    """Add the command."""
    top = commands.add_parser("appointment", help="任职：ending 快到期的，renew 续任")
    verbs = top.add_subparsers(dest="verb", required=True)
    verbs.add_parser("ending", help="14 天内到期、还没续的任职").set_defaults(run=_ending)
    renew = verbs.add_parser("renew", help="续一个账号现在的任职")
    renew.add_argument("--user", required=True, metavar="NAME", help="账号")
    renew.add_argument("--role", default="", help="有多个身份时选一个，如 registrar")
    renew.add_argument("--unit", default="", metavar="CODE", help="有几个单位时选一个，写单位代码，如 1199000002")
    renew.add_argument("--days", type=int, default=DAYS, help=f"从今天起再续几天，默认 {DAYS}")
    renew.set_defaults(run=_renew)


def _ending(_given: argparse.Namespace) -> int:
    """Print one line for each appointment that ends soon."""
    from miaoce.cli.check import appointments_last
    from miaoce.cli.main import say

    found = list(appointments_last())
    for line in found or ["14 天内没有到期的任职。"]:
        say(line)
    return 0


def _renew(given: argparse.Namespace) -> int:
    """Renew and say until when."""
    from django.utils import timezone

    from miaoce.cli.main import say
    from miaoce.registry.access import actions as access
    from miaoce.registry.access.officers import the_system
    from miaoce.registry.journal import actions as journal

    now = timezone.now()
    to_on = timezone.localdate(now) + timedelta(days=given.days)
    with journal.process("appointment.renew", actor=the_system("命令行"), at=now) as process:
        done = access.renew(username=given.user, to_on=to_on, process=process, role=given.role, unit=given.unit)
    say(f"已续 {len(done)} 个任职，到 {to_on}。")
    return 0
